"""What the page of one inquiry shows, and the forms on it as they are first drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.rules import own_domain
from crm.journal.queries import history_of
from crm.kit.countries import name_of
from crm.office.inquiries.forms import NEW, AnswerForm, DecisionForm
from crm.pipeline import inquiries
from crm.pipeline.intake import SENT_AGAIN
from crm.pipeline.models import Inquiry
from crm.pipeline.response import clock as response_clock
from crm.pipeline.response import due_by
from crm.pipeline.rules import Outcome
from crm.pipeline.suggestions import suggest
from crm.web import clock, programme

DECIDED = (Outcome.ACCEPTED, Outcome.ATTACHED, Outcome.SPAM)


def decision_form(session: Session, inquiry: Inquiry, form: DecisionForm) -> DecisionForm:
    """The form with what can be chosen for this inquiry."""
    form.offer(
        suggest(session, inquiry),
        inquiries.modes(session),
        inquiries.owners(session),
        own_domain(inquiry.email),
    )
    return form


def build(
    session: Session,
    inquiry: Inquiry,
    who: Viewer,
    *,
    decision: DecisionForm | None,
    answer: AnswerForm | None,
) -> dict[str, Any]:
    """Everything the template shows, within the viewer's rights."""
    shown = programme.current()
    triages = who.may(P.INQUIRIES_TRIAGE)
    undecided = inquiry.outcome not in DECIDED
    genuine = not inquiry.suspected and inquiry.outcome is not Outcome.SPAM
    suggestions = suggest(session, inquiry) if undecided else []
    if triages and undecided and genuine and decision is None:
        decision = _first_decision(session, inquiry, suggestions)
    if triages and genuine and answer is None and inquiry.email:
        answer = AnswerForm(
            data={"version": inquiry.version, "subject": f"Your inquiry to {shown.name}"}
        )
    known = {one.company_id: one.name for one in suggestions}
    if inquiry.company is not None:
        known[inquiry.company.id] = inquiry.company.name
    due = due_by(
        inquiry.received_at,
        shown.facts.get("answer_within_working_days", 2),
        ZoneInfo(shown.zone),
    )
    owners = inquiries.owners(session) if triages else ()
    reads_pipeline = who.may(P.PIPELINE_READ)
    return {
        "inquiry": inquiry,
        "country": name_of(inquiry.country),
        "clock": response_clock(due, now=clock.now(), ended_at=inquiry.answered_at),
        "due": due,
        "spam": Outcome.SPAM,
        "mode_names": {mode["key"]: mode["name"] for mode in shown.facts.get("modes", ())},
        "challenge_names": {c["key"]: c["name"] for c in shown.facts.get("challenges", ())},
        "decision": decision,
        "learnable": inquiry.domain is not None and not any(one.sure for one in suggestions),
        "answer": answer,
        "owners": owners,
        "opened": inquiries.opportunities_from(session, inquiry.id) if reads_pipeline else (),
        "running": inquiries.open_opportunities_of(session, known)
        if known and undecided and reads_pipeline
        else (),
        "others": inquiries.others_from_there(session, inquiry),
        "letters": inquiries.letters_about(session, inquiry.id),
        "bodies": who.may(P.MAIL_BODIES),
        "history": _history(session, inquiry.id) if who.may(P.HISTORY_READ) else (),
        "triages": triages,
    }


Told = tuple[str, str, datetime, tuple[tuple[str, str | None, str | None], ...]]


def _history(session: Session, inquiry_id: int) -> list[Told]:
    """What was done, by whom, when, and what the sender changed when they sent it again.

    Decisions are told by their verb; the columns they changed are not told once more.
    """
    told: list[Told] = []
    for line in history_of(session, [("inquiry", inquiry_id)], confidential=False, limit=50):
        if line.act == "changed":
            if set(line.changes) == {"owner_id"}:
                told.append(("Owner changed", line.actor, line.at, ()))
            continue
        what = "Received" if line.act == "created" else line.act.capitalize()
        changes = line.changes if line.act == SENT_AGAIN else {}
        told.append(
            (
                what,
                line.actor,
                line.at,
                tuple((name, _typed(old), _typed(new)) for name, (old, new) in changes.items()),
            )
        )
    return told


def _typed(values: Any) -> str | None:
    return ", ".join(map(str, values)) if isinstance(values, list) else values


def _first_decision(session: Session, inquiry: Inquiry, suggestions: list[Any]) -> DecisionForm:
    best = suggestions[0] if suggestions else None
    likely = best is not None and best.score >= 92 and not best.archived
    domain = own_domain(inquiry.email)
    offered = inquiries.modes(session)
    form = DecisionForm(
        data={
            "version": inquiry.version,
            "company": str(best.company_id) if best is not None and likely else NEW,
            "new_name": inquiry.company_name or "",
            "learn_domain": domain is not None and not (best is not None and best.sure),
            "modes": [str(mode.id) for mode in offered if mode.key in inquiry.modes],
            "owner": str(inquiry.owner_id) if inquiry.owner_id else None,
        }
    )
    form.offer(suggestions, offered, inquiries.owners(session), domain)
    return form
