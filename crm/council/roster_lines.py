"""The lines of a roster: a member company with the seat that speaks for it, or a titled seat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm.council.rules import SeatKind, Vacancy
from crm.council.sitters import Sitter
from crm.memberships.rules import Status


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A seat with whoever holds it on the day."""

    representative: Sitter | None
    alternate: Sitter | None

    @property
    def vacancy(self) -> Vacancy | None:
        """Why no representative speaks for the seat."""
        if self.representative is None:
            return Vacancy.UNNAMED
        return self.representative.vacancy


@dataclass(frozen=True, kw_only=True)
class TitledLine(_Held):
    """A seat without a company, on a day: of a committee, or that which associates elect to."""

    seat_id: int
    title: str


@dataclass(frozen=True, kw_only=True)
class RosterLine(_Held):
    """A member company on a day, and the seat that speaks for it.

    `kind` and `seat_id` are None where the tier gives no seat. `shared_with`: the related company
    that carries the seat, or the title of the elected one; "" for a seat of its own.
    """

    seat_id: int | None
    company_id: int
    company: str
    kind: SeatKind | None
    votes: bool
    tier: str
    status: Status
    membership_id: int
    term_ends_before: date
    shared_with: str = ""
    carrier_id: int | None = None
    """The related company that carries the seat, if another does."""

    @property
    def vacancy(self) -> Vacancy | None:
        """Before its term begins nobody has to speak for a company yet."""
        if self.kind is None or self.status is Status.UPCOMING:
            return None
        return super().vacancy

    @property
    def seat_name(self) -> str:
        return self.shared_with or self.company


def seats_of(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """A line for each seat: those who share one have it once, by the company that carries it."""
    seats: dict[int, RosterLine] = {}
    for line in lines:
        if line.seat_id is not None and (line.seat_id not in seats or not line.shared_with):
            seats[line.seat_id] = line
    return list(seats.values())
