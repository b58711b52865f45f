"""Places in working groups: how many a company has, and who still sits on theirs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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
    ELSEWHERE = "works at a company"


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


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A place to be taken: its number, None for one of the university.

    `instead_of` has it still, but has left the company: their place ends as the new one begins.
    """

    slot: int | None
    instead_of: Taken | None = None


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


def is_open(day: date, *, closed_on: date | None) -> bool:
    """Whether a group is there on a day; `closed_on` is the first day without it."""
    return closed_on is None or day < closed_on


def gap(
    *,
    company_id: int | None,
    slot: int | None,
    here: bool,
    entitled: Entitlement | None,
    nth: int | None = None,
) -> Gap | None:
    """Why a place counts for nothing on a day; None when its holder sits on it.

    `here`: they work at the company on that day or, of the university, at none; `entitled`: what
    its term then gives it; `nth`: the group's rank among those the company is in, by `ranked`,
    None for a place dated ahead.
    """
    if company_id is None or slot is None:
        return None if here else Gap.ELSEWHERE
    if entitled is None:
        return Gap.LAPSED
    if not here:
        return Gap.LEFT
    if slot > entitled.places:
        return Gap.BEYOND
    is_one_too_many = entitled.groups is not None and nth is not None and nth > entitled.groups
    return Gap.BEYOND if is_one_too_many else None


def ranked(places: Iterable[Taken], day: date) -> dict[tuple[int, int], int]:
    """Company and group → the group's rank among those the company has a place in on a day.

    The first is where the company first had a place at all: another role, or a colleague who
    follows, moves no group. `place_queries` has the SQL twin.
    """
    first: dict[tuple[int, int], date] = {}
    present: set[tuple[int, int]] = set()
    for one in places:
        if one.company_id is None or one.period.starts_on > day:
            continue
        key = (one.company_id, one.body_id)
        first[key] = min(first.get(key, day), one.period.starts_on)
        if day in one.period:
            present.add(key)
    ranks: dict[tuple[int, int], int] = {}
    count: dict[int, int] = {}
    for key in sorted(present, key=lambda key: (key[0], first[key], key[1])):
        count[key[0]] = ranks[key] = count.get(key[0], 0) + 1
    return ranks


def joining(
    known: Iterable[Taken],
    *,
    body_id: int,
    person_id: int,
    company_id: int | None,
    entitled: Entitlement | None,
    days: Period,
    left: Collection[int] = (),
) -> Opening:
    """The place that somebody newly takes for the days.

    `known` are the places of the group and of the company; `left` those of its people who do not
    work there on the first of the days. Raises `AlreadyIn`, `NotEntitled`, `GroupsUsedUp` or
    `PlacesUsedUp`.
    """
    places, on = list(known), days.starts_on
    mine = [one for one in places if one.body_id == body_id and one.person_id == person_id]
    if any(one.period.overlaps(days) for one in mine):
        raise AlreadyIn("This person is in the group on that day, or will be.", field="person")
    if company_id is None:
        return Opening(slot=None)
    entitled = check_entitled(entitled, on)
    theirs = [one for one in places if one.company_id == company_id]
    others = [one for one in theirs if one.body_id != body_id]
    if entitled.groups is not None and groups_at_once(others, days) >= entitled.groups:
        raise GroupsUsedUp(
            f"The company's tier gives it {_counted(entitled.groups, 'working group')}, and it is "
            "in as many. End its places in another one first."
        )
    here = [one for one in theirs if one.body_id == body_id]
    opening = opening_for(here, days, entitled.places, left)
    if opening is None:
        raise PlacesUsedUp(
            f"The company's tier gives it {_counted(entitled.places, 'place')} in a group, and "
            "all are taken. End one of them first."
        )
    return opening


def check_entitled(entitled: Entitlement | None, on: date) -> Entitlement:
    """Raises `NotEntitled` where nothing gives the company places on a day."""
    if entitled is None or not entitled.places:
        raise NotEntitled(
            f"The company has no places in working groups on {in_words(on)}: its membership or "
            "its tier gives none.",
            field="starts_on",
        )
    return entitled


def opening_for(
    places: Iterable[Taken], days: Period, most: int, left: Collection[int]
) -> Opening | None:
    """The lowest free number, else the lowest that one of `left` has on the first of the days and
    nobody after them."""
    known = list(places)
    free = free_slot(known, days, most)
    if free is not None:
        return Opening(slot=free)
    for slot in range(1, most + 1):
        held = [one for one in known if one.slot == slot and one.period.overlaps(days)]
        if len(held) == 1 and held[0].person_id in left and _begun(held[0], days):
            return Opening(slot=slot, instead_of=held[0])
    return None


def _begun(place: Taken, days: Period) -> bool:
    return place.period.starts_on < days.starts_on


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


def closing(places: Iterable[Taken], on: date, *, today: date) -> None:
    """A group closes after the last day on which somebody has come in, and not before one on which
    somebody has left: what was had is not taken away. Raises `TooEarly`."""
    earliest = date.min
    for one in places:
        if one.period.starts_on <= today:
            earliest = max(earliest, one.period.starts_on + timedelta(days=1))
        if one.period.ends_before is not None and one.period.ends_before <= today:
            earliest = max(earliest, one.period.ends_before)
    if on < earliest:
        raise TooEarly(
            f"Somebody has come into the group or left it since: it closes on "
            f"{in_words(earliest)} at the earliest.",
            field="on",
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
