"""Signing in and out, as people meet it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from crm.accounts.models import RateCount, UserAccount, UserRole, UserSession
from crm.accounts.rules import Role
from crm.journal.models import JournalEntry
from crm.web import clock, credentials
from tests.cast import Stranger
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD, user


@pytest.fixture
def una(session):
    una = user(email="una@office.example", name="Una Berg")
    session.commit()
    return una


def sign_in(who, email="una@office.example", password=PASSWORD, status=302, **more):
    hidden = who.get(f"/sign-in{more.pop('query', '')}").hidden()
    return who.post(
        "/sign-in", {**hidden, "email": email, "password": password, **more}, status=status
    )


def test_a_right_password_opens_the_office(stranger, una, session):
    page = sign_in(stranger)
    assert page.location == "/office/"
    assert stranger.get("/sign-out").words.startswith("Sign out? You are signed in as Una Berg")
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_whoever_asked_for_a_page_comes_back_to_it(stranger, una):
    page = sign_in(stranger, query="?next=/office/companies?q=mills")
    assert page.location == "/office/companies?q=mills"


def test_who_is_in_already_is_sent_on(stranger, una):
    sign_in(stranger)
    assert stranger.get("/sign-in?next=/office/people", status=302).location == "/office/people"


@pytest.mark.parametrize(
    ("email", "password"),
    [("una@office.example", "wrong"), ("nobody@office.example", PASSWORD)],
)
def test_wrong_and_unknown_get_the_same_answer(stranger, una, email, password):
    page = sign_in(stranger, email, password, status=422)
    assert "do not go together" in page.words
    assert page.html.find("input", id="email")["value"] == email
    assert page.html.find("input", id="password").get("value", "") == ""
    assert "Set-Cookie" not in page.response.headers


def test_the_address_may_be_written_in_any_case(stranger, una):
    assert sign_in(stranger, " Una@Office.Example ").location == "/office/"


def test_a_disabled_or_invited_account_does_not_open(stranger, una, session):
    session.execute(update(UserAccount).values(disabled_at=NOW))
    session.commit()
    sign_in(stranger, status=422)
    session.execute(update(UserAccount).values(disabled_at=None, password_hash=None))
    session.commit()
    assert "do not go together" in sign_in(stranger, status=422).words


def test_sign_out_ends_the_session_whatever_cookie_is_left(stranger, una, session, app):
    sign_in(stranger)
    cookie = stranger.client.get_cookie("session").value
    stranger.post("/sign-out", stranger.get("/sign-out").hidden())
    thief = Stranger(app)
    thief.client.set_cookie("session", cookie)
    assert thief.get("/sign-out", status=302).location == "/sign-in"
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_signing_out_twice_is_no_fault(stranger):
    assert stranger.post("/sign-out").location == "/sign-in"


def test_signing_in_gives_a_new_token_and_ends_the_old(stranger, una, session):
    sign_in(stranger)
    first = stranger.client.get_cookie("session").value
    stranger.client.post("/sign-out", data=stranger.get("/sign-out").hidden())
    sign_in(stranger)
    assert stranger.client.get_cookie("session").value != first
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_failures_pause_the_account_even_for_the_right_password(
    stranger, una, session, monkeypatch
):
    for _ in range(credentials.TRIES_PER_ACCOUNT):
        sign_in(stranger, password="wrong", status=422)
    page = sign_in(stranger, status=429)
    assert "paused until Jun 15, 2026, 14:45 EDT" in page.words
    assert page.response.headers["Retry-After"] == "901"
    assert "sign-in paused" in session.scalars(select(JournalEntry.act)).all()
    session.rollback()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=16))
    assert sign_in(stranger).location == "/office/"


def test_an_unknown_address_is_paused_alike(stranger):
    for _ in range(credentials.TRIES_PER_ACCOUNT):
        sign_in(stranger, "nobody@office.example", status=422)
    assert "is paused" in sign_in(stranger, "nobody@office.example", status=429).words


def test_many_accounts_tried_from_one_address_are_paused(stranger, una, monkeypatch):
    monkeypatch.setattr(credentials, "TRIES_PER_ADDRESS", 3)
    for number in range(3):
        sign_in(stranger, f"user-{number}@office.example", status=422)
    sign_in(stranger, status=429)


def test_successes_are_never_throttled(stranger, una, session, monkeypatch):
    monkeypatch.setattr(credentials, "TRIES_PER_ADDRESS", 3)
    for _ in range(6):
        sign_in(stranger)
        stranger.post("/sign-out", stranger.get("/sign-out").hidden())
    assert session.scalars(select(RateCount.count)).all() == [0]


def test_a_form_without_its_token_is_shown_again(stranger, una):
    page = stranger.post(
        "/sign-in", {"email": "una@office.example", "password": PASSWORD}, status=422
    )
    assert "open for long" in page.words


def test_a_disabled_account_is_out_at_the_next_click(stranger, una, session):
    sign_in(stranger)
    assert stranger.get("/sign-out").words
    session.execute(update(UserAccount).values(disabled_at=NOW))
    session.commit()
    assert stranger.get("/sign-out", status=302).location == "/sign-in"


def test_signing_in_is_journalled(stranger, una, session):
    sign_in(stranger)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "signed in")).one()
    assert (entry.kind, entry.record_id, entry.actor_name) == ("user", una.id, "Una Berg")


def test_the_cast_has_the_roles_it_plays(session):
    made = user(Role.READER)
    session.commit()
    role = session.scalar(select(UserRole.role).where(UserRole.user_id == made.id))
    assert role == Role.READER
