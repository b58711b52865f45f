"""A seat's roles, worked out for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for

from crm.council.attendance import Came
from crm.council.models import Chair, Holding, Nomination
from crm.council.roster_lines import RosterLine, TitledLine
from crm.council.rules import HoldingRole
from crm.council.sitters import Sitter
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


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the roster: a member company, or a seat that has a title."""

    line: RosterLine | TitledLine
    seat: str
    chair: HoldingRole | None
    attended: str
    ahead: dict[HoldingRole, str]
    """What is known of a role from the day on: until when it is held, and who follows."""


def row(
    line: RosterLine | TitledLine,
    chair: Chair | None,
    came: Mapping[int, Came],
    follow: Mapping[tuple[int, HoldingRole], Holding],
) -> Row:
    """`came`: at how many meetings each seat was filled; `follow`: who comes next by seat and
    role."""
    led = None
    sits = (HoldingRole.REPRESENTATIVE, line.speaker), (HoldingRole.ALTERNATE, line.stand_in)
    for role, sitter in sits:
        if chair is not None and sitter is not None and sitter.person_id == chair.person_id:
            led = role
    if isinstance(line, TitledLine):
        return Row(line=line, seat=line.title, chair=led, attended="", ahead=_ahead(line, follow))
    count = came.get(line.seat_id) if line.seat_id is not None else None
    attended = "" if count is None else str(count)
    return Row(
        line=line,
        seat=kind_words(line),
        chair=led,
        attended=attended,
        ahead=_ahead(line, follow),
    )


def _ahead(
    line: RosterLine | TitledLine, follow: Mapping[tuple[int, HoldingRole], Holding]
) -> dict[HoldingRole, str]:
    sits = {
        HoldingRole.REPRESENTATIVE: line.representative,
        HoldingRole.ALTERNATE: line.alternate,
    }
    seat_id = line.seat_id or 0
    return {
        role: ahead(sitter.until if sitter else None, follow.get((seat_id, role)))
        for role, sitter in sits.items()
    }


def ahead(ends_before: date | None, follows: Holding | None) -> str:
    """Until when a role is held, and who follows from which day on."""
    words = []
    if ends_before is not None:
        words.append(f"until {shown(ends_before - timedelta(days=1))}")
    if follows is not None:
        words.append(f"followed by {follows.person.name} from {shown(follows.starts_on)}")
    return ", ".join(words)


def kind_words(line: RosterLine) -> str:
    if line.kind is None:
        return "no seat"
    words = KINDS[line.kind]
    if line.carrier_id is not None:
        words = f"shares the seat of {line.shared_with}"
    return f"{words}, votes" if line.votes and line.carrier_id is None else words


def proposal(nomination: Nomination, may_edit: bool) -> dict[str, Any]:
    """How a nomination is told; what may still be done about it, for who may."""
    is_open = nomination.decided_on is None
    word = "Declined" if nomination.declined_reason else "Confirmed"
    confirm = decline = ""
    if is_open and may_edit:
        confirm = url_for("council.confirm", nomination_id=nomination.id)
        decline = url_for("council.decline", nomination_id=nomination.id)
    return {
        "name": nomination.person.name,
        "person_id": nomination.person_id,
        "role": nomination.role,
        "starts_on": nomination.starts_on,
        "proposed": f"{nomination.proposed_by}, {shown(nomination.proposed_on)}",
        "note": nomination.note or "",
        "outcome": "" if is_open else f"{word} by {nomination.decided_by}",
        "decided_on": nomination.decided_on,
        "reason": nomination.declined_reason or "",
        "confirm": confirm,
        "decline": decline,
    }


def present(chain: Sequence[Holding], role: HoldingRole, day: date) -> Holding | None:
    """Who of the chain holds the role on a day."""
    return next((held for held in chain if held.role is role and day in held.period), None)


def then(holding: Holding, chain: Sequence[Holding]) -> str:
    """How the role went on in the chain after this holding."""
    ends = holding.ends_before
    if ends is None:
        return ""
    later = [held for held in chain if held.role is holding.role and held.starts_on >= ends]
    following = min(later, key=lambda held: (held.starts_on, held.id), default=None)
    if following is None:
        return "vacant"
    if following.starts_on == ends:
        return f"handed over to {following.person.name}"
    return f"vacant until {shown(following.starts_on - timedelta(days=1))}"


def ends_by(terms: int) -> str:
    """Said of the roster of a day ahead: what it takes for granted that these do not go on."""
    if not terms:
        return ""
    if terms == 1:
        return "1 term ends before this day unless it is renewed"
    return f"{terms} terms end before this day unless they are renewed"


def may_stay(holding: Holding, chain: Sequence[Holding], day: date) -> bool:
    """Whether who is to step down after a day could stay after all: no part of the seat follows."""
    ends = holding.ends_before
    return (
        ends is not None
        and ends > day
        and not any(
            (held.role is holding.role or held.person_id == holding.person_id)
            and held.starts_on >= ends
            for held in chain
        )
    )


def may_be_promoted(chain: Sequence[Holding], role: HoldingRole, day: date) -> tuple[str, ...]:
    """Said on a form by which the alternate could come to speak for the seat."""
    alternate = present(chain, HoldingRole.ALTERNATE, day)
    if role is HoldingRole.ALTERNATE or alternate is None:
        return ()
    return (f"If it is {alternate.person.name}, they are the alternate up to that day.",)


def nobody_to_choose(company: str, people: Sequence[object]) -> tuple[str, ...]:
    """Said on a form that would offer an empty list."""
    if people:
        return ()
    return (f"Nobody of {company} is on record yet: add its people on the company's page first.",)


def role_card(
    seat_id: int,
    role: HoldingRole,
    present: Holding | None,
    sitter: Sitter | None,
    successor: Holding | None,
) -> RoleCard:
    """`sitter` is the roster's word on the present holder, None where the seat does not stand."""
    vacancy = str(sitter.vacancy) if sitter and sitter.vacancy else ""
    if present is None or vacancy:
        url = url_for("council.name", seat_id=seat_id, role=role.value)
        acts = [(f"Name {role}", url, "primary")]
    else:
        over = url_for("council.hand_over", seat_id=seat_id, role=role.value)
        ends = url_for("council.end", holding_id=present.id)
        steps_down = "Step down" if present.ends_before is None else "Change the last day"
        acts = [("Hand over", over, "primary"), (steps_down, ends, "outline")]
    acts.append(("Propose", url_for("council.propose", seat_id=seat_id, role=role.value), "ghost"))
    comes = ahead(present.ends_before if present else None, successor)
    return RoleCard(
        role=role,
        name=present.person.name if present else "",
        person_id=present.person_id if present else None,
        since=f"since {shown(present.starts_on)}" if present else "",
        vacancy=vacancy,
        follows=f"{comes[0].upper()}{comes[1:]}." if comes else "",
        acts=acts,
    )
