"""What `programme.toml` says of benefits: `[benefits]`, and how many a tier gives a year."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from crm.kit.sections import Section

RECORD = "record"
USED_BY = (RECORD, "training-seats", "course-places", "recruiting-events", "student-projects")
"""Which records use a benefit, as `memberships.benefit_rules.UsedBy` names them."""
ALL = "all"
MOST_A_YEAR = 9999


@dataclass(frozen=True, kw_only=True)
class BenefitFacts:
    """`unit` and `units` as they stand after a number: 1 place, 3 places."""

    key: str
    name: str
    unit: str
    units: str
    about: str
    used_by: str


def benefits(top: Section) -> tuple[BenefitFacts, ...]:
    """Those of the file, in its order; a file may have none."""
    if not top.has("benefits"):
        return ()
    section = top.section("benefits")
    found = tuple(_benefit(entry) for entry in section.keyed())
    section.once("name", [benefit.name for benefit in found])
    # What is counted from one kind of record must not count in two benefits.
    counted = [benefit.used_by for benefit in found if benefit.used_by != RECORD]
    section.once("used_by", counted)
    return found


def _benefit(section: Section) -> BenefitFacts:
    facts = BenefitFacts(
        key=section.key,
        name=section.text("name"),
        unit=section.text("unit", most=40),
        units=section.text("units", most=40),
        about=section.text("about", most=500, default=""),
        used_by=section.choice("used_by", USED_BY),
    )
    section.done()
    return facts


def of_tier(tier: Section, known: Collection[str]) -> dict[str, int | None]:
    """How many of each benefit a membership year brings, by key; None: without limit."""
    if not tier.has("benefits"):
        return {}
    section = tier.section("benefits")
    found: dict[str, int | None] = {}
    for key, _ in section.entries():
        if key not in known:
            section.fault(f"there is no benefit “{key}” in [benefits]", key)
        if section.is_word(key, ALL):
            found[key] = None
        else:
            found[key] = section.whole(key, least=0, most=MOST_A_YEAR)
    return found
