from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from crm.kit.errors import NotFound
from crm.mail.models import OutgoingMail


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
class MailSearch:
    """The filters of the outbox page; `show`: waiting · stuck · failed · sent · all."""

    q: str = ""
    show: str = "all"

    def select(self) -> Select[Any]:
        """Without the bodies, newest first."""
        found: Select[Any] = select(  # type: ignore[assignment]
            OutgoingMail.id,
            OutgoingMail.to,
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
            found = found.where(
                or_(
                    OutgoingMail.to.icontains(self.q, autoescape=True),
                    OutgoingMail.subject.icontains(self.q, autoescape=True),
                )
            )
        return found.order_by(OutgoingMail.id.desc())


def get(session: Session, mail_id: int) -> OutgoingMail:
    mail = session.get(OutgoingMail, mail_id)
    if mail is None:
        raise NotFound("There is no such letter.")
    return mail
