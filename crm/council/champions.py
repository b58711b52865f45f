"""The champions at risk: seats about which somebody should do something, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Affiliation
from crm.council import at_risk, attendance
from crm.council.at_risk import Risk
from crm.council.models import Holding
from crm.council.roster_lines import RosterLine, seats_of
from crm.council.rules import HoldingRole
from crm.kit.periods import Period
from crm.mail.models import OutgoingMail
from crm.memberships import since
from crm.memberships.models import Membership
from crm.memberships.rules import IN_FORCE
from crm.people.models import PersonAddress

LATER = aliased(OutgoingMail)


@dataclass(frozen=True, kw_only=True)
class AtRisk:
    """A seat that stands, who holds it ("" for nobody), and why it is listed."""

    seat_id: int
    company_id: int
    seat: str
    person: str
    reasons: tuple[Risk, ...]
    vacant_since: date | None


def at_risk_on(session: Session, roster: Sequence[RosterLine], day: date) -> list[AtRisk]:
    """Of the seats of a roster of that day, each once. A fixed number of statements."""
    seats = [line for line in seats_of(roster) if line.status in IN_FORCE]
    people = {line.representative.person_id for line in seats if line.representative}
    bounced = _bounced(session, people)
    missed = attendance.missed_in_a_row(session, day)
    vacant = _vacant_since(session, [line for line in seats if line.vacancy], roster, day)
    found = []
    for line in seats:
        sitter = line.representative
        reasons = at_risk.risks(
            day,
            left=sitter is not None and not sitter.here,
            bounced=sitter is not None and sitter.person_id in bounced,
            missed=missed.get(sitter.person_id, 0) if sitter is not None else 0,
            vacant_since=vacant.get(line.seat_id or 0),
        )
        if reasons:
            found.append(
                AtRisk(
                    seat_id=line.seat_id or 0,
                    company_id=line.company_id,
                    seat=line.seat_name,
                    person=sitter.name if sitter is not None else "",
                    reasons=reasons,
                    vacant_since=vacant.get(line.seat_id or 0),
                )
            )
    return found


def _bounced(session: Session, people: Collection[int]) -> set[int]:
    """Those whose last letter to the address they now have could not be delivered."""
    found = (
        select(PersonAddress.person_id)
        .join(OutgoingMail, func.lower(OutgoingMail.to) == PersonAddress.email_key)
        .where(
            PersonAddress.person_id.in_(people),
            PersonAddress.is_primary,
            OutgoingMail.sent_at.is_(None),
            OutgoingMail.failed_at.is_not(None),
            ~exists().where(LATER.to == OutgoingMail.to, LATER.sent_at > OutgoingMail.failed_at),
        )
    )
    return set(session.scalars(found)) if people else set()


def _vacant_since(
    session: Session, vacant: Sequence[RosterLine], roster: Sequence[RosterLine], day: date
) -> dict[int, date]:
    """Since when nobody speaks for each of the vacant seats, by seat. Three statements."""
    if not vacant:
        return {}
    sharing: dict[int, set[int]] = defaultdict(set)
    for line in roster:
        sharing[line.seat_id or 0].add(line.company_id)
    terms = select(Membership.id, since.member_since(day).label("since")).where(
        Membership.id.in_([line.membership_id for line in vacant])
    )
    stands = {row.id: row.since for row in session.execute(terms)}
    held = session.scalars(
        select(Holding).where(
            Holding.seat_id.in_([line.seat_id for line in vacant]),
            Holding.role == HoldingRole.REPRESENTATIVE,
        )
    ).all()
    employed: dict[int, list[Affiliation]] = defaultdict(list)
    works = select(Affiliation).where(Affiliation.person_id.in_({one.person_id for one in held}))
    for affiliation in session.scalars(works):
        employed[affiliation.person_id].append(affiliation)
    found = {}
    for line in vacant:
        seat_id = line.seat_id or 0
        spoken: list[Period] = []
        for holding in held:
            if holding.seat_id != seat_id:
                continue
            for job in employed[holding.person_id]:
                both = job.period and at_risk.together(holding.period, job.period)
                if both is not None and job.company_id in sharing[seat_id]:
                    spoken.append(both)
        began = stands.get(line.membership_id) or day
        empty = at_risk.vacant_since(day, began, spoken)
        if empty is not None:
            found[seat_id] = empty
    return found
