"""A patient clerk who knows no rule of ours: a calendar for each role, with a name on each day."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.council.rules import HoldingRole

Role = tuple[int, HoldingRole]
"""A seat by its number, and what somebody is on it."""


@dataclass
class Naming:
    """Whom the clerk wrote down, from which day on; whom that cut short, and of which day."""

    role: Role
    person: int
    on: int
    closed: int | None = None
    until: int = 0


@dataclass
class Clerk:
    days: int
    calendar: dict[Role, list[int | None]] = field(default_factory=dict)
    namings: dict[int, Naming] = field(default_factory=dict)

    def holds(self, role: Role, on: int) -> int | None:
        """By which naming somebody has the role on a day."""
        return self._of(role)[on]

    def sits(self, role: Role, on: int) -> int | None:
        naming = self.holds(role, on)
        return None if naming is None else self.namings[naming].person

    def takes(self, role: Role, on: int, naming: int, person: int) -> None:
        """From a day on, over free days and those of whoever sits there then, up to the next."""
        days = self._of(role)
        before = days[on]
        self.namings[naming] = Naming(role, person, on)
        if before is not None:
            until = next((n for n in range(on, self.days) if days[n] != before), self.days)
            self.namings[naming] = Naming(role, person, on, closed=before, until=until)
        for n in range(on, self.days):
            if days[n] is not None and days[n] != before:
                break
            days[n] = naming

    def leaves(self, naming: int, on: int) -> None:
        days = self._of(self.namings[naming].role)
        for n in range(on, self.days):
            if days[n] == naming:
                days[n] = None

    def was_a_mistake(self, naming: int) -> None:
        """Rub it out, and write whom it cut short into the days that become free."""
        wrong = self.namings.pop(naming)
        days = self._of(wrong.role)
        days[:] = [None if there == naming else there for there in days]
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

    def _of(self, role: Role) -> list[int | None]:
        return self.calendar.setdefault(role, [None] * self.days)
