"""What a company took part in and gave in a period, line by line. No value, no reason in it.

Columns: day, kind, title, people, challenge, outcome, url, id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.kit.periods import Period
from crm.partnerships.facility_models import Facility, Participation
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.queries import RESPONSIBLE
from crm.partnerships.rules import Stage
from crm.partnerships.use_models import ContributionUse
from crm.partnerships.use_queries import UNTIL
from crm.projects.models import Project

LAST, ACCEPTED = aliased(ContributionStep), aliased(ContributionStep)
NOTHING = cast(null(), String)
PAGES = "/office/engagements"


def lines(company_id: int, period: Period) -> CompoundSelect[Any]:
    """A part in a facility that runs in the period, on its first day in it; what was accepted in
    it; and which projects use what the company gave."""
    return union_all(
        _participations(company_id, period),
        _contributions(company_id, period),
        _uses(company_id, period),
    )


def first_day(starts_on: Any, period: Period) -> Any:
    """The first day of a span that lies in the period."""
    begins = literal(period.starts_on, Date)
    return case((starts_on < begins, begins), else_=starts_on)


def meets(starts_on: Any, ends_before: Any, period: Period) -> Any:
    """Whether a span has a day in the period; the twin of `Period.overlaps`."""
    after = or_(ends_before.is_(None), ends_before > period.starts_on)
    if period.ends_before is None:
        return after
    return and_(after, starts_on < period.ends_before)


def _participations(company_id: int, period: Period) -> Select[Any]:
    part = Participation
    return (
        select(
            first_day(part.starts_on, period).label("day"),
            (literal("Facility, ") + cast(part.kind, String)).label("kind"),
            Facility.name.label("title"),
            NOTHING.label("people"),
            NOTHING.label("challenge"),
            part.note.label("outcome"),
            (literal(f"{PAGES}/facilities/") + cast(part.facility_id, String)).label("url"),
            part.id.label("id"),
        )
        .join(part.facility)
        .where(part.company_id == company_id, meets(part.starts_on, part.ends_before, period))
    )


def _contributions(company_id: int, period: Period) -> Select[Any]:
    """Its outcome is the stage to which it has come."""
    last = (
        select(LAST.stage)
        .where(LAST.contribution_id == Contribution.id, LAST.struck_at.is_(None))
        .order_by(LAST.on.desc(), LAST.id.desc())
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )
    accepted = and_(
        ACCEPTED.contribution_id == Contribution.id,
        ACCEPTED.stage == Stage.ACCEPTED,
        ACCEPTED.struck_at.is_(None),
    )
    found = (
        select(
            ACCEPTED.on,
            cast(Contribution.kind, String) + ", " + cast(Contribution.given, String),
            Contribution.title,
            RESPONSIBLE.name,
            NOTHING,
            cast(last, String),
            literal(f"{PAGES}/contributions/") + cast(Contribution.id, String),
            Contribution.id,
        )
        .join(ACCEPTED, accepted)
        .outerjoin(RESPONSIBLE, RESPONSIBLE.id == Contribution.responsible_id)
        .where(Contribution.company_id == company_id, ACCEPTED.on >= period.starts_on)
    )
    if period.ends_before is not None:
        found = found.where(ACCEPTED.on < period.ends_before)
    return found  # type: ignore[return-value]


def _uses(company_id: int, period: Period) -> Select[Any]:
    """By what its contribution is used is the outcome."""
    use = ContributionUse
    return (
        select(
            first_day(use.starts_on, period),
            literal("Use of a contribution"),
            Contribution.title,
            NOTHING,
            NOTHING,
            Project.title,
            literal("/office/projects/") + cast(use.project_id, String),
            use.id,
        )
        .join(use.contribution)
        .join(use.project)
        .where(
            Contribution.company_id == company_id,
            meets(use.starts_on, UNTIL, period),
            or_(UNTIL.is_(None), use.starts_on < UNTIL),
        )
    )
