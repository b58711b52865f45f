"""Letters to the members of a group: written, looked at, and let out by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import place_queries
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken, Stale
from crm.mail import operations as mail
from crm.working_groups import letters
from crm.working_groups.letters import Recipient
from crm.working_groups.models import GroupMailing, WorkingGroup
from crm.working_groups.operations import refuse_closed


class AlreadyOut(RuleBroken):
    """What has been let out stays as it was."""


class NobodyToWriteTo(RuleBroken):
    """A group without members who have an address gets no letter."""


@dataclass(frozen=True, kw_only=True)
class NewMailing:
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whom a letter of the group reaches on a day, and who is in it without an address."""

    recipients: Sequence[Recipient]
    unreached: Sequence[str]


def audience_on(session: Session, group_id: int, day: date) -> Audience:
    """Everybody who sits on a place, once. One SELECT."""
    recipients: dict[int, Recipient] = {}
    unreached: list[str] = []
    for member in place_queries.members_on(session, day, body_id=group_id):
        if member.gap is not None:
            continue
        if member.email is None:
            unreached.append(member.name)
            continue
        recipients[member.person_id] = Recipient(
            person_id=member.person_id, name=member.name, email=member.email
        )
    return Audience(recipients=list(recipients.values()), unreached=unreached)


def write(
    session: Session,
    group: WorkingGroup,
    wanted: NewMailing,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> GroupMailing:
    refuse_closed(group, today)
    mailing = GroupMailing(
        group_id=group.id,
        subject=wanted.subject,
        text=wanted.text,
        written_at=now,
        by_name=by.name,
    )
    session.add(mailing)
    session.flush()
    return mailing


def rewrite(session: Session, mailing: GroupMailing, wanted: NewMailing, *, version: int) -> None:
    """Raises `AlreadyOut`, or `Stale` if somebody else changed it since `version` was read."""
    _refuse_out(mailing)
    if mailing.version != version:
        raise Stale(
            "this letter",
            theirs={"Subject": mailing.subject, "Text": mailing.text},
            yours={"Subject": wanted.subject, "Text": wanted.text},
        )
    mailing.subject, mailing.text = wanted.subject, wanted.text
    session.flush()


def discard(session: Session, mailing: GroupMailing) -> None:
    """A letter that was never let out leaves no trace but the journal's."""
    _refuse_out(mailing)
    session.delete(mailing)
    session.flush()


def release(
    session: Session,
    group: WorkingGroup,
    mailing: GroupMailing,
    *,
    version: int,
    reply_to: str | None,
    by: Actor,
    now: datetime,
    today: date,
) -> int:
    """One letter for each member into the outbox; how many. Twice at once lets it out once.

    `version` is that of the text that was looked at. Raises `AlreadyOut`, `Stale`, or
    `NobodyToWriteTo`.
    """
    lock(session, mailing)
    _refuse_out(mailing)
    refuse_closed(group, today)
    if mailing.version != version:
        raise Stale("this letter", theirs={}, yours={})
    audience = audience_on(session, group.id, today)
    if not audience.recipients:
        raise NobodyToWriteTo("Nobody in this group has an address to write to.")
    written = [
        letters.group_mailing(
            mailing.id,
            (group.id, group.body.name),
            to,
            subject=mailing.subject,
            text=mailing.text,
            writer=by.name,
            reply_to=reply_to,
        )
        for to in audience.recipients
    ]
    mail.post_all(session, written, now=now)
    mailing.released_at, mailing.released_by = now, by.name
    mailing.recipients = len(written)
    session.flush()
    journal.note(
        session,
        "let out",
        kind="group_mailing",
        record_id=mailing.id,
        label=mailing.subject,
        parent=("body", group.id),
        by=by,
        now=now,
    )
    return len(written)


def _refuse_out(mailing: GroupMailing) -> None:
    if mailing.released_at is not None:
        raise AlreadyOut("This letter has been let out already, and stays as it was.")
