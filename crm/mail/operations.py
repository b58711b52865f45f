"""Post a letter in the caller's transaction; deliver it after that is committed.

Delivery is at least once: a letter is leased, handed over, and marked in three steps, so a
worker that dies in between loses nothing. Its Message-ID never changes.
"""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from crm.kit.errors import RuleBroken
from crm.kit.text import one_line
from crm.mail import queries
from crm.mail.letters import Letter
from crm.mail.models import OutgoingAttachment, OutgoingMail

LEASE = timedelta(seconds=120)
"""Longer than the postman's own time limit, so a letter in hand is not taken twice."""
PAUSES = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes before the next try, by failures so far; after the last one it is given up."""

_POST = {
    name: insert(OutgoingMail).on_conflict_do_nothing(index_elements=[OutgoingMail.dedupe_key])
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}

Postman = Callable[[OutgoingMail], None]

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[2] / "templates" / "mail"),
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class NotWaiting(RuleBroken):
    """What has gone out, or is going, is not sent by hand."""


def post(session: Session, letter: Letter, *, now: datetime) -> OutgoingMail | None:
    """Write the letter into the outbox; None if one with its dedupe key is there already."""
    if letter.dedupe_key is not None:
        known = select(OutgoingMail.id).where(OutgoingMail.dedupe_key == letter.dedupe_key)
        if session.scalar(known) is not None:
            return None
    mail = OutgoingMail(**_written(letter, now))
    mail.attachments = [
        OutgoingAttachment(file_name=a.file_name, media_type=a.media_type, content=a.content)
        for a in letter.attachments
    ]
    session.add(mail)
    return mail


def post_all(session: Session, letters: Sequence[Letter], *, now: datetime) -> None:
    """Write several letters in one statement; those whose dedupe key is known are left out.

    One with an attachment is posted alone.
    """
    if any(letter.attachments for letter in letters):
        raise ValueError("A letter with an attachment is posted alone.")
    if not letters:
        return
    connection = session.connection()
    rows = [_written(letter, now) for letter in letters]
    connection.execute(_POST[connection.dialect.name], rows)


def preview(letter: Letter) -> tuple[str, str]:
    """Subject and text as they would go out."""
    return _subject(letter), _body(letter)


def _subject(letter: Letter) -> str:
    written = _templates.get_template(f"{letter.name}/subject.txt").render(letter.facts)
    return one_line(written)[:200]


def _body(letter: Letter) -> str:
    if letter.body is not None:
        return letter.body
    return _templates.get_template(f"{letter.name}/body.txt").render(letter.facts)


def _written(letter: Letter, now: datetime) -> dict[str, Any]:
    """The columns of a new row: the letter as its template says it."""
    kind, record_id = letter.about or (None, None)
    return {
        "letter": letter.name,
        "dedupe_key": letter.dedupe_key,
        "message_id": make_msgid(domain="alliance-crm.invalid"),
        "to": letter.to,
        "reply_to": letter.reply_to,
        "subject": _subject(letter),
        "body": _body(letter),
        "private": letter.private,
        "about_kind": kind,
        "about_id": record_id,
        "posted_at": now,
        "due_at": now,
    }


def lease_next(session: Session, *, now: datetime) -> OutgoingMail | None:
    """Take the next due letter for `LEASE`; the caller commits, then delivers it."""
    mail = session.scalar(
        select(OutgoingMail)
        .where(queries.waiting(now))
        .order_by(OutgoingMail.due_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if mail is not None:
        mail.lease, mail.leased_until = uuid.uuid4().hex, now + LEASE
        mail.attempts += 1
    return mail


def mark_sent(session: Session, mail: OutgoingMail, *, now: datetime) -> None:
    """What is private is dropped: its text, and what was attached."""
    ended = _end_lease(
        session, mail, sent_at=now, last_error=None, **({"body": ""} if mail.private else {})
    )
    if ended and mail.private:
        session.execute(delete(OutgoingAttachment).where(OutgoingAttachment.mail_id == mail.id))


def mark_failed(session: Session, mail: OutgoingMail, error: Exception, *, now: datetime) -> None:
    """Plan the next try, or give up: at once when the server says it will never take it."""
    hopeless = _is_permanent(error) or mail.attempts > len(PAUSES)
    pause = timedelta(minutes=PAUSES[min(mail.attempts, len(PAUSES)) - 1])
    _end_lease(
        session,
        mail,
        failed_at=now if hopeless else None,
        due_at=mail.due_at if hopeless else now + pause,
        last_error=one_line(f"{type(error).__name__}: {error}")[:500],
    )


def try_again(mail: OutgoingMail, *, now: datetime) -> None:
    """Put a letter that was given up, or pauses after a failure, at the head of the queue."""
    if mail.sent_at is not None:
        raise NotWaiting("This letter has gone out already.")
    if mail.leased_until is not None and mail.leased_until > now:
        raise NotWaiting("This letter is being sent at this moment.")
    mail.failed_at, mail.attempts, mail.due_at = None, 0, now


def stop(session: Session, dedupe_key: str) -> bool:
    """Take a letter back that waits in the outbox; whether it could be: not what has gone out, was
    given up, or is in a postman's hands."""
    waits = select(OutgoingMail.id).where(
        OutgoingMail.dedupe_key == dedupe_key,
        OutgoingMail.sent_at.is_(None),
        OutgoingMail.failed_at.is_(None),
        OutgoingMail.lease.is_(None),
    )
    mail_id = session.scalar(waits.with_for_update())
    if mail_id is None:
        return False
    session.execute(delete(OutgoingAttachment).where(OutgoingAttachment.mail_id == mail_id))
    session.execute(delete(OutgoingMail).where(OutgoingMail.id == mail_id))
    return True


def deliver_due(
    make_session: Callable[[], Session],
    postman: Postman,
    *,
    clock: Callable[[], datetime],
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Hand every due letter to the postman, each on short transactions; return how many went.

    Ends early, between two letters, when `stopped` says so.
    """
    sent = 0
    while not stopped():
        with make_session() as session:
            mail = lease_next(session, now=clock())
            session.commit()
            if mail is None:
                break
            queries.load_attachments(session, mail)
            session.expunge_all()
            session.rollback()
        failure: Exception | None = None
        try:
            postman(mail)
        except Exception as error:  # one letter that cannot be sent must not hold up the others
            failure = error
        with make_session() as session:
            if failure is None:
                mark_sent(session, mail, now=clock())
                sent += 1
            else:
                mark_failed(session, mail, failure, now=clock())
            session.commit()
    return sent


def _end_lease(session: Session, mail: OutgoingMail, **values: object) -> bool:
    """Write the result only if the lease is still ours: a slow worker must not undo another's."""
    written = session.scalar(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail.id, OutgoingMail.lease == mail.lease)
        .values(lease=None, leased_until=None, **values)
        .returning(OutgoingMail.id)
    )
    return written is not None


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # the server's set-up, not the letter's fault
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600
