"""Putting a question to a body: drafting it, opening it, taking it back; interests, recusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities import interests
from crm.activities.models import Interest
from crm.council import ballot_queries as queries
from crm.council.ballot_models import (
    Ballot,
    BallotOption,
    DeclaredInterest,
    Elector,
    Recusal,
    Vote,
)
from crm.council.ballot_rules import (
    YES_AND_NO,
    BadBallot,
    BallotKind,
    BallotStatus,
    CountMethod,
    QuorumOf,
    ResultsShown,
    Threshold,
    check_reached,
    check_terms,
    closing,
)
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock, renew
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words


class NotADraft(RuleBroken):
    """What is open stays as it was put."""


class NotOpen(RuleBroken):
    """It is not open: not yet, or no more."""


class NobodyVotes(RuleBroken):
    """Nobody in the body has a vote today."""


class HasVoted(RuleBroken):
    """What was cast stays."""


@dataclass(frozen=True, kw_only=True)
class NewOption:
    name: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewBallot:
    """A ballot as its author writes it down; it closes when a clock in `zone` shows so."""

    body_id: int
    title: str
    text: str
    kind: BallotKind
    method: CountMethod
    threshold: Threshold
    options: tuple[NewOption, ...]
    quorum_percent: int
    quorum_of: QuorumOf
    recused_leave: bool
    closes_on: date
    closes_time: time
    zone: str
    results_shown: ResultsShown
    names_shown: bool


def draft(session: Session, wanted: NewBallot, *, now: datetime) -> Ballot:
    closes_at = _checked(wanted, now)
    ballot = Ballot(created_at=now)
    _write(session, ballot, wanted, closes_at)
    return ballot


def redraft(
    session: Session, ballot: Ballot, wanted: NewBallot, *, version: int, now: datetime
) -> None:
    """Write a draft anew. Raises `NotADraft`, and `Stale` if somebody else did meanwhile."""
    _lock_draft(session, ballot, now)
    if ballot.version != version:
        theirs = {"Title": ballot.title, "Text": ballot.text}
        raise Stale(
            "this ballot", theirs=theirs, yours={"Title": wanted.title, "Text": wanted.text}
        )
    closes_at = _checked(wanted, now)
    for option in queries.options_of(session, ballot.id):
        session.delete(option)
    session.flush()
    _write(session, ballot, wanted, closes_at)
    renew(session, ballot, seen=version)


def open_(session: Session, ballot: Ballot, *, by: Actor, now: datetime, today: date) -> None:
    """Freeze who votes, and let them. Raises `NotADraft`, `BadBallot`, `NobodyVotes`,
    `NobodyReached`."""
    _lock_draft(session, ballot, now)
    if ballot.closes_at <= now:
        raise BadBallot("Its closing moment has passed. Edit the draft first.")
    entitled = queries.entitled_on(session, ballot.body, today)
    if not entitled:
        raise NobodyVotes(f"Nobody in {ballot.body.name} has a vote today.")
    accounts = queries.accounts_of(session, [one.participant for one in entitled])
    check_reached(
        ballot.body.name,
        (bool(one.participant.email) or one.participant in accounts for one in entitled),
    )
    for one in entitled:
        who = one.participant
        session.add(
            Elector(
                ballot_id=ballot.id,
                company_id=who.company_id,
                company_name=who.company if who.company_id is not None else None,
                person_id=who.person_id,
                person_name=who.name,
                email=who.email,
                part=who.part,
                weight=one.weight,
                user_id=accounts.get(who),
            )
        )
    session.flush()  # before the ballot is open: from then on the database takes no elector
    ballot.opened_at = now
    session.flush()
    _copy_interests(session, ballot, today)
    _note(session, ballot, "opened", label=f"{len(entitled)} electors", by=by, now=now)


def withdraw(session: Session, ballot: Ballot, *, reason: str, by: Actor, now: datetime) -> None:
    """Take it back, before it closes. What was cast stays on record and counts for nothing."""
    lock(session, ballot)
    if ballot.status_at(now) not in (BallotStatus.DRAFT, BallotStatus.OPEN):
        raise NotOpen("It is over: what was decided is not withdrawn.")
    ballot.withdrawn_at, ballot.withdrawal_reason = now, reason
    session.flush()
    _note(session, ballot, "withdrawn", by=by, now=now)


def declare_interest(
    session: Session, ballot: Ballot, elector: Elector, what: str, *, by: Actor, now: datetime
) -> DeclaredInterest:
    """Note an elector's stake in what is decided. It is shown to everyone who votes."""
    _keep_open(session, ballot, now)
    interest = DeclaredInterest(elector_id=elector.id, what=what, noted_at=now, by_name=by.name)
    session.add(interest)
    session.flush()
    _note(session, ballot, "interest noted", label=_of(elector), by=by, now=now)
    return interest


