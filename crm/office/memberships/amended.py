"""What became of a term since it was signed, and what holds of it on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm.kit.money import Money
from crm.memberships import queries, rules
from crm.memberships.models import Amendment, Extension, Membership
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changed a signed term: on which day it was done, what, and why."""

    on: date
    what: str
    why: str


def changes_of(
    membership: Membership,
    extensions: Sequence[Extension],
    amendments: Sequence[Amendment],
    *,
    money: bool,
) -> list[Change]:
    """Extensions, amendments and interruptions, the earliest first; fees and reasons for those
    who may see money."""
    found = [
        Change(
            on=e.extended_on,
            what=f"Extended by {e.days} day{'s'[: e.days != 1]}",
            why=f"{e.reason} ({e.by_name})",
        )
        for e in extensions
    ]
    for a in amendments:
        fees = [f" at {shown_money(c.fee)} a year" for c in queries.fee_changes(membership, [a])]
        at = (fees or [", fees as they were"])[0] if money else ""
        found.append(
            Change(
                on=a.amended_on,
                what=f"Amended: from {shown(a.from_on)} on {a.tier.name}{at}",
                why=f"{a.reason} ({a.by_name})",
            )
        )
    found += [
        Change(
            on=stop.reinstated_on,
            what=f"No membership from {shown(stop.terminated_on)} to "
            f"{shown(stop.reinstated_on - timedelta(days=1))}: terminated, then reinstated",
            why=f"{stop.termination_reason} · {stop.reinstatement_reason} ({stop.by_name})",
        )
        for stop in membership.interruptions
    ]
    found.sort(key=lambda change: change.on)
    return found if money else [replace(change, why="") for change in found]


def tier_on(membership: Membership, amendments: Sequence[Amendment], day: date) -> str:
    """The name of the tier that holds on a day."""
    amended = [a.tier.name for a in amendments if a.from_on <= day]
    return amended[-1] if amended else membership.tier.name


def fee_on(
    membership: Membership, agreed: Sequence[Money], amendments: Sequence[Amendment], day: date
) -> Money:
    """The fee a year that holds on a day; before and after the term that of its first or last."""
    changes = queries.fee_changes(membership, amendments)
    return rules.running_fee(day, membership.term, agreed, changes)
