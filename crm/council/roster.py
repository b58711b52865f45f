"""Who sits where on a day. A seat stands while its company's membership does: derived, not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal, or_, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Company, CompanyParent
from crm.council import sharing
from crm.council.models import Body, Seat
from crm.council.relations import Entitled
from crm.council.roster_lines import RosterLine, TitledLine
from crm.council.rules import COUNCIL, SeatKind
from crm.council.sharing import Kin
from crm.council.sitters import belongs_on, sitters, with_sitters
from crm.kit.days import runs_on
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import IN_FORCE, SeatEntitlement, Status

CHILD = aliased(CompanyParent)


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
    kin: dict[int, Kin] = {}
    for row in found:
        line, its = _read(row)
        # a company in grace with its next term signed: the earlier one carries
        lines.setdefault(line.company_id, line)
        kin.setdefault(line.company_id, its)
    if company_id is not None and any(its.may_share for its in kin.values()):
        whole = roster_on(session, day, everyone=everyone)
        return [line for line in whole if line.company_id == company_id]
    shared = sharing.share(session, lines, kin, day)
    if any(line.kind is SeatKind.SHARED for line in lines.values()):
        shared |= sharing.elect(lines, _elected(session, day))
    lines |= sharing.told_who_belongs(session, shared, day)
    return sorted(lines.values(), key=lambda line: (line.kind is None, line.vacancy is None))


def titled_on(session: Session, body_id: int, day: date) -> list[TitledLine]:
    """The seats of a body that have a title, with their holders. One SELECT."""
    found = session.execute(_titled(day), {"body_id": body_id})
    return [TitledLine(seat_id=row[0], title=row[1], **sitters(row)) for row in found]


def _elected(session: Session, day: date) -> TitledLine | None:
    """The seat of the council that associates elect a holder to."""
    row = session.execute(_titled(day, of_council=True)).first()
    return None if row is None else TitledLine(seat_id=row[0], title=row[1], **sitters(row))


def sharers_on(session: Session, seat: Seat, day: date) -> set[int] | None:
    """The companies whose people may sit on the seat on a day; None where anybody may."""
    if seat.company_id is None and seat.kind is SeatKind.OWN:
        return None
    found = {line.company_id for line in roster_on(session, day) if line.seat_id == seat.id}
    return found if seat.company_id is None else found | {seat.company_id}


def speakers_on(session: Session, day: date) -> dict[int, str]:
    """The name of the council's representative by company; nobody for a vacant seat."""
    return {
        line.company_id: line.speaker.name
        for line in roster_on(session, day)
        if line.speaker is not None
    }


def _read(row: Sequence[Any]) -> tuple[RosterLine, Kin]:
    seat_id, company_id, name, kind, votes, tier, word, membership, ends = row[:9]
    own_seat, grace_votes, parent_id, is_parent = row[9:13]
    status, sits = Status(word), sitters(row)
    member = status in IN_FORCE
    heard = bool(votes) and (grace_votes or status is not Status.GRACE)
    line = RosterLine(
        seat_id=None if kind == SeatEntitlement.NONE else seat_id,
        company_id=company_id,
        company=name,
        kind=None if kind == SeatEntitlement.NONE else SeatKind(kind),
        votes=heard,
        voters=(company_id,) if heard and member else (),
        tier=tier,
        status=status,
        membership_id=membership,
        term_ends_before=ends,
        representative=sits["representative"],
        alternate=sits["alternate"],
    )
    entitled = Entitled(company_id, member, bool(own_seat), votes=heard)
    if line.kind is SeatKind.OWN:
        related = parent_id is not None or is_parent
        return line, Kin(entitled, parent_id, related and not own_seat)
    return line, Kin(entitled, may_share=line.kind is SeatKind.SHARED)


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
    # read once for all lines: asked line by line, SQLite looks through all of them for each
    parents = select(CHILD.parent_id).where(runs_on(CHILD, day))
    above = and_(CompanyParent.company_id == Company.id, runs_on(CompanyParent, day))
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
            CompanyParent.parent_id,
            Company.id.in_(parents),
        )
        .select_from(Membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(CompanyParent, above)
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
def _titled(day: date, *, of_council: bool = False) -> Select[Any]:
    council = select(Body.id).where(Body.key == COUNCIL).scalar_subquery()
    found: Select[Any] = (
        select(Seat.id, Seat.title)  # type: ignore[assignment]
        .where(
            Seat.body_id == (council if of_council else bindparam("body_id")),
            Seat.company_id.is_(None),
            or_(Seat.retired_on.is_(None), Seat.retired_on > day),
        )
        .order_by(Seat.id)
    )
    return with_sitters(found, day, lambda holding: literal(True))
