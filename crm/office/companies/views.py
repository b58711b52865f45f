"""Companies: the list, a company's whole story, and what one may do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies import operations, queries
from crm.companies.models import Company
from crm.kit.countries import name_of
from crm.kit.errors import RuleBroken
from crm.kit.pages import page_of
from crm.memberships.queries import standing_of
from crm.office.activities.forms import TaskForm, TouchForm
from crm.office.companies import asking
from crm.office.companies.forms import CompanyForm, DomainForm, values_of
from crm.office.memberships.band import band
from crm.office.saved_views.bar import bar
from crm.office.telling import tell
from crm.programme import queries as programmes
from crm.reports import companies as report
from crm.reports.company import Story, story
from crm.web import clock, programme, query, session
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.fragments import blank
from crm.web.lately import lately

pages = Pages("companies", __name__, url_prefix="/office")

SHOWN_EVENTS = 20
MOST_EVENTS = 500
SUGGESTED = 10


def the_viewer() -> Viewer:
    viewer = session.viewer()
    assert viewer is not None  # every page here needs a permission
    return viewer


@pages.get("/companies", needs=P.COMPANIES_READ)
def index() -> str:
    search = asking.search()
    page = page_of(db.session(), search.select(), number=query.page(), counted=search.counted())
    standings = standing_of(db.session(), [row.id for row in page.items], search.as_of)
    return render_template(
        "office/companies/index.html",
        saved=bar("companies"),
        search=search,
        page=page,
        lines=[asking.line(row, standings) for row in page.items],
        options=lately("companies", lambda: report.options(db.session())),
        standings=[(word.value, word.value.capitalize()) for word in report.Standing],
        country=name_of(search.country),
        today=programme.today(),
        many=bool(search.q) and page.total >= report.MOST_MATCHES,
    )


@pages.get("/companies.csv", needs=P.COMPANIES_READ)
def export() -> Response:
    return _export(csv_response)


@pages.get("/companies.xlsx", needs=P.COMPANIES_READ)
def export_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    return respond(
        "companies",
        report.HEADINGS,
        asking.search().export(),
        viewer=the_viewer(),
        shape=asking.cells,
    )


@pages.get("/companies/suggest", needs=P.COMPANIES_READ)
def suggest() -> str:
    """`<option>`s for a company field."""
    found = queries.suggest(db.session(), query.text("q"), limit=SUGGESTED)
    return render_template("office/companies/suggest.html", found=found)


@pages.get("/companies/<id:company_id>", needs=P.COMPANIES_READ)
def show(company_id: int) -> str:
    return page(company_id)


def page(
    company_id: int,
    touch_form: TouchForm | None = None,
    domain_form: DomainForm | None = None,
) -> str:
    """A company's page, with the forms as they were sent where one was refused."""
    viewer, today = the_viewer(), programme.today()
    events = min(query.number("events") or SHOWN_EVENTS, MOST_EVENTS)
    zone = ZoneInfo(programme.current().zone)
    told = story(db.session(), company_id, viewer=viewer, today=today, zone=zone, events=events)
    still = None if touch_form else today
    touch_form = touch_form or TouchForm(data={"on": today})
    touch_form.people.choices = {str(row.person_id): row.name for row in told.people}
    return render_template(
        "office/companies/show.html",
        story=told,
        company=told.company,
        place=report.place(told.company.city, told.company.region, told.company.country),
        incorporated_in=name_of(told.company.incorporated_in),
        ultimate_parent_country=name_of(told.company.ultimate_parent_country),
        badge=standing_from(told),
        standing=told.standing,
        band=band("Terms", "#membership", told.standing.terms, today),
        today=today,
        events=events,
        touch_form=touch_form,
        touch_form_still=still,
        task_form=blank(TaskForm),
        domain_form=domain_form or blank(DomainForm),
        history=tell(db.session(), told.history, viewer=viewer),
    )


def standing_from(told: Story) -> str:
    """The status of the term that matters most, for the badge beside the name."""
    by_weight = ("active", "grace", "upcoming", "awaiting signature", "draft", "lapsed")
    statuses = {term.status.value for term in told.standing.terms}
    return next((word for word in by_weight if word in statuses), "")


