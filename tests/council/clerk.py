"""A patient clerk who knows no rule of ours: a calendar for each role, with a name on each day."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.council.rules import HoldingRole

Role = tuple[int, HoldingRole]
"""A seat by its number, and what somebody is on it."""


@dataclass
class Naming:
    """Whom the clerk wrote down, from which day on; whom that cut short, and of which day: who had
    the role, and what they were themselves as alternate."""

    role: Role
    person: int
    on: int
    closed: int | None = None
    until: int = 0
    promoted: int | None = None
    alternate_until: int = 0


@dataclass
class Clerk:
    days: int
    calendar: dict[Role, list[int | None]] = field(default_factory=dict)
    namings: dict[int, Naming] = field(default_factory=dict)

    def holds(self, role: Role, on: int) -> int | None:
        """By which naming somebody has the role on a day."""
        return self._of(role)[on]

    def sits(self, role: Role, on: int) -> int | None:
        return self.sits_by(self.holds(role, on))

    def takes(self, role: Role, on: int, naming: int, person: int) -> None:
        """From a day on, over free days and those of whoever sits there then, up to the next; an
        alternate is that no longer."""
        days, new = self._of(role), Naming(role, person, on)
        before = new.closed = days[on]
        if before is not None:
            new.until = self._last(days, on)
        self.namings[naming] = new
        other = self._of((role[0], HoldingRole.ALTERNATE))
        was = other[on]
        if role[1] is HoldingRole.REPRESENTATIVE and self.sits_by(was) == person:
            new.promoted, new.alternate_until = was, self._last(other, on)
            other[on : new.alternate_until] = [None] * (new.alternate_until - on)
        for n in range(on, self.days):
            if days[n] is not None and days[n] != before:
                break
            days[n] = naming

    def leaves(self, naming: int, on: int) -> None:
        """Or leaves later than was said before."""
        known = self.namings[naming]
        days = self._of(known.role)
        for n in range(known.on, self.days):
            if n < on:
                assert days[n] in (None, naming)
                days[n] = naming
            elif days[n] == naming:
                days[n] = None

    def was_a_mistake(self, naming: int) -> None:
        """Rub it out, and write whom it cut short into the days that become free."""
        wrong = self.namings.pop(naming)
        days = self._of(wrong.role)
        days[:] = [None if there == naming else there for there in days]
        self._again(self._of((wrong.role[0], HoldingRole.ALTERNATE)), wrong)
        goes_on = wrong.closed is not None and days[wrong.on - 1] == wrong.closed
        n = wrong.on
        while goes_on and n < wrong.until and days[n] is None:
            days[n] = wrong.closed
            n += 1
        for id_, other in self.namings.items():
            if other.closed == naming:
                follows = goes_on and n < self.days and days[n] == id_ and other.on == n
                other.closed = wrong.closed if follows else None
                other.until = wrong.until
            if other.promoted == naming:
                other.promoted = None

    def sits_by(self, naming: int | None) -> int | None:
        return None if naming is None else self.namings[naming].person

    def _again(self, days: list[int | None], wrong: Naming) -> None:
        """Whom it promoted is the alternate again on the days that are free."""
        n = wrong.on
        if wrong.promoted is None or days[n - 1] != wrong.promoted:
            return
        while n < wrong.alternate_until and days[n] is None:
            days[n] = wrong.promoted
            n += 1

    def _last(self, days: list[int | None], on: int) -> int:
        """The first day on which it is not who it is on a day."""
        return next((n for n in range(on, self.days) if days[n] != days[on]), self.days)

    def _of(self, role: Role) -> list[int | None]:
        return self.calendar.setdefault(role, [None] * self.days)
