"""Letting letters to electors go out: previewed first, released by a person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import ballot_letters as letters
from crm.council import ballot_queries as queries
from crm.council import ballot_words as words
from crm.council.ballot_letters import BallotFacts, Question, To
from crm.council.ballot_models import Ballot, BallotLink, BallotOption
from crm.council.ballot_queries import Voter
from crm.council.ballot_rules import BallotKind, BallotStatus, LetterKind, ResultsShown, told
from crm.council.ballots import NotOpen
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.mail.models import OutgoingMail
from crm.programme.models import Programme

LinkOf = Callable[[str], str]
"""From a secret to the address of the page that takes it."""


class NobodyToWrite(RuleBroken):
    """Everybody has had this letter, or has no need of it, or no address."""


def recipients(
    session: Session, ballot: Ballot, kind: LetterKind, *, now: datetime, today: date
) -> list[To]:
    """To whom the letter would go now. Raises `NotOpen` where it has no place, and
    `NobodyToWrite`."""
    _refuse(ballot, kind, now)
    voters = queries.voters_of(session, [ballot.id])[ballot.id]
    found = {
        letters.dedupe_key(kind, voter.elector.id, today.isoformat()): To(
            elector_id=voter.elector.id,
            name=voter.elector.person_name,
            email=voter.elector.email,
            company=voter.elector.company_name,
        )
        for voter in voters
        if voter.elector.email and _needs(voter, kind)
    }
    known = select(OutgoingMail.dedupe_key).where(OutgoingMail.dedupe_key.in_(found))
    gone = set(session.scalars(known))
    waiting = [to for key, to in found.items() if key not in gone]
    if not waiting:
        without = words.without_address(without_address(voters, kind))
        said = "Nobody is left to write to: it has gone out to all who need it"
        raise NobodyToWrite(f"{said} and have an address. {without}" if without else f"{said}.")
    return waiting


def without_address(voters: Sequence[Voter], kind: LetterKind) -> list[str]:
    """Whom the letter cannot reach, though they need it."""
    return [
        voter.elector.person_name
        for voter in voters
        if not voter.elector.email and _needs(voter, kind)
    ]


def previewed(
    session: Session, ballot: Ballot, kind: LetterKind, to: To, *, by: Actor, today: date
) -> Letter:
    """The letter as it would go out, but for the secret of its link."""
    return _letters(session, ballot, kind, [to], by, today, lambda _: "[the elector’s own link]")[0]


def release(
    session: Session,
    ballot: Ballot,
    kind: LetterKind,
    *,
    link: LinkOf,
    by: Actor,
    now: datetime,
    today: date,
) -> int:
    """Post the letter to all who wait for it; how many. Of each link only the hash is kept."""
    lock(session, ballot)
    to = recipients(session, ballot, kind, now=now, today=today)
    made: list[str] = []

    def fresh(_: To) -> str:
        made.append(secrets.token_urlsafe(32))
        return link(made[-1])

    posted = _letters(session, ballot, kind, to, by, today, fresh)
    for one, secret in zip(to, made, strict=False):
        session.add(
            BallotLink(token_hash=queries.hashed(secret), elector_id=one.elector_id, made_at=now)
        )
    session.flush()
    mail.post_all(session, posted, now=now)
    journal.note(
        session,
        f"{kind} released",
        kind="ballot",
        record_id=ballot.id,
        label=f"{len(posted)} letters",
        by=by,
        now=now,
    )
    return len(posted)


def _letters(
    session: Session,
    ballot: Ballot,
    kind: LetterKind,
    to: Sequence[To],
    by: Actor,
    today: date,
    link: Callable[[To], str],
) -> list[Letter]:
    name, programme = session.execute(select(Programme.name, Programme.facts)).one()
    facts = BallotFacts(
        ballot_id=ballot.id,
        title=ballot.title,
        body=ballot.body.name,
        until=told(ballot.closes_at, ballot.zone),
        programme=name,
        contact=programme["contact"],
        writer=by.name,
    )
    options = queries.options_of(session, ballot.id)
    if kind is LetterKind.INVITATION:
        question = _question(ballot, options)
        return [letters.invitation(facts, one, question=question, link=link(one)) for one in to]
    if kind is LetterKind.REMINDER:
        day = today.isoformat()
        return [letters.reminder(facts, one, link=link(one), day=day) for one in to]
    count = queries.counted(ballot, options, queries.voters_of(session, [ballot.id])[ballot.id])
    names = {option.id: option.name for option in options}
    said = words.outcome(count, names)
    sums = words.sums(count, names)
    return [
        letters.result(facts, one, outcome=said, sums=sums, arithmetic=words.arithmetic(count))
        for one in to
    ]


def _question(ballot: Ballot, options: Sequence[BallotOption]) -> Question:
    told_ = [f"{one.name}: {one.note}" if one.note else one.name for one in options]
    return Question(
        text=ballot.text,
        options=() if ballot.kind is BallotKind.YES_NO else tuple(told_),
        terms=words.laid_down(queries.terms_of(ballot)),
    )


def _needs(voter: Voter, kind: LetterKind) -> bool:
    return kind is LetterKind.RESULT or (voter.vote is None and voter.recusal is None)


def _refuse(ballot: Ballot, kind: LetterKind, now: datetime) -> None:
    status = ballot.status_at(now)
    if kind is not LetterKind.RESULT:
        if status is not BallotStatus.OPEN:
            raise NotOpen("Only who can vote is asked to: this ballot is not open.")
    elif status is not BallotStatus.CLOSED:
        raise NotOpen("There is no result before the close.")
    elif ballot.results_shown is ResultsShown.OFFICE:
        raise NotOpen("The results of this ballot are for the office only.")
