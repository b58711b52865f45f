"""What is written to those who come to a seat and who leave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.council.rules import HoldingRole, LetterKind
from crm.kit.periods import in_words
from crm.mail.letters import Letter

NAMES = {
    LetterKind.WELCOME: "seat-welcome",
    LetterKind.HANDOVER: "seat-handover",
    LetterKind.THANKS: "seat-thanks",
}


@dataclass(frozen=True, kw_only=True)
class SeatFacts:
    """`since`, `ends_before`: of whom it is written to; `other`: who comes or goes in turn."""

    seat_id: int
    seat: str
    of_company: bool
    body: str
    role: HoldingRole
    name: str
    since: date
    ends_before: date | None
    leaves: bool
    other: str
    programme: str
    contact: str


def seat_letter(
    facts: SeatFacts, kind: LetterKind, *, to: str, writer: str, dedupe_key: str
) -> Letter:
    """`leaves`, of a handover: it is to whom the seat leaves, not to whom it comes."""
    turn = facts.ends_before if facts.leaves and facts.ends_before else facts.since
    return Letter(
        name=NAMES[kind],
        to=to,
        facts={
            "name": facts.name,
            "seat": facts.seat,
            "of_company": facts.of_company,
            "body": facts.body,
            "role": facts.role.value,
            "since": in_words(facts.since),
            "turn": in_words(turn),
            "leaves": facts.leaves,
            "other": facts.other,
            "programme": facts.programme,
            "contact": facts.contact,
            "writer": writer,
        },
        reply_to=facts.contact or None,
        about=("seat", facts.seat_id),
        dedupe_key=dedupe_key,
    )
