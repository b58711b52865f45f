"""How an inquiry comes in: stored raw, read, matched, doubted, confirmed and told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from crm.companies.models import CompanyDomain
from crm.companies.rules import own_domain
from crm.journal.acts import CREATED
from crm.journal.operations import Entry, record
from crm.kit.actors import STRANGER
from crm.kit.errors import RuleBroken
from crm.mail.operations import post_all
from crm.pipeline.letters import first_letters
from crm.pipeline.models import Inquiry
from crm.pipeline.rules import Channel
from crm.pipeline.suspicion import suspicions
from crm.programme.models import Programme

SENT_AGAIN = "sent again with changes"
_AS_TYPED = (
    "channel", "token", "company_name", "website", "name", "title", "email", "phone", "country",
    "source", "knows", "subject", "message", "consent", "notice_version",
)  # fmt: skip
_TOLD = ("modes", "challenges", "consent", "notice_version", "suspicions", "company_id")
"""What the journal says of a new inquiry. Its sender's words are in the row, and never change."""
_BY_TOKEN = select(Inquiry.id, Inquiry.raw).where(Inquiry.token == bindparam("token"))
_BY_DOMAIN = select(CompanyDomain.company_id).where(
    CompanyDomain.domain == bindparam("domain"), CompanyDomain.verified
)
_FACTS = select(Programme.facts).limit(1)
_SITUATION = select(
    select(func.count())
    .where(Inquiry.email == bindparam("email"), Inquiry.received_at > bindparam("since"))
    .scalar_subquery(),
    _BY_DOMAIN.scalar_subquery(),
    _FACTS.scalar_subquery(),
)
"""How much this address sent lately, whose its domain is, what the programme's file says."""
_INSERT = {
    name: insert(Inquiry)
    .on_conflict_do_nothing(index_elements=[Inquiry.token])
    .returning(Inquiry.id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


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
) -> int:
    """Keep what a stranger sent, once; write the letters, unless it looks like spam.

    A second post of the same form finds the inquiry of the first. Returns the inquiry's id. By
    Core and in few statements: on SQLite everybody who writes waits for whoever is in here.
    """
    connection = session.connection()
    lately, company_id, facts = connection.execute(
        _SITUATION,
        {
            "email": inquiry.email,
            "since": now - timedelta(hours=1),
            "domain": own_domain(inquiry.email),
        },
    ).one()
    doubts = suspicions(
        age=now - inquiry.shown_at,
        trapped=inquiry.trapped,
        lines=inquiry.lines,
        message=inquiry.message,
        from_address_lately=lately,
    )
    values = _columns(inquiry, doubts, company_id=company_id, now=now)
    inquiry_id = connection.scalar(_INSERT[connection.dialect.name], values)
    if inquiry_id is None:  # the same form again, perhaps at the same moment
        return _again(session, inquiry, now=now)
    told = {name: (None, values[name]) for name in _TOLD if values[name]}
    entry = Entry(
        act=CREATED,
        kind="inquiry",
        record_id=inquiry_id,
        changes=told | {"channel": (None, inquiry.channel.value)},
    )
    record(session, [entry], by=session.info.get("actor", STRANGER), now=now)
    if not doubts:
        letters = first_letters(
            session,
            inquiry_id=inquiry_id,
            channel=inquiry.channel,
            company=inquiry.company_name,
            sender=inquiry.name,
            email=inquiry.email,
            link=notify_link(inquiry_id),
            facts=facts,
        )
        post_all(session, letters, now=now)
    return int(inquiry_id)


def _again(session: Session, inquiry: NewInquiry, *, now: datetime) -> int:
    """The inquiry this form made already. What somebody went back to change is not lost: the
    journal keeps it, and the inquiry's page shows it."""
    inquiry_id, first = session.connection().execute(_BY_TOKEN, {"token": inquiry.token}).one()
    changed = {
        name: (first.get(name), inquiry.raw.get(name))
        for name in dict.fromkeys((*first, *inquiry.raw))
        if first.get(name) != inquiry.raw.get(name)
    }
    if changed and not inquiry.trapped:
        entry = Entry(
            act=SENT_AGAIN,
            kind="inquiry",
            record_id=inquiry_id,
            personal=changed,
            subject=("inquiry", inquiry_id),
        )
        record(session, [entry], by=session.info.get("actor", STRANGER), now=now)
    return int(inquiry_id)


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
    known = session.scalar(select(Inquiry).where(Inquiry.token == inquiry.token))
    if known is not None:
        return known
    if received_at > now:
        raise NotYet("That lies ahead of us. When was it?", field="on")
    company_id = company_of_address(session, inquiry.email)
    columns = _columns(inquiry, [], company_id=company_id, now=received_at)
    row = Inquiry(**columns, owner_id=owner_id)
    row.answered_at = received_at if answered else None
    session.add(row)
    session.flush()
    return row


def tell(
    session: Session, inquiry: Inquiry, *, notify_link: Callable[[int], str], now: datetime
) -> None:
    """Post what was held back: confirmation and notices; never twice."""
    letters = first_letters(
        session,
        inquiry_id=inquiry.id,
        channel=inquiry.channel,
        company=inquiry.company_name,
        sender=inquiry.name,
        email=inquiry.email,
        link=notify_link(inquiry.id),
        facts=session.scalar(_FACTS),
    )
    post_all(session, letters, now=now)


def company_of_address(session: Session, email: str | None) -> int | None:
    """The company whose verified domain this address has; public mail providers are nobody's."""
    domain = own_domain(email)
    return None if domain is None else session.scalar(_BY_DOMAIN, {"domain": domain})


def _columns(
    inquiry: NewInquiry, doubts: list[str], *, company_id: int | None, now: datetime
) -> dict[str, Any]:
    typed = {name: getattr(inquiry, name) for name in _AS_TYPED}
    return typed | {
        "raw": dict(inquiry.raw),
        "modes": list(inquiry.modes),
        "challenges": list(inquiry.challenges),
        "received_at": now,
        "suspected": bool(doubts),
        "suspicions": doubts,
        "company_id": company_id,
    }
