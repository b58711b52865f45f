"""What `programme.toml` may say: TOML text to frozen facts, or a refusal with line and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from operator import or_
from zoneinfo import available_timezones

from crm.kit import toml
from crm.kit.money import Money
from crm.kit.sections import Section
from crm.kit.toml import BadFile, Problem
from crm.programme import benefit_facts
from crm.programme.benefit_facts import BenefitFacts

COUNCIL, COMMITTEE = "council", "committee"
MOST_SEATS = 60
SEATS = ("own", "shared", "observer", "none")
INVOICING = ("central", "own")
#: Who may be told of a new inquiry. The roles of the office, as `accounts` names them.
NOTIFIABLE = ("director", "staff", "faculty", "reader", "administrator")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOST_PEOPLE = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry people choose from: its key, for ever, and its name, for the moment."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ChallengeFacts(Choice):
    number: int


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


@dataclass(frozen=True, kw_only=True)
class BodyFacts(Choice):
    """The council, on which tiers give seats; or a committee of so many, by name."""

    kind: str
    seats: int


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
class DuesFacts:
    """How dues are billed. Percentages are hundredths of a percent."""

    invoicing: str
    finance_office: str
    finance_email: str
    bill_days_before: int
    payment_days: int
    tax_name: str
    tax_basis_points: int
    remit_to: str
    fiscal_year_starts_in: int
    institution_charge_basis_points: int
    renewal_probability_percent: int
    remind_after_days: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class OnboardingFacts(Choice):
    """One thing to do with a new member, so many days after the start of its term."""

    days: int


@dataclass(frozen=True, kw_only=True)
class CouncilFacts:
    """How votes are weighed, by the key of a tier (one where nothing is said), and the reminder."""

    antitrust: str = ""
    """What stands on every agenda."""
    weights: dict[str, int] = field(default_factory=dict)


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
    tiers = tuple(_tier(tier, currency, known) for tier in top.section("tiers").keyed())
    modes = tuple(_mode(mode) for mode in top.section("modes").keyed())
    challenges = top.section("challenges")
    facts = ProgrammeFile(
        name=programme.text("name"),
        alliance=programme.text("alliance"),
        university=programme.text("university", default=""),
        summary=programme.text("summary", most=1000, default=""),
        contact=_mail(programme),
        corporate_relations=programme.text("corporate_relations", default=""),
        corporate_relations_email=_mail(programme, "corporate_relations_email", default=""),
        time_zone=_time_zone(programme),
        currency=currency,
        grace_days=memberships.whole("grace_days", least=0, most=366),
        grace_votes=memberships.flag("grace_votes"),
        overdue_suspends_benefits=memberships.flag("overdue_suspends_benefits", default=False),
        dues=_dues(top.section("dues")),
        onboarding=_onboarding(top.section("stewardship")) if top.has("stewardship") else (),
        answer_within_working_days=inquiries.whole("answer_within_working_days", least=1, most=60),
        notify=_notify(inquiries),
        stalled_after_days=pipeline.whole("stalled_after_days", least=1, most=366),
        privacy_version=privacy.text("version", most=40),
        founding=_founding(top.section("founding"), {tier.key for tier in tiers}),
        challenges=tuple(_challenge(entry) for entry in challenges.keyed()),
        focus_areas=_choices(top.section("focus_areas")),
        research_fields=_choices(top.section("research_fields")),
        modes=modes,
        lost_reasons=_choices(top.section("lost_reasons")),
        benefits=benefits,
        tiers=tiers,
        bodies=_bodies(top.section("bodies")),
        council=_council(top.section("council"), {tier.key for tier in tiers})
        if top.has("council")
        else CouncilFacts(),
        directory=tuple(_group(group) for group in top.section("directory").keyed()),
    )
    _once(challenges, "number", (str(challenge.number) for challenge in facts.challenges))
    _once(challenges, "name", (challenge.name for challenge in facts.challenges))
    for section in (programme, memberships, inquiries, pipeline, privacy, top):
        section.done()
    return facts


def _dues(section: Section) -> DuesFacts:
    facts = DuesFacts(
        invoicing=section.choice("invoicing", INVOICING),
        finance_office=section.text("finance_office"),
        finance_email=_mail(section, "finance_email"),
        bill_days_before=section.whole("bill_days_before", least=0, most=366),
        payment_days=section.whole("payment_days", least=0, most=366),
        tax_name=section.text("tax_name", most=40),
        tax_basis_points=_percent(section, "tax_percent"),
        remit_to=section.text("remit_to", most=1000),
        fiscal_year_starts_in=section.whole("fiscal_year_starts_in", least=1, most=12),
        institution_charge_basis_points=_percent(section, "institution_charge_percent"),
        renewal_probability_percent=section.whole("renewal_probability_percent", least=0, most=100),
        remind_after_days=_ladder(section),
    )
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


def _percent(section: Section, name: str) -> int:
    """`8.25` or "8.25" as 825 hundredths of a percent."""
    written = section.raw(name)
    try:
        found = Decimal(str(written)) * 100
        if isinstance(written, bool) or found != int(found) or not 0 <= found <= 10_000:
            raise ValueError
    except (ArithmeticError, ValueError):
        section.fault(f"“{name}” has to be a percentage from 0 to 100, such as 8.25", name)
        return 0
    return int(found)


def _ladder(section: Section) -> tuple[int, ...]:
    written = section.raw("remind_after_days")
    days = written if isinstance(written, list) else [None]
    right = all(
        isinstance(day, int) and not isinstance(day, bool) and 0 < day < 1000 for day in days
    )
    if not right or not 1 <= len(days) <= 6 or list(days) != sorted(set(days)):
        section.fault(
            "“remind_after_days” has to list one to six growing numbers, such as [7, 21, 45]",
            "remind_after_days",
        )
        return (7,)
    return tuple(days)


def _choices(section: Section) -> tuple[Choice, ...]:
    entries = section.keyed_texts()
    _once(section, "name", entries.values())
    return tuple(Choice(key=key, name=name) for key, name in entries.items())


def _bodies(section: Section) -> tuple[BodyFacts, ...]:
    """The council by its name alone, a committee as a table."""
    bodies = tuple(
        _committee(section.section(key)) if isinstance(entry, dict) else _named_body(section, key)
        for key, entry in section.entries()
    )
    _once(section, "name", (body.name for body in bodies))
    if bodies and COUNCIL not in {body.key for body in bodies}:
        section.fault(f"the body on which tiers give seats has to have the key “{COUNCIL}”")
    return bodies


def _council(section: Section, tiers: set[str]) -> CouncilFacts:
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


def _challenge(section: Section) -> ChallengeFacts:
    facts = ChallengeFacts(
        key=section.key, number=section.whole("number", least=1, most=99), name=section.text("name")
    )
    section.done()
    return facts


def _mode(section: Section) -> ModeFacts:
    stages = section.section("stages")
    facts = ModeFacts(
        key=section.key,
        name=section.text("name"),
        summary=section.text("summary", most=1000, default=""),
        benefits=section.texts("benefits"),
        starts_membership=section.flag("starts_membership", default=False),
        stages=_in_order(stages, tuple(_stage(stage) for stage in stages.keyed())),
        lost_reasons=_choices(section.section("lost_reasons"))
        if section.has("lost_reasons")
        else (),
    )
    _once(stages, "name", (stage.name for stage in facts.stages))
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


def _tier(section: Section, currency: str, benefits: set[str]) -> TierFacts:
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
    _once(section, "name", (person.name for person in people))
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


def _mail(section: Section, name: str = "contact", *, default: str | None = None) -> str:
    address = section.text(name, most=254, default=default)
    if address and not _MAIL.fullmatch(address):
        section.fault(f"“{name}” has to be an e-mail address", name)
    return address


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


def _once(section: Section, what: str, values: Iterable[str]) -> None:
    section.once(what, values)
