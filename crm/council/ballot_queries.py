"""Reading ballots, their electors, and what was cast."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from crm.council.ballot_count import Cast, Count, Terms, count
from crm.council.ballot_models import (
    Ballot,
    BallotLink,
    BallotOption,
    DeclaredInterest,
    Elector,
    Recusal,
    Vote,
)
from crm.council.ballot_rules import BallotStatus, electorate, weight_of
from crm.council.models import Body
from crm.council.participants import Participant, participants_on
from crm.kit.errors import NotFound
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import Status
from crm.people.models import Person
from crm.programme.models import Programme


@dataclass(frozen=True, kw_only=True)
class Entitled:
    """Who would vote if the ballot opened now."""

    participant: Participant
    weight: int


@dataclass(frozen=True, kw_only=True)
class Voter:
    """An elector of a ballot with all that is known of their part in it."""

    elector: Elector
    vote: Vote | None
    recusal: Recusal | None
    interests: Sequence[DeclaredInterest]


@dataclass(frozen=True)
class BallotSearch:
    """The filters of the list; `show`: all · draft · open · closed · withdrawn."""

    now: datetime
    show: str = "all"
    body_id: int | None = None

    def select(self) -> Select[Any]:
        """Drafts first, then what closes last."""
        found: Select[Any] = select(  # type: ignore[assignment]
            Ballot.id,
            Ballot.title,
            Ballot.kind,
            Ballot.opened_at,
            Ballot.closes_at,
            Ballot.withdrawn_at,
            Ballot.zone,
            Body.name.label("body"),
        ).join(Ballot.body)
        if self.body_id is not None:
            found = found.where(Ballot.body_id == self.body_id)
        opened = and_(Ballot.opened_at.is_not(None), Ballot.withdrawn_at.is_(None))
        wanted = {
            BallotStatus.DRAFT: and_(Ballot.opened_at.is_(None), Ballot.withdrawn_at.is_(None)),
            BallotStatus.OPEN: and_(opened, Ballot.closes_at > self.now),
            BallotStatus.CLOSED: and_(opened, Ballot.closes_at <= self.now),
            BallotStatus.WITHDRAWN: Ballot.withdrawn_at.is_not(None),
        }
        if self.show in wanted:
            found = found.where(wanted[BallotStatus(self.show)])
        return found.order_by(
            Ballot.opened_at.is_not(None), Ballot.closes_at.desc(), Ballot.id.desc()
        )


def get(session: Session, ballot_id: int) -> Ballot:
    """With its body. Raises `NotFound`."""
    found = session.get(Ballot, ballot_id, options=[joinedload(Ballot.body)])
    if found is None:
        raise NotFound("There is no such ballot.")
    return found


def get_elector(session: Session, ballot_id: int, elector_id: int) -> Elector:
    found = session.get(Elector, elector_id)
    if found is None or found.ballot_id != ballot_id:
        raise NotFound("This ballot has no such elector.")
    return found


def options_of(session: Session, ballot_id: int) -> Sequence[BallotOption]:
    found = select(BallotOption).where(BallotOption.ballot_id == ballot_id)
    return session.scalars(found.order_by(BallotOption.position)).all()


def entitled_on(session: Session, body: Body, day: date) -> list[Entitled]:
    """Who votes in the body on a day, and with what weight. Of a company in grace whose
    agreement does not let it vote then: nobody. A seat that several share votes by the first of
    them that may."""
    facts = session.scalars(select(Programme.facts)).first() or {}
    weights = facts.get("council", {}).get("weights", {})
    found = electorate(participants_on(session, body, day))
    tiers = _tiers(session, day, {company_id for one in found for company_id in one.voters})
    entitled = []
    for one in found:
        tier = next((tiers[voter] for voter in one.voters if voter in tiers), None)
        if one.company_id is None or tier is not None:
            entitled.append(Entitled(participant=one, weight=weight_of(tier, weights)))
    return entitled


def _tiers(session: Session, day: date, companies: Collection[int]) -> dict[int, str]:
    """The key of the tier by which a company votes on a day. Of two terms the earlier counts."""
    found = session.execute(
        select(Membership.company_id, Tier.key)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(
            Membership.company_id.in_(companies),
            memberships.in_force_on(day),
            or_(memberships.status_on(day) != Status.GRACE, Membership.grace_votes),
        )
        .order_by(Membership.starts_on, Membership.id)
    )
    tiers: dict[int, str] = {}
    for company_id, key in found:
        tiers.setdefault(company_id, key)
    return tiers


def voters_of(session: Session, ballot_ids: Collection[int]) -> dict[int, list[Voter]]:
    """The electors of several ballots, by name. Four SELECTs, however many."""
    electors = session.scalars(
        select(Elector)
        .where(Elector.ballot_id.in_(ballot_ids))
        .order_by(func.lower(func.coalesce(Elector.company_name, Elector.person_name)), Elector.id)
    ).all()
    ids = [elector.id for elector in electors]
    votes = {
        vote.elector_id: vote
        for vote in session.scalars(
            select(Vote).where(Vote.elector_id.in_(ids)).options(selectinload(Vote.choices))
        )
    }
    recused = {r.id: r for r in session.scalars(select(Recusal).where(Recusal.id.in_(ids)))}
    interests: dict[int, list[DeclaredInterest]] = defaultdict(list)
    declared = select(DeclaredInterest).where(DeclaredInterest.elector_id.in_(ids))
    for interest in session.scalars(declared.order_by(DeclaredInterest.id)):
        interests[interest.elector_id].append(interest)
    found: dict[int, list[Voter]] = {ballot_id: [] for ballot_id in ballot_ids}
    for elector in electors:
        found[elector.ballot_id].append(
            Voter(
                elector=elector,
                vote=votes.get(elector.id),
                recusal=recused.get(elector.id),
                interests=interests[elector.id],
            )
        )
    return found


def terms_of(ballot: Ballot) -> Terms:
    return Terms(
        kind=ballot.kind,
        method=ballot.method,
        threshold=ballot.threshold,
        quorum_percent=ballot.quorum_percent,
        quorum_of=ballot.quorum_of,
        recused_leave=ballot.recused_leave,
    )


def counted(ballot: Ballot, options: Sequence[BallotOption], voters: Sequence[Voter]) -> Count:
    """The result, from the rows alone: asked again, it is the same."""
    return count(
        terms_of(ballot),
        [option.id for option in options],
        [voter.elector.weight for voter in voters],
        [voter.elector.weight for voter in voters if voter.recusal],
        [
            Cast(voter.elector.weight, tuple(choice.option_id for choice in voter.vote.choices))
            for voter in voters
            if voter.vote
        ],
    )


def elector_by_link(session: Session, secret: str) -> Elector:
    """Whose link this is, with the ballot and its body. Raises `NotFound`."""
    found = session.scalars(
        _electors().join(BallotLink).where(BallotLink.token_hash == hashed(secret))
    ).one_or_none()
    if found is None:
        raise NotFound("This link to vote is not one of ours. Open the one in our letter.")
    return found


def link_known(secret: str) -> Select[Any]:
    """Whether a link with this secret was made, used up or not."""
    found: Select[Any] = select(exists().where(BallotLink.token_hash == hashed(secret)))
    return found


def elector_of_user(session: Session, ballot_id: int, user_id: int) -> Elector | None:
    """The elector whose account this was as the ballot opened, and is; whose vote is open first."""
    return session.scalars(
        _electors()
        .join(Elector.person)
        .outerjoin(Vote, Vote.elector_id == Elector.id)
        .where(Elector.ballot_id == ballot_id, is_account(user_id))
        .order_by(Vote.id.is_not(None), Elector.id)
        .limit(1)
    ).one_or_none()


def is_account(user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Of `Elector` with its person: an account that was linked later does not vote."""
    return and_(Elector.user_id == user_id, Person.user_id == user_id)


