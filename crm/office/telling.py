"""Journal entries in words: ids as names, days and sums in the reader's manner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.journal.acts import ACTS, CHANGED
from crm.journal.queries import Line
from crm.kit.money import Money
from crm.office.sums import currencies
from crm.reports.names import names
from crm.web import programme
from crm.web.filters import day, moment, money

KINDS = {
    "affiliation": "Affiliation",
    "agreed_benefit": "Agreement on a benefit",
    "benefit_use": "Use of a benefit",
    "tier_benefit": "Benefit of a tier",
    "attendee": "Person at a meeting",
    "company": "Company",
    "company_challenge": "Challenge of a company",
    "company_domain": "Domain",
    "company_parent": "Parent company",
    "export": "Export",
    "holding": "Seat holder",
    "nomination": "Proposal",
    "lost_reason": "Lost reason",
    "person_address": "Address",
    "seat": "Council seat",
    "touch": "Contact report",
    "user_role": "Role",
    "group_asking": "Application or invitation",
    "group_file": "File of a group",
    "group_mailing": "Letter to a group",
    "place": "Place in a group",
    "deliverable_stage": "Stage of a deliverable",
    "project_call": "Call",
    "project_challenge": "Challenge of a project",
    "project_company": "Company in a project",
    "project_faculty": "Faculty of a project",
    "project_file": "File of a project",
    "project_milestone": "Milestone",
    "project_output": "Output",
    "project_seats": "Seats",
    "project_stage": "Stage of a project",
    "project_student": "Student",
    "contribution_step": "Stage of a contribution",
    "contribution_use": "Use of a contribution",
    "facility_step": "Stage of a facility",
    "evidence": "Evidence of a value",
    "thanks_letter": "Letter of thanks",
    "area_challenge": "Challenge of an area",
    "area_faculty": "Faculty of an area",
    "convened": "Faculty",
    "handoff": "Hand-off",
    "nda_file": "File of an NDA",
}
"""Where the kind's own name, with a capital, would not do."""
POINTS_TO = {
    "area_id": "area",
    "ballot_id": "ballot",
    "benefit_id": "benefit",
    "body_id": "body",
    "by_id": "user",
    "call_id": "project_call",
    "challenge_id": "challenge",
    "company_id": "company",
    "contact_id": "person",
    "contribution_id": "contribution",
    "facility_id": "facility",
    "group_id": "body",
    "invoice_id": "invoice",
    "issued_by_id": "user",
    "lead_id": "person",
    "lost_reason_id": "lost_reason",
    "meeting_id": "meeting",
    "mode_id": "mode",
    "needs_by_id": "person",
    "owner_id": "user",
    "parent_id": "company",
    "partnership_id": "partnership",
    "person_id": "person",
    "project_id": "project",
    "recorded_by_id": "user",
    "responsible_id": "person",
    "stage_id": "stage",
    "tier_id": "tier",
    "user_id": "user",
}
PAGES = {
    "benefit_use": "/office/benefits/uses",
    "company": "/office/companies",
    "contribution": "/office/engagements/contributions",
    "facility": "/office/engagements/facilities",
    "inquiry": "/office/inquiries",
    "invoice": "/office/invoices/drafts",
    "meeting": "/office/meetings",
    "membership": "/office/memberships",
    "opportunity": "/office/opportunities",
    "partnership": "/office/engagements/partnerships",
    "payment": "/office/payments",
    "person": "/office/people",
    "project": "/office/projects",
    "project_call": "/office/projects/calls",
    "user": "/office/users",
    "working_group": "/office/working-groups",
}
ACCOUNTS = frozenset({"user", "user_role"})
"""What an administrator manages, and may see before and after of."""
LONGEST = 300

Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Told:
    """One entry, ready to be shown."""

    what: str
    by: str
    at: datetime
    changes: Sequence[tuple[str, str | None, str | None]]
    url: str


def tell(
    session: Session,
    lines: Sequence[Line],
    *,
    viewer: Viewer,
    about: bool = False,
    currency: str | None = None,
) -> list[Told]:
    """In the order given, the newest first. One SELECT for the names. `about`: name and link each
    record; `currency`: that in which the record has its sums now. Of what is not open to the
    viewer only the kind and the act are told."""
    open_ = [line for line in lines if line.kind in ACCOUNTS or viewer.may(P.HISTORY_READ)]
    wanted: dict[str, set[int]] = defaultdict(set)
    for line in open_:
        for column, change in line.changes.items():
            if column in POINTS_TO:
                wanted[POINTS_TO[column]].update(id_ for id_ in change if id_ is not None)
    if about:
        for line in lines:
            for kind, id_ in _records(line):
                if _may_know(kind, viewer):
                    wanted[kind].add(id_)
    known = names(session, wanted)
    shown = {line.id for line in open_}
    present = currency or programme.current().facts.get("currency", "USD")
    return [
        Told(
            what=_what(line, known if about else {}, line.id in shown),
            by=line.actor,
            at=line.at,
            changes=_changes(line, known, codes) if line.id in shown else (),
            url=_url(line, viewer) if about else "",
        )
        for line, codes in zip(lines, currencies(lines, present), strict=True)
    ]


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def _records(line: Line) -> list[tuple[str, int]]:
    found = [] if line.record_id is None else [(line.kind, line.record_id)]
    return [*found, line.parent] if line.parent else found


def _may_know(kind: str, viewer: Viewer) -> bool:
    return kind == "user" or viewer.may(P.HISTORY_READ)


def _what(line: Line, known: Names, is_open: bool) -> str:
    # Acts that were written before there was a list of them told what a record said.
    act = line.act if is_open or line.act in ACTS else CHANGED
    if not is_open and line.record_id is not None:
        return f"{kind_words(line.kind)} {act}"
    of = next((known[record] for record in _records(line) if record in known), "")
    said = [f"{kind_words(line.kind)} {act}", of or line.label]
    if of and line.label and line.label != of:
        said.append(line.label)
    return ": ".join(part for part in said if part)


def _url(line: Line, viewer: Viewer) -> str:
    for kind, id_ in _records(line):
        if kind in PAGES and viewer.may(P.USERS_READ if kind == "user" else P.HISTORY_READ):
            return f"{PAGES[kind]}/{id_}"
    return ""


def _changes(
    line: Line, known: Names, codes: tuple[str, str]
) -> list[tuple[str, str | None, str | None]]:
    was, is_now = codes
    return [
        ("Password", None, "set anew")
        if name == "password_hash"
        else (
            _label(name),
            _value(name, before, known, was),
            _value(name, after, known, is_now),
        )
        for name, (before, after) in line.changes.items()
    ]


def _label(name: str) -> str:
    for ending in ("_id", "_minor"):
        name = name.removesuffix(ending)
    return name.replace("_", " ").capitalize()


def _value(name: str, value: Any, known: Names, currency: str) -> str | None:
    if value is None:
        return None
    if name in POINTS_TO:
        return known.get((POINTS_TO[name], value), f"#{value}")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_minor") and isinstance(value, int):
        return money(Money(value, currency))
    when = name == "on" or name.endswith(("_on", "_before", "_until", "_since", "_at"))
    if isinstance(value, str) and when:
        if "T" in value:
            return moment(datetime.fromisoformat(value))
        return day(date.fromisoformat(value))
    if isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
