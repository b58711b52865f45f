"""What a mail server can do to us, and no letter is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_mail import Mail
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import RateCount
from crm.cli import worker
from crm.mail.letters import Attachment, Letter
from crm.mail.models import OutgoingAttachment, OutgoingMail
from crm.mail.operations import post_all
from crm.web import clock
from crm.web.database import reading
from tests.conftest import NOW
from tests.databases import TestDatabase
from tests.factories.mail import OutgoingMailFactory
from tests.mailserver import Mailbox, mail_server
from tests.servers import environment, free_port, running_worker, wait_for


@pytest.fixture
def letter(session: Session) -> OutgoingMail:
    letter = OutgoingMailFactory()
    session.commit()
    return letter


@pytest.fixture
def look(app: Flask, session: Session) -> Callable[[], None]:
    """One look of the worker."""

    def look() -> None:
        session.commit()  # on SQLite what the test has read holds the lock
        with app.app_context(), reading():
            worker.deliver()

    return look


def later(monkeypatch: pytest.MonkeyPatch, **pause: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(**pause))


def test_a_letter_arrives_as_it_was_written(
    look: Callable[[], None], session: Session, mailbox: Mailbox, letter: OutgoingMail
) -> None:
    look()
    (arrived,) = mailbox.letters
    assert arrived["Message-ID"] == letter.message_id
    assert arrived["To"] == letter.to
    assert arrived["From"] == '"Manufacturing@MIT" <connect@mfg.mit.edu>'
    assert arrived.get_content().strip() == letter.body
    session.refresh(letter)
    assert letter.sent_at == NOW
    assert letter.lease is None


def test_what_is_attached_arrives_byte_for_byte_and_stays(
    look: Callable[[], None], session: Session, mailbox: Mailbox, letter: OutgoingMail
) -> None:
    content = b"%PDF-1.7\r\n\x00\xff" * 5_000
    attach(session, letter, content)
    look()
    (arrived,) = mailbox.letters
    (part,) = arrived.iter_attachments()
    assert part.get_content() == content
    assert (part.get_filename(), part.get_content_type()) == ("INV-1.pdf", "application/pdf")
    body = arrived.get_body()
    assert body is not None
    assert body.get_content().strip() == letter.body
    assert session.scalars(select(OutgoingAttachment.content)).one() == content


def test_what_is_private_is_dropped_with_its_attachment_once_it_has_gone(
    look: Callable[[], None], session: Session, mailbox: Mailbox, letter: OutgoingMail
) -> None:
    letter.private = True
    attach(session, letter, b"only for its reader")
    mailbox.answer = "550 no such mailbox"
    look()
    assert session.scalars(select(OutgoingAttachment.id)).all()
    letter.failed_at = None
    mailbox.answer = "250 OK"
    look()
    assert len(mailbox.letters) == 1
    assert session.scalars(select(OutgoingAttachment.id)).all() == []


def test_a_letter_with_an_attachment_is_posted_alone(session: Session) -> None:
    file = Attachment(file_name="a.pdf", media_type="application/pdf", content=b"%PDF")
    with pytest.raises(ValueError, match="alone"):
        post_all(session, [Letter(name="invoice", to="a@b.example", attachments=[file])], now=NOW)


def attach(session: Session, letter: OutgoingMail, content: bytes) -> None:
    session.add(
        OutgoingAttachment(
            mail_id=letter.id,
            file_name="INV-1.pdf",
            media_type="application/pdf",
            content=content,
        )
    )


@pytest.mark.parametrize("code", ["421", "451", "452"])
def test_a_server_that_cannot_now_is_asked_again(
    look: Callable[[], None],
    session: Session,
    mailbox: Mailbox,
    letter: OutgoingMail,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    mailbox.answer = f"{code} not now"
    look()
    session.refresh(letter)
    assert (letter.sent_at, letter.failed_at, letter.attempts) == (None, None, 1)
    assert letter.due_at == NOW + timedelta(minutes=1)
    assert code in (letter.last_error or "")

    mailbox.answer = "250 OK"
    look()
    assert mailbox.letters == []
    later(monkeypatch, minutes=1)
    look()
    assert [arrived["Message-ID"] for arrived in mailbox.letters] == [letter.message_id]


def test_the_pauses_grow_until_the_letter_is_given_up(
    look: Callable[[], None],
    session: Session,
    mailbox: Mailbox,
    letter: OutgoingMail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailbox.answer = "451 not now"
    pauses = []
    while letter.failed_at is None:
        before = letter.due_at
        monkeypatch.setattr(clock, "now", lambda moment=before: moment)
        look()
        session.refresh(letter)
        pauses.append(letter.due_at - before)
    assert pauses == [*sorted(pauses[:-1]), timedelta(0)]
    assert sum(pauses, timedelta()) > timedelta(days=1)


def test_a_refused_letter_is_given_up_at_once_and_holds_up_no_other(
    look: Callable[[], None], session: Session, mailbox: Mailbox, letter: OutgoingMail
) -> None:
    mailbox.answer = "550 no such mailbox"
    look()
    session.refresh(letter)
    assert letter.failed_at == NOW
    mailbox.answer = "250 OK"
    other = OutgoingMailFactory()
    session.commit()
    look()
    assert [arrived["To"] for arrived in mailbox.letters] == [other.to]


def test_a_connection_cut_before_the_reply_sends_again_under_the_same_id(
    look: Callable[[], None],
    session: Session,
    mailbox: Mailbox,
    letter: OutgoingMail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailbox.cut_before_reply = True
    look()
    session.refresh(letter)
    assert letter.sent_at is None
    mailbox.cut_before_reply = False
    later(monkeypatch, minutes=1)
    look()
    session.refresh(letter)
    assert letter.sent_at is not None
    assert {arrived["Message-ID"] for arrived in mailbox.letters} == {letter.message_id}
    assert len(mailbox.letters) == 2


def test_a_server_that_is_away_keeps_the_letter_waiting(
    app: Flask,
    look: Callable[[], None],
    session: Session,
    letter: OutgoingMail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "MAIL_SERVER", "127.0.0.1")
    monkeypatch.setitem(app.config, "MAIL_PORT", free_port())
    monkeypatch.setitem(app.extensions, "mail", Mail(app).state)
    look()
    session.refresh(letter)
    assert (letter.sent_at, letter.failed_at, letter.attempts) == (None, None, 1)
    assert "ConnectionRefusedError" in (letter.last_error or "")


def test_a_letter_that_cannot_be_written_holds_up_no_other(
    look: Callable[[], None], session: Session, mailbox: Mailbox
) -> None:
    broken = OutgoingMailFactory(to="not an address\nBcc: all@elsewhere.example")
    sound = OutgoingMailFactory()
    session.commit()
    look()
    session.refresh(broken)
    assert broken.sent_at is None
    assert broken.last_error
    assert [arrived["To"] for arrived in mailbox.letters] == [sound.to]


def test_without_a_server_letters_stay(
    look: Callable[[], None], session: Session, letter: OutgoingMail
) -> None:
    look()
    session.refresh(letter)
    assert (letter.sent_at, letter.attempts) == (None, 0)


def test_a_look_that_finds_no_letter_leaves_the_rest_of_the_round_free_to_write(
    app: Flask, session: Session, mailbox: Mailbox
) -> None:
    session.add(RateCount(key="long ago", count=1, expires_at=NOW - timedelta(days=1)))
    session.commit()
    with app.app_context(), reading():
        worker.deliver()
        worker.clear()
    assert session.scalars(select(RateCount.key)).all() == []


def test_a_worker_killed_in_the_middle_loses_nothing(
    session: Session, database: TestDatabase, letter: OutgoingMail, tmp_path
) -> None:
    with mail_server() as (mailbox, settings):
        given = environment(DATABASE_URL=database.url, CRM_DATA_DIR=str(tmp_path), **settings)
        mailbox.seconds_of_thought = 60
        with running_worker(given) as killed:
            wait_for(lambda: mailbox.thinking)
            os.kill(killed.pid, signal.SIGKILL)
        session.refresh(letter)
        assert letter.sent_at is None
        assert letter.leased_until is not None

        letter.leased_until = NOW  # as if its time had passed
        session.commit()
        mailbox.seconds_of_thought = 0
        with running_worker(given) as another:
            wait_for(lambda: mailbox.letters)
            wait_for(lambda: marked_as_sent(session))
            another.send_signal(signal.SIGTERM)
            assert another.wait(30) == 0
        assert [arrived["Message-ID"] for arrived in mailbox.letters] == [letter.message_id]


def marked_as_sent(session: Session) -> datetime | None:
    """Asked in a transaction that ends at once: on SQLite it would keep the worker from writing."""
    sent_at = session.scalar(select(OutgoingMail.sent_at))
    session.rollback()
    return sent_at
