"""Who sits where on a day. A seat stands while its company's membership does: derived, not kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Company
from crm.council.models import Body, Seat
from crm.council.relations import Entitled, carriers
from crm.council.rules import SeatKind, Vacancy
from crm.council.sitters import EMPLOYMENT, Sitter, belongs_on, employed_on, sitters, with_sitters
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import IN_FORCE, SeatEntitlement, Status

COUNCIL = "council"
"""The key under which programme.toml names the council."""
CHILD, ABOVE = aliased(Company), aliased(Company)


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
    def speaks_by(self) -> int:
        """The company by which what the seat does is counted."""
        if self.carrier_id is not None:
            return self.carrier_id
        sitter = self.representative or self.alternate
        return (sitter.company_id if sitter else None) or self.company_id

    @property
    def vacancy(self) -> Vacancy | None:
        return None if self.kind is None else super().vacancy

    @property
    def seat_name(self) -> str:
        return self.shared_with or self.company


@dataclass(frozen=True)
class _Kin:
    """What decides whose seat a company has."""

    entitled: Entitled
    parent_id: int | None = None
    may_share: bool = False
    """Its seat may be others', too: to tell, their lines have to be read."""


def roster_on(
    session: Session, day: date, *, company_id: int | None = None, everyone: bool = False
) -> list[RosterLine]:
    """A line for each company that has a seat on a day, or will by a signed term; vacant first.

    What a seat is follows from the tier of the term that carries it on that day. `everyone`: with
    the members whose tier gives no seat, at the end. One SELECT; another each where companies are
    related, where associates share the elected seat, and where a seat is shared at all.
    """
    if company_id is None:
        found = session.execute(_roster(day, everyone))
    else:
        found = session.execute(_roster_of_one(day, everyone), {"company_id": company_id})
    lines: dict[int, RosterLine] = {}
    kin: dict[int, _Kin] = {}
    for row in found:
        line, its = _read(row)
        # a company in grace with its next term signed: the earlier one carries
        lines.setdefault(line.company_id, line)
        kin.setdefault(line.company_id, its)
    if company_id is not None and any(its.may_share for its in kin.values()):
        whole = roster_on(session, day, everyone=everyone)
        return [line for line in whole if line.company_id == company_id]
    shared = _share(session, lines, kin) | _elect(session, lines, day)
    lines |= _told_who_belongs(session, shared, day)
    return sorted(lines.values(), key=lambda line: (line.kind is None, line.vacancy is None))


def titled_on(session: Session, body_id: int, day: date) -> list[TitledLine]:
    """The seats of a body that have a title, with their holders. One SELECT."""
    found = session.execute(_titled(day), {"body_id": body_id})
    return [TitledLine(seat_id=row[0], title=row[1], **sitters(row)) for row in found]


def sharers_on(session: Session, seat: Seat, day: date) -> set[int] | None:
    """The companies whose people may sit on the seat on a day; None where anybody may."""
    if seat.company_id is None and seat.kind is SeatKind.OWN:
        return None
    found = {line.company_id for line in roster_on(session, day) if line.seat_id == seat.id}
    return found if seat.company_id is None else found | {seat.company_id}


def speakers_on(session: Session, day: date) -> dict[int, str]:
    """The name of the council's representative by company; nobody for a vacant seat."""
    return {
        line.company_id: line.representative.name
        for line in roster_on(session, day)
        if line.representative is not None and line.vacancy is None
    }


