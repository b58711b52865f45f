"""What is written to those who give and lend. No value stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.kit.periods import in_words
from crm.mail.letters import Letter
from crm.partnerships.rules import Given, Thanks, thanks_key

NAMES = {
    Thanks.ACCEPTANCE: "contribution-accepted",
    Thanks.RETURN: "contribution-returned",
}


@dataclass(frozen=True, kw_only=True)
class ThanksFacts:
    """`what` as it stands in the ledger; `facility` may be empty; `on`: of the act thanked for."""

    contribution_id: int
    what: str
    given: Given
    company: str
    facility: str
    name: str
    on: date
    programme: str
    contact: str


def thanks_letter(facts: ThanksFacts, kind: Thanks, *, to: str, writer: str) -> Letter:
    return Letter(
        name=NAMES[kind],
        to=to,
        facts={
            "name": facts.name,
            "what": facts.what,
            "given": facts.given.value,
            "company": facts.company,
            "facility": facts.facility,
            "on": in_words(facts.on),
            "programme": facts.programme,
            "contact": facts.contact,
            "writer": writer,
        },
        reply_to=facts.contact or None,
        about=("contribution", facts.contribution_id),
        dedupe_key=thanks_key(facts.contribution_id, kind),
    )
