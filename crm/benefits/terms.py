"""Terms as their membership years depend on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.kit.among import among
from crm.kit.periods import Period
from crm.memberships.benefit_rules import BenefitYear, benefit_years
from crm.memberships.models import Interruption, Membership
from crm.memberships.queries import RUNS_BEFORE


@dataclass(frozen=True, kw_only=True)
class Term:
    """What the membership years of a term depend on. `ends_before` as signed."""

    id: int
    company_id: int
    starts_on: date
    ends_before: date
    runs_before: date
    occupied_before: date
    terminated_on: date | None
    grace_days: int
    signed: bool
    interruptions: tuple[Period, ...] = ()
    company: str = ""
    """Its name, where terms were read for a list of companies."""


def years_of(term: Term, terms: Iterable[Term]) -> list[BenefitYear]:
    """The membership years of a term; the company's next signed one takes its grace over."""
    following = (
        other.starts_on
        for other in terms
        if other.signed
        and other.starts_on >= term.runs_before
        and other.occupied_before > other.starts_on
    )
    return benefit_years(
        Period(term.starts_on, term.ends_before),
        runs_before=term.runs_before,
        terminated_on=term.terminated_on,
        interruptions=term.interruptions,
        grace_days=term.grace_days,
        succeeded_on=min(following, default=None),
    )


def terms_of(session: Session, company_ids: Collection[int]) -> list[Term]:
    """Those that were not withdrawn. One statement."""
    found = terms().where(among(Membership.company_id, "companies"))
    return read_terms(session.execute(found, {"companies": list(company_ids)}))


def read_terms(found: Iterable[Any]) -> list[Term]:
    """From rows of `terms`: a term comes once for each of its interruptions."""
    stops: dict[int, list[Period]] = defaultdict(list)
    rows = {}
    for row in found:
        rows[row.id] = row
        if row.stopped_on is not None:
            stops[row.id].append(Period(row.stopped_on, row.reinstated_on))
    return [
        Term(
            id=row.id,
            company_id=row.company_id,
            starts_on=row.starts_on,
            ends_before=row.ends_before,
            runs_before=row.runs_before,
            occupied_before=row.occupied_before,
            terminated_on=row.terminated_on,
            grace_days=row.grace_days,
            signed=None not in (row.company_signed_on, row.programme_signed_on),
            interruptions=tuple(stops[row.id]),
            company=row.company,
        )
        for row in rows.values()
    ]


@cache
def terms() -> Select[Any]:
    """Terms that were not withdrawn, of all companies; see `read_terms`."""
    stop = Interruption
    return (
        select(  # type: ignore[return-value]
            Membership.id,
            Membership.company_id,
            Membership.starts_on,
            Membership.ends_before,
            RUNS_BEFORE.label("runs_before"),
            Membership.occupied_before,
            Membership.terminated_on,
            Membership.grace_days,
            Membership.company_signed_on,
            Membership.programme_signed_on,
            stop.terminated_on.label("stopped_on"),
            stop.reinstated_on,
            Company.name.label("company"),
        )
        .join(Membership.company)
        .outerjoin(stop, stop.membership_id == Membership.id)
        .where(Membership.withdrawn_on.is_(None))
    )
