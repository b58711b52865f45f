"""The benefits of a membership, worked out for its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.benefits import queries
from crm.benefits.queries import Line, MemberYear, Use
from crm.benefits.rules import counted
from crm.benefits.terms import terms_of
from crm.invoices.queries import overdue_companies
from crm.memberships import rules
from crm.memberships.models import Membership
from crm.web.filters import day as shown

A_DAY = timedelta(days=1)
NO_PROMISE = (
    "What this term was promised is not on record: its tier gave no benefits when it was signed."
)
NOT_NAMED = "The tier gives no benefits. Those that tiers give stand in the programme’s file."
SUSPENDED = (
    "Dues are overdue: by the programme’s rule benefits rest until they are paid. What is used is "
    "recorded all the same."
)
AHEAD = (
    "What this term would be promised if it were signed today. With the second signature it is "
    "kept, whatever the tier gives later."
)


@dataclass(frozen=True, kw_only=True)
class YearStory:
    """`state`: over · running · ahead."""

    number: int
    years: int
    starts_on: date
    last_day: date
    state: str
    says: Sequence[str]
    lines: Sequence[Line]

    @property
    def title(self) -> str:
        return f"Year {self.number} of {self.years}"


@dataclass(frozen=True, kw_only=True)
class BenefitStory:
    """`years` of this term: begun ones first, the latest on top; `now` is the one to look at."""

    years: Sequence[YearStory]
    now: YearStory | None
    outside: Sequence[Use]
    says: str
    """Why there is nothing, or what the numbers are as long as it is not signed."""
    suspended: str


def of_membership(
    session: Session,
    membership: Membership,
    *,
    viewer: Viewer,
    today: date,
    facts: Mapping[str, Any],
) -> BenefitStory:
    """Two statements, and one where overdue dues suspend benefits."""
    company_id = membership.company_id
    terms = terms_of(session, [company_id])
    own = [term for term in terms if term.id == membership.id]
    signed = membership.executed_on is not None
    of_these = [term for term in terms if term.signed] if signed else own
    found = queries.of_terms(session, of_these, today).get(company_id, queries.NOTHING)
    number = rules.years_of(membership.term)
    years = [
        _year(membership, year, number, today)
        for year in found.years
        if year.membership_id == membership.id
    ]
    begun = [year for year in reversed(years) if year.state != "ahead"]
    ahead = [year for year in years if year.state == "ahead"]
    running = next((year for year in begun if year.state == "running"), None)
    nothing = not any(year.lines for year in years)
    return BenefitStory(
        years=[*begun, *ahead],
        now=running or next(iter([*begun, *ahead]), None),
        outside=found.outside,
        says=(NO_PROMISE if signed else NOT_NAMED) if nothing else "" if signed else AHEAD,
        suspended=SUSPENDED
        if running and is_suspended(session, company_id, viewer=viewer, today=today, facts=facts)
        else "",
    )


def is_suspended(
    session: Session, company_id: int, *, viewer: Viewer, today: date, facts: Mapping[str, Any]
) -> bool:
    """Whether to say so: who may see no money is not told of anybody's dues."""
    if not facts.get("overdue_suspends_benefits") or not viewer.may(P.MONEY_READ):
        return False
    return company_id in overdue_companies(session, [company_id], today)


def _year(membership: Membership, found: MemberYear, years: int, today: date) -> YearStory:
    year = found.year
    last_day = year.days.last_day
    assert last_day is not None  # a membership year always ends
    if today < year.days.starts_on:
        state = "ahead"
    else:
        state = "running" if today < year.counted_before else "over"
    return YearStory(
        number=year.number,
        years=years,
        starts_on=year.days.starts_on,
        last_day=last_day,
        state=state,
        says=_says(membership, found, last=year.number == years),
        lines=found.lines,
    )


def _says(membership: Membership, found: MemberYear, *, last: bool) -> list[str]:
    """What a reader of the numbers has to know of this year's days."""
    m, year = membership, found.year
    says = []
    ends_before = year.days.ends_before
    assert ends_before is not None
    if last and m.extended_before and ends_before > m.ends_before:
        says.append(
            f"The extension from {shown(m.ends_before)} on belongs to this year, and brings "
            "nothing more."
        )
    if year.counted_before > ends_before:
        grace = shown(year.counted_before - A_DAY)
        says.append(f"What is used in the days of grace, through {grace}, counts in it.")
    if m.terminated_on is not None and ends_before == m.terminated_on:
        says.append("Cut short by the termination; nothing is counted pro rata.")
    return says


def left_in_words(line: Line) -> str:
    """`3 of 4 places left`: for whoever enters a use."""
    told = line.tally
    if told.entitled is None:
        return f"as many {line.units} as asked for"
    if told.entitled == 0:
        return "not part of this membership"
    return f"{told.left:,} of {counted(told.entitled, line.unit, line.units)} left"
