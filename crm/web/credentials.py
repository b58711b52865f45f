"""Checking a password: throttled by failures, as slow for a stranger as for a colleague.

Argon2 runs while no transaction is open. A try is counted before it is checked, so that many at
once do not slip through together, and taken back when it succeeds.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from crm.accounts import passwords, queries, rates
from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.accounts.rules import email_key
from crm.journal import operations as journal
from crm.kit.actors import STRANGER
from crm.web import clock
from crm.web.database import short_write
from crm.web.senders import network

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 50
LETTERS_PER_ACCOUNT = 3
LETTERS_PER_ADDRESS = 20
SIGNED_IN, PAUSED = "signed in", "sign-in paused"


class Paused(Exception):
    """Too many tries failed; even the right password waits until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"paused until {until}")
        self.until = until


def check(email: str, password: str, *, entering: bool = True) -> Viewer | None:
    """Who this is; None if address and password do not go together. Raises `Paused`.

    `entering`: the journal says that they signed in.
    """
    account, address = _account_key(email), _address_key()
    now = clock.now()
    with short_write() as connection:
        tried = rates.count_up(connection, account, now=now, window=WINDOW)
        from_here = rates.count_up(connection, address, now=now, window=WINDOW)
        too_many = [
            count.ends_at
            for count, most in ((tried, TRIES_PER_ACCOUNT), (from_here, TRIES_PER_ADDRESS))
            if count.times > most
        ]
        known = queries.credentials(connection, email)
        if known is not None and tried.times == TRIES_PER_ACCOUNT + 1:
            _note(connection, PAUSED, known.viewer, now)
    if too_many:
        raise Paused(max(too_many))
    kept = known.password_hash if known is not None else None
    if not passwords.matches(password, kept) or known is None or kept is None:
        return None
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else None
    with short_write() as connection:
        rates.forget(connection, account)
        rates.count_down(connection, address)
        if fresh is not None:
            connection.execute(
                update(UserAccount)
                .where(UserAccount.id == known.viewer.id, UserAccount.password_hash == kept)
                .values(password_hash=fresh)
            )
        if entering:
            _note(connection, SIGNED_IN, known.viewer, now)
    return known.viewer


def may_ask(email: str) -> bool:
    """Whether another letter about this address may be asked for; counted either way."""
    now = clock.now()
    with short_write() as connection:
        letters = rates.count_up(
            connection, _account_key(email, "password"), now=now, window=WINDOW
        )
        from_here = rates.count_up(connection, _address_key("password"), now=now, window=WINDOW)
    return letters.times <= LETTERS_PER_ACCOUNT and from_here.times <= LETTERS_PER_ADDRESS


def _note(connection: Connection, act: str, who: Viewer, now: datetime) -> None:
    by = who.actor if act == SIGNED_IN else STRANGER
    with Session(connection) as session:
        journal.note(session, act, kind="user", record_id=who.id, by=by, now=now)


def _account_key(email: str, act: str = "sign-in") -> str:
    return f"{act}:account:" + hashlib.sha256(email_key(email).encode()).hexdigest()


def _address_key(act: str = "sign-in") -> str:
    return f"{act}:address:{network()}"
