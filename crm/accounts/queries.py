"""Reading accounts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.policy import Viewer
from crm.accounts.rules import Kind, email_key


@dataclass(frozen=True)
class Credentials:
    """Who may sign in, and the hash their password must match."""

    viewer: Viewer
    password_hash: str | None


def credentials(connection: Connection, address: str) -> Credentials | None:
    """Those of the account with this address, unless it is disabled."""
    rows = connection.execute(
        select(
            UserAccount.id,
            UserAccount.name,
            UserAccount.email,
            UserAccount.inquiry_notices,
            UserAccount.password_hash,
            UserRole.role,
        )
        .outerjoin(UserRole, UserRole.user_id == UserAccount.id)
        .where(
            UserAccount.email == email_key(address),
            UserAccount.kind == Kind.OFFICE,
            UserAccount.disabled_at.is_(None),
        )
    ).all()
    if not rows:
        return None
    first = rows[0]
    viewer = Viewer(
        id=first.id,
        name=first.name,
        email=first.email,
        roles=frozenset(row.role for row in rows if row.role is not None),
        inquiry_notices=first.inquiry_notices,
    )
    return Credentials(viewer, first.password_hash)
