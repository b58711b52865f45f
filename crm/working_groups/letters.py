"""A group's letter to its members."""

from __future__ import annotations

from dataclasses import dataclass

from crm.mail.letters import Letter
from crm.working_groups.rules import mailing_key


@dataclass(frozen=True, kw_only=True)
class Recipient:
    person_id: int
    name: str
    email: str


def group_mailing(
    mailing_id: int,
    group: tuple[int, str],
    to: Recipient,
    *,
    subject: str,
    text: str,
    writer: str,
    reply_to: str | None,
) -> Letter:
    """`group` is its id and name; `writer` lets it out, and answers go to `reply_to`."""
    group_id, group_name = group
    return Letter(
        name="group-mailing",
        to=to.email,
        facts={
            "name": to.name,
            "group": group_name,
            "subject": subject,
            "text": text,
            "writer": writer,
        },
        reply_to=reply_to,
        about=("working group", group_id),
        dedupe_key=mailing_key(mailing_id, to.person_id),
    )
