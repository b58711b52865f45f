"""What binds a partnership: its screening, NDA and IP, its scope, the research office."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.kit.errors import RuleBroken
from crm.office.acts import Act, carry_out
from crm.office.engagements import scope
from crm.office.engagements import workspace_scope as lies
from crm.office.engagements.forms import TakeBackForm
from crm.office.engagements.terms_forms import (
    HandoffForm,
    IpForm,
    NdaForm,
    ReferenceForm,
    ScopeForm,
    ScreeningForm,
)
from crm.office.engagements.views import pages
from crm.office.handing_in import hand_in
from crm.partnerships import scoping, screening, workspace_terms
from crm.partnerships import workspace_queries as queries
from crm.pipeline import partnering
from crm.pipeline import workspaces as majors
from crm.web import documents, programme, query
from crm.web.access import UPLOAD
from crm.web.database import db
from crm.web.session import the_viewer


@pages.form("/companies/<id:company_id>/screenings/new", needs=P.ENGAGEMENTS_EDIT)
def record_screening(company_id: int) -> ResponseReturnValue:
    """Of the company; asked for from its page, or from a workspace, to which one returns."""
    company = companies.get(db.session(), company_id)
    workspace = query.number("partnership")
    form = ScreeningForm.of_request(screened_on=programme.today(), screened_by=the_viewer().name)
    back = url_for("companies.show", company_id=company_id, _anchor="screening")
    act = Act(
        title=f"Screening of {company.name}",
        says=(
            "For restricted parties, before effort is spent. A possible match or a denial keeps "
            "it from the stages after it; what is recorded is struck if wrong, never changed.",
        ),
        submit="Record screening",
        done="The screening is on record.",
        url=url_for("engagements.record_screening", company_id=company_id, partnership=workspace),
        back=lies.page_of(workspace, "screening") if workspace else back,
        trail=(("Companies", url_for("companies.index")), (company.name, back)),
    )
    return carry_out(
        act,
        form,
        lambda: screening.record(db.session(), company_id, form.wanted(), **scope.dated()),
    )


@pages.form("/screenings/<id:screening_id>/strike", needs=P.ENGAGEMENTS_EDIT)
def strike_screening(screening_id: int) -> ResponseReturnValue:
    made = screening.get(db.session(), screening_id)
    form = TakeBackForm.of_request()
    back = url_for("companies.show", company_id=made.company_id, _anchor="screening")
    act = Act(
        title=f"Strike a screening of {made.company.name}",
        says=(
            f"Of {made.screened_on:%Y-%m-%d}: {made.result}. For one that was recorded by mistake: "
            "it stays to be read, and counts no more.",
        ),
        submit="Strike it",
        done="The screening is struck.",
        url=url_for("engagements.strike_screening", screening_id=screening_id),
        back=back,
        trail=(("Companies", url_for("companies.index")), (made.company.name, back)),
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: screening.strike(db.session(), made, reason=form.reason.data or "", **scope.edge()),
    )


@pages.form("/partnerships/<id:partnership_id>/nda", needs=P.ENGAGEMENTS_EDIT)
def set_nda(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    form = NdaForm.of_request(
        state=found.nda,
        signed_on=found.nda_signed_on,
        expires_on=found.nda_expires_on,
        reference=found.nda_reference,
        note=found.nda_note,
        version=found.version,
    )
    act = lies.act_on(
        found,
        "set_nda",
        anchor="terms",
        title=f"NDA of “{found.title}”",
        says=("Ninety days before its last day it is shown on Home.",),
        submit="Save NDA",
        done="The NDA is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: workspace_terms.set_nda(
            db.session(), found, form.wanted(), version=form.version.data or 0, **scope.dated()
        ),
    )


@pages.form(
    "/partnerships/<id:partnership_id>/nda/files/new", needs=P.ENGAGEMENTS_EDIT, takes=UPLOAD
)
def add_nda_file(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    act = lies.act_on(
        found,
        "add_nda_file",
        anchor="terms",
        title="Add an NDA file",
        says=(
            "The draft, or what both sides signed: a PDF or a Word document, at most 20 MiB. "
            "Whoever may read agreements may read it; earlier files stay.",
        ),
        submit="Add file",
        done="The file is with the NDA.",
    )
    return hand_in(
        act,
        lambda wanted: workspace_terms.add_nda_file(
            db.session(), documents.store(), found, wanted, **scope.dated()
        ),
    )


@pages.get("/nda-files/<id:nda_file_id>", needs=P.AGREEMENTS_READ)
def nda_file(nda_file_id: int) -> ResponseReturnValue:
    return documents.served(queries.get_nda_file(db.session(), nda_file_id).document)


@pages.form("/partnerships/<id:partnership_id>/ip", needs=P.ENGAGEMENTS_EDIT)
def set_ip(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    form = IpForm.of_request(
        state=found.ip, on=found.ip_on, text=found.ip_text, version=found.version
    )
    act = lies.act_on(
        found,
        "set_ip",
        anchor="terms",
        title=f"Intellectual property in “{found.title}”",
        says=("Background, results, publication: how far the two sides are, and since when.",),
        submit="Save",
        done="It is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: workspace_terms.set_ip(
            db.session(), found, form.wanted(), version=form.version.data or 0, **scope.dated()
        ),
    )


@pages.form("/partnerships/<id:partnership_id>/scope", needs=P.ENGAGEMENTS_EDIT)
def write_scope(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    last = queries.scope_of(db.session(), partnership_id)
    form = ScopeForm.of_request(**ScopeForm.shown(last))
    act = lies.act_on(
        found,
        "write_scope",
        anchor="scope",
        title=f"Scope of “{found.title}”",
        says=("Each save is a version of its own; earlier ones stay to be read.",),
        submit="Save scope",
        done="The scope is written.",
    )

    def write() -> None:
        seen = form.seen.data
        if seen is None:
            raise RuleBroken("Open the form again: it does not say which version it follows.")
        scoping.write(db.session(), found, form.wanted(), seen=seen, **scope.dated())

    return carry_out(act, form, write)


@pages.form("/partnerships/<id:partnership_id>/hand-off", needs=P.ENGAGEMENTS_EDIT)
def hand_off(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    opportunity = majors.opportunity_of(db.session(), partnership_id)
    form = HandoffForm.of_request(on=programme.today())
    act = lies.act_on(
        found,
        "hand_off",
        anchor="handoff",
        title=f"Hand “{found.title}” to the research office",
        says=(
            "The last version of the scope goes to the sponsored-research office. The opportunity "
            "moves to that stage, unless it is there or beyond.",
        ),
        submit="Hand off",
        done="It is handed to the research office.",
    )
    return carry_out(
        act,
        form,
        lambda: partnering.hand_off(
            db.session(), found, opportunity, form.wanted(), **scope.dated()
        ),
    )


@pages.form("/partnerships/hand-offs/<id:handoff_id>/reference", needs=P.ENGAGEMENTS_EDIT)
def note_reference(handoff_id: int) -> ResponseReturnValue:
    made = queries.get_handoff(db.session(), handoff_id)
    found = queries.get(db.session(), made.partnership_id)
    form = ReferenceForm.of_request()
    act = lies.act_on(
        found,
        "note_reference",
        args={"handoff_id": handoff_id},
        anchor="handoff",
        title="Number of the research office",
        says=(f"Handed to {made.to_whom}. The number is written once.",),
        submit="Save number",
        done="The number is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: scoping.note_reference(db.session(), found, made, form.reference.data or ""),
    )


@pages.form("/partnerships/hand-offs/<id:handoff_id>/take-back", needs=P.ENGAGEMENTS_EDIT)
def take_back_handoff(handoff_id: int) -> ResponseReturnValue:
    made = queries.get_handoff(db.session(), handoff_id)
    found = queries.get(db.session(), made.partnership_id)
    form = TakeBackForm.of_request()
    act = lies.act_on(
        found,
        "take_back_handoff",
        args={"handoff_id": handoff_id},
        anchor="handoff",
        title="Take the hand-off back",
        says=(
            "It is struck, and stays to be read. The opportunity stays in its stage: move it if "
            "it is to go back.",
        ),
        submit="Take it back",
        done="The hand-off is taken back.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: scoping.take_back(
            db.session(), found, made, reason=form.reason.data or "", **scope.edge()
        ),
    )
