"""Checks of terms and seats."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Company
from crm.council.models import Body, Holding, Seat
from crm.council.roster import roster_on
from crm.council.rules import COUNCIL
from crm.kit.periods import Period, in_words
from crm.memberships import rules
from crm.memberships.models import Amendment, Extension, Membership, Tier
from crm.memberships.rules import SeatEntitlement
from crm.reports.checks.check import Check, Fault, Outcome


def overlaps(session: Session, day: date) -> Outcome:
    """Terms that were terminated before they began take no time."""
    reached = (
        func.max(Membership.occupied_before)
        .over(
            partition_by=Membership.company_id,
            order_by=(Membership.starts_on, Membership.id),
            rows=(None, -1),
        )
        .label("reached")
    )
    terms = (
        select(Membership.id, Membership.company_id, Membership.starts_on, reached)
        .where(
            Membership.withdrawn_on.is_(None),
            Membership.occupied_before > Membership.starts_on,
        )
        .subquery()
    )
    found = session.execute(
        select(terms.c.id, Company.name, terms.c.starts_on, terms.c.reached)
        .join(Company, Company.id == terms.c.company_id)
        .where(terms.c.starts_on < terms.c.reached)
        .order_by(terms.c.id)
    )
    return Outcome(
        count=_counted(session),
        of="terms",
        faults=tuple(
            Fault(
                about=("membership", id_),
                label=company,
                says=f"This term starts on {in_words(starts_on)}, an earlier one occupies the "
                f"time until {in_words(reached)}.",
            )
            for id_, company, starts_on, reached in found
        ),
    )


def ends(session: Session, day: date) -> Outcome:
    """The acts' own rules, applied again to the rows they left."""
    days = (
        select(Extension.membership_id, func.sum(Extension.days).label("days"))
        .group_by(Extension.membership_id)
        .subquery()
    )
    terms = session.execute(
        select(
            Membership.id,
            Company.name,
            Membership.starts_on,
            Membership.ends_before,
            Membership.extended_before,
            Membership.occupied_before,
            Membership.terminated_on,
            days.c.days,
        )
        .join(Company, Company.id == Membership.company_id)
        .outerjoin(days, days.c.membership_id == Membership.id)
        .order_by(Membership.id)
    ).all()
    faults = []
    for id_, company, starts_on, ends_before, extended, occupied, terminated_on, more in terms:
        term = Period(starts_on, ends_before)
        running = rules.extended(term, int(more)) if more else term
        for name, kept, told in (
            ("end with extensions", extended, running.ends_before if more else None),
            ("occupied until", occupied, rules.occupied_before(running, terminated_on)),
        ):
            if kept != told:
                says = f"“{name}” is {_day(kept)}; its acts say {_day(told)}."
                faults.append(Fault(about=("membership", id_), label=company, says=says))
    return Outcome(count=len(terms), of="terms", faults=tuple(faults))


def seats(session: Session, day: date) -> Outcome:
    """A seat needs a term whose tier, as signed or amended, gives one; who has it is derived."""
    amended, amended_tier = aliased(Amendment), aliased(Tier)
    entitled = exists().where(
        Membership.company_id == Seat.company_id,
        Membership.tier_id == Tier.id,
        or_(
            Tier.seat != SeatEntitlement.NONE,
            exists().where(
                amended.membership_id == Membership.id,
                amended.tier_id == amended_tier.id,
                amended_tier.seat != SeatEntitlement.NONE,
            ),
        ),
    )
    unearned = session.execute(
        select(Seat.id, Company.name)
        .join(Seat.company)
        .join(Seat.body)
        .where(Body.key == COUNCIL, ~entitled)
        .order_by(Seat.id)
    )
    several = session.execute(
        select(func.min(Seat.id), Company.name, func.count())
        .join(Seat.company)
        .group_by(Seat.body_id, Company.id, Company.name)
        .having(func.count() > 1)
    )
    standing = [line for line in roster_on(session, day) if line.status in rules.IN_FORCE]
    return Outcome(
        count=len(standing),
        of="seats that stand",
        faults=(
            *(
                Fault(
                    about=("seat", id_), label=company, says="No term of this company gives a seat."
                )
                for id_, company in unearned
            ),
            *(
                Fault(about=("seat", id_), label=company, says=f"{count} seats on one body.")
                for id_, company, count in several
            ),
        ),
    )


def holders(session: Session, day: date) -> Outcome:
    far = date.max
    reached = (
        func.max(func.coalesce(Holding.ends_before, far))
        .over(
            partition_by=(Holding.seat_id, Holding.role),
            order_by=(Holding.starts_on, Holding.id),
            rows=(None, -1),
        )
        .label("reached")
    )
    held = (
        select(Holding.seat_id, Holding.role, Holding.starts_on, reached)
        .where(or_(Holding.ends_before.is_(None), Holding.ends_before > Holding.starts_on))
        .subquery()
    )
    found = session.execute(
        select(
            held.c.seat_id,
            func.coalesce(Company.name, Seat.title),
            held.c.role,
            held.c.starts_on,
        )
        .join(Seat, Seat.id == held.c.seat_id)
        .outerjoin(Seat.company)
        .where(held.c.starts_on < held.c.reached)
        .order_by(held.c.seat_id)
    )
    return Outcome(
        count=session.scalar(select(func.count(Holding.id))) or 0,
        of="holdings",
        faults=tuple(
            Fault(
                about=("seat", seat_id),
                label=company,
                says=f"On {in_words(starts_on)} a second {role} begins while another holds it.",
            )
            for seat_id, company, role, starts_on in found
        ),
    )


def _counted(session: Session) -> int:
    return (
        session.scalar(select(func.count(Membership.id)).where(Membership.withdrawn_on.is_(None)))
        or 0
    )


def _day(day: date | None) -> str:
    return in_words(day) if day else "empty"


CHECKS = (
    Check(
        name="No overlap",
        proves="No two terms of a company occupy the same day.",
        look=overlaps,
    ),
    Check(
        name="Ends of terms",
        proves="Each term ends, and frees its company’s time, on the day its extensions and its "
        "termination say.",
        look=ends,
    ),
    Check(
        name="Seats",
        proves="Every company with a council seat has or had a term that gives one, and none has "
        "two.",
        look=seats,
    ),
    Check(
        name="Holders",
        proves="No seat ever has two representatives or two alternates at once.",
        look=holders,
    ),
)
