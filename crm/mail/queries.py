from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from crm.kit.errors import NotFound
from crm.mail.models import OutgoingAttachment, OutgoingMail


def waiting(now: datetime) -> ColumnElement[bool]:
    """Due, and in nobody's hands."""
    return and_(
        OutgoingMail.sent_at.is_(None),
        OutgoingMail.failed_at.is_(None),
        OutgoingMail.due_at <= now,
        or_(OutgoingMail.leased_until.is_(None), OutgoingMail.leased_until <= now),
    )


def anything_waiting(session: Session, *, now: datetime) -> bool:
    """Whether a postman has something to do: a read, which takes no lock."""
    return session.scalar(select(OutgoingMail.id).where(waiting(now)).limit(1)) is not None


class Tally(NamedTuple):
    """How many letters stand in each state but sent."""

    waiting: int
    stuck: int
    failed: int


def tally(session: Session) -> Tally:
    """One statement over the letters that are not sent."""
    tried = OutgoingMail.failed_at.is_(None) & (OutgoingMail.attempts > 0)
    row = session.execute(
        select(
            func.count().filter(OutgoingMail.failed_at.is_(None)),
            func.count().filter(tried & OutgoingMail.last_error.is_not(None)),
            func.count().filter(OutgoingMail.failed_at.is_not(None)),
        ).where(OutgoingMail.sent_at.is_(None))
    ).one()
    return Tally(*row)


@dataclass(frozen=True)
class Told:
    """What a viewer is told of a letter, but for its text."""

    to: str
    reply_to: str
    subject: str
    last_error: str


def told(mail: OutgoingMail | Row[Any], *, reads: bool) -> Told:
    """Who may not read letters learns of a letter's kind and of the domain it goes to.

    Address, subject and a server's answer name people. Letters about an account are the
    business of whoever keeps the accounts.
    """
    if reads or mail.about_kind == "user":
        return Told(mail.to, mail.reply_to or "", mail.subject, mail.last_error or "")
    domain = mail.to.rpartition("@")[2]
    answer = "The server's answer is not shown." if mail.last_error else ""
    return Told(f"…@{domain}", "", mail.letter.replace("-", " ").capitalize(), answer)


@dataclass(frozen=True)
class MailSearch:
    """The filters of the outbox page; `show`: waiting · stuck · failed · sent · all.

    `reads`: whether the viewer reads letters; if not, words find kinds of letters only.
    """

    q: str = ""
    show: str = "all"
    reads: bool = True

    def select(self) -> Select[Any]:
        """Without the bodies, newest first."""
        found: Select[Any] = select(  # type: ignore[assignment]
            OutgoingMail.id,
            OutgoingMail.letter,
            OutgoingMail.about_kind,
            OutgoingMail.to,
            OutgoingMail.reply_to,
            OutgoingMail.subject,
            OutgoingMail.posted_at,
            OutgoingMail.due_at,
            OutgoingMail.attempts,
            OutgoingMail.last_error,
            OutgoingMail.sent_at,
            OutgoingMail.failed_at,
        )
        open_ = and_(OutgoingMail.sent_at.is_(None), OutgoingMail.failed_at.is_(None))
        if self.show == "waiting":
            found = found.where(open_)
        elif self.show == "stuck":
            found = found.where(open_, OutgoingMail.last_error.is_not(None))
        elif self.show == "failed":
            found = found.where(OutgoingMail.failed_at.is_not(None))
        elif self.show == "sent":
            found = found.where(OutgoingMail.sent_at.is_not(None))
        if self.q:
            names = (
                (OutgoingMail.to, OutgoingMail.subject) if self.reads else (OutgoingMail.letter,)
            )
            found = found.where(or_(*(name.icontains(self.q, autoescape=True) for name in names)))
        return found.order_by(OutgoingMail.id.desc())


def get(session: Session, mail_id: int) -> OutgoingMail:
    mail = session.get(OutgoingMail, mail_id)
    if mail is None:
        raise NotFound("There is no such letter.")
    return mail


def find_by_key(session: Session, dedupe_key: str) -> OutgoingMail | None:
    """The letter that was posted under this key, if it still is in the outbox or went out."""
    return session.scalars(
        select(OutgoingMail).where(OutgoingMail.dedupe_key == dedupe_key)
    ).one_or_none()


def load_attachments(session: Session, mail: OutgoingMail) -> None:
    """Have a letter's attachments at hand, bytes and all, also when it has left the session."""
    session.execute(
        select(OutgoingMail)
        .where(OutgoingMail.id == mail.id)
        .options(
            selectinload(OutgoingMail.attachments).undefer(OutgoingAttachment.content),
        )
        .execution_options(populate_existing=True)
    ).all()


def attachments_of(session: Session, mail_id: int) -> Sequence[OutgoingAttachment]:
    """Without their bytes."""
    found = select(OutgoingAttachment).where(OutgoingAttachment.mail_id == mail_id)
    return session.scalars(found.order_by(OutgoingAttachment.id)).all()


def get_attachment(session: Session, mail_id: int, attachment_id: int) -> OutgoingAttachment:
    """With its bytes and its letter. Raises `NotFound`."""
    found = session.scalars(
        select(OutgoingAttachment)
        .where(OutgoingAttachment.id == attachment_id, OutgoingAttachment.mail_id == mail_id)
        .options(joinedload(OutgoingAttachment.mail), undefer(OutgoingAttachment.content))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such attachment.")
    return found
