"""Writing accounts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import passwords
from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Role, email_key, password_fault
from crm.kit.errors import RuleBroken


class AddressTaken(RuleBroken):
    """One address, one account."""


class WeakPassword(RuleBroken):
    """A password others could guess."""


def add(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    password: str | None = None,
    demo: bool = False,
    now: datetime,
) -> UserAccount:
    """An account, on nobody's authority but that of whoever holds the machine."""
    if not name.strip():
        raise RuleBroken("An account needs a name.", field="name")
    refuse_malformed(email)
    refuse_taken(session, email)
    if password is not None:
        refuse_weak(password, email=email, name=name)
    user = UserAccount(
        email=email_key(email),
        name=name.strip(),
        password_hash=None if password is None else passwords.hashed(password),
        demo=demo,
        created_at=now,
    )
    user.roles = [UserRole(role=role) for role in sorted(set(roles))]
    session.add(user)
    session.flush()
    return user


def refuse_malformed(email: str) -> None:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as fault:
        raise RuleBroken(f"This is not an e-mail address: {fault}", field="email") from None


def refuse_taken(session: Session, email: str) -> None:
    known = select(UserAccount.id).where(UserAccount.email == email_key(email))
    if session.scalar(known) is not None:
        raise AddressTaken("There is an account with this address already.", field="email")


def refuse_weak(password: str, *, email: str, name: str) -> None:
    fault = password_fault(password, email=email, name=name)
    if fault is not None:
        raise WeakPassword(fault, field="password")