def accounts_of(session: Session, parts: Collection[Participant]) -> dict[Participant, int]:
    """The accounts of those who have one and vote for themselves: nobody signs in for a company."""
    own = {one.person_id: one for one in parts if one.company_id is None}
    found = select(Person.id, Person.user_id).where(Person.id.in_(own))
    return {own[id_]: user_id for id_, user_id in session.execute(found) if user_id is not None}


def voter(session: Session, elector: Elector) -> Voter:
    """One elector's part. The vote comes without what it says."""
    declared = select(DeclaredInterest).where(DeclaredInterest.elector_id == elector.id)
    return Voter(
        elector=elector,
        vote=session.scalar(select(Vote).where(Vote.elector_id == elector.id)),
        recusal=session.get(Recusal, elector.id),
        interests=session.scalars(declared.order_by(DeclaredInterest.id)).all(),
    )


def declared_in(session: Session, ballot_id: int) -> Sequence[tuple[str, str]]:
    """Whose interest in the matter, and which: for everyone who votes."""
    found: Select[Any] = (
        select(Elector.company_name, Elector.person_name, DeclaredInterest.what)  # type: ignore[assignment]
        .join(DeclaredInterest, DeclaredInterest.elector_id == Elector.id)
        .where(Elector.ballot_id == ballot_id)
        .order_by(DeclaredInterest.id)
    )
    return [(company or person, what) for company, person, what in session.execute(found)]


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _electors() -> Select[Elector]:
    return (
        select(Elector)
        .join(Elector.ballot)
        .join(Ballot.body)
        .options(contains_eager(Elector.ballot).contains_eager(Ballot.body))
    )
