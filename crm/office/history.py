"""Journal entries as the page of one record tells them: an act and what it changed are one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.council import queries as council
from crm.journal.acts import BY_ITSELF
from crm.journal.queries import Line
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.office.sums import currencies
from crm.web.filters import day, moment, money

KINDS = {
    "agreed_benefit": "Agreement on a benefit",
    "membership": "Membership",
    "instalment": "Instalment",
    "seat": "Council seat",
    "holding": "Seat holder",
    "nomination": "Proposal",
    "seat letter": "Letter",
    "working_group": "Group",
    "working_group_challenge": "Challenge of the group",
    "place": "Place",
    "group_asking": "Application or invitation",
    "group_mailing": "Letter to the members",
    "group_file": "File",
    "project_call": "Call",
    "project_challenge": "Challenge of the project",
    "project_company": "Company",
    "project_faculty": "Faculty",
    "project_file": "File",
    "project_milestone": "Milestone",
    "project_output": "Output",
    "project_seats": "Seats",
    "project_stage": "Stage",
    "project_student": "Student",
}
#: Said by the entry's own verb or of no use to a reader, unless the page names what they are.
HIDDEN = frozenset(
    {"written_at", "group_id", "document_id", "file_id", "key", "slot", "decided_by",
     "holding_id", "closed_id", "closed_ends_before", "closed_end_reason",
     "promoted_id", "promoted_ends_before", "promoted_end_reason",
     "company_id", "membership_id", "seat_id", "body_id", "occupied_before", "invoice_id",
     "proposed_on", "payment_id", "refund_id", "bank_import_id", "issued_by_id", "recorded_by_id",
     "by_name", "meeting_id", "uid", "project_id"}
)  # fmt: skip
ONE_ACT = timedelta(seconds=2)


@dataclass(frozen=True)
class Told:
    what: str
    by: str
    at: datetime
    changes: list[tuple[str, str | None, str | None]]
    url: str = ""


def told(
    lines: Sequence[Line], names: Mapping[str, Mapping[int, str]], currency: str = "USD"
) -> list[Told]:
    """Newest first; `names` says what an id in a column stands for: {"tier_id": {3: "Member"}}.

    An act and what it changed are one line; the schedule that a start writes is none. `currency`
    is the present one of sums that were changed without their own.
    """
    found: list[Told] = []
    acts: dict[tuple[str, int | None], tuple[Line, Told]] = {}
    for line, (was, is_now) in zip(lines, currencies(lines, currency), strict=True):
        if line.kind == "instalment" and line.act == "created":
            continue
        changes = [
            (_label(name), _shown(name, before, names, was), _shown(name, after, names, is_now))
            for name, (before, after) in line.changes.items()
            if name not in HIDDEN or name in names
        ]
        act = acts.get((line.kind, line.record_id))
        if act is not None and line.act in BY_ITSELF and act[0].at - line.at < ONE_ACT:
            act[1].changes.extend(one for one in changes if one not in act[1].changes)
            continue
        found.append(Told(_what(line), line.actor, line.at, changes))
        if line.act not in BY_ITSELF:
            acts[line.kind, line.record_id] = (line, found[-1])
    return found


def _what(line: Line) -> str:
    return f"{KINDS.get(line.kind, line.kind.capitalize())} {line.act}"


def names_of(session: Session, lines: Sequence[Line]) -> dict[str, dict[int, str]]:
    """What the ids in these entries stand for. Two statements."""
    people = {
        value for line in lines for value in line.changes.get("person_id", ()) if value is not None
    }
    tiers = {tier.id: tier.name for tier in memberships.all_tiers(session)}
    return {"tier_id": tiers, "person_id": council.names_of(session, people)}


def _label(name: str) -> str:
    return name.removesuffix("_id").removesuffix("_minor").replace("_", " ").capitalize()


def _shown(
    name: str, value: Any, names: Mapping[str, Mapping[int, str]], currency: str
) -> str | None:
    if value is None:
        return None
    if name in names:
        return names[name].get(value, f"#{value}")
    if name.endswith("_minor"):
        return money(Money(value, currency))
    if name.endswith(("_on", "_before")):
        return day(date.fromisoformat(value))
    if name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
