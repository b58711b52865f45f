"""A company's dossier: as a page, as a paper, and what stands on its first page."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.kit.periods import Period
from crm.office.acts import Act, carry_out
from crm.office.dossier.forms import HighlightForm
from crm.office.reports.views import sections_of
from crm.reports.columns import a_year_before
from crm.reports.companies import place
from crm.reports.dossier import dossier as reading
from crm.reports.dossier import paper
from crm.reports.dossier.chapters import sentence
from crm.reports.dossier.dossier import Dossier
from crm.retention import highlighting
from crm.web import exports, links, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.query import BadQuery
from crm.web.session import the_viewer

pages = Pages("dossier", __name__, url_prefix="/office")

DAY = timedelta(days=1)
WITHOUT_MONEY = "no"


@pages.get("/companies/<id:company_id>/dossier", needs=P.REPORTS_READ)
def show(company_id: int) -> str:
    dossier = _read(company_id)
    today, viewer = programme.today(), the_viewer()
    return render_template(
        "office/dossier/show.html",
        dossier=dossier,
        company=dossier.company,
        place=_place(dossier.company),
        asked=_asked(dossier),
        heads=[(head, None, "n") for head in dossier.count_heads],
        spans=_spans(dossier, today),
        benefits=sections_of(filter(None, [dossier.benefits])),
        money=sections_of(dossier.money or ()),
        with_money=dossier.money is not None,
        may_money=viewer.may(P.MONEY_READ),
        may_choose=viewer.may(P.MEMBERSHIPS_EDIT),
        sentence=sentence,
    )


@pages.get("/companies/<id:company_id>/dossier.pdf", needs=P.REPORTS_READ)
def as_pdf(company_id: int) -> Response:
    companies.get(db.session(), company_id)  # a refusal leaves no entry in the journal
    _days(company_id)
    _with_money()
    exports.note_export(f"dossier of company {company_id}.pdf", the_viewer())
    dossier, shown = _read(company_id), programme.current()
    pdf = paper.as_pdf(
        dossier,
        programme=shown.name,
        facts=shown.facts,
        place=_place(dossier.company),
        absolute=links.under_base,
        today=programme.today(),
    )
    return exports.file_response(
        io.BytesIO(pdf), f"dossier-{company_id}-{dossier.last_day.isoformat()}", "pdf"
    )


@pages.form("/companies/<id:company_id>/highlights/new", needs=P.MEMBERSHIPS_EDIT)
def choose(company_id: int) -> ResponseReturnValue:
    """With what a line says to begin with: `text`, `on`, and the `record` it is about."""
    company = companies.get(db.session(), company_id)
    form = HighlightForm.of_request(
        text=query.text("text"), on=query.day("on") or programme.today()
    )
    record = query.text("record") or None
    if record is not None and not record.startswith("/office/"):
        raise BadQuery("“record” is the address of a page here, such as /office/projects/7.")
    act = _act(
        company,
        request.full_path,
        title=f"An outcome for {company.name}",
        submit="Put on the first page",
        done="It stands on the first page of the dossier.",
    )
    return carry_out(
        act,
        form,
        lambda: highlighting.choose(
            db.session(),
            company_id,
            form.draft(record),
            by=the_viewer().actor,
            today=programme.today(),
        ),
    )


@pages.form("/highlights/<id:highlight_id>/edit", needs=P.MEMBERSHIPS_EDIT)
def reword(highlight_id: int) -> ResponseReturnValue:
    chosen = highlighting.get(db.session(), highlight_id)
    form = HighlightForm.of_request(text=chosen.text, on=chosen.on, version=chosen.version)
    act = _act(
        companies.get(db.session(), chosen.company_id),
        request.full_path,
        title="Reword an outcome",
        submit="Save",
        done="The outcome is reworded.",
    )
    return carry_out(
        act,
        form,
        lambda: highlighting.reword(
            db.session(),
            chosen,
            form.draft(chosen.record),
            version=form.version.data or 0,
            today=programme.today(),
        ),
    )


@pages.post("/highlights/<id:highlight_id>/drop", needs=P.MEMBERSHIPS_EDIT)
def drop(highlight_id: int) -> ResponseReturnValue:
    chosen = highlighting.get(db.session(), highlight_id)
    company_id = chosen.company_id
    highlighting.drop(db.session(), chosen)
    flash("It no longer stands on the first page.", "success")
    return redirect(_back(company_id))


def _act(company: Company, url: str, *, title: str, submit: str, done: str) -> Act:
    back = _back(company.id)
    return Act(
        title=title,
        says=("Five outcomes stand on the first page: the latest of those chosen for its days.",),
        submit=submit,
        done=done,
        url=url,
        back=back,
        trail=(
            ("Companies", "/office/companies"),
            (company.name, url_for("companies.show", company_id=company.id)),
            ("Dossier", back),
        ),
    )


def _back(company_id: int) -> str:
    """The dossier of the days that it was left at: what was chosen for them is seen there."""
    asked: dict[str, Any] = {
        name: day.isoformat() for name in ("from", "to") if (day := query.day(name))
    }
    return url_for("dossier.show", company_id=company_id, **asked)


def _read(company_id: int) -> Dossier:
    return reading.read(
        db.session(),
        company_id,
        _days(company_id),
        viewer=the_viewer(),
        today=programme.today(),
        zone=programme.current().zone,
        money=_with_money(),
    )


def _with_money() -> bool:
    """Unless it is to be left out. Raises `BadQuery` for any other word."""
    return query.one_of("money", (WITHOUT_MONEY,)) is None


def _days(company_id: int) -> Period:
    """From `from` to `to`, both included; what nobody says is the term's. Raises `BadQuery`."""
    first, last = query.day("from"), query.day("to")
    if first is None or last is None:
        today = programme.today()
        usual = reading.days_of(reading.terms_of(db.session(), company_id, today), today)
        assert usual.last_day is not None
        last = last or max(usual.last_day, first or usual.last_day)
        first = first or (usual.starts_on if usual.starts_on <= last else a_year_before(last))
    if last < first:
        raise BadQuery("“to” lies before “from”: give the first day, then the last.")
    return Period(first, last + DAY)


def _asked(dossier: Dossier) -> dict[str, str]:
    return {"from": dossier.days.starts_on.isoformat(), "to": dossier.last_day.isoformat()}


def _spans(dossier: Dossier, today: date) -> list[tuple[str, date, date]]:
    """Days one often asks for: each term up to today, and the year that ends today."""
    spans = [
        (f"the {term.tier} term from {term.starts_on.year}", term.starts_on, min(last, today))
        for term in dossier.terms
        if term.starts_on <= today
        for last in (term.occupied_before - DAY,)
    ]
    return [*spans, ("the last twelve months", a_year_before(today), today)]


def _place(company: Company) -> str:
    return place(company.city, company.region, company.country)
