"""How an inquiry comes in: stored raw, read, matched, doubted, confirmed and told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import CompanyDomain
from crm.companies.rules import own_domain
from crm.kit.errors import RuleBroken
from crm.mail.operations import post
from crm.pipeline.letters import confirmation, notices
from crm.pipeline.models import Inquiry
from crm.pipeline.rules import Channel
from crm.pipeline.suspicion import suspicions


class NotYet(RuleBroken):
    """Nobody has written tomorrow."""


@dataclass(frozen=True, kw_only=True)
class NewInquiry:
    """What a form or a colleague hands over. `shown_at`: since when the form was filled in."""

    channel: Channel
    token: str
    shown_at: datetime
    trapped: bool = False
    raw: Mapping[str, Any]
    company_name: str | None = None
    website: str | None = None
    name: str
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    source: str | None = None
    knows: str | None = None
    subject: str | None = None
    message: str = ""
    modes: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()
    consent: bool = False
    notice_version: str | None = None

    @property
    def lines(self) -> tuple[str | None, ...]:
        """The one-line fields where a link has no business."""
        return (self.company_name, self.name, self.title, self.knows, self.subject)


def receive(
    session: Session, inquiry: NewInquiry, *, notify_link: Callable[[int], str], now: datetime
) -> Inquiry:
    """Keep what a stranger sent, once; write the letters, unless it looks like spam.

    A second post of the same form finds the inquiry of the first.
    """
    known = _of_token(session, inquiry.token)
    if known is not None:
        return known
    doubts = suspicions(
        age=now - inquiry.shown_at,
        trapped=inquiry.trapped,
        lines=inquiry.lines,
        message=inquiry.message,
        from_address_lately=_lately(session, inquiry.email, now),
    )
    row = _row(session, inquiry, doubts, now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same form, sent twice at the same moment
        first = _of_token(session, inquiry.token)
        if first is None:
            raise
        return first
    if not doubts:
        tell(session, row, notify_link=notify_link, now=now)
    return row


def enter_by_hand(
    session: Session,
    inquiry: NewInquiry,
    *,
    received_at: datetime,
    answered: bool,
    owner_id: int | None,
    now: datetime,
) -> Inquiry:
    """Note a call, or a handshake at a fair. No letter goes out.

    `answered`: they had their answer then and there, so no clock runs.
    """
    known = _of_token(session, inquiry.token)
    if known is not None:
        return known
    if received_at > now:
        raise NotYet("That lies ahead of us. When was it?", field="on")
    row = _row(session, inquiry, [], received_at)
    row.owner_id = owner_id
    row.answered_at = received_at if answered else None
    session.add(row)
    session.flush()
    return row


def tell(
    session: Session, inquiry: Inquiry, *, notify_link: Callable[[int], str], now: datetime
) -> None:
    """Post the confirmation to the sender and the notices to the office; never twice."""
    with session.no_autoflush:
        letters = notices(session, inquiry, link=notify_link(inquiry.id))
        if inquiry.email:
            letters.append(confirmation(session, inquiry))
        for letter in letters:
            post(session, letter, now=now)


def company_of_address(session: Session, email: str | None) -> int | None:
    """The company whose verified domain this address has; public mail providers are nobody's."""
    domain = own_domain(email)
    if domain is None:
        return None
    found = select(CompanyDomain.company_id).where(
        CompanyDomain.domain == domain, CompanyDomain.verified
    )
    return session.scalar(found)


def _row(session: Session, inquiry: NewInquiry, doubts: list[str], now: datetime) -> Inquiry:
    return Inquiry(
        channel=inquiry.channel,
        token=inquiry.token,
        received_at=now,
        raw=dict(inquiry.raw),
        company_name=inquiry.company_name,
        website=inquiry.website,
        name=inquiry.name,
        title=inquiry.title,
        email=inquiry.email,
        phone=inquiry.phone,
        country=inquiry.country,
        source=inquiry.source,
        knows=inquiry.knows,
        subject=inquiry.subject,
        message=inquiry.message,
        modes=list(inquiry.modes),
        challenges=list(inquiry.challenges),
        consent=inquiry.consent,
        notice_version=inquiry.notice_version,
        suspected=bool(doubts),
        suspicions=doubts,
        company_id=company_of_address(session, inquiry.email),
    )


def _of_token(session: Session, token: str) -> Inquiry | None:
    return session.scalar(select(Inquiry).where(Inquiry.token == token))


def _lately(session: Session, email: str | None, now: datetime) -> int:
    if not email:
        return 0
    found = select(func.count()).where(
        Inquiry.email == email, Inquiry.received_at > now - timedelta(hours=1)
    )
    return session.scalar(found) or 0
