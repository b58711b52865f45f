"""The one signed token in a stranger's form: it is ours, how old it is, and which form it is.

It stands in for a session, which strangers do not have. `id` is fit for a unique column: who
stores it finds the second post of one form.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, Signer

from crm.web import clock

FIELD = "form_token"


@dataclass(frozen=True)
class FormToken:
    id: str
    issued_at: datetime

    @property
    def age(self) -> timedelta:
        return clock.now() - self.issued_at


def issue(form: str) -> str:
    """A new token for the form of this name."""
    milliseconds = int(clock.now().timestamp() * 1000)
    return _signer(form).sign(f"{milliseconds}.{secrets.token_hex(16)}").decode()


def read(form: str, sent: str) -> FormToken | None:
    """The token, if it was issued for this form; None for anything else."""
    try:
        milliseconds, id_ = _signer(form).unsign(sent.encode()).decode().split(".")
    except (BadSignature, UnicodeError):
        return None
    return FormToken(id_, datetime.fromtimestamp(int(milliseconds) / 1000, UTC))


def _signer(form: str) -> Signer:
    return Signer(str(current_app.secret_key), salt=f"form:{form}")
