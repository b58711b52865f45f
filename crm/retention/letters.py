"""The notice that a term ends and may be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.kit.money import Money, told
from crm.kit.periods import in_words
from crm.mail.letters import Letter
from crm.retention.rules import NoticeKind, Recipient, notice_key


@dataclass(frozen=True, kw_only=True)
class TermFacts:
    """What a notice says of the term. `fee` and `next_tier` are what is proposed."""

    membership_id: int
    company: str
    tier: str
    last_day: date
    notice_by: date | None
    next_starts_on: date
    next_tier: str
    next_fee: Money
    programme: str
    contact: str


def renewal_notice(term: TermFacts, kind: NoticeKind, to: Recipient, *, writer: str) -> Letter:
    fee = told(term.next_fee) if term.next_fee.minor else ""
    return Letter(
        name="renewal-notice",
        to=to.email,
        facts={
            "kind": kind.value,
            "name": to.name,
            "company": term.company,
            "tier": term.tier,
            "last_day": in_words(term.last_day),
            "notice_by": in_words(term.notice_by) if term.notice_by else "",
            "next_starts_on": in_words(term.next_starts_on),
            "next_tier": term.next_tier,
            "fee": fee,
            "programme": term.programme,
            "contact": term.contact,
            "writer": writer,
        },
        reply_to=term.contact or None,
        about=("membership", term.membership_id),
        dedupe_key=notice_key(term.membership_id, kind),
    )
