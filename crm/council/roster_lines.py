"""The lines of a roster: a member company with the seat that speaks for it, or a titled seat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm.council.rules import SeatKind, Vacancy
from crm.council.sitters import Sitter
from crm.memberships.rules import IN_FORCE, Status

VACANT, NOT_YET = "vacant", "not named yet"


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A seat with whoever holds it on the day."""

    representative: Sitter | None
    alternate: Sitter | None

    @property
    def stands(self) -> bool:
        """Whether somebody has to speak by it on the day."""
        return True

    @property
    def speaker(self) -> Sitter | None:
        """Its representative, if they still belong to those whose seat it is."""
        return _if_here(self.representative)

    @property
    def stand_in(self) -> Sitter | None:
        return _if_here(self.alternate)

    @property
    def vacancy(self) -> Vacancy | None:
        """Why no representative speaks for a seat that stands."""
        if not self.stands:
            return None
        if self.representative is None:
            return Vacancy.UNNAMED
        return self.representative.vacancy

    @property
    def nobody(self) -> str:
        """The word for a seat by which nobody speaks, or is to when its term begins; else ""."""
        if self.speaker is not None:
            return ""
        return VACANT if self.stands else NOT_YET


def _if_here(sitter: Sitter | None) -> Sitter | None:
    return sitter if sitter is not None and sitter.here else None


@dataclass(frozen=True, kw_only=True)
class TitledLine(_Held):
    """A seat without a company, on a day: of a committee, or that which associates elect to."""

    seat_id: int
    title: str


@dataclass(frozen=True, kw_only=True)
class RosterLine(_Held):
    """A member company on a day, and the seat that speaks for it.

    `kind` and `seat_id` are None where the tier gives no seat. `shared_with`: the related company
    that carries the seat, or the title of the elected one; "" for a seat of its own. `voters`: the
    companies by whose terms the seat votes.
    """

    seat_id: int | None
    company_id: int
    company: str
    kind: SeatKind | None
    votes: bool
    voters: tuple[int, ...] = ()
    tier: str
    status: Status
    membership_id: int
    term_ends_before: date
    shared_with: str = ""
    carrier_id: int | None = None
    """The related company that carries the seat, if another does."""

    @property
    def stands(self) -> bool:
        """Before its term begins nobody has to speak for a company yet."""
        return self.kind is not None and self.status in IN_FORCE

    @property
    def speaker(self) -> Sitter | None:
        return super().speaker if self.kind is not None else None

    @property
    def stand_in(self) -> Sitter | None:
        return super().stand_in if self.kind is not None else None

    @property
    def nobody(self) -> str:
        return super().nobody if self.kind is not None else ""

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
