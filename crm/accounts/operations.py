"""Writing accounts: who may give whom which role is decided here, not by a hidden button."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from crm.accounts.models import AccountToken, UserAccount, UserRole, UserSession
from crm.accounts.passwords import Chosen
from crm.accounts.policy import GRANTS, Permission, Viewer
from crm.accounts.queries import administrators
from crm.accounts.rules import Role, email_key, grantable
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken


class AddressTaken(RuleBroken):
    """One address, one account."""


class NotYours(RuleBroken):
    """Beyond what the office held may grant."""


class LastAdministrator(RuleBroken):
    """Somebody must be able to let others in."""


class Dormant(RuleBroken):
    """The account is disabled, or was not."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An account as a form describes it."""

    name: str
    email: str
    roles: frozenset[Role]
    inquiry_notices: bool = False


def add(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    password: Chosen | None = None,
    demo: bool = False,
    inquiry_notices: bool = False,
    now: datetime,
) -> UserAccount:
    """An account, on nobody's authority but that of whoever holds the machine."""
    if not name.strip():
        raise RuleBroken("An account needs a name.", field="name")
    _refuse_unusable(session, email)
    user = UserAccount(
        email=email_key(email),
        name=name.strip(),
        password_hash=None if password is None else password.hash,
        demo=demo,
        inquiry_notices=inquiry_notices,
        created_at=now,
    )
    user.roles = [UserRole(role=role) for role in sorted(set(roles))]
    session.add(user)
    session.flush()
    return user


def add_for(session: Session, draft: Draft, *, by: Viewer, now: datetime) -> UserAccount:
    """An account in the name of somebody who may grant its roles."""
    _refuse_grants(draft.roles, by)
    return add(
        session,
        email=draft.email,
        name=draft.name,
        roles=draft.roles,
        inquiry_notices=draft.inquiry_notices,
        now=now,
    )


def change(session: Session, user: UserAccount, draft: Draft, *, by: Viewer) -> str | None:
    """Take over the draft; returns the old address if it has changed. `user.roles` is loaded."""
    before, seen = frozenset(held.role for held in user.roles), user.version
    if by.id == user.id:
        _refuse_raising_oneself(before, draft, by)
    refuse_unmanaged(before, by)
    _refuse_grants(before ^ draft.roles, by)
    if Role.ADMINISTRATOR in before - draft.roles:
        refuse_last_administrator(session, user)
    old = user.email
    if email_key(draft.email) != old:
        _refuse_unusable(session, draft.email)
        user.email = email_key(draft.email)
    user.name, user.inquiry_notices = draft.name, draft.inquiry_notices
    user.roles = [held for held in user.roles if held.role in draft.roles] + [
        UserRole(role=role) for role in sorted(draft.roles - before)
    ]
    session.flush()
    if draft.roles != before:
        db.renew(session, user, seen=seen)
    return old if user.email != old else None


def disable(session: Session, user: UserAccount, *, by: Viewer, now: datetime) -> None:
    """Close the account; every session and link of it ends. Its work is handed over above."""
    if by.id == user.id:
        raise NotYours("You cannot disable yourself. Ask another administrator.")
    if user.disabled_at is not None:
        raise Dormant(f"{user.name} is disabled already.")
    held = frozenset(role.role for role in user.roles)
    refuse_unmanaged(held, by)
    if Role.ADMINISTRATOR in held:
        refuse_last_administrator(session, user)
    user.disabled_at = now
    end_sessions(session, user.id)
    end_links(session, user.id, now=now)
    session.flush()
    journal.note(
        session, "disabled", kind="user", record_id=user.id, label=user.name, by=by.actor, now=now
    )


def enable(session: Session, user: UserAccount, *, by: Viewer, now: datetime) -> None:
    """Open it again, with the roles and the password it had."""
    if user.disabled_at is None:
        raise Dormant(f"{user.name} is not disabled.")
    refuse_unmanaged({role.role for role in user.roles}, by)
    user.disabled_at = None
    session.flush()
    journal.note(
        session, "enabled", kind="user", record_id=user.id, label=user.name, by=by.actor, now=now
    )


def change_password(
    session: Session, user: UserAccount, chosen: Chosen, *, by: Actor, now: datetime
) -> None:
    """Every session and link of the account ends; whoever changed it begins a new session."""
    user.password_hash = chosen.hash
    end_sessions(session, user.id)
    end_links(session, user.id, now=now)
    session.flush()
    journal.note(session, "password set", kind="user", record_id=user.id, by=by, now=now)


def end_sessions(session: Session, user_id: int) -> None:
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))


def end_links(session: Session, user_id: int, *, now: datetime) -> None:
    """No link sent before lets anybody choose a password."""
    session.execute(
        update(AccountToken)
        .where(AccountToken.user_id == user_id, AccountToken.used_at.is_(None))
        .values(used_at=now)
    )


def refuse_unmanaged(held: Collection[Role], by: Viewer) -> None:
    """Refuse unless all these roles are within what `by` may grant."""
    beyond = sorted(frozenset(held) - grantable(by.roles))
    if beyond:
        raise NotYours(
            f"An account that is {' and '.join(beyond)} is an administrator's to change."
        )


def refuse_last_administrator(session: Session, user: UserAccount) -> None:
    if not set(session.scalars(administrators().with_for_update())) - {user.id}:
        raise LastAdministrator(
            "This is the last administrator who can sign in. Make another one first.",
            field="roles",
        )


def _refuse_grants(roles: Collection[Role], by: Viewer) -> None:
    beyond = sorted(frozenset(roles) - grantable(by.roles))
    if beyond:
        raise NotYours(f"Only an administrator can grant {' and '.join(beyond)}.", field="roles")


def _refuse_raising_oneself(before: frozenset[Role], draft: Draft, by: Viewer) -> None:
    if draft.roles - before:
        raise NotYours("Nobody grants themselves a role. Ask another one.", field="roles")
    reads_already = bool(GRANTS[Permission.INQUIRIES_READ] & before)
    if draft.inquiry_notices and not (by.inquiry_notices or reads_already):
        raise NotYours(
            "Notices let one read inquiries; nobody grants themselves that.",
            field="inquiry_notices",
        )


def refuse_taken(session: Session, email: str) -> None:
    known = select(UserAccount.id).where(UserAccount.email == email_key(email))
    if session.scalar(known) is not None:
        raise AddressTaken("There is an account with this address already.", field="email")


def _refuse_unusable(session: Session, email: str) -> None:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as fault:
        raise RuleBroken(f"This is not an e-mail address: {fault}", field="email") from None
    refuse_taken(session, email)
