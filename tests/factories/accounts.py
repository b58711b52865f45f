"""Accounts that can sign in."""

from __future__ import annotations

from crm.accounts import passwords
from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Role
from tests.factories.companies import UserFactory

PASSWORD = "seven small turbines"
HASHED = passwords.hashed(PASSWORD)


def user(role: Role = Role.STAFF, **more: object) -> UserAccount:
    """Somebody with PASSWORD and one role."""
    return UserFactory(password_hash=HASHED, roles=[UserRole(role=role)], **more)