def recuse(
    session: Session, ballot: Ballot, elector: Elector, reason: str, *, by: Actor, now: datetime
) -> None:
    """The elector takes no part: no vote, for good. Raises `HasVoted`."""
    _keep_open(session, ballot, now)
    lock(session, elector)
    if session.get(Recusal, elector.id) is not None:
        raise HasVoted(f"{elector.name} is recused already.")
    if session.scalar(select(Vote.id).where(Vote.elector_id == elector.id)) is not None:
        raise HasVoted(f"{elector.name} has voted already: a vote that was cast stays.")
    session.add(Recusal(id=elector.id, reason=reason, noted_at=now, by_name=by.name))
    session.flush()
    _note(session, ballot, "recusal noted", label=_of(elector), by=by, now=now)


def told(company: str, interest: Interest) -> str:
    """`Loomline: founder, since October 1, 2024`"""
    return f"{company}: {interest.stake}, since {in_words(interest.starts_on)}"


def _copy_interests(session: Session, ballot: Ballot, today: date) -> None:
    """What its electors have declared elsewhere, as it stands on the day, kept with the ballot."""
    assert ballot.opened_at is not None
    electors = session.scalars(select(Elector).where(Elector.ballot_id == ballot.id)).all()
    declared = interests.of_people(session, {one.person_id for one in electors}, today)
    for elector in electors:
        for interest in declared.get(elector.person_id, ()):
            if interest.company_id == elector.company_id:
                continue  # that they speak for it is known
            session.add(
                DeclaredInterest(
                    elector_id=elector.id,
                    what=told(interest.company.name, interest),
                    noted_at=ballot.opened_at,
                    by_name=interest.by_name,
                )
            )
    session.flush()


def _checked(wanted: NewBallot, now: datetime) -> datetime:
    """The closing moment. Raises `BadBallot`."""
    names = [option.name for option in wanted.options]
    check_terms(wanted.kind, wanted.method, wanted.threshold, names)
    if wanted.results_shown is ResultsShown.LIVE and not wanted.names_shown:
        raise BadBallot(
            "Sums that are shown as votes come in tell who voted what: show the names as well, or "
            "the results after the close.",
            field="results_shown",
        )
    closes_at = closing(wanted.closes_on, wanted.closes_time, wanted.zone)
    if closes_at <= now:
        raise BadBallot("It has to close after now.", field="closes_on")
    return closes_at


def _write(session: Session, ballot: Ballot, wanted: NewBallot, closes_at: datetime) -> None:
    ballot.body_id, ballot.title, ballot.text = wanted.body_id, wanted.title, wanted.text
    ballot.kind, ballot.method, ballot.threshold = wanted.kind, wanted.method, wanted.threshold
    ballot.quorum_percent, ballot.quorum_of = wanted.quorum_percent, wanted.quorum_of
    ballot.recused_leave = wanted.recused_leave
    ballot.closes_at, ballot.zone = closes_at, wanted.zone
    ballot.results_shown, ballot.names_shown = wanted.results_shown, wanted.names_shown
    session.add(ballot)
    session.flush()
    options = wanted.options
    if wanted.kind is BallotKind.YES_NO:
        options = tuple(NewOption(name=name) for name in YES_AND_NO)
    for position, option in enumerate(options, 1):
        session.add(
            BallotOption(ballot_id=ballot.id, position=position, name=option.name, note=option.note)
        )
    session.flush()


def _lock_draft(session: Session, ballot: Ballot, now: datetime) -> None:
    lock(session, ballot)
    if ballot.status_at(now) is not BallotStatus.DRAFT:
        raise NotADraft("It is a draft no more: its terms stay as they were put.")


def _keep_open(session: Session, ballot: Ballot, now: datetime) -> None:
    """Nobody tells the result, nor withdraws it, until what is added is on record."""
    lock(session, ballot, shared=True)
    if ballot.status_at(now) is not BallotStatus.OPEN:
        raise NotOpen("The ballot is not open: nothing is added to it.")


def _of(elector: Elector) -> str:
    """In the journal companies have names, people ids."""
    return elector.company_name or f"elector {elector.id}"


def _note(
    session: Session, ballot: Ballot, act: str, *, label: str = "", by: Actor, now: datetime
) -> None:
    journal.note(session, act, kind="ballot", record_id=ballot.id, label=label, by=by, now=now)
