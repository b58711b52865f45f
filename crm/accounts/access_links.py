"""Single-use links by which somebody chooses a password: invitations, forgotten passwords.

The table holds the SHA-256 of a link's secret; the secret itself stands in one private letter.
Opening a link changes nothing (mail filters open links); choosing a password uses it up.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, select, update
from sqlalchemy.orm import Session

from crm.accounts import letters
from crm.accounts.models import AccountToken, UserAccount
from crm.accounts.operations import (
    Dormant,
    Draft,
    add_for,
    change,
    change_password,
    end_links,
    refuse_unmanaged,
)
from crm.accounts.passwords import Chosen
from crm.accounts.policy import Viewer
from crm.accounts.rules import Kind, Purpose, email_key
from crm.journal import operations as journal
from crm.kit.actors import STRANGER, Actor
from crm.kit.errors import NotFound
from crm.mail import operations as mail

GOOD_FOR = {Purpose.INVITATION: timedelta(days=7), Purpose.PASSWORD: timedelta(hours=1)}


@dataclass(frozen=True)
class Way:
    """What the edge knows: how a link is written, what the site is called, how to say when."""

    link: Callable[[str], str]
    """From a secret to the address of the page that takes it."""
    site: str
    say: Callable[[datetime], str]


class LinkOver(NotFound):
    """Used, run out, replaced by a newer one, or never ours: not told apart."""


@dataclass(frozen=True)
class Opened:
    """Whose password a link sets."""

    user_id: int
    name: str
    email: str
    purpose: Purpose


@dataclass(frozen=True)
class Issued:
    """A link and how long it works."""

    url: str
    until: datetime


def invite(
    session: Session, draft: Draft, *, way: Way, by: Viewer, now: datetime
) -> tuple[UserAccount, Issued]:
    """A new account and the letter that lets its owner in."""
    user = add_for(session, draft, by=by, now=now)
    return user, _invitation(session, user, way=way, by=by.actor, now=now)


def invite_again(
    session: Session, user: UserAccount, *, way: Way, by: Viewer, now: datetime
) -> Issued:
    """Another letter, to somebody who has not chosen a password yet; older links are over."""
    if user.disabled_at is not None or user.password_hash is not None:
        raise Dormant(f"{user.name} needs no invitation.")
    refuse_unmanaged({held.role for held in user.roles}, by)
    return _invitation(session, user, way=way, by=by.actor, now=now)


def update_account(
    session: Session, user: UserAccount, draft: Draft, *, way: Way, by: Viewer, now: datetime
) -> None:
    """Take over the draft. A changed address ends the links sent to the old one, and is told."""
    old = change(session, user, draft, by=by)
    if old is not None:
        end_links(session, user.id, now=now)
        mail.post(
            session, letters.address_changed(user, old=old, by=by.name, site=way.site), now=now
        )


def ask_for_password(session: Session, email: str, *, way: Way, now: datetime) -> None:
    """Post a letter with a link if there is such an account, and do the same work if not.

    What was done for nobody is undone, so that neither words nor time tell them apart.
    """
    user = session.scalar(
        select(UserAccount).where(
            UserAccount.email == email_key(email),
            UserAccount.kind == Kind.OFFICE,
            UserAccount.disabled_at.is_(None),
        )
    )
    attempt = session.begin_nested()
    decoy = UserAccount(id=0, name="Nobody", email=email_key(email))
    secret = secrets.token_urlsafe(32)
    until = now + GOOD_FOR[Purpose.PASSWORD]
    if user is not None:
        end_links(session, user.id, now=now)
        _add_token(session, user.id, Purpose.PASSWORD, secret, now=now)
    letter = letters.new_password(
        user or decoy, link=way.link(secret), site=way.site, until=way.say(until)
    )
    mail.post(session, letter, now=now)
    about = 0 if user is None else user.id
    journal.note(session, "password asked", kind="user", record_id=about, by=STRANGER, now=now)
    session.flush()
    if user is None:
        attempt.rollback()
    else:
        attempt.commit()


def issue_by_hand(session: Session, email: str, *, way: Way, now: datetime) -> Issued:
    """A link for whoever holds the machine to pass on."""
    user = session.scalar(select(UserAccount).where(UserAccount.email == email_key(email)))
    if user is None or user.disabled_at is not None:
        raise NotFound("There is no active account with this address.")
    end_links(session, user.id, now=now)
    secret = secrets.token_urlsafe(32)
    return Issued(way.link(secret), _add_token(session, user.id, Purpose.PASSWORD, secret, now=now))


def find(connection: Connection, secret: str, *, now: datetime) -> Opened:
    """Whose link this is. Raises `LinkOver`."""
    row = connection.execute(
        select(UserAccount.id, UserAccount.name, UserAccount.email, AccountToken.purpose)
        .join(AccountToken, AccountToken.user_id == UserAccount.id)
        .where(
            AccountToken.token_hash == _hashed(secret),
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > now,
            UserAccount.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise LinkOver("This link has been used or has run out. Ask for a new one.")
    return Opened(row.id, row.name, row.email, row.purpose)


def choose_password(session: Session, secret: str, chosen: Chosen, *, now: datetime) -> None:
    """Use the link up and set the password; of two at once, one wins."""
    opened = find(session.connection(), secret, now=now)
    used = cast(
        "CursorResult[Any]",
        session.execute(
            update(AccountToken)
            .where(AccountToken.token_hash == _hashed(secret), AccountToken.used_at.is_(None))
            .values(used_at=now)
        ),
    )
    if used.rowcount != 1:
        raise LinkOver("This link has been used. Ask for a new one.")
    user = session.get_one(UserAccount, opened.user_id)
    change_password(session, user, chosen, by=Actor(user.id, user.name), now=now)


def _invitation(
    session: Session, user: UserAccount, *, way: Way, by: Actor, now: datetime
) -> Issued:
    end_links(session, user.id, now=now)
    secret = secrets.token_urlsafe(32)
    until = _add_token(session, user.id, Purpose.INVITATION, secret, now=now)
    url = way.link(secret)
    letter = letters.invitation(user, link=url, by=by.name, site=way.site, until=way.say(until))
    mail.post(session, letter, now=now)
    journal.note(
        session, "invited", kind="user", record_id=user.id, label=user.name, by=by, now=now
    )
    return Issued(url, until)


def _add_token(
    session: Session, user_id: int, purpose: Purpose, secret: str, *, now: datetime
) -> datetime:
    until = now + GOOD_FOR[purpose]
    session.add(
        AccountToken(
            token_hash=_hashed(secret),
            user_id=user_id,
            purpose=purpose,
            created_at=now,
            expires_at=until,
        )
    )
    return until


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
