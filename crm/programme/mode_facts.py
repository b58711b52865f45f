"""What `programme.toml` says of ways to engage: `[modes]`, each with its pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from operator import or_

from crm.kit.sections import Section
from crm.programme.choice_facts import Choice, choices


@dataclass(frozen=True, kw_only=True)
class StageFacts(Choice):
    """`screened`: only companies that are screened and clear come here, and to all that follow;
    `handed_off`: a hand-off to the sponsored-research office leads here."""

    probability: int
    help: str
    screened: bool = False
    handed_off: bool = False


@dataclass(frozen=True, kw_only=True)
class ModeFacts(Choice):
    summary: str
    benefits: tuple[str, ...]
    starts_membership: bool
    stages: tuple[StageFacts, ...]
    lost_reasons: tuple[Choice, ...]


def mode(section: Section) -> ModeFacts:
    stages = section.section("stages")
    facts = ModeFacts(
        key=section.key,
        name=section.text("name"),
        summary=section.text("summary", most=1000, default=""),
        benefits=section.texts("benefits"),
        starts_membership=section.flag("starts_membership", default=False),
        stages=_in_order(stages, tuple(_stage(stage) for stage in stages.keyed())),
        lost_reasons=choices(section.section("lost_reasons"))
        if section.has("lost_reasons")
        else (),
    )
    stages.once("name", (stage.name for stage in facts.stages))
    section.done()
    return facts


def _in_order(section: Section, stages: tuple[StageFacts, ...]) -> tuple[StageFacts, ...]:
    """From the first that is `screened` on, all are: there is no way around it."""
    if stages and stages[0].screened:
        section.fault("every opportunity begins in the first stage: screen in a later one")
    if sum(stage.handed_off for stage in stages) > 1:
        section.fault("a hand-off leads to one stage: mark one with “handed_off”")
    seen = accumulate((stage.screened for stage in stages), or_)
    return tuple(
        replace(stage, screened=screened) for stage, screened in zip(stages, seen, strict=True)
    )


def _stage(section: Section) -> StageFacts:
    facts = StageFacts(
        key=section.key,
        name=section.text("name"),
        probability=section.whole("probability", least=0, most=100),
        help=section.text("help", default=""),
        screened=section.flag("screened", default=False),
        handed_off=section.flag("handed_off", default=False),
    )
    if section.key in {"won", "lost"}:
        section.fault(f"“{section.key}” ends every pipeline by itself; leave it out")
    section.done()
    return facts
