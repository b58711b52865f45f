"""The letters of an inquiry. What its sender wrote never goes back out to an address they gave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Kind
from crm.kit.actors import Actor
from crm.kit.text import one_line
from crm.mail.letters import Letter
from crm.pipeline.models import Inquiry
from crm.programme.models import Programme

SHOWN = 80
"""Characters of a stranger's words a notice shows: enough to know them by."""


def confirmation(session: Session, inquiry: Inquiry) -> Letter:
    """That it arrived and when they will hear. Fixed words only: it cannot be made to carry any."""
    facts = _facts(session)
    return Letter(
        name="inquiry-received",
        to=inquiry.email or "",
        facts={
            "programme": facts["name"],
            "contact": facts["contact"],
            "days": facts["answer_within_working_days"],
        },
        reply_to=facts["contact"] or None,
        about=("inquiry", inquiry.id),
        dedupe_key=f"inquiry-received:{inquiry.id}",
    )


def notices(session: Session, inquiry: Inquiry, *, link: str) -> list[Letter]:
    """One to each active user whom the programme's file or their own tick names."""
    facts = _facts(session)
    told = (
        select(UserAccount.id, UserAccount.email)
        .where(
            UserAccount.disabled_at.is_(None),
            UserAccount.kind == Kind.OFFICE,
            or_(
                UserAccount.inquiry_notices,
                select(UserRole.user_id)
                .where(UserRole.user_id == UserAccount.id, UserRole.role.in_(facts["notify"]))
                .exists(),
            ),
        )
        .order_by(UserAccount.id)
    )
    shown = {
        "programme": facts["name"],
        "company": _short(inquiry.company_name),
        "sender": _short(inquiry.name),
        "channel": inquiry.channel.value,
        "days": facts["answer_within_working_days"],
        "link": link,
    }
    return [
        Letter(
            name="inquiry-notice",
            to=email,
            facts=shown,
            about=("inquiry", inquiry.id),
            dedupe_key=f"inquiry-notice:{inquiry.id}:{user_id}",
        )
        for user_id, email in session.execute(told)
    ]


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


def _facts(session: Session) -> dict[str, Any]:
    row = session.execute(select(Programme.name, Programme.facts)).first()
    nothing: dict[str, Any] = {
        "contact": "",
        "answer_within_working_days": 2,
        "notify": ["director"],
    }
    return {"name": "Alliance CRM", **nothing} if row is None else {**row.facts, "name": row.name}
