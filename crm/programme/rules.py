"""What `programme.toml` may say: TOML text to frozen facts, or a refusal with line and reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

from crm.kit import toml
from crm.kit.money import Money
from crm.kit.sections import Section
from crm.kit.toml import BadFile, Problem
from crm.programme import benefit_facts, body_facts, dues_facts, mode_facts, tier_facts
from crm.programme.benefit_facts import BenefitFacts
from crm.programme.body_facts import BodyFacts, CouncilFacts
from crm.programme.choice_facts import Choice, choices
from crm.programme.dues_facts import DuesFacts
from crm.programme.mode_facts import ModeFacts
from crm.programme.tier_facts import TierFacts

#: Who may be told of a new inquiry. The roles of the office, as `accounts` names them.
NOTIFIABLE = ("director", "staff", "faculty", "reader", "administrator")


@dataclass(frozen=True, kw_only=True)
class ChallengeFacts(Choice):
    number: int


@dataclass(frozen=True, kw_only=True)
class DirectoryPerson:
    """Empty where nothing is known: the page must look right then."""

    name: str
    role: str
    title: str
    degree: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class DirectoryGroup(Choice):
    people: tuple[DirectoryPerson, ...]


@dataclass(frozen=True, kw_only=True)
class FoundingCohort:
    tier: str
    target_min: int
    target_max: int
    launch_on: date


@dataclass(frozen=True, kw_only=True)
class OnboardingFacts(Choice):
    """One thing to do with a new member, so many days after the start of its term."""

    days: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeFile:
    name: str
    alliance: str
    university: str
    summary: str
    contact: str
    corporate_relations: str
    """The university's central office for companies; empty: it has none."""
    corporate_relations_email: str
    """Where it is asked; empty: not by mail."""
    time_zone: str
    currency: str
    grace_days: int
    grace_votes: bool
    overdue_suspends_benefits: bool
    """Whether benefits rest while dues are overdue."""
    dues: DuesFacts
    onboarding: tuple[OnboardingFacts, ...]
    answer_within_working_days: int
    notify: tuple[str, ...]
    stalled_after_days: int
    privacy_version: str
    founding: FoundingCohort
    challenges: tuple[ChallengeFacts, ...]
    focus_areas: tuple[Choice, ...]
    research_fields: tuple[Choice, ...]
    modes: tuple[ModeFacts, ...]
    lost_reasons: tuple[Choice, ...]
    benefits: tuple[BenefitFacts, ...]
    tiers: tuple[TierFacts, ...]
    bodies: tuple[BodyFacts, ...]
    council: CouncilFacts
    directory: tuple[DirectoryGroup, ...]


def parse(text: str) -> ProgrammeFile:
    """The facts of a programme file. Raises `BadFile` with every problem found in it."""
    document = toml.read(text)
    problems: list[Problem] = []
    top = Section(document, problems, (), document.values)
    facts = _facts(top)
    if problems:
        raise BadFile(problems)
    return facts


