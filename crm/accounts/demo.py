"""The demo's sign-ins: role accounts that all open with one password."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.operations import refuse_taken
from crm.accounts.passwords import hashed, matches
from crm.accounts.rules import Role, email_key


def add(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    inquiry_notices: bool,
    password_hash: str,
    now: datetime,
) -> UserAccount:
    refuse_taken(session, email)
    user = UserAccount(
        email=email_key(email),
        name=name,
        password_hash=password_hash,
        inquiry_notices=inquiry_notices,
        demo=True,
        created_at=now,
    )
    user.roles = [UserRole(role=role) for role in roles]
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, password: str) -> None:
    """All of them open with this password from now on; writes nothing if they do already."""
    users = session.scalars(select(UserAccount).where(UserAccount.demo)).all()
    if all(matches(password, user.password_hash) for user in users):
        return
    kept = hashed(password)
    for user in users:
        user.password_hash = kept
    session.flush()
