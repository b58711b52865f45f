"""What `programme.toml` says of tiers: `[tiers]`, with what each gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from crm.kit.money import Money
from crm.kit.sections import Section
from crm.programme import benefit_facts
from crm.programme.choice_facts import Choice

SEATS = ("own", "shared", "observer", "none")
_MOST_PEOPLE = 10_000_000


@dataclass(frozen=True, kw_only=True)
class TierFacts(Choice):
    """`groups` None: all of them. `places` in each of the groups. `closes_at` so many members."""

    fee: Money
    fee_may_be_waived: bool
    years: int
    council: str
    votes: bool
    groups: int | None
    places: int
    closes_at: int | None
    headcount_under: int | None
    by_invitation: bool
    benefits: dict[str, int | None] = field(default_factory=dict)
    """So many a membership year, by key; None: without limit."""


def tier(section: Section, currency: str, benefits: Collection[str]) -> TierFacts:
    facts = TierFacts(
        key=section.key,
        name=section.text("name"),
        fee=_fee(section, currency),
        fee_may_be_waived=section.flag("fee_may_be_waived", default=False),
        years=section.whole("years", least=1, most=20),
        council=section.choice("council", SEATS),
        votes=section.flag("votes"),
        groups=None
        if section.is_word("groups", "all")
        else section.whole("groups", least=0, most=99),
        places=section.whole("places", least=0, most=99),
        closes_at=section.maybe_whole("closes_at", least=1, most=1000),
        headcount_under=section.maybe_whole("headcount_under", least=1, most=_MOST_PEOPLE),
        by_invitation=section.flag("by_invitation", default=False),
        benefits=benefit_facts.of_tier(section, benefits),
    )
    if facts.votes and facts.council in {"none", "observer"}:
        section.fault("a tier without a seat of its own or a shared one cannot vote", "votes")
    section.done()
    return facts


def _fee(section: Section, currency: str) -> Money:
    written = section.raw("fee")
    nothing = Money(0, currency)
    if written is None:
        section.fault(f"“fee” is missing in {section.heading}: {currency} a year")
    elif isinstance(written, bool) or not isinstance(written, int | str):
        section.fault(
            '“fee” has to be a whole number, or a text in quotes such as "2,500.50"', "fee"
        )
    else:
        try:
            return Money.parse(str(written), currency)
        except ValueError as error:
            section.fault(f"“fee”: {error}", "fee")
    return nothing
