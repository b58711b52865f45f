"""Where somebody works: a new job, and what is changed of one."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import operations as companies
from crm.companies import queries as company_queries
from crm.kit.days import day_after
from crm.kit.errors import NotFound, RuleBroken
from crm.office.people.forms import AffiliationForm, JobForm
from crm.office.people.views import back_to, pages, the_viewer
from crm.reports.person import get
from crm.web import programme
from crm.web.database import db


@pages.form("/people/<id:person_id>/move", needs=P.PEOPLE_EDIT)
def move(person_id: int) -> ResponseReturnValue:
    """A new job: the old affiliation ends, the new one begins, in one act."""
    person = get(db.session(), person_id, the_viewer(), programme.today())
    there = company_queries.affiliations_of(db.session(), person_id)
    form = JobForm.of_request(
        on=programme.today(), leaves=str(there[0].id) if len(there) == 1 else ""
    )
    form.leaves.choices = {
        "": "Nobody: stays where they are as well",
        **{str(job.id): f"{job.company.name}, {job.title or 'no title'}" for job in there},
    }
    if request.method == "POST" and form.validate():
        try:
            company = company_queries.picked(db.session(), form.company.data)
            if company is None:
                raise NotFound("There is no such company.")
            companies.change_job(
                db.session(),
                person,
                leaves=next((job for job in there if str(job.id) == form.leaves.data), None),
                company_id=company.id,
                title=form.title.data or None,
                on=form.on.data,
                email=form.email.data or None,
                today=programme.today(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"{person.name} is at {company.name} now.", "success")
            return back_to(person)
    html = render_template("office/people/move.html", form=form, person=person)
    return html, 422 if request.method == "POST" else 200


@pages.form("/affiliations/<id:affiliation_id>/edit", needs=P.PEOPLE_EDIT)
def edit_affiliation(affiliation_id: int) -> ResponseReturnValue:
    job = company_queries.get_affiliation(db.session(), affiliation_id)
    form = AffiliationForm.of_request(
        title=job.title,
        starts_on=job.starts_on,
        last_day=job.ends_before and job.ends_before - timedelta(days=1),
        champion=job.champion,
        main_contact=job.main_contact,
        billing=job.billing,
        version=job.version,
    )
    if request.method == "POST" and form.validate():
        try:
            companies.change_affiliation(
                db.session(),
                job,
                title=form.title.data or None,
                champion=bool(form.champion.data),
                main_contact=bool(form.main_contact.data),
                billing=bool(form.billing.data),
                starts_on=form.starts_on.data,
                ends_before=day_after(form.last_day.data),
                version=form.version.data or 0,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "success")
            return back_to(job.person)
    html = render_template("office/people/affiliation.html", form=form, job=job)
    return html, 422 if request.method == "POST" else 200
