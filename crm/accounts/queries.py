"""Reading accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from crm.accounts.models import UserAccount, UserRole, UserSession
from crm.accounts.policy import Viewer
from crm.accounts.rules import Kind, Role, email_key
from crm.kit.errors import NotFound


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


@dataclass(frozen=True)
class UserSearch:
    """The filters of the users page."""

    q: str = ""
    role: Role | None = None
    show: str = "active"
    """active · invited · disabled · all"""

    def select(self) -> Select[Any]:
        found: Select[Any] = select(  # type: ignore[assignment]
            UserAccount.id,
            UserAccount.name,
            UserAccount.email,
            UserAccount.inquiry_notices,
            UserAccount.demo,
            UserAccount.disabled_at,
            UserAccount.password_hash.is_(None).label("invited"),
        ).where(UserAccount.kind == Kind.OFFICE)
        if self.show == "disabled":
            found = found.where(UserAccount.disabled_at.is_not(None))
        elif self.show != "all":
            found = found.where(UserAccount.disabled_at.is_(None))
        if self.show == "invited":
            found = found.where(UserAccount.password_hash.is_(None))
        if self.role is not None:
            holders = select(UserRole.user_id).where(UserRole.role == self.role)
            found = found.where(UserAccount.id.in_(holders))
        if self.q:
            found = found.where(
                or_(
                    UserAccount.name.icontains(self.q, autoescape=True),
                    UserAccount.email.icontains(self.q, autoescape=True),
                )
            )
        return found.order_by(func.lower(UserAccount.name), UserAccount.id)


def get(session: Session, user_id: int) -> UserAccount:
    """The office account with its roles."""
    user = session.scalar(
        select(UserAccount)
        .where(UserAccount.id == user_id, UserAccount.kind == Kind.OFFICE)
        .options(selectinload(UserAccount.roles))
    )
    if user is None:
        raise NotFound("There is no such user.")
    return user


def roles_of(session: Session, ids: Collection[int]) -> Mapping[int, Sequence[Role]]:
    """Of each of these users, the roles in the order of the policy."""
    found: dict[int, list[Role]] = {id_: [] for id_ in ids}
    rows = select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(ids))
    for user_id, role in session.execute(rows):
        found[user_id].append(role)
    order = list(Role)
    return {id_: sorted(roles, key=order.index) for id_, roles in found.items()}


def last_seen(session: Session, ids: Collection[int]) -> Mapping[int, datetime]:
    """When each of these users was last here, if a session of theirs still stands."""
    rows = session.execute(
        select(UserSession.user_id, func.max(UserSession.last_seen_at).label("seen"))
        .where(UserSession.user_id.in_(ids))
        .group_by(UserSession.user_id)
    )
    return {row.user_id: row.seen for row in rows}


def administrators() -> Select[int]:
    """Ids of the administrators who can sign in."""
    return (
        select(UserAccount.id)
        .join(UserRole, UserRole.user_id == UserAccount.id)
        .where(
            UserRole.role == Role.ADMINISTRATOR,
            UserAccount.disabled_at.is_(None),
            UserAccount.password_hash.is_not(None),
        )
        .order_by(UserAccount.id)
    )


def everyone(session: Session) -> Sequence[tuple[int, str]]:
    """Id and name of every account that ever was, by name; 500 at most."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.name)
        .order_by(func.lower(UserAccount.name), UserAccount.id)
        .limit(500)
    )
    return [(row.id, row.name) for row in rows]


def addresses(session: Session, role: Role) -> Sequence[tuple[int, str]]:
    """Id and address of the active users with this role."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.email)
        .join(UserRole, UserRole.user_id == UserAccount.id)
        .where(
            UserAccount.kind == Kind.OFFICE,
            UserAccount.disabled_at.is_(None),
            UserRole.role == role,
        )
        .order_by(UserAccount.id)
    )
    return [(row.id, row.email) for row in rows]


def holders(session: Session, roles: Collection[Role]) -> Sequence[tuple[int, str]]:
    """Id and name of the active users with one of these roles, by name."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.name)
        .where(
            UserAccount.kind == Kind.OFFICE,
            UserAccount.disabled_at.is_(None),
            UserAccount.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles))),
        )
        .order_by(func.lower(UserAccount.name), UserAccount.id)
    )
    return [(row.id, row.name) for row in rows]
