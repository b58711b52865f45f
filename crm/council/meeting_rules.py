"""When a meeting is, who was there, and how its decisions are numbered. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


WESTMOST, EASTMOST = timedelta(hours=14), timedelta(hours=16)
"""How far clocks are behind and ahead of UTC, and more."""


LONGEST_TITLE = 200


class Answer(StrEnum):
    """What an invited person said."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class Presence(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class How(StrEnum):
    """How a company was at a meeting."""

    REPRESENTATIVE = "representative"
    ALTERNATE = "alternate"
    EXCUSED = "excused"
    ABSENT = "absent"
    UNMARKED = "not marked"
    """Nobody has said whether anyone came: it counts neither as there nor as missed."""


THERE = frozenset({How.REPRESENTATIVE, How.ALTERNATE})


class NoSuchTime(RuleBroken):
    """Clocks are put forward over this time."""


class TwiceThatDay(RuleBroken):
    """Clocks are put back over this time: it comes twice, and which is meant has to be said."""


class WrongOrder(RuleBroken):
    """A meeting ends after it starts."""


class TooLong(RuleBroken):
    """A task's title is a line."""


class NotAllMarked(RuleBroken):
    """Who is not marked when the minutes are approved stays so for good: that has to be meant."""


class NotTheLatest(RuleBroken):
    """Taking back an earlier decision would leave a gap in the numbers."""


@dataclass(frozen=True)
class WallTime:
    """What the clock on the wall shows in a zone; `second`: the later one, where it comes twice."""

    local: datetime
    zone: str
    second: bool = False

    @property
    def aware(self) -> datetime:
        return self.local.replace(tzinfo=ZoneInfo(self.zone), fold=int(self.second))

    @property
    def moment(self) -> datetime:
        """In UTC."""
        return self.aware.astimezone(UTC)

    @property
    def comes_twice(self) -> bool:
        """Whether clocks are put back over it."""
        first, later = (WallTime(self.local, self.zone, second) for second in (False, True))
        return first.moment < later.moment


def is_over(ends: WallTime, now: datetime) -> bool:
    """A meeting is past from its end on, as the clock where it takes place shows it."""
    return ends.moment <= now


def walls_around(now: datetime) -> tuple[datetime, datetime]:
    """The earliest and the latest that any clock on a wall shows at a moment: from what is told
    before the one, all is over everywhere; after the other, nothing is."""
    utc = now.astimezone(UTC).replace(tzinfo=None)
    return utc - WESTMOST, utc + EASTMOST


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The zones people choose from, by region and city."""
    named = (name for name in available_timezones() if name.split("/")[0] in REGIONS)
    return (*sorted(named), "UTC")


def wall_time(local: datetime, zone: str, second: bool | None, *, field: str) -> WallTime:
    """The time that is meant. `second`: which of two, None where nobody said.

    Raises `NoSuchTime`, or `TwiceThatDay` where it comes twice and `second` is None.
    """
    first, later = WallTime(local, zone), WallTime(local, zone, True)
    shown = f"{local:%H:%M} on {in_words(local.date())}"
    if first.moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) != local:
        raise NoSuchTime(
            f"There is no {shown} in {zone}: clocks are put forward over it. Choose another time.",
            field=field,
        )
    if first.moment == later.moment:
        return first
    if second is None:
        raise TwiceThatDay(
            f"{shown} comes twice in {zone}, for clocks are put back: first as "
            f"{first.aware:%H:%M %Z}, an hour later as {later.aware:%H:%M %Z}. Say which is meant.",
            field="twice",
        )
    return later if second else first


def in_order(starts: WallTime, ends: WallTime) -> None:
    if ends.moment <= starts.moment:
        raise WrongOrder("The meeting would end before it starts.", field="ends_at")


def next_number(taken: Collection[int]) -> int:
    """A body's decisions of one year are numbered from 1, without gap or repeat."""
    return max(taken, default=0) + 1