def _facts(top: Section) -> ProgrammeFile:
    programme = top.section("programme")
    memberships = top.section("memberships")
    inquiries = top.section("inquiries")
    pipeline = top.section("pipeline")
    privacy = top.section("privacy")
    currency = _currency(programme)
    benefits = benefit_facts.benefits(top)
    known = {benefit.key for benefit in benefits}
    tiers = tuple(tier_facts.tier(tier, currency, known) for tier in top.section("tiers").keyed())
    modes = tuple(mode_facts.mode(mode) for mode in top.section("modes").keyed())
    challenges = top.section("challenges")
    facts = ProgrammeFile(
        name=programme.text("name"),
        alliance=programme.text("alliance"),
        university=programme.text("university", default=""),
        summary=programme.text("summary", most=1000, default=""),
        contact=programme.mail("contact"),
        corporate_relations=programme.text("corporate_relations", default=""),
        corporate_relations_email=programme.mail("corporate_relations_email", default=""),
        time_zone=_time_zone(programme),
        currency=currency,
        grace_days=memberships.whole("grace_days", least=0, most=366),
        grace_votes=memberships.flag("grace_votes"),
        overdue_suspends_benefits=memberships.flag("overdue_suspends_benefits", default=False),
        dues=dues_facts.dues(top.section("dues")),
        onboarding=_onboarding(top.section("stewardship")) if top.has("stewardship") else (),
        answer_within_working_days=inquiries.whole("answer_within_working_days", least=1, most=60),
        notify=_notify(inquiries),
        stalled_after_days=pipeline.whole("stalled_after_days", least=1, most=366),
        privacy_version=privacy.text("version", most=40),
        founding=_founding(top.section("founding"), {tier.key for tier in tiers}),
        challenges=tuple(_challenge(entry) for entry in challenges.keyed()),
        focus_areas=choices(top.section("focus_areas")),
        research_fields=choices(top.section("research_fields")),
        modes=modes,
        lost_reasons=choices(top.section("lost_reasons")),
        benefits=benefits,
        tiers=tiers,
        bodies=body_facts.bodies(top.section("bodies")),
        council=body_facts.council(top.section("council"), {tier.key for tier in tiers})
        if top.has("council")
        else CouncilFacts(),
        directory=tuple(_group(group) for group in top.section("directory").keyed()),
    )
    challenges.once("number", (str(challenge.number) for challenge in facts.challenges))
    challenges.once("name", (challenge.name for challenge in facts.challenges))
    for section in (programme, memberships, inquiries, pipeline, privacy, top):
        section.done()
    return facts


def _onboarding(section: Section) -> tuple[OnboardingFacts, ...]:
    items = []
    for item in section.section("onboarding").keyed():
        days = item.whole("days", least=0, most=366)
        items.append(OnboardingFacts(key=item.key, name=item.text("name"), days=days))
        item.done()
    section.done()
    return tuple(items)


def _challenge(section: Section) -> ChallengeFacts:
    facts = ChallengeFacts(
        key=section.key, number=section.whole("number", least=1, most=99), name=section.text("name")
    )
    section.done()
    return facts


def _group(section: Section) -> DirectoryGroup:
    people = []
    for entry in section.listed("people"):
        people.append(
            DirectoryPerson(
                name=entry.text("name"),
                role=entry.text("role", default=""),
                title=entry.text("title", default=""),
                degree=entry.text("degree", default=""),
                phone=entry.text("phone", most=60, default=""),
            )
        )
        entry.done()
    section.once("name", (person.name for person in people))
    facts = DirectoryGroup(key=section.key, name=section.text("name"), people=tuple(people))
    section.done()
    return facts


def _founding(section: Section, tiers: set[str]) -> FoundingCohort:
    facts = FoundingCohort(
        tier=section.choice("tier", sorted(tiers)),
        target_min=section.whole("target_min", least=1, most=1000),
        target_max=section.whole("target_max", least=1, most=1000),
        launch_on=section.day("launch_on"),
    )
    if facts.target_max < facts.target_min:
        section.fault("“target_max” is below “target_min”", "target_max")
    section.done()
    return facts


def _currency(section: Section) -> str:
    code = section.text("currency")
    try:
        return Money(0, code).currency
    except ValueError as error:
        section.fault(f"“currency”: {error}", "currency")
        return "USD"


def _time_zone(section: Section) -> str:
    zone = section.text("time_zone")
    if zone and zone not in available_timezones():
        section.fault(
            f"“{zone}” is no time zone we know; write it like America/New_York", "time_zone"
        )
    return zone


def _notify(section: Section) -> tuple[str, ...]:
    roles = section.texts("notify")
    for role in roles:
        if role not in NOTIFIABLE:
            section.fault(f"“{role}” is no role; these are: {', '.join(NOTIFIABLE)}", "notify")
    return roles
