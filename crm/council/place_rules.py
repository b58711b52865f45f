"""Places in working groups: how many a company has, and who still sits on theirs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.periods import Period, in_words


class PlaceRole(StrEnum):
    """What a person is in a group. One chair at a time; co-chairs as many as it likes."""

    CHAIR = "chair"
    CO_CHAIR = "co-chair"
    MEMBER = "member"


LEADING = frozenset({PlaceRole.CHAIR, PlaceRole.CO_CHAIR})


class Gap(StrEnum):
    """Why nobody sits on a place although it has not ended, in words for the page."""

    LEFT = "has left the company"
    LAPSED = "the company is no member"
    BEYOND = "beyond the company's places"


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """What a company's tier gives it on a day. `groups` None: all of them."""

    groups: int | None
    places: int
    votes: bool = False


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A place as it stands. `company_id` and `slot` None: of the university, uncounted."""

    id: int
    body_id: int
    person_id: int
    company_id: int | None
    slot: int | None
    role: PlaceRole
    period: Period


class NotEntitled(RuleBroken):
    """The company has no places on that day."""


class GroupsUsedUp(RuleBroken):
    """The company is in as many groups as its tier gives it."""


class PlacesUsedUp(RuleBroken):
    """The company has people on all of its places in this group."""


class AlreadyIn(RuleBroken):
    """A person is in a group once at a time."""


class ChairTaken(RuleBroken):
    """A group has one chair at a time."""


class TooEarly(RuleBroken):
    """A place ends after the day it began."""


def gap(
    *, company_id: int | None, slot: int | None, here: bool, entitled: Entitlement | None
) -> Gap | None:
    """Why a place counts for nothing on a day; None when its holder sits on it.

    `here`: they work at the company on that day; `entitled`: what its term then gives it.
    """
    if company_id is None or slot is None:
        return None
    if entitled is None:
        return Gap.LAPSED
    if not here:
        return Gap.LEFT
    return Gap.BEYOND if slot > entitled.places else None


def joining(
    known: Iterable[Taken],
    *,
    body_id: int,
    person_id: int,
    company_id: int | None,
    entitled: Entitlement | None,
    on: date,
) -> int | None:
    """The number of the place that somebody newly takes from a day on; None: of the university.

    `known` are the places of the group and of the company. Raises `AlreadyIn`, `NotEntitled`,
    `GroupsUsedUp` or `PlacesUsedUp`.
    """
    places, opens = list(known), Period(on)
    mine = [one for one in places if one.body_id == body_id and one.person_id == person_id]
    if any(one.period.overlaps(opens) for one in mine):
        raise AlreadyIn("This person is in the group on that day, or will be.", field="person")
    if company_id is None:
        return None
    if entitled is None or not entitled.places:
        raise NotEntitled(
            f"The company has no places in working groups on {in_words(on)}: its membership or "
            "its tier gives none.",
            field="starts_on",
        )
    theirs = [one for one in places if one.company_id == company_id]
    others = [one for one in theirs if one.body_id != body_id]
    if entitled.groups is not None and groups_at_once(others, opens) >= entitled.groups:
        raise GroupsUsedUp(
            f"The company's tier gives it {_counted(entitled.groups, 'working group')}, and it is "
            "in as many. End its places in another one first."
        )
    slot = free_slot([one for one in theirs if one.body_id == body_id], opens, entitled.places)
    if slot is None:
        raise PlacesUsedUp(
            f"The company's tier gives it {_counted(entitled.places, 'place')} in a group, and "
            "all are taken. End one of them first."
        )
    return slot


def groups_at_once(places: Iterable[Taken], days: Period) -> int:
    """In how many groups these places are on the busiest of the days."""
    known = [one for one in places if one.period.overlaps(days)]
    starts = {max(one.period.starts_on, days.starts_on) for one in known}
    return max((len({one.body_id for one in known if day in one.period}) for day in starts),
               default=0)  # fmt: skip


def free_slot(places: Iterable[Taken], days: Period, most: int) -> int | None:
    """The lowest number from 1 to `most` that is free on all of the days."""
    taken = {one.slot for one in places if one.period.overlaps(days)}
    return next((slot for slot in range(1, most + 1) if slot not in taken), None)


def check_chair(known: Iterable[Taken], body_id: int, days: Period, *, but: int = 0) -> None:
    """Raise `ChairTaken` if the group has a chair on one of the days; place `but` aside."""
    for one in known:
        if (one.body_id, one.role) != (body_id, PlaceRole.CHAIR) or one.id == but:
            continue
        if one.period.overlaps(days):
            raise ChairTaken(
                "The group has a chair on that day, or will have. Give them another role first.",
                field="role",
            )


def ending(period: Period, on: date) -> Period:
    """The place with its end on a day, the first without it."""
    if on <= period.starts_on:
        raise TooEarly(
            "A place ends after the day it began. If it was a mistake, take it back.", field="on"
        )
    if period.ends_before is not None and on >= period.ends_before:
        raise TooEarly("This place ends on that day or before already.", field="on")
    return Period(period.starts_on, on)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
