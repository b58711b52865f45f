"""People: the list, a person's page, by which addresses they are reached."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies import operations as companies
from crm.companies import queries as company_queries
from crm.kit.errors import RuleBroken
from crm.kit.pages import page_of
from crm.office.challenges.filter import choices
from crm.office.people.forms import AddressForm, PersonForm
from crm.office.saved_views.bar import bar
from crm.office.telling import tell
from crm.people import operations
from crm.people import queries as people
from crm.people.models import Person
from crm.reports import people as report
from crm.reports.companies import MOST_MATCHES, Archived
from crm.reports.people import NO_CHALLENGE, Part, PeopleSearch
from crm.reports.person import get, portrait
from crm.web import clock, programme, query, session
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response

pages = Pages("people", __name__, url_prefix="/office")

SUGGESTED = 10


def the_viewer() -> Viewer:
    viewer = session.viewer()
    assert viewer is not None  # every page here needs a permission
    return viewer


def the_search() -> PeopleSearch:
    part = query.one_of("part", [word.value for word in Part])
    archived = query.one_of("archived", [word.value for word in Archived])
    return PeopleSearch(
        viewer=the_viewer(),
        today=programme.today(),
        q=query.text("q"),
        company_id=query.number("company"),
        part=Part(part) if part else None,
        challenge_id=NO_CHALLENGE
        if query.text("challenge") == "none"
        else query.number("challenge"),
        archived=Archived(archived) if archived else Archived.WITHOUT,
        sort=query.sort(report.SORTS, "name"),
    )


@pages.get("/people", needs=P.PEOPLE_READ)
def index() -> str:
    search = the_search()
    page = page_of(db.session(), search.select(), number=query.page(), counted=search.counted())
    company = search.company_id and company_queries.get(db.session(), search.company_id)
    return render_template(
        "office/people/index.html",
        saved=bar("people"),
        search=search,
        page=page,
        jobs=report.jobs_of(db.session(), [row.id for row in page.items], search.today),
        company=company or None,
        parts=[(part.value, part.value.capitalize()) for part in Part],
        challenges=[("none", "Nothing named"), *choices(search.challenge_id)],
        many=bool(search.q) and page.total >= MOST_MATCHES,
    )


@pages.get("/people/suggest", needs=P.PEOPLE_READ)
def suggest() -> str:
    """`<option>`s for a field that names a person: of all the viewer may see, of those at
    `?company=`, or of those `?of=university`."""
    search, university = the_search(), query.one_of("of", ("university",)) is not None
    found = report.suggested(db.session(), search, limit=SUGGESTED, university=university)
    return render_template(
        "office/people/suggest.html",
        found=found,
        jobs=report.jobs_of(db.session(), [row.id for row in found], search.today),
    )


@pages.get("/people.csv", needs=P.PEOPLE_READ)
def export() -> Response:
    return _export(csv_response)


@pages.get("/people.xlsx", needs=P.PEOPLE_READ)
def export_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    """What it is for, asked on the page before, stands in the journal."""
    search = the_search()
    return respond(
        "people",
        search.headings(),
        search.export(),
        viewer=the_viewer(),
        reason=query.text("reason") or "no reason given",
    )


@pages.get("/people/export", needs=P.PEOPLE_READ)
def ask_reason() -> str:
    """Before personal data leaves in bulk: what for?"""
    the_search()  # filters that cannot be answered are refused here already
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "reason"]
    return render_template("office/people/export.html", kept=kept)


@pages.get("/people/<id:person_id>", needs=P.PEOPLE_READ)
def show(person_id: int) -> str:
    return page(person_id, AddressForm())


def page(person_id: int, address_form: AddressForm) -> str:
    viewer = the_viewer()
    told = portrait(db.session(), person_id, viewer=viewer, today=programme.today())
    return render_template(
        "office/people/show.html",
        portrait=told,
        person=told.person,
        now_at=[row for row in told.jobs if row.there],
        address_form=address_form,
        history=tell(db.session(), told.history, viewer=viewer),
    )


@pages.form("/people/new", needs=P.PEOPLE_EDIT)
def new() -> ResponseReturnValue:
    company_id = query.number("company")
    company = company_queries.get(db.session(), company_id) if company_id else None
    form = PersonForm.of_request(company=f"{company.name} (#{company.id})" if company else "")
    if request.method == "POST" and form.validate():
        try:
            at = company_queries.picked(db.session(), form.company.data or "")
            made = companies.add_person_at(
                db.session(),
                form.draft(),
                email=form.email.data or None,
                company_id=at.id if at else None,
                title=form.title.data or None,
                starts_on=None,
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"{made.name} is on record.", "success")
            return back_to(made)
    html = render_template("office/people/edit.html", form=form, person=None, company=company)
    return html, 422 if request.method == "POST" else 200


@pages.form("/people/<id:person_id>/edit", needs=P.PEOPLE_EDIT)
def edit(person_id: int) -> ResponseReturnValue:
    person = get(db.session(), person_id, the_viewer(), programme.today())
    form = PersonForm.of_request(
        name=person.name, phone=person.phone, note=person.note, version=person.version
    )
    if request.method == "POST" and form.validate():
        try:
            operations.edit_person(
                db.session(), person, form.draft(), version=form.version.data or 0
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "success")
            return back_to(person)
    html = render_template("office/people/edit.html", form=form, person=person, company=None)
    return html, 422 if request.method == "POST" else 200


@pages.post("/people/<id:person_id>/archive", needs=P.PEOPLE_EDIT)
def archive(person_id: int) -> ResponseReturnValue:
    person = get(db.session(), person_id, the_viewer(), programme.today())
    operations.archive_person(db.session(), person, on=programme.today())
    flash(f"{person.name} is archived.", "success")
    return back_to(person)


@pages.post("/people/<id:person_id>/restore", needs=P.PEOPLE_EDIT)
def restore(person_id: int) -> ResponseReturnValue:
    person = get(db.session(), person_id, the_viewer(), programme.today())
    operations.restore_person(db.session(), person)
    flash(f"{person.name} is back in the lists.", "success")
    return back_to(person)


@pages.post("/people/<id:person_id>/addresses", needs=P.PEOPLE_EDIT)
def add_address(person_id: int) -> ResponseReturnValue:
    person = get(db.session(), person_id, the_viewer(), programme.today())
    form = AddressForm.of_request()
    if form.validate():
        try:
            operations.add_address(
                db.session(),
                person,
                form.email.data,
                primary=bool(form.primary.data),
                today=programme.today(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("The address is kept.", "success")
            return back_to(person)
    return page(person_id, form), 422


@pages.post("/people/<id:person_id>/addresses/<id:address_id>/<word>", needs=P.PEOPLE_EDIT)
def change_address(person_id: int, address_id: int, word: str) -> ResponseReturnValue:
    """`primary` or `retire`."""
    address = people.get_address(db.session(), person_id, address_id)
    operations.change_address(db.session(), address, word, today=programme.today())
    flash("Done.", "success")
    return redirect(url_for("people.show", person_id=person_id))


@pages.post("/people/<id:person_id>/consents/<id:consent_id>/withdraw", needs=P.PEOPLE_EDIT)
def withdraw_consent(person_id: int, consent_id: int) -> ResponseReturnValue:
    consent = people.get_consent(db.session(), person_id, consent_id)
    operations.withdraw_consent(db.session(), consent, now=clock.now())
    flash("The consent is withdrawn.", "success")
    return redirect(url_for("people.show", person_id=person_id))


def back_to(person: Person) -> ResponseReturnValue:
    return redirect(url_for("people.show", person_id=person.id))