def seats_of(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """A line for each seat: those who share one have it once, by the company that carries it."""
    seats: dict[int, RosterLine] = {}
    for line in lines:
        if line.seat_id is not None and (line.seat_id not in seats or not line.shared_with):
            seats[line.seat_id] = line
    return list(seats.values())


def _read(row: Sequence[Any]) -> tuple[RosterLine, _Kin]:
    seat_id, company_id, name, kind, votes, tier, word, membership, ends = row[:9]
    own_seat, grace_votes, parent_id, is_parent = row[9:13]
    status, sits = Status(word), sitters(row)
    line = RosterLine(
        seat_id=None if kind == SeatEntitlement.NONE else seat_id,
        company_id=company_id,
        company=name,
        kind=None if kind == SeatEntitlement.NONE else SeatKind(kind),
        votes=votes and (grace_votes or status is not Status.GRACE),
        tier=tier,
        status=status,
        membership_id=membership,
        term_ends_before=ends,
        representative=sits["representative"],
        alternate=sits["alternate"],
    )
    entitled = Entitled(company_id, status in IN_FORCE, bool(own_seat))
    if line.kind is SeatKind.OWN:
        related = parent_id is not None or is_parent
        return line, _Kin(entitled, parent_id, related and not own_seat)
    return line, _Kin(entitled, may_share=line.kind is SeatKind.SHARED)


def _share(
    session: Session, lines: dict[int, RosterLine], kin: dict[int, _Kin]
) -> dict[int, RosterLine]:
    """The lines of companies that are in one family, each with the seat that it has."""
    children = {its.entitled.company_id for its in kin.values() if its.parent_id is not None}
    if not children:
        return {}
    own = [kin[id_].entitled for id_, line in lines.items() if line.kind is SeatKind.OWN]
    found = {}
    for company_id, carrier_id in carriers(own, _parents(session, children)).items():
        carrier = lines[carrier_id]
        if carrier_id != company_id:
            found[company_id] = replace(
                lines[company_id],
                seat_id=carrier.seat_id,
                shared_with=carrier.company,
                carrier_id=carrier_id,
                representative=carrier.representative,
                alternate=carrier.alternate,
            )
            found[carrier_id] = carrier
    return found


def _elect(session: Session, lines: dict[int, RosterLine], day: date) -> dict[int, RosterLine]:
    """The lines of those who share the seat that they elect a holder to."""
    associates = [line for line in lines.values() if line.kind is SeatKind.SHARED]
    if not associates:
        return {}
    council = select(Body.id).where(Body.key == COUNCIL).scalar_subquery()
    row = session.execute(_titled_everywhere(day).where(Seat.body_id == council).limit(1)).first()
    held: dict[str, Any] = {"representative": None, "alternate": None}
    seat_id, title = None, ""
    if row is not None:
        seat_id, title, held = row[0], row[1], sitters(row)
    return {
        line.company_id: replace(line, seat_id=seat_id, shared_with=title, **held)
        for line in associates
    }


def _told_who_belongs(
    session: Session, shared: dict[int, RosterLine], day: date
) -> dict[int, RosterLine]:
    """Who sits on a seat that several share belongs to one of them."""
    sharing: dict[int | None, set[int]] = defaultdict(set)
    for line in shared.values():
        sharing[line.seat_id].add(line.company_id)
    people = {
        sitter.person_id
        for line in shared.values()
        for sitter in (line.representative, line.alternate)
        if sitter is not None
    }
    at = _companies_of(session, people, day)

    def told(line: RosterLine, sitter: Sitter | None) -> Sitter | None:
        if sitter is None:
            return None
        companies = at[sitter.person_id] & sharing[line.seat_id]
        from_ = min(companies, default=None) if line.kind is SeatKind.SHARED else None
        return replace(sitter, here=bool(companies), company_id=from_)

    return {
        company_id: replace(
            line,
            representative=told(line, line.representative),
            alternate=told(line, line.alternate),
        )
        for company_id, line in shared.items()
    }


def _companies_of(session: Session, people: Collection[int], day: date) -> dict[int, set[int]]:
    at: dict[int, set[int]] = defaultdict(set)
    found = select(EMPLOYMENT.person_id, EMPLOYMENT.company_id).where(
        EMPLOYMENT.person_id.in_(people), employed_on(day)
    )
    for person_id, company_id in session.execute(found) if people else ():
        at[person_id].add(company_id)
    return at


def _parents(session: Session, companies: Collection[int]) -> dict[int, int]:
    """From these companies and all above them to the parent of each. One SELECT."""
    up = (
        select(Company.id, Company.parent_id)
        .where(Company.id.in_(companies), Company.parent_id.is_not(None))
        .cte(recursive=True)
    )
    up = up.union(  # and not `union_all`: a circle of parents ends here
        select(ABOVE.id, ABOVE.parent_id).join(up, ABOVE.id == up.c.parent_id)
    )
    found = select(up.c.id, up.c.parent_id).where(up.c.parent_id.is_not(None))
    return {row.id: row.parent_id for row in session.execute(found)}


@lru_cache(maxsize=64)
def _roster(day: date, everyone: bool) -> Select[Any]:
    carried = or_(
        memberships.in_force_on(day),
        and_(
            memberships.executed_by(day),
            Membership.starts_on > day,
            ~memberships.terminated_by(day),
        ),
    )
    council = select(Body.id).where(Body.key == COUNCIL).scalar_subquery()
    seated = or_(Seat.id.is_not(None), Tier.seat == SeatEntitlement.SHARED)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Seat.id,
            Company.id,
            Company.name,
            Tier.seat,
            Tier.votes,
            Tier.name,
            memberships.status_on(day),
            Membership.id,
            memberships.RUNS_BEFORE,
            Membership.own_seat,
            Membership.grace_votes,
            Company.parent_id,
            exists().where(CHILD.parent_id == Company.id),
        )
        .select_from(Membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(Seat, and_(Seat.company_id == Membership.company_id, Seat.body_id == council))
        .where(
            carried,
            or_(seated, Tier.seat == SeatEntitlement.NONE)
            if everyone
            else and_(seated, Tier.seat != SeatEntitlement.NONE),
        )
        .order_by(Company.name_key, Company.id, Membership.starts_on)
    )
    return with_sitters(
        found, day, lambda holding: belongs_on(day, holding.person_id, Seat.company_id)
    )


@lru_cache(maxsize=64)
def _roster_of_one(day: date, everyone: bool) -> Select[Any]:
    return _roster(day, everyone).where(Membership.company_id == bindparam("company_id"))


@lru_cache(maxsize=64)
def _titled_everywhere(day: date) -> Select[Any]:
    found: Select[Any] = (
        select(Seat.id, Seat.title)  # type: ignore[assignment]
        .where(
            Seat.company_id.is_(None),
            or_(Seat.retired_on.is_(None), Seat.retired_on > day),
        )
        .order_by(Seat.id)
    )
    return with_sitters(found, day, lambda holding: literal(True))


@lru_cache(maxsize=64)
def _titled(day: date) -> Select[Any]:
    return _titled_everywhere(day).where(Seat.body_id == bindparam("body_id"))
