"""Choosing a password by a link, having it sent, changing it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from crm.accounts import passwords
from crm.accounts.models import AccountToken, UserAccount, UserSession
from crm.mail.models import OutgoingMail
from crm.web import clock, credentials
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD, user

NEW = "nine quiet harbours"


@pytest.fixture
def una(session):
    una = user(email="una@office.example", name="Una Berg")
    session.commit()
    return una


def ask(who, email):
    return who.post(
        "/password/forgotten", {**who.get("/password/forgotten").hidden(), "email": email}
    )


def link_in(session):
    session.rollback()
    body = session.scalars(select(OutgoingMail.body).order_by(OutgoingMail.id.desc())).first()
    session.rollback()
    return re.search(r"http://127.0.0.1:8000(/password/link/\S+)", body).group(1)


def choose(who, link, password=NEW, again=None, status=302):
    sent = {**who.get(link).hidden(), "password": password, "again": again or password}
    return who.post(link, sent, status=status)


def opens_with(session, password):
    session.rollback()
    kept = session.scalar(select(UserAccount.password_hash).where(UserAccount.name == "Una Berg"))
    session.rollback()
    return passwords.matches(password, kept)


def test_the_page_says_the_same_of_known_and_unknown(stranger, una, session):
    known = ask(stranger, "una@office.example")
    unknown = ask(stranger, "nobody@office.example")
    assert known.location == unknown.location == "/password/asked"
    assert "If the address has an account" in stranger.get("/password/asked").words
    assert session.scalars(select(OutgoingMail.to)).all() == ["una@office.example"]
    assert session.scalar(select(func.count()).select_from(AccountToken)) == 1


def test_the_link_sets_the_password_once(stranger, una, session):
    ask(stranger, "una@office.example")
    link = link_in(session)
    stranger.get(link)
    stranger.get(link)  # a mail filter looks, too
    assert choose(stranger, link).location == "/sign-in?set=1"
    assert opens_with(session, NEW)
    assert "Your password is set" in stranger.get("/sign-in?set=1").words
    assert "has been used or has run out" in stranger.get(link, status=404).words
    stranger.post(link, {"password": NEW, "again": NEW}, status=404)


def test_only_the_hash_of_a_link_is_kept(stranger, una, session):
    ask(stranger, "una@office.example")
    secret = link_in(session).rsplit("/", 1)[1]
    token = session.scalars(select(AccountToken)).one()
    assert secret not in token.token_hash
    assert len(token.token_hash) == 64


def test_links_run_out(stranger, una, session, monkeypatch):
    ask(stranger, "una@office.example")
    link = link_in(session)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=61))
    stranger.get(link, status=404)


def test_only_the_newest_link_works(stranger, una, session):
    ask(stranger, "una@office.example")
    first = link_in(session)
    ask(stranger, "una@office.example")
    stranger.get(first, status=404)
    stranger.get(link_in(session))


def test_a_disabled_account_gets_no_letter_and_opens_by_no_link(stranger, una, session):
    ask(stranger, "una@office.example")
    link = link_in(session)
    session.execute(update(UserAccount).values(disabled_at=NOW))
    session.commit()
    stranger.get(link, status=404)
    ask(stranger, "una@office.example")
    assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 1


def test_letters_to_one_address_are_few(stranger, una, session):
    for _ in range(credentials.LETTERS_PER_ACCOUNT + 2):
        ask(stranger, "una@office.example")
    sent = session.scalar(select(func.count()).select_from(OutgoingMail))
    assert sent == credentials.LETTERS_PER_ACCOUNT


def test_a_weak_or_mistyped_password_is_refused_and_the_link_kept(stranger, una, session):
    ask(stranger, "una@office.example")
    link = link_in(session)
    assert "at least 12" in choose(stranger, link, "short", status=422).words
    assert "not the same" in choose(stranger, link, NEW, "other", status=422).words
    choose(stranger, link)
    assert opens_with(session, NEW)


def test_a_new_password_ends_every_session(stranger, una, session, app):
    session.add(
        UserSession(
            token_hash="0" * 64,
            user_id=una.id,
            data={},
            created_at=NOW,
            last_seen_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
    )
    session.commit()
    ask(stranger, "una@office.example")
    choose(stranger, link_in(session))
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_changing_it_asks_for_the_present_one(stranger, una, session):
    hidden = stranger.get("/sign-in").hidden()
    stranger.post("/sign-in", {**hidden, "email": "una@office.example", "password": PASSWORD})
    session.rollback()
    before = stranger.client.get_cookie("session").value
    hidden = stranger.get("/password").hidden()
    wrong = {**hidden, "current": "wrong", "password": NEW, "again": NEW}
    assert "not your present password" in stranger.post("/password", wrong, status=422).words
    weak = {**hidden, "current": PASSWORD, "password": "short", "again": "short"}
    assert "at least 12" in stranger.post("/password", weak, status=422).words
    stranger.post("/password", {**hidden, "current": PASSWORD, "password": NEW, "again": NEW})
    assert opens_with(session, NEW)
    assert stranger.client.get_cookie("session").value != before
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_changing_it_ends_the_links_sent_before(stranger, una, session):
    ask(stranger, "una@office.example")
    link = link_in(session)
    hidden = stranger.get("/sign-in").hidden()
    stranger.post("/sign-in", {**hidden, "email": "una@office.example", "password": PASSWORD})
    hidden = stranger.get("/password").hidden()
    stranger.post("/password", {**hidden, "current": PASSWORD, "password": NEW, "again": NEW})
    stranger.get(link, status=404)


def test_a_link_of_before_does_not_open_an_account_that_is_enabled_again(
    stranger, ada, una, session
):
    una_id = una.id
    session.rollback()
    ask(stranger, "una@office.example")
    link = link_in(session)
    ada.post(f"/office/users/{una_id}/disable", {})
    ada.post(f"/office/users/{una_id}/enable", {})
    stranger.get(link, status=404)


def test_changing_it_needs_a_session(stranger):
    assert stranger.get("/password", status=302).location == "/sign-in?next=/password"
    stranger.post("/password", {}, status=401)