def check_latest(number: int, taken: Collection[int]) -> None:
    """Only the latest decision of a body's year is taken back. Raises `NotTheLatest`."""
    if number != max(taken, default=0):
        raise NotTheLatest(
            "A later decision of this year has the next number already. Put the text right instead."
        )


def moved(ids: Sequence[int], moving: int, *, up: bool) -> list[int]:
    """The order with one of them a place higher or lower; at the edge it stays."""
    order = list(ids)
    at = order.index(moving)
    to = max(at - 1, 0) if up else min(at + 1, len(order) - 1)
    order.insert(to, order.pop(at))
    return order


@dataclass(frozen=True)
class Seen:
    """One person on the list of a meeting. A guest speaks for no company, nor for a seat."""

    person_id: int | None
    company_id: int | None
    seat_id: int | None
    alternate: bool
    guest: bool
    presence: Presence | None


def of_companies(people: Iterable[Seen]) -> dict[int, How]:
    """How each invited company was at a meeting: through whoever came, the representative first.

    One excused person excuses the company. Of whom nobody is marked it is not known.
    """
    return _of((one.company_id, one) for one in people)


def of_seats(people: Iterable[Seen]) -> dict[int, How]:
    """How each seat was filled at a meeting, as `of_companies` tells it of companies."""
    return _of((one.seat_id, one) for one in people)


def _of(people: Iterable[tuple[int | None, Seen]]) -> dict[int, How]:
    found: dict[int, How] = {}
    order = list(How)
    for whose, one in people:
        if whose is not None and not one.guest:
            found[whose] = min(found.get(whose, How.UNMARKED), _how(one), key=order.index)
    return found


def _how(one: Seen) -> How:
    if one.presence is Presence.PRESENT:
        return How.ALTERNATE if one.alternate else How.REPRESENTATIVE
    return {
        Presence.EXCUSED: How.EXCUSED,
        Presence.ABSENT: How.ABSENT,
        None: How.UNMARKED,
    }[one.presence]


def on_behalf(title: str, name: str) -> str:
    """The title of a task that somebody keeps for a person without an account.

    Raises `TooLong`.
    """
    told = f"For {name}: {title}"
    if len(told) > LONGEST_TITLE:
        raise TooLong(
            f"Say it in at most {LONGEST_TITLE - len(told) + len(title)} characters: the name "
            "stands before it.",
            field="title",
        )
    return told


def check_marked(unmarked: int, *, meant: bool) -> None:
    """`meant`: whoever approves says that nobody marks the rest. Raises `NotAllMarked`."""
    if unmarked and not meant:
        raise NotAllMarked(
            f"{not_marked(unmarked)} on the list. Take the attendance first, or tick “Approve "
            "without them”: reports then say “not marked” of them for good.",
            field="without_them",
        )


def not_marked(count: int) -> str:
    return f"{count} {'person is' if count == 1 else 'people are'} not marked"


def missed(one: Seen, together: How | None) -> bool:
    """Whether this person, who is marked, missed the meeting; `together`: how their seat or
    company was there.

    Who is absent without a word has, whoever else came. Who is excused has only if nobody for
    their seat, or of their company, was there; so has an alternate, who need not come while the
    representative does.
    """
    if one.presence is Presence.PRESENT:
        return False
    if one.presence is Presence.EXCUSED or one.alternate:
        return together not in THERE
    return True


def in_a_row(meetings: Iterable[Sequence[Seen]]) -> dict[int, int]:
    """Person → how many of the latest meetings in a row they missed, of those they were invited
    to. The latest meeting comes first; who missed none is left out. A meeting at which somebody
    is not marked tells nothing of them: it is passed over."""
    count: dict[int, int] = {}
    settled: set[int] = set()
    for people in meetings:
        seats, companies = of_seats(people), of_companies(people)
        for one in people:
            if one.person_id is None or one.guest or one.person_id in settled:
                continue
            if one.presence is None:
                continue
            how = seats.get(one.seat_id or 0) or companies.get(one.company_id or 0)
            if missed(one, how):
                count[one.person_id] = count.get(one.person_id, 0) + 1
            else:
                settled.add(one.person_id)
    return count
