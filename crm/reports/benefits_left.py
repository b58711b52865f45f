"""Members whose year ends within half a year and who used nothing of something it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, extract, or_, select
from sqlalchemy.orm import Session

from crm.benefits import queries
from crm.benefits.terms import read_terms, terms
from crm.kit.periods import months_after
from crm.memberships import queries as memberships
from crm.memberships.models import Membership

MONTHS = 6
MOST_LOOKED_AT = 60
"""Members whose year ends next: more are not read for a list of a few."""
A_YEAR = 1300
"""Beyond every month and day, as 1231 tells the last of December."""


@dataclass(frozen=True, kw_only=True)
class BenefitsLeft:
    """What a company has not used at all of its membership year."""

    membership_id: int
    company: str
    year: int
    ends_before: date
    unused: Sequence[str]


def benefits_left(session: Session, day: date) -> list[BenefitsLeft]:
    """The soonest end first. Two statements."""
    signed = [term for term in read_terms(session.execute(_terms(day))) if term.signed]
    names = {term.company_id: term.company for term in signed}
    found = []
    for company_id, of_company in queries.of_terms(session, signed, day).items():
        year = of_company.on(day)
        if year is None:
            continue
        ends_before = year.year.days.ends_before
        assert ends_before is not None  # a membership year always ends
        unused = [line.name for line in year.lines if line.tally.is_unused]
        if unused and day < ends_before <= months_after(day, MONTHS):
            found.append(
                BenefitsLeft(
                    membership_id=year.membership_id,
                    company=names[company_id],
                    year=year.year.number,
                    ends_before=ends_before,
                    unused=unused,
                )
            )
    return sorted(found, key=lambda left: (left.ends_before, left.company))


@lru_cache(maxsize=8)
def _terms(day: date) -> Select[Any]:
    return terms().where(Membership.company_id.in_(select(_soon(day).c.company_id)))


def _soon(day: date) -> Subquery:
    """Members in force whose anniversary or end comes within the months; the next ones first."""
    turns = extract("month", Membership.starts_on) * 100 + extract("day", Membership.starts_on)
    until, runs_before = months_after(day, MONTHS), memberships.RUNS_BEFORE
    today = _key(day)
    return (
        select(Membership.company_id)
        .where(
            memberships.in_force_on(day),
            or_(
                _between(turns, today, _key(until)),
                and_(runs_before > day, runs_before <= until),
            ),
        )
        .order_by(case((turns > today, turns), else_=turns + A_YEAR), Membership.id)
        .limit(MOST_LOOKED_AT)
        .subquery()
    )


def _between(turns: ColumnElement[int], after: int, to: int) -> ColumnElement[bool]:
    """After the one day of the year, to the other; perhaps across its end."""
    parts = turns > after, turns <= to
    return and_(*parts) if after < to else or_(*parts)


def _key(day: date) -> int:
    return day.month * 100 + day.day
