"""Who sits where on a day, and how a seat passes from one person to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.periods import Period, in_words


class BodyKind(StrEnum):
    """Who has a part in a body: companies by their tier, people by name, or companies by places."""

    COUNCIL = "council"
    COMMITTEE = "committee"
    GROUP = "working group"


ELECTED = "Elected by the associates"
"""The title of the one seat that members of a tier with a shared seat elect a holder to."""


class SeatKind(StrEnum):
    """What a company has on a body; the words are those of a tier's entitlement.

    The seat that associates elect a holder to is shared; those of a committee are its own."""

    OWN = "own"
    SHARED = "shared"
    OBSERVER = "observer"


class HoldingRole(StrEnum):
    REPRESENTATIVE = "representative"
    ALTERNATE = "alternate"


class LetterKind(StrEnum):
    """What an act on a seat has us write: to who comes, to both of a handover, to who leaves."""

    WELCOME = "welcome"
    HANDOVER = "handover"
    THANKS = "thanks"


class Vacancy(StrEnum):
    """Why no one speaks for a seat, in words for the page."""

    UNNAMED = "no one is named"
    LEFT = "the holder has left the company"


COUNCIL = "council"
"""The key under which programme.toml names the council."""
WRITTEN_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Held:
    """A person on a seat, in one role, for a time.

    `closed_id`: the holding that a handover to this person closed, if one did;
    `closed_ends_before`: when that one was to end before. `promoted_id`: the holding by which they
    were the alternate until then, if they were; `promoted_ends_before` likewise.
    """

    id: int
    person_id: int
    role: HoldingRole
    period: Period
    closed_id: int | None = None
    closed_ends_before: date | None = None
    promoted_id: int | None = None
    promoted_ends_before: date | None = None


@dataclass(frozen=True)
class Taking:
    """One act: somebody takes a role. The present holding of it ends where theirs begins, and so
    does that of the alternate they were; all or nothing."""

    opens: Period
    closes: Held | None = None
    promotes: Held | None = None


@dataclass(frozen=True)
class Return:
    """Whose holding goes on when a naming is taken back, and until when.

    `hands_to`: who was to take over from the one taken back, and now does from them.
    """

    reopens: Held
    ends_before: date | None
    hands_to: Held | None = None


class SeatTaken(RuleBroken):
    """Someone holds this role on that day already."""


class AlreadyHolds(RuleBroken):
    """The person is on this seat already."""


class NothingToHandOver(RuleBroken):
    """A vacant role is named, not handed over."""


class EndedAlready(RuleBroken):
    """What is over is not made longer."""


class TooEarly(RuleBroken):
    """A holding ends after the day it began."""


def worth_a_letter(on: date, today: date) -> bool:
    """Whether those concerned are written to about an act of a day: not about long past ones."""
    return on > today - WRITTEN_WITHIN


def held_on(day: date, holdings: Iterable[Held], role: HoldingRole) -> Held | None:
    """Who holds the role on a day, whether or not they still belong to the company."""
    return next((held for held in holdings if held.role is role and day in held.period), None)


def naming(holdings: Iterable[Held], role: HoldingRole, person_id: int, on: date) -> Taking:
    """Somebody takes a vacant role, up to a successor dated ahead; the alternate is promoted.

    Raises `SeatTaken` when the role is held on that day, `AlreadyHolds` when the person has a part
    in this seat in that time that does not give way.
    """
    known = list(holdings)
    if held_on(on, known, role) is not None:
        raise SeatTaken(
            f"This seat has its {role} on that day. Hand the seat over instead.", field="starts_on"
        )
    return _taking(known, role, person_id, on)


def handing_over(holdings: Iterable[Held], role: HoldingRole, person_id: int, on: date) -> Taking:
    """Close the holding of that day and open the successor's on the same day; the seat's own
    alternate is promoted.

    Raises `NothingToHandOver`, `AlreadyHolds`, or `TooEarly` when the present holding would be
    left without a day.
    """
    known = list(holdings)
    present = held_on(on, known, role)
    if present is None:
        raise NothingToHandOver(
            f"The seat has no {role} on that day. Name one instead.", field="starts_on"
        )
    if present.person_id == person_id:
        raise AlreadyHolds(f"This person is the {role} already.", field="person")
    if present.period.starts_on >= on:
        raise TooEarly(
            "The present holder begins on that very day. Take that naming back, or choose a later "
            "day.",
            field="starts_on",
        )
    others = [held for held in known if held is not present]
    return replace(_taking(others, role, person_id, on), closes=present)


def ending(holdings: Iterable[Held], held: Held, on: date | None, today: date) -> Period:
    """The holding with its end on a day, the first without it; None: they stay on after all.

    Until an end comes it may be moved, later too, or taken back, where by then nobody else is named
    and they have no other part. Raises `TooEarly`, `EndedAlready`, `SeatTaken`.
    """
    starts_on, ends_before = held.period.starts_on, held.period.ends_before
    if on is not None and on <= starts_on:
        raise TooEarly(
            "A holding ends after the day it began. If it was a mistake, take the naming back.",
            field="ends_before",
        )
    if on == ends_before:
        how = "ends on that day" if on else "has no end"
        raise TooEarly(f"This holding {how} already.", field="ends_before")
    if ends_before is None or (on is not None and on < ends_before):
        return Period(starts_on, on)
    if ends_before <= today:
        raise EndedAlready(
            f"This holding ended before {in_words(ends_before)}. Name them again instead.",
            field="ends_before",
        )
    more = Period(ends_before, on)
    for other in holdings:
        theirs = other.role is held.role or other.person_id == held.person_id
        if theirs and other.id != held.id and other.period.overlaps(more):
            since = in_words(other.period.starts_on)
            raise SeatTaken(
                f"The {other.role} is named from {since} on. Take that naming back first.",
                field="ends_before",
            )
    return Period(starts_on, on)


def returning(holdings: Iterable[Held], back: Held) -> Return | None:
    """Who sits on when a naming is taken back: whoever its handover closed, for as long as they
    were to before, at most up to whoever holds the role next.

    None where it closed nobody, or they stepped down earlier since. Raises `AlreadyHolds` where
    they have the other role of the seat by now.
    """
    known = [held for held in holdings if held.id != back.id]
    closed = next((held for held in known if held.id == back.closed_id), None)
    on = back.period.starts_on
    if closed is None or closed.period.ends_before != on:
        return None
    later = [held for held in known if held.role is back.role and held.period.starts_on > on]
    following = min(later, key=lambda held: held.period.starts_on, default=None)
    ends = [back.closed_ends_before, following.period.starts_on if following else None]
    ends_before = min((day for day in ends if day is not None), default=None)
    again = Period(on, ends_before)
    _refuse_another_part(known, closed.person_id, again)
    takes_over = (
        following is not None
        and following.closed_id == back.id
        and following.period.starts_on == ends_before
        and ends_before != back.closed_ends_before  # else they step down that day of their own
    )
    return Return(closed, ends_before, following if takes_over else None)


def restoring(holdings: Iterable[Held], back: Held) -> Return | None:
    """Who is the alternate again when the naming that promoted them is taken back, for as long as
    they were to before, at most up to whoever is the alternate next.

    None where it promoted nobody, where they stepped down earlier since, or where another took
    their place that very day. Raises `AlreadyHolds` where they have another part by now.
    """
    known = [held for held in holdings if held.id != back.id]
    promoted = next((held for held in known if held.id == back.promoted_id), None)
    on = back.period.starts_on
    if promoted is None or promoted.period.ends_before != on:
        return None
    starts = (held.period.starts_on for held in known if held.role is promoted.role)
    ends = [back.promoted_ends_before, min((day for day in starts if day >= on), default=None)]
    ends_before = min((day for day in ends if day is not None), default=None)
    if ends_before == on:
        return None
    _refuse_another_part(known, promoted.person_id, Period(on, ends_before))
    return Return(promoted, ends_before)


def _refuse_another_part(known: list[Held], person_id: int, again: Period) -> None:
    if any(held.person_id == person_id and held.period.overlaps(again) for held in known):
        raise AlreadyHolds(
            "Whoever would sit again has another part on this seat by now. Take that back first."
        )


def _taking(holdings: list[Held], role: HoldingRole, person_id: int, on: date) -> Taking:
    later = (h.period.starts_on for h in holdings if h.role is role and h.period.starts_on > on)
    opens = Period(on, min(later, default=None))
    promotes = None
    for held in holdings:
        if held.person_id != person_id or not held.period.overlaps(opens):
            continue
        if role is HoldingRole.ALTERNATE or held.role is role:
            raise AlreadyHolds(
                f"This person is the {held.role} of this seat in that time. Choose somebody else, "
                f"or hand over as {held.role} first.",
                field="person",
            )
        if held.period.starts_on >= on:
            raise AlreadyHolds(
                f"This person is to be the {held.role} from {in_words(held.period.starts_on)} on. "
                "Take that naming back first, or choose a later day.",
                field="person",
            )
        promotes = held
    return Taking(opens, promotes=promotes)
