"""The letters of an inquiry. What its sender wrote never goes back out to an address they gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Kind
from crm.kit.actors import Actor
from crm.kit.text import one_line
from crm.mail.letters import Letter
from crm.pipeline.models import Inquiry
from crm.pipeline.rules import Channel

SHOWN = 80
"""Characters of a stranger's words a notice shows: enough to know them by."""


_TOLD = (
    select(UserAccount.id, UserAccount.email)
    .where(
        UserAccount.disabled_at.is_(None),
        UserAccount.kind == Kind.OFFICE,
        or_(
            UserAccount.inquiry_notices,
            UserAccount.id.in_(
                select(UserRole.user_id).where(
                    UserRole.role.in_(bindparam("roles", expanding=True))
                )
            ),
        ),
    )
    .order_by(UserAccount.id)
)


_UNLOADED: dict[str, Any] = {
    "name": "Alliance CRM", "contact": "", "answer_within_working_days": 2, "notify": ["director"]
}  # fmt: skip


def first_letters(
    session: Session,
    *,
    inquiry_id: int,
    channel: Channel,
    company: str | None,
    sender: str,
    email: str | None,
    link: str,
    facts: Mapping[str, Any] | None,
) -> list[Letter]:
    """The confirmation, in fixed words that cannot be made to carry any; and a notice to each
    active user whom the programme's file (`facts`) or their own tick names."""
    facts = facts or _UNLOADED
    days = facts["answer_within_working_days"]
    about = ("inquiry", inquiry_id)
    shown = {
        "programme": facts["name"],
        "company": _short(company),
        "sender": _short(sender),
        "channel": channel.value,
        "days": days,
        "link": link,
    }
    told = session.connection().execute(_TOLD, {"roles": list(facts["notify"])})
    letters = [
        Letter(
            name="inquiry-notice",
            to=address,
            facts=shown,
            about=about,
            dedupe_key=f"inquiry-notice:{inquiry_id}:{user_id}",
        )
        for user_id, address in told
    ]
    if email:
        confirmation = Letter(
            name="inquiry-received",
            to=email,
            facts={"programme": facts["name"], "contact": facts["contact"], "days": days},
            reply_to=facts["contact"] or None,
            about=about,
            dedupe_key=f"inquiry-received:{inquiry_id}",
        )
        letters.append(confirmation)
    return letters


def answer_letter(
    inquiry: Inquiry, *, subject: str, text: str, reply_to: str, by: Actor, version: int
) -> Letter:
    """What a colleague wrote to the sender. One a version: two clicks are one letter."""
    return Letter(
        name="inquiry-answer",
        to=inquiry.email or "",
        facts={"subject": subject, "text": text, "writer": by.name},
        reply_to=reply_to,
        about=("inquiry", inquiry.id),
        dedupe_key=f"inquiry-answer:{inquiry.id}:{version}",
    )


def _short(text: str | None) -> str:
    line = one_line(text or "")
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
