"""A contribution: what it is, how far it is, what others say it is worth."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.journal.queries import history_of
from crm.office import telling
from crm.office.acts import Act, accepted, carry_out
from crm.office.engagements import scope
from crm.office.engagements.forms import (
    CompanyForm,
    ContributionForm,
    OfferForm,
    OriginForm,
    ValueForm,
)
from crm.office.engagements.views import pages
from crm.office.handing_in import hand_in
from crm.partnerships import (
    contributions,
    evidence,
    facility_queries,
    queries,
    rules,
    thanks_queries,
    use_queries,
)
from crm.partnerships.models import Contribution
from crm.pipeline import giving, giving_queries
from crm.reports.acquaintances import seen
from crm.web import documents, programme, query
from crm.web.access import UPLOAD
from crm.web.database import db
from crm.web.filters import ago
from crm.web.session import the_viewer

HISTORY = 40


@pages.get("/contributions/<id:contribution_id>", needs=P.ENGAGEMENTS_READ)
def contribution(contribution_id: int) -> str:
    """Who may see no money sees what and when: no value, no evidence, no upkeep, no reasons."""
    viewer, session, today = the_viewer(), db.session(), programme.today()
    found = queries.get(session, contribution_id)
    money = viewer.may(P.MONEY_READ)
    told = None
    if viewer.may(P.HISTORY_READ):
        about, all_ = [("contribution", contribution_id)], viewer.may(P.CONFIDENTIAL_READ)
        lines = history_of(session, about, confidential=all_, limit=HISTORY)
        told = telling.tell(session, lines, viewer=viewer, currency=found.currency)
    steps = queries.steps_of(session, contribution_id)
    standing = queries.standing(steps)
    stage = standing[-1].stage
    return render_template(
        "office/engagements/contribution.html",
        contribution=found,
        steps=steps if money else standing,
        stage=stage,
        origin=giving_queries.came_from(session, contribution_id)
        if viewer.may(P.PIPELINE_READ)
        else None,
        uses=use_queries.of_contribution(session, contribution_id),
        goes_on=bool(rules.may_become(stage, given=found.given)),
        takes_back=len(standing) > 1,
        alarms=[
            (f"{alarm.capitalize()}, {ago((today - on).days)}", scope.state_of(on, today))
            for alarm, on in rules.alarms(today, stage, found.days)
        ],
        evidence=queries.evidence_of(session, contribution_id) if money else (),
        letters=thanks_queries.of_contribution(session, contribution_id)
        if viewer.may(P.MAIL_BODIES)
        else (),
        money=money,
        seen=seen(session, _named(found), viewer, today),
        history=told,
        today=today,
    )


def _named(found: Contribution) -> set[int]:
    return {id_ for id_ in (found.contact_id, found.responsible_id) if id_ is not None}


@pages.form("/contributions/new", needs=P.ENGAGEMENTS_EDIT)
def offer() -> ResponseReturnValue:
    """Of `?company=`, for `?facility=`, from `?opportunity=`."""
    company_id, facility_id = query.number("company"), query.number("facility")
    shown: dict[str, object] = {
        "on": programme.today(),
        "facility": str(facility_id or ""),
        "opportunity": query.number("opportunity"),
    }
    if company_id is not None:
        company = companies.get(db.session(), company_id)
        shown["company"] = f"{company.name} (#{company.id})"
    form = OfferForm.of_request(**shown)
    form.offer([(id_, name) for id_, name in facility_queries.names(db.session())])
    made: list[Contribution] = []

    def take() -> None:
        giver = companies.picked(db.session(), form.company.data or "")
        assert giver is not None  # needed, or the form is not valid
        made.append(
            giving.offer(
                db.session(),
                giver.id,
                form.draft(**_people(form)),
                opportunity_id=form.opportunity.data,
                on=form.on.data,
                **scope.dated(),
            )
        )

    if request.method == "POST" and accepted(form, take):
        flash("The offer is on record.", "success")
        return redirect(url_for("engagements.contribution", contribution_id=made[0].id))
    return _form(form, None, company_id)


@pages.form("/contributions/<id:contribution_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_contribution(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    form = ContributionForm.of_request(
        **{name: getattr(found, name) for name in contributions.LABELS if not name.endswith("_id")},
        facility=str(found.facility_id or ""),
        contact=scope.naming(found.contact),
        responsible=scope.naming(found.responsible),
        version=found.version,
    )
    form.offer([(id_, name) for id_, name in facility_queries.names(db.session())])

    def change() -> None:
        contributions.edit(
            db.session(),
            found,
            form.draft(**_people(form)),
            version=form.version.data or 0,
            today=programme.today(),
        )

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("engagements.contribution", contribution_id=contribution_id))
    return _form(form, found, found.company_id)


@pages.form("/contributions/<id:contribution_id>/company", needs=P.ENGAGEMENTS_EDIT)
def correct_company(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    form = CompanyForm.of_request(version=found.version)
    act = scope.act_on(
        found,
        "correct_company",
        title=f"Who offers “{found.title}”",
        says=(
            f"It is on record as an offer of {found.company.name}. Until it is accepted another "
            "company can be named, if the wrong one was chosen; its evidence comes along.",
        ),
        submit="Save company",
        done="The company is put right.",
        companies=("company",),
    )

    def correct() -> None:
        giver = companies.picked(db.session(), form.company.data or "")
        assert giver is not None  # needed, or the form is not valid
        version = form.version.data or 0
        giving.correct_company(db.session(), found, giver.id, version=version, **scope.edge())

    return carry_out(act, form, correct)


@pages.form("/contributions/<id:contribution_id>/opportunity", needs=P.ENGAGEMENTS_EDIT)
def name_opportunity(contribution_id: int) -> ResponseReturnValue:
    session, found = db.session(), queries.get(db.session(), contribution_id)
    named = giving_queries.came_from(session, contribution_id)
    id_ = named.id if named else None
    form = OriginForm.of_request(opportunity=str(id_ or ""), seen=id_)
    form.offer(giving_queries.opportunities_of(session, found.company_id))
    act = scope.act_on(
        found,
        "name_opportunity",
        anchor="about",
        title=f"Where “{found.title}” came from",
        says=(f"One of the opportunities of {found.company.name} with the factories.",),
        submit="Save",
        done="It is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: giving.name_opportunity(
            session, found, form.wanted(), seen=form.seen.data, **scope.edge()
        ),
    )


@pages.form("/contributions/<id:contribution_id>/value", needs=P.ENGAGEMENTS_EDIT)
def value(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    amount = found.amount
    form = ValueForm.of_request(
        basis=found.basis,
        amount=f"{amount.decimal:,f}" if amount else "",
        currency=found.currency or programme.current().facts.get("currency", "USD"),
        valuer=found.valuer,
        valued_by=found.valued_by,
        valued_on=found.valued_on,
        version=found.version,
    )
    form.offer(rules.bases(found.kind, found.given))
    act = scope.act_on(
        found,
        "value",
        anchor="value",
        title=f"Value of “{found.title}”",
        says=(
            "The donor or an appraiser values it, never we: enter what they say, and add their "
            "paper as evidence.",
        ),
        submit="Save value",
        done="The value is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: contributions.value(
            db.session(), found, form.wanted(), version=form.version.data or 0, **scope.dated()
        ),
    )


@pages.form(
    "/contributions/<id:contribution_id>/evidence/new", needs=P.ENGAGEMENTS_EDIT, takes=UPLOAD
)
def add_evidence(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    page = url_for("engagements.contribution", contribution_id=contribution_id, _anchor="value")
    act = Act(
        title="Add evidence",
        says=(
            "The price list, the appraisal, the donor's letter: a PDF or a Word document, at most "
            "20 MiB. Whoever may see sums may read it; earlier files stay.",
        ),
        submit="Add evidence",
        done="The file is with the contribution.",
        url=url_for("engagements.add_evidence", contribution_id=contribution_id),
        back=page,
        trail=scope.trail_of_contribution(found),
    )
    return hand_in(
        act,
        lambda wanted: evidence.add(
            db.session(), documents.store(), found, wanted, **scope.dated()
        ),
    )


@pages.get("/evidence/<id:evidence_id>", needs=P.MONEY_READ)
def evidence_file(evidence_id: int) -> ResponseReturnValue:
    return documents.served(queries.get_evidence(db.session(), evidence_id).document)


def _people(form: ContributionForm) -> dict[str, int | None]:
    return {
        "contact_id": scope.person_id(form.contact.data, "contact"),
        "responsible_id": scope.person_id(form.responsible.data, "responsible"),
    }


def _form(
    form: ContributionForm, found: Contribution | None, company_id: int | None
) -> ResponseReturnValue:
    page = render_template(
        "office/engagements/contribution_form.html",
        form=form,
        contribution=found,
        company_id=company_id,
        trail=scope.trail_of_contribution(found),
    )
    return page, 422 if request.method == "POST" else 200
