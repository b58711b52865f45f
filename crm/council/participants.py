"""Who has a part in a body on a day: whom a meeting invites, and who may vote in a ballot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import place_queries, queries
from crm.council.models import Body
from crm.council.place_rules import PlaceRole
from crm.council.rules import BodyKind, SeatKind
from crm.memberships.rules import IN_FORCE
from crm.people.models import PersonAddress


class Part(StrEnum):
    """In what a person has a part; a company's representative speaks, else its alternate."""

    CHAIR = "chair"
    CO_CHAIR = "co-chair"
    REPRESENTATIVE = "representative"
    ALTERNATE = "alternate"
    MEMBER = "member"
    OBSERVER = "observer"


@dataclass(frozen=True, kw_only=True)
class Participant:
    """A person in a body on a day. `company_id` None: of the university. `votes`: whether the
    tier of their company gives a vote, or the body's own rule does."""

    person_id: int
    name: str
    email: str | None
    company_id: int | None
    company: str
    part: Part
    votes: bool


def participants_on(session: Session, body: Body, day: date) -> list[Participant]:
    """Everybody with a part in the body on a day: who speaks for a company before its alternate.

    Of a vacant seat there is nobody. Two SELECTs.
    """
    match body.kind:
        case BodyKind.COUNCIL:
            found = _of_council(session, day)
        case BodyKind.GROUP:
            found = _of_group(session, body, day)
        case _:
            found = []
    addresses = _addresses(session, {one.person_id for one in found})
    return [replace(one, email=addresses.get(one.person_id)) for one in found]


def _of_council(session: Session, day: date) -> list[Participant]:
    found = []
    for line in queries.roster_on(session, day):
        if line.status not in IN_FORCE:
            continue
        for part, sitter in (
            (Part.REPRESENTATIVE, line.representative),
            (Part.ALTERNATE, line.alternate),
        ):
            if sitter is None or not sitter.here:
                continue
            found.append(
                Participant(
                    person_id=sitter.person_id,
                    name=sitter.name,
                    email=None,
                    company_id=line.company_id,
                    company=line.company,
                    part=Part.OBSERVER if line.kind is SeatKind.OBSERVER else part,
                    votes=line.votes,
                )
            )
    return found


PARTS = {
    PlaceRole.CHAIR: Part.CHAIR,
    PlaceRole.CO_CHAIR: Part.CO_CHAIR,
    PlaceRole.MEMBER: Part.MEMBER,
}


def _of_group(session: Session, body: Body, day: date) -> list[Participant]:
    """Whoever sits on a place: of a company the chair speaks before the others, then who came
    first. Votes are the companies', by their tiers."""
    return [
        Participant(
            person_id=member.person_id,
            name=member.name,
            email=None,
            company_id=member.company_id,
            company=member.company,
            part=PARTS[member.role],
            votes=member.votes,
        )
        for member in place_queries.members_on(session, day, body_id=body.id)
        if member.gap is None
    ]


def _addresses(session: Session, people: set[int]) -> dict[int, str]:
    primary = select(PersonAddress.person_id, PersonAddress.email).where(
        PersonAddress.is_primary, PersonAddress.person_id.in_(people)
    )
    return {row.person_id: row.email for row in session.execute(primary)}
