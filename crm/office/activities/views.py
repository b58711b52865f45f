"""Contact reports, tasks and clearances: logged on the company's page, put right on their own."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import operations, queries
from crm.activities.models import Task, Touch
from crm.activities.rules import Shown
from crm.companies import queries as companies
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.pages import page_of
from crm.office.activities.forms import ClearanceForm, TaskForm, TouchForm
from crm.reports import acquaintances
from crm.reports import companies as report
from crm.reports.tasks import TaskSearch
from crm.web import clock, programme, query, session
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("activities", __name__, url_prefix="/office")


def the_viewer() -> Viewer:
    viewer = session.viewer()
    assert viewer is not None  # every page here needs a permission
    return viewer


@pages.form("/companies/<id:company_id>/touches/new", needs=P.TOUCHES_LOG)
def new_touch(company_id: int) -> ResponseReturnValue:
    """Shown on the company's page; sent from there."""
    company = companies.get(db.session(), company_id)
    form = TouchForm.of_request(on=programme.today())
    form.people.choices = _choices(company_id, ())
    if request.method == "POST" and form.validate():
        try:
            operations.log_touch(
                db.session(), form.draft(company_id), by=the_viewer().actor, now=clock.now()
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Logged.", "success")
            return redirect(url_for("companies.show", company_id=company_id) + "#timeline")
    html = render_template(
        "office/activities/touch.html", touch_form=form, touch_form_still=None, company=company
    )
    return html, 422 if request.method == "POST" else 200


@pages.form("/touches/<id:touch_id>/edit", needs=P.TOUCHES_LOG)
def edit_touch(touch_id: int) -> ResponseReturnValue:
    touch = _changeable(touch_id)
    there = tuple((person.id, person.name) for person in touch.people)
    form = TouchForm.of_request(
        text=touch.text,
        kind=touch.kind.value,
        on=touch.on,
        people=[str(id_) for id_, _ in there],
        in_contact=touch.shown is Shown.IN_CONTACT,
        confidential=touch.confidential,
        version=touch.version,
    )
    form.people.choices = _choices(touch.company_id, there)
    if request.method == "POST" and form.validate():
        try:
            operations.correct_touch(
                db.session(),
                touch,
                form.draft(touch.company_id),
                version=form.version.data or 0,
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("The report is put right.", "success")
            return _back(touch.company_id)
    html = render_template(
        "office/activities/edit_touch.html", form=form, touch=touch, company=touch.company
    )
    return html, 422 if request.method == "POST" else 200


@pages.post("/touches/<id:touch_id>/strike-out", needs=P.TOUCHES_LOG)
def strike_out(touch_id: int) -> ResponseReturnValue:
    touch = _changeable(touch_id)
    operations.strike_out(db.session(), touch, by=the_viewer().actor, now=clock.now())
    flash("The report is struck out.", "success")
    return _back(touch.company_id)


@pages.get("/tasks", needs=P.COMPANIES_READ)
def tasks() -> str:
    """My tasks, or those of a colleague."""
    viewer = the_viewer()
    search = TaskSearch(
        owner_id=query.number("owner") or viewer.id,
        state=query.one_of("state", ("open", "done", "dropped")) or "open",
    )
    page = page_of(db.session(), search.select(), number=query.page())
    return render_template(
        "office/activities/tasks.html",
        search=search,
        page=page,
        today=programme.today(),
        owners=report.options(db.session()).owners,
        mine=search.owner_id == viewer.id,
    )


@pages.form("/tasks/new", needs=P.TASKS_EDIT)
def new_own_task() -> ResponseReturnValue:
    """A task of no company."""
    return _new_task(None)


@pages.form("/companies/<id:company_id>/tasks/new", needs=P.TASKS_EDIT)
def new_task(company_id: int) -> ResponseReturnValue:
    return _new_task(company_id)


def _new_task(company_id: int | None) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id) if company_id else None
    owners = list(report.options(db.session()).owners)
    form = TaskForm.of_request(title=query.text("title"), owner=query.text("owner"))
    form.offer(owners)
    if request.method == "POST" and form.validate():
        try:
            operations.add_task(
                db.session(), form.draft(company_id), by=the_viewer().actor, now=clock.now()
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("The task is on the list.", "success")
            return _back(company_id)
    html = render_template("office/activities/task.html", form=form, company=company, task=None)
    return html, 422 if request.method == "POST" else 200


@pages.form("/tasks/<id:task_id>/edit", needs=P.TASKS_EDIT)
def edit_task(task_id: int) -> ResponseReturnValue:
    """Correct it, or give it to somebody else."""
    task = queries.get_task(db.session(), task_id)
    form = TaskForm.of_request(
        title=task.title,
        due_on=task.due_on,
        owner=str(task.owner_id),
        note=task.note,
        version=task.version,
    )
    form.offer(list(report.options(db.session()).owners), task)
    if request.method == "POST" and form.validate():
        try:
            operations.correct_task(
                db.session(), task, form.draft(task.company_id), version=form.version.data or 0
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "success")
            return _back(task.company_id)
    html = render_template(
        "office/activities/task.html", form=form, company=task.company, task=task
    )
    return html, 422 if request.method == "POST" else 200


@pages.post("/tasks/<id:task_id>/complete", needs=P.TASKS_EDIT)
def complete(task_id: int) -> ResponseReturnValue:
    task = queries.get_task(db.session(), task_id)
    operations.complete(db.session(), task, on=programme.today())
    flash(f"Done: {task.title}", "success")
    return _where_it_was(task)


@pages.post("/tasks/<id:task_id>/drop", needs=P.TASKS_EDIT)
def drop(task_id: int) -> ResponseReturnValue:
    task = queries.get_task(db.session(), task_id)
    operations.drop(db.session(), task, on=programme.today())
    flash(f"Dropped: {task.title}", "success")
    return _where_it_was(task)


@pages.post("/tasks/<id:task_id>/reopen", needs=P.TASKS_EDIT)
def reopen(task_id: int) -> ResponseReturnValue:
    task = queries.get_task(db.session(), task_id)
    operations.reopen(db.session(), task)
    flash(f"Open again: {task.title}", "success")
    return _where_it_was(task)


@pages.form("/companies/<id:company_id>/clearances/new", needs=P.COMPANIES_EDIT)
def new_clearance(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    form = ClearanceForm.of_request(starts_on=programme.today())
    if request.method == "POST" and form.validate():
        try:
            operations.note_clearance(db.session(), form.draft(company_id), now=clock.now())
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("The clearance is noted.", "success")
            return _back(company_id)
    html = render_template("office/activities/clearance.html", form=form, company=company)
    return html, 422 if request.method == "POST" else 200


def _choices(company_id: int, there: tuple[tuple[int, str], ...]) -> dict[str, str]:
    """Whoever is at the company, of those the viewer may see, and whoever took part already."""
    people = dict(there) | dict(
        acquaintances.colleagues(db.session(), company_id, the_viewer(), programme.today())
    )
    return {str(id_): name for id_, name in people.items()}


def _changeable(touch_id: int) -> Touch:
    """One's own report; anyone's for those who keep the records."""
    viewer = the_viewer()
    touch = queries.get_touch(db.session(), touch_id, viewer)
    if touch.by_id != viewer.id and not viewer.may(P.COMPANIES_EDIT):
        raise NotFound("There is no such contact report of yours.")
    return touch


def _where_it_was(task: Task) -> ResponseReturnValue:
    """Back to the list it was sent from, else to its company."""
    back = {"tasks": "activities.tasks", "home": "home.index"}.get(request.form.get("back", ""))
    if back is not None:
        return redirect(url_for(back))
    return _back(task.company_id)


def _back(company_id: int | None) -> ResponseReturnValue:
    if company_id is None:
        return redirect(url_for("activities.tasks"))
    return redirect(url_for("companies.show", company_id=company_id))
