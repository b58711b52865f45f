"""Who has a part in a body on a day: whom a meeting invites, and who may vote in a ballot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import place_queries
from crm.council.models import Body
from crm.council.place_rules import PlaceRole
from crm.council.roster import roster_on, titled_on
from crm.council.roster_lines import RosterLine, TitledLine, seats_of
from crm.council.rules import BodyKind, SeatKind
from crm.council.sitters import Sitter
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
    tier of their company gives a vote, or the body's own rule does.

    Companies that share a seat have it once, by the company that carries it: one vote a seat.
    `voters`: the companies by whose terms it is theirs, their own first.
    """

    person_id: int
    name: str
    email: str | None
    company_id: int | None
    company: str
    part: Part
    votes: bool
    seat_id: int | None = None
    voters: tuple[int, ...] = ()


def participants_on(session: Session, body: Body, day: date) -> list[Participant]:
    """Everybody with a part in the body on a day: who speaks for a company before its alternate.

    Of a vacant seat there is nobody. Its chair is told by `queries.chair_on`.
    """
    if body.kind is BodyKind.COUNCIL:
        found = _of_council(session, day)
    elif body.kind is BodyKind.COMMITTEE:
        found = _of_committee(session, body, day)
    else:
        found = _of_group(session, body, day)
    addresses = _addresses(session, {one.person_id for one in found})
    return [replace(one, email=addresses.get(one.person_id)) for one in found]


def _of_council(session: Session, day: date) -> list[Participant]:
    standing = [line for line in roster_on(session, day) if line.stands]
    return [
        _speaks(line, part, sitter, first=(part, sitter) == _here(line)[0])
        for line in seats_of(standing)
        for part, sitter in _here(line)
    ]


def _speaks(line: RosterLine, part: Part, sitter: Sitter, *, first: bool) -> Participant:
    """Who observes for a company is its observer; their alternate stands in, as everybody's."""
    observes = line.kind is SeatKind.OBSERVER and part is Part.REPRESENTATIVE
    company_id = sitter.company_id or line.company_id
    return Participant(
        person_id=sitter.person_id,
        name=sitter.name,
        email=None,
        company_id=company_id,
        company=line.seat_name,
        part=Part.OBSERVER if observes else part,
        votes=bool(line.voters) and (first or line.kind is not SeatKind.SHARED),
        seat_id=line.seat_id,
        voters=tuple(sorted(line.voters, key=lambda voter: voter != company_id)),
    )


def _of_committee(session: Session, body: Body, day: date) -> list[Participant]:
    """Each seat votes once: its alternate, while nobody else holds it."""
    return [
        Participant(
            person_id=sitter.person_id,
            name=sitter.name,
            email=None,
            company_id=None,
            company="",
            part=Part.MEMBER if part is Part.REPRESENTATIVE else Part.ALTERNATE,
            votes=part is Part.REPRESENTATIVE or line.representative is None,
            seat_id=line.seat_id,
        )
        for line in titled_on(session, body.id, day)
        for part, sitter in _here(line)
    ]


def _here(line: RosterLine | TitledLine) -> list[tuple[Part, Sitter]]:
    held = ((Part.REPRESENTATIVE, line.speaker), (Part.ALTERNATE, line.stand_in))
    return [(part, sitter) for part, sitter in held if sitter is not None]


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
            voters=(member.company_id,) if member.company_id is not None else (),
        )
        for member in place_queries.members_on(session, day, body_id=body.id)
        if member.gap is None
    ]


def _addresses(session: Session, people: set[int]) -> dict[int, str]:
    primary = select(PersonAddress.person_id, PersonAddress.email).where(
        PersonAddress.is_primary, PersonAddress.person_id.in_(people)
    )
    return {row.person_id: row.email for row in session.execute(primary)}
