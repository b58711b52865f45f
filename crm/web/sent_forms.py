"""A form that is sent twice, by a double click or a reload, is kept once.

Scripts keep most people from it (`static/js/submit.js`); the database keeps the rest.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta

from flask import request
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.accounts.models import SentForm
from crm.web import clock

FIELD = "form_token"
REMEMBERED_FOR = timedelta(days=2)


def form_token() -> str:
    """A new one for each form that is drawn."""
    return secrets.token_urlsafe(12)


def key_of_request() -> str | None:
    """What makes the form at hand the same as one sent before; None if it carries no token."""
    token = request.form.get(FIELD)
    if not token:
        return None
    told = json.dumps([request.path, sorted(request.form.items(multi=True))])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def claim(session: Session, key: str) -> str | None:
    """Mark the form as sent, in the request's transaction. If it was already: where that led."""
    now = clock.now()
    try:
        with session.begin_nested():
            session.execute(insert(SentForm).values(key=key, location="", sent_at=now))
    except IntegrityError:
        return session.scalar(select(SentForm.location).where(SentForm.key == key)) or "/office/"
    session.execute(delete(SentForm).where(SentForm.sent_at < now - REMEMBERED_FOR))
    return None


def remember(session: Session, key: str, location: str | None) -> None:
    """Where the form led. One that led nowhere was only looked at, and may be sent again."""
    if location is None:
        session.execute(delete(SentForm).where(SentForm.key == key))
        return
    session.execute(update(SentForm).where(SentForm.key == key).values(location=location[:2000]))
