"""What `programme.toml` says of bodies, `[bodies]`, and of how the council votes, `[council]`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from crm.kit.sections import Section
from crm.programme.choice_facts import Choice

COUNCIL, COMMITTEE = "council", "committee"
MOST_SEATS = 60


@dataclass(frozen=True, kw_only=True)
class BodyFacts(Choice):
    """The council, on which tiers give seats; or a committee of so many, by name."""

    kind: str
    seats: int


@dataclass(frozen=True, kw_only=True)
class CouncilFacts:
    """How votes are weighed, by the key of a tier (one where nothing is said), and the reminder."""

    antitrust: str = ""
    """What stands on every agenda."""
    weights: dict[str, int] = field(default_factory=dict)


def bodies(section: Section) -> tuple[BodyFacts, ...]:
    """The council by its name alone, a committee as a table."""
    found = tuple(
        _committee(section.section(key)) if isinstance(entry, dict) else _named_body(section, key)
        for key, entry in section.entries()
    )
    section.once("name", (body.name for body in found))
    if found and COUNCIL not in {body.key for body in found}:
        section.fault(f"the body on which tiers give seats has to have the key “{COUNCIL}”")
    return found


def _named_body(section: Section, key: str) -> BodyFacts:
    kind = COUNCIL if key == COUNCIL else COMMITTEE
    return BodyFacts(key=key, name=section.text(key), kind=kind, seats=0)


def _committee(section: Section) -> BodyFacts:
    facts = BodyFacts(
        key=section.key,
        name=section.text("name"),
        kind=section.choice("kind", (COMMITTEE,)),
        seats=section.whole("seats", least=1, most=MOST_SEATS),
    )
    if section.key == COUNCIL:
        section.fault("the council's seats are its members'; give it a name alone")
    section.done()
    return facts


def council(section: Section, tiers: Collection[str]) -> CouncilFacts:
    antitrust = section.text("antitrust", most=2000, default="")
    weights = {}
    if section.has("weights"):
        told = section.section("weights")
        for tier in sorted(tiers):
            if told.has(tier):
                weights[tier] = told.whole(tier, least=1, most=1000)
        told.done()
    section.done()
    return CouncilFacts(antitrust=antitrust, weights=weights)
