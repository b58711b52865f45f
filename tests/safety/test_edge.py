"""What the edge refuses before a view sees it, and what it tells the browser."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from crm.accounts.models import UserAccount, UserSession
from crm.app import create_app
from crm.companies.models import Company
from crm.documents.models import Document
from crm.memberships import agreements
from crm.office.users import views as users
from crm.web import clock
from tests.cast import Stranger
from tests.conftest import NOW, settings
from tests.factories.accounts import PASSWORD, user
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import PDF, MembershipFactory

INVITED = {"name": "Nils Holm", "email": "nils@office.example", "roles": ["staff"]}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "[::1"]
)
def test_a_foreign_host_is_a_bad_request(stranger, host):
    page = stranger.get("/sign-in", status=400, headers={"Host": host})
    assert "evil" not in page.text


def test_the_address_of_the_site_never_comes_from_the_host(stranger):
    page = stranger.get("/office/", status=302, headers={"Host": "localhost:9"})
    assert page.location == "/sign-in?next=/office/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_form_from_another_site_is_refused(dana, stranger, session, headers):
    dana.post("/office/users/new", INVITED, status=403, headers=headers)
    hidden = stranger.get("/sign-in").hidden()
    stranger.post("/sign-in", {**hidden, "email": "a", "password": "b"}, 403, headers=headers)
    assert session.scalar(select(func.count()).select_from(UserAccount)) == 1


def test_the_token_of_another_session_opens_nothing(dana, sam, session):
    sent = {**INVITED, "csrf_token": sam.csrf}
    page = dana.post("/office/users/new", sent, status=400)
    assert "Go back and send again" in page.words


def test_nobody_is_signed_in_by_a_form_they_did_not_open(stranger, session):
    """Login CSRF: without a token that we signed for this form, no session begins."""
    user(email="una@office.example")
    session.commit()
    sent = {"email": "una@office.example", "password": PASSWORD, "form_token": "1.a.b"}
    stranger.post("/sign-in", sent, status=422)
    other = stranger.get("/password/forgotten").hidden()["form_token"]
    stranger.post("/sign-in", {**sent, "form_token": other}, status=422)
    assert stranger.client.get_cookie("session") is None


def test_a_session_nobody_began_is_none(app, stranger):
    stranger.client.set_cookie("session", "chosen-by-an-attacker")
    stranger.get("/office/", status=302)
    assert "session=chosen" not in str(stranger.get("/sign-in").response.headers)


def test_a_session_runs_out(dana, session, monkeypatch):
    session.execute(update(UserSession).values(expires_at=NOW - timedelta(seconds=1)))
    session.commit()
    dana.get("/office/", status=302)


def test_strangers_get_no_cookie_and_no_session(stranger, session):
    for path in ("/", "/join", "/contact", "/people", "/sign-in", "/password/forgotten"):
        assert "Set-Cookie" not in stranger.get(path).response.headers
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_the_cookie_is_for_this_site_and_no_script(stranger, session):
    user(email="una@office.example")
    session.commit()
    sent = {"email": "una@office.example", "password": PASSWORD}
    page = stranger.post("/sign-in", {**stranger.get("/sign-in").hidden(), **sent})
    cookie = page.response.headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_under_https_the_cookie_is_secure_and_the_hosts_own(tmp_path):
    app = create_app(
        {
            **settings(f"sqlite:///{tmp_path}/x.db", tmp_path),
            "SESSION_COOKIE_SECURE": True,
            "BASE_URL": "https://crm.example",
        }
    )
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"


def test_every_answer_tells_the_browser_what_not_to_do(stranger, dana):
    for who, path, status in (
        (stranger, "/", 200),
        (stranger, "/nothing", 404),
        (dana, "/office/users", 200),
        (dana, "/office/reports/membership-roll.csv", 200),
    ):
        headers = who.get(path, status=status).response.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"


def test_a_body_beyond_the_limit_is_not_read(stranger, dana):
    stranger.post("/join", {"message": "x" * 2_000_000}, status=413)
    dana.post("/office/users/new", {**INVITED, "name": "x" * 2_000_000}, status=413)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(dana, method):
    answer = dana.ask(getattr(dana.client, method), "/office/users")
    assert answer.status_code == 405


def test_a_method_cannot_be_smuggled_in(dana, session):
    mill = CompanyFactory(name="Aldous Mills")
    id_ = mill.id
    session.commit()
    dana.ask(
        dana.client.post,
        f"/office/companies/{id_}",
        data=dana.sent({"_method": "DELETE"}),
        headers={"X-HTTP-Method-Override": "DELETE"},
    )
    assert session.get(Company, id_) is not None


def test_a_transaction_told_to_give_way_begins_anew(dana, session, monkeypatch):
    """PostgreSQL ends one of two that wait for each other; nobody is to notice."""
    real, tries = users.access_links.invite, []

    def deadlocked_once(*arguments, **more):
        tries.append(1)
        made = real(*arguments, **more)
        if len(tries) == 1:
            raise OperationalError("UPDATE", {}, DeadlockDetected())
        return made

    monkeypatch.setattr(users.access_links, "invite", deadlocked_once)
    dana.post("/office/users/new", INVITED)
    assert len(tries) == 2
    named = select(UserAccount.name).where(UserAccount.email == INVITED["email"])
    assert session.scalars(named).all() == ["Nils Holm"]


def test_a_file_is_there_again_when_its_transaction_begins_anew(sam, session, monkeypatch):
    term = MembershipFactory(unsigned=True).id
    session.commit()
    real, kept = agreements.add, []

    def deadlocked_once(*arguments, **more):
        made = real(*arguments, **more)
        kept.append(made)
        if len(kept) == 1:
            raise OperationalError("UPDATE", {}, DeadlockDetected())
        return made

    monkeypatch.setattr(agreements, "add", deadlocked_once)
    file = {"file": (io.BytesIO(PDF), "agreement.pdf")}
    sam.post(f"/office/memberships/{term}/agreements/new", file)
    assert len(kept) == 2
    assert session.scalars(select(Document.size)).all() == [len(PDF)]


def test_who_gives_way_again_and_again_is_told_to_come_back(dana, session, monkeypatch):
    def deadlocked(*arguments, **more):
        raise OperationalError("UPDATE", {}, DeadlockDetected())

    monkeypatch.setattr(users.access_links, "invite", deadlocked)
    page = dana.post("/office/users/new", INVITED, status=503)
    assert page.response.headers["Retry-After"] == "5"


def test_a_constraint_nobody_foresaw_is_a_conflict(dana, session, monkeypatch):
    def unforeseen(*arguments, **more):
        arguments[0].add(Company(name=" ", name_key="x", match_key="", created_at=clock.now()))
        arguments[0].flush()

    monkeypatch.setattr(users.access_links, "invite", unforeseen)
    page = dana.post("/office/users/new", INVITED, status=409)
    assert "does not go together" in page.words
    assert session.scalar(select(func.count()).select_from(Company)) == 0


def test_who_was_here_is_noted_at_most_once_a_minute(dana, session, statements, monkeypatch):
    statements.clear()
    dana.get("/office/")
    assert not [s for s in statements if s.startswith("UPDATE")]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    dana.get("/office/")
    assert len([s for s in statements if s.startswith("UPDATE user_session")]) == 1


def test_a_locked_database_keeps_nobody_from_reading(dana, session, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    session.execute(update(UserSession).values(data=UserSession.data))  # holds SQLite's write lock
    dana.get("/office/")
    session.rollback()


def test_an_error_in_the_log_holds_nothing_people_wrote(dana, monkeypatch, caplog):
    def faulty(session, *arguments, **more):
        session.execute(update(UserAccount).values(name="canary" * 400))

    monkeypatch.setattr(users.access_links, "invite", faulty)
    answer = dana.ask(dana.client.post, "/office/users/new", data=dana.sent(INVITED))
    assert answer.status_code in (400, 409)
    assert "canary" not in caplog.text


def test_a_stranger_is_a_stranger_on_every_office_page(app):
    assert Stranger(app).get("/office/users", status=302).location.startswith("/sign-in?next=")
