"""What a project is, how far it is, who may pay for it and who takes part. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words


class ProjectKind(StrEnum):
    SEED_RESEARCH = "seed research project"
    FELLOWSHIP = "fellowship"
    TRAINING = "training programme"
    STUDENT = "student project"
    INTERNSHIP = "internship"
    RECRUITING = "recruiting event"
    COURSE = "course"


WITH_SEATS = frozenset({ProjectKind.TRAINING, ProjectKind.COURSE, ProjectKind.RECRUITING})
"""Companies send people to these, and there is room for so many."""


class Stage(StrEnum):
    PROPOSED = "proposed"
    SELECTED = "selected"
    NOT_SELECTED = "not selected"
    RUNNING = "running"
    FINISHED = "finished"
    DROPPED = "dropped"


OVER = frozenset({Stage.NOT_SELECTED, Stage.FINISHED, Stage.DROPPED})
"""Nothing more is due of these."""
CHOSEN = frozenset({Stage.SELECTED, Stage.RUNNING, Stage.FINISHED})
"""These take place, or took place."""
FOLLOWS = {
    Stage.PROPOSED: frozenset({Stage.SELECTED, Stage.NOT_SELECTED, Stage.DROPPED}),
    Stage.SELECTED: frozenset({Stage.RUNNING, Stage.DROPPED}),
    Stage.NOT_SELECTED: frozenset({Stage.SELECTED}),
    Stage.RUNNING: frozenset({Stage.FINISHED, Stage.DROPPED}),
    Stage.FINISHED: frozenset({Stage.RUNNING}),
    Stage.DROPPED: frozenset({Stage.PROPOSED}),
}
"""What may follow a stage. Nothing runs that was not selected; what is over is taken up again
only there where it stopped, or put forward anew."""


class CallStatus(StrEnum):
    AHEAD = "ahead"
    OPEN = "open"
    CLOSED = "closed"


class Source(StrEnum):
    """Who pays: three ledgers that are never added up (product.md, rule 6)."""

    DUES_POOL = "dues pool"
    SPONSORED = "sponsored"
    GIFT = "gift"


class FacultyRole(StrEnum):
    LEAD = "lead"
    MEMBER = "member"


class CompanyRole(StrEnum):
    HOST = "host"
    SPONSOR = "sponsor"
    MENTOR = "mentor"
    PARTICIPANT = "participant"


OWNING = frozenset({CompanyRole.HOST, CompanyRole.SPONSOR})
"""Whose project it would be, if nobody else were one of these."""


class Readers(StrEnum):
    """Who may read what came of a project."""

    OFFICE = "office"
    MEMBERS = "members"
    PUBLIC = "public"


OUTSIDE_THE_OFFICE = frozenset({Readers.MEMBERS, Readers.PUBLIC})
"""What faculty read of a project that is not theirs, as members do."""


class OneCompanysOwn(RuleBroken):
    """Dues are everybody's: they pay for no project that is one company's own."""


class NoSuchStep(RuleBroken):
    """A stage that does not follow the one before."""


class TooEarly(RuleBroken):
    """Nothing is selected while others may still propose."""


class NoSeatsLeft(RuleBroken):
    """No more seats are taken than are offered."""


_INITIALS = re.compile(r"[^\W\d_]\.?(?:[ -]?[^\W\d_]\.?){0,3}")


def call_status_on(day: date, *, opens_on: date, closes_on: date) -> CallStatus:
    """Proposals are taken from the one day to the other, both included."""
    if day < opens_on:
        return CallStatus.AHEAD
    return CallStatus.OPEN if day <= closes_on else CallStatus.CLOSED


def check_step(before: Stage, after: Stage, *, reason: str | None) -> None:
    """Raises `NoSuchStep`, or `RuleBroken` where a reason is needed."""
    if after not in FOLLOWS[before]:
        possible = " or ".join(stage.value for stage in Stage if stage in FOLLOWS[before])
        raise NoSuchStep(
            f"It is {before}: what can follow is {possible}, not {after}.", field="stage"
        )
    if reason is None and needs_reason(before, after):
        raise RuleBroken("Say why, for whoever reads this later.", field="reason")


def needs_reason(before: Stage, after: Stage) -> bool:
    """A selection by hand, a refusal, an end before the end, and taking up what was over."""
    return after in (Stage.SELECTED, Stage.NOT_SELECTED, Stage.DROPPED) or before in OVER


def check_deadline(on: date, *, closes_on: date) -> None:
    """Whether a proposal to a call with this deadline may be selected on a day. Raises `TooEarly`.

    The deadline is a promise to whoever still means to propose: up to it nothing is selected, by
    hand or by ballot, with however good a reason. Who cannot wait moves the deadline, which all
    read on the call. What is refused, or withdrawn, may be so at once: it takes nobody's place.
    """
    if on <= closes_on:
        raise TooEarly(
            f"Its call takes proposals until {in_words(closes_on)}: select it on a later day, or "
            "move the deadline first.",
            field="on",
        )


def is_one_companys_own(source: Source | None, ties: Iterable[tuple[int, CompanyRole]]) -> bool:
    """Whether a project that dues pay for has one company alone as its host or sponsor.

    `ties`: (company, role). A company that mentors or takes part among others does not own it.
    """
    owners = {company for company, role in ties if role in OWNING}
    return source is Source.DUES_POOL and len(owners) == 1


def check_owners(
    source: Source | None, ties: Iterable[tuple[int, CompanyRole]], *, field: str
) -> None:
    """Raises `OneCompanysOwn`."""
    if is_one_companys_own(source, ties):
        raise OneCompanysOwn(
            "It is paid from the dues pool, and dues are what all members pay: with one company "
            "alone as its host or sponsor it would be that company’s own project. Name a second "
            "host or sponsor in the same step, or have it sponsored by that company.",
            field=field,
        )


def check_offer(kind: ProjectKind, *, offered: int | None, taken: int) -> None:
    """Raises `NoSeatsLeft` for less than is taken, or `RuleBroken` for seats of what has none."""
    if offered is not None and kind not in WITH_SEATS:
        raise RuleBroken(f"A {kind} has no seats to offer.", field="seats_offered")
    if offered is not None and offered < 1:
        raise RuleBroken("Offer one seat or more, or leave it empty.", field="seats_offered")
    if taken > (offered or 0):
        raise NoSeatsLeft(
            f"{_seats(taken)} taken already: give some back before you offer fewer.",
            field="seats_offered",
        )


def check_taking(seats: int, *, offered: int | None, others: int) -> None:
    """Whether a company may have so many, beside those of the others. Raises `NoSeatsLeft`."""
    left = (offered or 0) - others
    if seats < 0:
        raise RuleBroken("Write how many seats it has; 0 gives them back.", field="seats")
    if seats > left:
        raise NoSeatsLeft(
            "No seat is left." if left < 1 else f"Only {_seats(left)} left.", field="seats"
        )


def _seats(number: int) -> str:
    return "1 seat is" if number == 1 else f"{number} seats are"


def is_overdue(day: date, *, due_on: date, done_on: date | None, stage: Stage) -> bool:
    """A milestone, from the day after its due day, until it is done or the project over."""
    return done_on is None and due_on < day and stage not in OVER


def are_initials(text: str) -> bool:
    """`A. B.`, `AB` or `J.-P. K.`: one to four capitals. A name is more, and needs consent: also
    one in a script without capitals, of which a few letters may be all of it."""
    letters = [letter for letter in text if letter.isalpha()]
    return all(map(str.isupper, letters)) and _INITIALS.fullmatch(text) is not None


def readable(*, office: bool, in_it: bool) -> frozenset[Readers]:
    """Which outputs of a project somebody signed in reads; `in_it`: they are or were of it."""
    return frozenset(Readers) if office or in_it else OUTSIDE_THE_OFFICE


def is_https(link: str) -> bool:
    return link.startswith("https://")
