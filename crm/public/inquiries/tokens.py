"""One signed token in each public form: it proves the form is ours, says how old it is, and
makes a second post of it find the first. Nothing is stored, no cookie is set."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from crm.web import clock

GOOD_FOR = timedelta(days=7)
"""A form left open over a weekend is still read; the nonce makes an old one harmless."""


@dataclass(frozen=True)
class FormToken:
    """`nonce` is what the database holds unique; `shown_at` when the form was first shown."""

    nonce: str
    shown_at: datetime


def make(form: str, *, shown_before: timedelta = timedelta(0)) -> str:
    """A fresh token for this form, as if it had been shown a moment before."""
    shown_at = clock.now() - shown_before
    return _signer(form).dumps([secrets.token_urlsafe(18), int(shown_at.timestamp() * 1000)])


def read(form: str, sent: str) -> FormToken | None:
    """What the token says; None if it is missing, forged, of another form or too old."""
    try:
        nonce, milliseconds = _signer(form).loads(sent)
    except (BadData, ValueError, TypeError):
        return None
    token = FormToken(str(nonce), datetime.fromtimestamp(milliseconds / 1000, UTC))
    return token if clock.now() - token.shown_at <= GOOD_FOR else None


def _signer(form: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"public form {form}")
