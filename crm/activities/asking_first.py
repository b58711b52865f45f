"""Asking whoever looks after a company before one approaches it: a note to them, by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.companies.models import Company
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.mail import operations as mail
from crm.mail.letters import Letter


class NobodyToAsk(RuleBroken):
    """The company has no owner who could answer, or the owner would ask themself."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody has in mind with a company; `link` is its page."""

    text: str
    link: str


def _digest(text: str) -> str:
    """The same note twice is one letter."""
    return sha256(text.encode()).hexdigest()[:32]


def owner_to_ask(session: Session, company: Company, by: Actor) -> UserAccount:
    """Raises `NobodyToAsk`, in words that say what to do instead."""
    if company.archived_on is not None:
        raise NobodyToAsk(f"{company.name} is archived: nobody looks after it.")
    owner = session.get(UserAccount, company.owner_id) if company.owner_id else None
    if owner is None or owner.disabled_at is not None:
        raise NobodyToAsk(f"Nobody looks after {company.name} yet. Ask the programme office.")
    if owner.id == by.id:
        raise NobodyToAsk(f"You look after {company.name} yourself.")
    return owner


def ask_owner(
    session: Session, company: Company, question: Question, *, by: Actor, now: datetime
) -> None:
    """Post the note; the answer goes to whoever asks. Raises `NobodyToAsk`."""
    owner = owner_to_ask(session, company, by)
    assert by.id is not None  # only people with an account ask
    asker = session.get_one(UserAccount, by.id)
    mail.post(
        session,
        Letter(
            name="ask-owner",
            to=owner.email,
            facts={
                "name": owner.name,
                "asker": by.name,
                "company": company.name,
                "text": question.text,
                "link": question.link,
            },
            reply_to=asker.email,
            about=("company", company.id),
            dedupe_key=f"ask:{company.id}:{by.id}:{_digest(question.text)}",
        ),
        now=now,
    )
    journal.note(
        session,
        "owner asked",
        kind="company",
        record_id=company.id,
        label=f"by {by.name}",
        by=by,
        now=now,
    )
