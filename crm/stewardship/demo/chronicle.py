"""What happened, in the order in which it happened, each thing at its time and by its author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush

from sqlalchemy.orm import Session

from crm.kit.actors import SYSTEM, Actor
from crm.stewardship.demo.calendar import Calendar


@dataclass(frozen=True)
class Moment:
    """What an operation is told: the day it takes for today, the time, and who acts."""

    today: date
    now: datetime
    by: Actor


@dataclass
class Chronicle:
    """Events gathered in any order and told in that of their days.

    Within a day `minutes` after nine decide, then the order of gathering.
    """

    session: Session
    calendar: Calendar
    _events: list[tuple[datetime, int, date, str | None, Callable[[Moment], None]]] = field(
        default_factory=list
    )
    _gathered: int = 0
    _actors: dict[str, Actor] = field(default_factory=dict)

    def know(self, key: str, actor: Actor) -> None:
        self._actors[key] = actor

    def actor(self, key: str) -> Actor:
        return self._actors[key]

    def add(self, day: date, minutes: int, by: str | None, do: Callable[[Moment], None]) -> None:
        at = self.calendar.moment(day, minutes)
        self._note(at, day, by, do)

    def add_at(self, at: datetime, by: str | None, do: Callable[[Moment], None]) -> None:
        day = at.astimezone(self.calendar.zone).date()
        self._note(at, day, by, do)

    def _note(self, at: datetime, day: date, by: str | None, do: Callable[[Moment], None]) -> None:
        self._gathered += 1
        heappush(self._events, (at, self._gathered, day, by, do))

    def tell(self) -> None:
        """What happens may bring more with it: that is told in its turn."""
        info = self.session.info
        before = {key: info.get(key) for key in ("actor", "moment")}
        while self._events:
            at, _, day, by, do = heappop(self._events)
            actor = SYSTEM if by is None else self._actors[by]
            info.update(actor=actor, moment=at)
            do(Moment(today=day, now=at, by=actor))
        for key, value in before.items():
            if value is None:
                info.pop(key, None)
            else:
                info[key] = value
