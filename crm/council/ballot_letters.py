"""Letters to the electors of a ballot. What lets its reader vote is private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.council.ballot_rules import LetterKind
from crm.mail.letters import Letter


@dataclass(frozen=True, kw_only=True)
class BallotFacts:
    """What each letter says of the ballot."""

    ballot_id: int
    title: str
    body: str
    until: str
    """The closing moment in words."""
    programme: str
    contact: str
    writer: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is put to the vote: its text, the options but of a yes/no ballot, what is needed."""

    text: str
    options: tuple[str, ...]
    terms: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class To:
    """An elector: who reads the letter, and whose vote it is."""

    elector_id: int
    name: str
    email: str
    company: str | None


def invitation(facts: BallotFacts, to: To, *, question: Question, link: str) -> Letter:
    return _letter(
        "ballot-invitation",
        facts,
        to,
        private=True,
        text=question.text,
        options=question.options,
        terms=question.terms,
        link=link,
    )


def reminder(facts: BallotFacts, to: To, *, link: str, day: str) -> Letter:
    """One a day at most."""
    return _letter("ballot-reminder", facts, to, private=True, link=link, day=day)


def result(
    facts: BallotFacts,
    to: To,
    *,
    outcome: str,
    sums: Sequence[tuple[str, str]],
    arithmetic: Sequence[tuple[str, str]],
) -> Letter:
    return _letter(
        "ballot-result", facts, to, private=False, outcome=outcome, sums=sums, arithmetic=arithmetic
    )


def dedupe_key(kind: LetterKind, elector_id: int, day: str = "") -> str:
    key = f"ballot-{kind}:{elector_id}"
    return f"{key}:{day}" if kind is LetterKind.REMINDER else key


def _letter(name: str, facts: BallotFacts, to: To, *, private: bool, **more: object) -> Letter:
    kind = LetterKind(name.removeprefix("ballot-"))
    return Letter(
        name=name,
        to=to.email,
        facts={
            "name": to.name,
            "company": to.company or "",
            "title": facts.title,
            "body": facts.body,
            "until": facts.until,
            "programme": facts.programme,
            "contact": facts.contact,
            "writer": facts.writer,
            **more,
        },
        reply_to=facts.contact or None,
        about=("ballot", facts.ballot_id),
        dedupe_key=dedupe_key(kind, to.elector_id, str(more.get("day", ""))),
        private=private,
    )
