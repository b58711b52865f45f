"""The cast: clients that are somebody, and read pages as people do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crm.accounts.models import UserAccount, UserRole, UserSession
from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.kit.actors import Actor
from crm.kit.db import WRITES
from crm.web import clock
from crm.web.session import LIFETIME, csrf_token, hashed


class Page:
    """An answer, with its HTML read."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.location = response.location
        self.text = response.get_data().decode("utf-8", "replace")  # a PDF is none, and no page
        is_page = response.mimetype in ("text/html", "application/xhtml+xml")
        self.html = BeautifulSoup(self.text if is_page else "", "html.parser")

    @property
    def words(self) -> str:
        """What a reader sees of the main part, on one line."""
        return " ".join((self.html.find("main") or self.html).get_text(" ").split())

    def rows(self) -> list[list[str]]:
        """The cells of every table row."""
        return [
            [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
            for row in self.html.find_all("tr")
        ]

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's last POST form."""
        forms = [f for f in self.html.find_all("form") if f.get("method", "").lower() == "post"]
        fields = forms[-1].find_all("input", type="hidden") if forms else []
        return {str(f["name"]): str(f.get("value", "")) for f in fields if isinstance(f, Tag)}


class Stranger:
    """Somebody without an account."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, status: int = 200, **options: Any) -> Page:
        page = Page(self.ask(self.client.get, path, **options))
        assert page.status == status, f"GET {path}: {page.status}\n{page.words[:2000]}"
        return page

    def post(
        self, path: str, data: dict[str, Any] | None = None, status: int = 302, **options: Any
    ) -> Page:
        page = Page(self.ask(self.client.post, path, data=self.sent(data or {}), **options))
        assert page.status == status, f"POST {path}: {page.status}\n{page.words[:2000]}"
        return page

    def ask(self, method: Callable[..., TestResponse], path: str, **options: Any) -> TestResponse:
        """A request says itself whether it writes: that the test does is not its business."""
        token = WRITES.set(False)
        try:
            return method(path, **options)
        finally:
            WRITES.reset(token)

    def sent(self, data: dict[str, Any]) -> dict[str, Any]:
        return data


class Member(Stranger):
    """Somebody signed in. Posts carry the CSRF token by themselves."""

    def __init__(self, app: Flask, user: UserAccount, roles: frozenset[Role]) -> None:
        super().__init__(app)
        self.viewer = Viewer(id=user.id, name=user.name, email=user.email, roles=roles)
        self.user_id = user.id

    @property
    def actor(self) -> Actor:
        return self.viewer.actor

    def sent(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"csrf_token": self.csrf, **data}

    csrf = ""


def sign_in_as(app: Flask, session: Session, name: str, *roles: Role) -> Member:
    """An account with these roles and a session of its own, committed."""
    now = clock.now()
    address = f"{name.split()[0].lower()}@cast.example"
    user = UserAccount(email=address, name=name, created_at=now)
    user.roles = [UserRole(role=role) for role in roles]
    session.add(user)
    session.flush()
    token = f"token-of-{user.id}"
    session.add(
        UserSession(
            token_hash=hashed(token),
            user_id=user.id,
            data={"_user_id": str(user.id), "_fresh": True},
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFETIME,
        )
    )
    member = Member(app, user, frozenset(roles))
    session.commit()  # nothing is read after it: the test's session would hold SQLite's write lock
    member.client.set_cookie("session", token)
    member.csrf = csrf_of(app, token)
    return member


def csrf_of(app: Flask, token: str) -> str:
    with app.test_request_context(headers={"Cookie": f"session={token}"}):
        return csrf_token()


def told(session: Session, asked: Any) -> Any:
    """One value, and the lock let go again: SQLite has one writer, and the page wants to be it."""
    session.rollback()
    value = session.scalar(asked)
    session.rollback()
    return value
