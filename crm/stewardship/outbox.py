"""What people do with letters, journalled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.mail import operations as mail
from crm.mail import queries


def release(session: Session, mail_id: int, *, by: Actor, now: datetime) -> None:
    """Have a letter that was given up, or pauses, tried again at once."""
    letter = queries.get(session, mail_id)
    mail.try_again(letter, now=now)
    session.flush()
    journal.note(
        session,
        "released",
        kind="letter",
        record_id=letter.id,
        label=letter.letter.replace("_", " "),
        by=by,
        now=now,
    )