ALIKE = "A company of this name is on record. Open it, or say that this is another one."


@pages.form("/companies/new", needs=P.COMPANIES_EDIT)
def new() -> ResponseReturnValue:
    form = CompanyForm.of_request(
        name=query.text("name"), owner=str(the_viewer().id), challenges=[]
    )
    form.offer(report.options(db.session()))
    known: Sequence[Company] = ()
    if request.method == "POST" and form.validate():
        if not form.anyway.data:
            known = queries.named_alike(db.session(), form.name.data or "")
        try:
            if known:
                raise RuleBroken(ALIKE, field="name")
            made = operations.add_company(db.session(), _draft(form), now=clock.now())
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"{made.name} is on record.", "success")
            return redirect(url_for("companies.show", company_id=made.id))
    html = render_template("office/companies/edit.html", form=form, company=None, known=known)
    return html, 422 if request.method == "POST" else 200


@pages.form("/companies/<id:company_id>/edit", needs=P.COMPANIES_EDIT)
def edit(company_id: int) -> ResponseReturnValue:
    company = queries.get_with_ties(db.session(), company_id)
    parent = company.parent
    form = CompanyForm.of_request(
        **values_of(
            company,
            f"{parent.name} (#{parent.id})" if parent else "",
            [challenge.key for challenge in company.challenges],
            programme.today(),
        )
    )
    owner = company.owner
    form.offer(report.options(db.session()), (str(owner.id), owner.name) if owner else None)
    if request.method == "POST" and form.validate():
        try:
            operations.edit_company(
                db.session(),
                company,
                _draft(form),
                version=form.version.data or 0,
                today=programme.today(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for("companies.show", company_id=company_id))
    html = render_template("office/companies/edit.html", form=form, company=company, known=())
    return html, 422 if request.method == "POST" else 200


def _draft(form: CompanyForm) -> operations.NewCompany:
    parent = queries.picked(db.session(), form.parent.data or "", field="parent")
    ids = {challenge.key: challenge.id for challenge in programmes.challenges(db.session())}
    chosen = tuple(ids[key] for key in form.challenges.data or () if key in ids)
    return form.draft(parent.id if parent else None, chosen)


@pages.post("/companies/<id:company_id>/archive", needs=P.COMPANIES_EDIT)
def archive(company_id: int) -> ResponseReturnValue:
    company = queries.get(db.session(), company_id)
    operations.archive_company(db.session(), company, on=programme.today())
    flash(f"{company.name} is archived. Everything about it stays.", "success")
    return _back(company)


@pages.post("/companies/<id:company_id>/restore", needs=P.COMPANIES_EDIT)
def restore(company_id: int) -> ResponseReturnValue:
    company = queries.get(db.session(), company_id)
    operations.restore_company(db.session(), company)
    flash(f"{company.name} is back in the lists.", "success")
    return _back(company)


@pages.post("/companies/<id:company_id>/domains", needs=P.COMPANIES_EDIT)
def add_domain(company_id: int) -> ResponseReturnValue:
    company = queries.get(db.session(), company_id)
    form = DomainForm.of_request()
    if form.validate():
        try:
            added = operations.add_domain(db.session(), company, form.domain.data)
        except RuleBroken as refusal:
            form.refuse(RuleBroken(str(refusal), field="domain"))
        else:
            flash(f"{added.domain} is {company.name}’s.", "success")
            return _back(company)
    return page(company_id, domain_form=form), 422


@pages.post("/companies/<id:company_id>/domains/<id:domain_id>/<word>", needs=P.COMPANIES_EDIT)
def change_domain(company_id: int, domain_id: int, word: str) -> ResponseReturnValue:
    """`verify`, `doubt` (no longer verified) or `remove`."""
    domain = queries.get_domain(db.session(), company_id, domain_id)
    operations.change_domain(db.session(), domain, word)
    flash(f"{domain.domain}: done.", "success")
    return redirect(url_for("companies.show", company_id=company_id))


def _back(company: Company) -> ResponseReturnValue:
    return redirect(url_for("companies.show", company_id=company.id))
