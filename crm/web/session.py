"""Sessions kept in the database: what ends there has ended, whatever cookie a browser still has.

The cookie holds a random token, the row its SHA-256. Strangers get no row and no cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

import flask
from flask import Flask, Request, Response, current_app
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import CallbackDict

from crm.accounts.models import UserAccount, UserRole, UserSession
from crm.accounts.policy import Viewer
from crm.accounts.rules import Kind
from crm.web import clock
from crm.web.database import read_connection, short_write, write_if_free

LIFETIME = timedelta(days=14)
SEEN_AT_MOST_EVERY = timedelta(minutes=1)

KNOWN = (
    select(
        UserSession.data,
        UserSession.last_seen_at,
        UserAccount.id,
        UserAccount.name,
        UserAccount.email,
        UserAccount.inquiry_notices,
        UserRole.role,
    )
    .join(UserAccount, UserAccount.id == UserSession.user_id)
    .outerjoin(UserRole, UserRole.user_id == UserAccount.id)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.expires_at > bindparam("now"),
        UserAccount.disabled_at.is_(None),
        UserAccount.kind == Kind.OFFICE,
    )
)
"""Whose session it is, a row for each role. Built once: every request asks it."""


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What one browser carries between requests; `viewer` is who the database says it is now."""

    def __init__(
        self, data: dict[str, Any], token: str | None = None, viewer: Viewer | None = None
    ) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(data, changed)
        self.modified = False
        self.token = token
        self.viewer = viewer
        self.new = token is None
        self.replaced: str | None = None
        self.fault: Exception | None = None
        """Why the database could not be asked; raised when there is a request to answer."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """The viewer, as Flask-Login wants to see one."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.id = str(viewer.id)


class DatabaseSessions(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> ServerSession:
        try:
            return self._read(app, request)
        except (OperationalError, PoolTimeout) as fault:
            unread = ServerSession({})
            unread.fault = fault
            return unread

    def _read(self, app: Flask, request: Request) -> ServerSession:
        token = request.cookies.get(self.get_cookie_name(app))
        if not token or request.path.startswith("/static/"):
            return ServerSession({})
        now = clock.now()
        with read_connection() as connection:
            rows = connection.execute(KNOWN, {"token_hash": hashed(token), "now": now}).all()
        if not rows:
            return ServerSession({})
        first = rows[0]
        viewer = Viewer(
            id=first.id,
            name=first.name,
            email=first.email,
            roles=frozenset(row.role for row in rows if row.role is not None),
            inquiry_notices=first.inquiry_notices,
        )
        if now - first.last_seen_at > SEEN_AT_MOST_EVERY:
            _touch(token)
        return ServerSession(dict(first.data), token, viewer)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)
        name = self.get_cookie_name(app)
        user_id = session.get("_user_id")
        if session.replaced is not None:
            end(session.replaced)
        if user_id is None:
            if session.token is not None:
                end(session.token)
                response.delete_cookie(
                    name, secure=app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
                )
            return
        if session.token is None:
            session.token = secrets.token_urlsafe(32)
            _begin(session.token, int(user_id), dict(session))
            response.set_cookie(
                name,
                session.token,
                max_age=int(LIFETIME.total_seconds()),
                httponly=True,
                secure=app.config["SESSION_COOKIE_SECURE"],
                samesite="Lax",
            )
        elif session.modified:
            _store(session.token, dict(session))


def init_app(app: Flask) -> None:
    app.session_interface = DatabaseSessions()
    if app.config["SESSION_COOKIE_SECURE"]:
        app.config["SESSION_COOKIE_NAME"] = "__Host-session"  # no sister host can set it
    manager = LoginManager(app)
    manager.session_protection = None  # the token is the session; there is nothing to bind it to

    def load(user_id: str) -> SignedIn | None:
        session = _current()
        viewer = session.viewer
        return SignedIn(viewer) if viewer is not None and str(viewer.id) == user_id else None

    manager.user_loader(load)


def check_read() -> None:
    """Raise what kept the session from being read: nobody is a stranger by mistake."""
    fault = _current().fault
    if fault is not None:
        raise fault


def viewer() -> Viewer | None:
    """Who is looking: None for a stranger."""
    return current_user.viewer if current_user.is_authenticated else None


def the_viewer() -> Viewer:
    """Who is looking, on a page that needs a permission: there it is always somebody."""
    who = viewer()
    assert who is not None
    return who


def sign_in(who: Viewer) -> None:
    """Start a session of its own for this browser: an older one it carried ends."""
    session = _current()
    session.clear()
    session.replaced, session.token, session.viewer = session.token, None, who
    login_user(SignedIn(who))


def sign_out() -> None:
    logout_user()
    _current().clear()


def end(token: str) -> None:
    with short_write() as connection:
        connection.execute(delete(UserSession).where(UserSession.token_hash == hashed(token)))


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token() -> str:
    """Bound to this session and not stored: whoever has no session has none of these."""
    token = _current().token or ""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"csrf:{token}".encode(), hashlib.sha256).hexdigest()


def _current() -> ServerSession:
    session: ServerSession = flask.session._get_current_object()  # type: ignore[attr-defined]
    return session


def _begin(token: str, user_id: int, data: dict[str, Any]) -> None:
    now = clock.now()
    with short_write() as connection:
        connection.execute(
            insert(UserSession).values(
                token_hash=hashed(token),
                user_id=user_id,
                data=data,
                created_at=now,
                last_seen_at=now,
                expires_at=now + LIFETIME,
            )
        )


def _store(token: str, data: dict[str, Any]) -> None:
    with short_write() as connection:
        connection.execute(
            update(UserSession).where(UserSession.token_hash == hashed(token)).values(data=data)
        )


def _touch(token: str) -> None:
    now = clock.now()
    write_if_free(
        update(UserSession)
        .where(UserSession.token_hash == hashed(token))
        .values(last_seen_at=now, expires_at=now + LIFETIME)
    )
