"""What a ballot is, who votes in it, when it is open and who sees its results. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from crm.council.meeting_rules import NoSuchTime, TwiceThatDay, wall_time
from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words


class BallotKind(StrEnum):
    YES_NO = "yes or no"
    CHOOSE = "choose one"
    RANK = "rank proposals"


class CountMethod(StrEnum):
    """How votes become a result; kept with the ballot."""

    YES_NO = "yes against no"
    PLURALITY = "most votes"
    BORDA = "Borda points"
    PAIRWISE = "pairwise, else Borda points"


class Threshold(StrEnum):
    """What an option needs to be carried; a ranking has its method instead."""

    MOST = "the most votes"
    MAJORITY = "more than half of the votes cast"
    TWO_THIRDS = "two thirds of the votes cast"
    OF_ALL = "more than half of all electors"


class QuorumOf(StrEnum):
    ELECTORS = "electors"
    WEIGHT = "weight"


class ResultsShown(StrEnum):
    """To everyone in the body as votes come in, or after the close; or to the office alone."""

    LIVE = "as votes come in"
    CLOSED = "after the close"
    OFFICE = "to the office only"


class LetterKind(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"
    RESULT = "result"


class BallotStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Way(StrEnum):
    LINK = "personal link"
    SIGNED_IN = "signed in"


METHODS = {
    BallotKind.YES_NO: (CountMethod.YES_NO,),
    BallotKind.CHOOSE: (CountMethod.PLURALITY,),
    BallotKind.RANK: (CountMethod.PAIRWISE, CountMethod.BORDA),
}
THRESHOLDS = {
    BallotKind.YES_NO: (Threshold.MAJORITY, Threshold.TWO_THIRDS, Threshold.OF_ALL),
    BallotKind.CHOOSE: tuple(Threshold),
    BallotKind.RANK: (Threshold.MOST,),
}
YES_AND_NO = ("Yes", "No")
MOST_OPTIONS = 20


class BadBallot(RuleBroken):
    """A ballot that could not be counted as it is written down."""


class BadChoice(RuleBroken):
    """A vote that says too little, or too much."""


class NobodyReached(RuleBroken):
    """A ballot in which nobody could cast a vote."""


class Standing(Protocol):
    """One with a part in a body: a company's speaker, or a person for themselves."""

    @property
    def person_id(self) -> int: ...
    @property
    def company_id(self) -> int | None: ...
    @property
    def votes(self) -> bool: ...


S = TypeVar("S", bound=Standing)


@dataclass(frozen=True)
class Choice:
    """What somebody votes: options, the best first; nothing at all is to abstain."""

    ranking: tuple[int, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()
    """On options, whatever their place."""

    @property
    def abstains(self) -> bool:
        return not self.ranking


def status_at(
    now: datetime,
    *,
    opened_at: datetime | None,
    closes_at: datetime,
    withdrawn_at: datetime | None,
) -> BallotStatus:
    """No job closes a ballot: at its closing moment it is closed."""
    if withdrawn_at is not None:
        return BallotStatus.WITHDRAWN
    if opened_at is None:
        return BallotStatus.DRAFT
    return BallotStatus.OPEN if now < closes_at else BallotStatus.CLOSED


def electorate(parts: Iterable[S]) -> list[S]:
    """Who votes: of each company the first that may, so its representative before its alternate;
    of those who stand for themselves everybody once."""
    found: dict[tuple[str, int], S] = {}
    for part in parts:
        if part.votes:
            company = part.company_id
            key = ("person", part.person_id) if company is None else ("company", company)
            found.setdefault(key, part)
    return list(found.values())


def check_reached(body: str, reached: Iterable[bool]) -> None:
    """Each elector votes by the link of a letter, or signed in: with an address, or an account.

    Raises `NobodyReached` if none of them has either.
    """
    if not any(reached):
        raise NobodyReached(
            f"Nobody who has a vote in {body} can cast it: none has an e-mail address here, nor an "
            "account of their own. Enter their addresses first."
        )


def weight_of(tier: str | None, weights: Mapping[str, int]) -> int:
    """As the programme says by tier; one vote where it says nothing."""
    return weights.get(tier or "", 1)


def closing(day: date, at: time, zone: str) -> datetime:
    """The moment that a clock in the zone shows so. Raises `BadBallot` if none or two do."""
    if zone not in available_timezones():
        raise BadBallot("We know no such time zone; write it like America/New_York.", field="zone")
    try:
        return wall_time(datetime.combine(day, at), zone, None, field="closes_time").moment
    except NoSuchTime:
        said = "Clocks are put forward then: that time does not exist. Choose another."
    except TwiceThatDay:
        said = "Clocks are put back then: that time comes twice. Choose another."
    raise BadBallot(said, field="closes_time")


def told(moment: datetime, zone: str) -> str:
    """`June 15, 2026, 14:30 EDT`: as a clock in the zone shows it."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{in_words(local.date())}, {local:%H:%M %Z}"


def check_terms(
    kind: BallotKind, method: CountMethod, threshold: Threshold, options: Sequence[str]
) -> None:
    """Raises `BadBallot` for what does not go together."""
    if method not in METHODS[kind]:
        raise BadBallot(f"“{kind.capitalize()}” is not counted like that.", field="method")
    if threshold not in THRESHOLDS[kind]:
        raise BadBallot(f"“{kind.capitalize()}” has no such threshold.", field="threshold")
    if kind is not BallotKind.YES_NO and not 2 <= len(options) <= MOST_OPTIONS:
        raise BadBallot(f"Write down 2 to {MOST_OPTIONS} options, one a line.", field="options")
    if len({option.casefold() for option in options}) < len(options):
        raise BadBallot("Two options are called the same.", field="options")


def check_choice(kind: BallotKind, options: Collection[int], choice: Choice) -> None:
    """Raises `BadChoice` for a vote that this ballot does not take."""
    chosen = choice.ranking
    if not set(chosen) <= set(options):
        raise BadChoice("This is none of the options.")
    if choice.abstains:
        return
    if kind is BallotKind.RANK:
        if sorted(chosen) != sorted(options):
            raise BadChoice("Give each proposal a place, and each place to one proposal.")
    elif len(chosen) != 1:
        raise BadChoice("Choose one option, or abstain.")


def may_see(shown: ResultsShown, status: BallotStatus, *, office: bool) -> bool:
    """Whether somebody sees the sums. Before the close nobody does, unless all do."""
    if status in (BallotStatus.DRAFT, BallotStatus.WITHDRAWN):
        return False
    if shown is ResultsShown.LIVE:
        return True
    return status is BallotStatus.CLOSED and (office or shown is ResultsShown.CLOSED)
