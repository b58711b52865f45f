"""A seat's roles, worked out for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from crm.council.models import Holding
from crm.council.queries import RosterLine, Sitter
from crm.council.rules import HoldingRole
from crm.web.filters import day as shown

KINDS = {"own": "own seat", "shared": "shared elected seat", "observer": "observer"}


@dataclass(frozen=True, kw_only=True)
class RoleCard:
    """Who holds a role now, who follows, and what can be done about it."""

    role: HoldingRole
    name: str
    person_id: int | None
    since: str
    vacancy: str
    follows: str
    acts: list[tuple[str, str, str]]


def kind_words(line: RosterLine) -> str:
    return f"{KINDS[line.kind]}, votes" if line.votes else KINDS[line.kind]


def present(chain: Sequence[Holding], role: HoldingRole, day: date) -> Holding | None:
    """Who of the chain holds the role on a day."""
    return next((held for held in chain if held.role is role and _covers(held, day)), None)


def nobody_to_choose(company: str, people: Sequence[object]) -> tuple[str, ...]:
    """Said on a form that would offer an empty list."""
    if people:
        return ()
    return (f"Nobody of {company} is on record yet: add its people on the company's page first.",)


def _covers(holding: Holding, day: date) -> bool:
    ends = holding.ends_before
    return holding.starts_on <= day and (ends is None or day < ends)


def role_card(
    seat_id: int,
    role: HoldingRole,
    present: Holding | None,
    sitter: Sitter | None,
    successor: Holding | None,
) -> RoleCard:
    """`sitter` is the roster's word on the present holder, None where the seat does not stand."""
    if present is None:
        url = url_for("council.name", seat_id=seat_id, role=role.value)
        acts = [(f"Name {role}", url, "primary")]
    else:
        over = url_for("council.hand_over", seat_id=seat_id, role=role.value)
        ends = url_for("council.end", holding_id=present.id)
        acts = [("Hand over", over, "primary"), ("Step down", ends, "outline")]
    follows = ""
    if successor is not None:
        follows = f"{successor.person.name} follows on {shown(successor.starts_on)}."
    return RoleCard(
        role=role,
        name=present.person.name if present else "",
        person_id=present.person_id if present else None,
        since=f"since {shown(present.starts_on)}" if present else "",
        vacancy=str(sitter.vacancy) if sitter and sitter.vacancy else "",
        follows=follows,
        acts=acts,
    )
