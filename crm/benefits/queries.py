"""Reads of what memberships give, year by year, and of what companies used of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.benefits.models import BenefitUse
from crm.benefits.sources import BY_HAND, OTHERWISE, PROMISE, promised_and_used
from crm.benefits.terms import Term, terms_of, years_of
from crm.kit.errors import NotFound
from crm.kit.periods import Period
from crm.memberships.benefit_models import Benefit
from crm.memberships.benefit_rules import (
    BenefitYear,
    Otherwise,
    Promise,
    Tally,
    UsedBy,
    entitled,
    tally,
)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A record that used a benefit: `what` is one of `sources`, `record_id` the record's own."""

    what: str
    record_id: int
    benefit_id: int
    benefit: str
    on: date
    number: int
    title: str
    """Of the project; of a use entered by hand, its note."""
    by_name: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One benefit in a membership year."""

    benefit_id: int
    key: str
    name: str
    unit: str
    units: str
    tally: Tally
    uses: Sequence[Use]


@dataclass(frozen=True, kw_only=True)
class MemberYear:
    """A membership year of a company, with what it gives and what was used of it."""

    membership_id: int
    company_id: int
    year: BenefitYear
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class CompanyBenefits:
    """`years` of all terms asked for, in order; `outside`: entered for a day in none of them."""

    years: Sequence[MemberYear]
    outside: Sequence[Use]

    def on(self, day: date) -> MemberYear | None:
        """The year in which a use of this day counts."""
        return next((found for found in self.years if day in found.year), None)


NOTHING = CompanyBenefits(years=(), outside=())


def of_companies(
    session: Session, company_ids: Collection[int], day: date
) -> dict[int, CompanyBenefits]:
    """By company, of all its signed terms, as it stands on a day. Two statements."""
    return of_terms(session, [t for t in terms_of(session, company_ids) if t.signed], day)


def of_company(
    session: Session, company_id: int, day: date, *, during: Period | None = None
) -> CompanyBenefits:
    """Of one company; of the years that reach into these days, if any are given."""
    found = of_companies(session, [company_id], day).get(company_id, NOTHING)
    if during is None:
        return found
    years = [year for year in found.years if year.year.days.overlaps(during)]
    return CompanyBenefits(years=years, outside=[u for u in found.outside if u.on in during])


def of_terms(session: Session, terms: Sequence[Term], day: date) -> dict[int, CompanyBenefits]:
    """By company; the terms of a company are all it has signed, or one that is not signed yet.

    One statement.
    """
    if not terms:
        return {}
    by_company: dict[int, list[Term]] = defaultdict(list)
    for term in sorted(terms, key=lambda term: term.starts_on):
        by_company[term.company_id].append(term)
    rows = session.execute(
        promised_and_used(),
        {"memberships": [term.id for term in terms], "companies": list(by_company)},
    ).all()
    promises: dict[int, list[Any]] = defaultdict(list)
    uses: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.on, row.record_id, row.position)):
        (promises if row.what in (PROMISE, OTHERWISE) else uses)[row.owner_id].append(row)
    return {
        company_id: _of_company(of_company, promises, uses[company_id], day)
        for company_id, of_company in by_company.items()
    }


def _of_company(
    terms: Sequence[Term], promises: Mapping[int, list[Any]], uses: Sequence[Any], day: date
) -> CompanyBenefits:
    years = [
        MemberYear(
            membership_id=term.id,
            company_id=term.company_id,
            year=year,
            lines=_lines(year, promises.get(term.id, []), uses if term.signed else (), day),
        )
        for term in terms
        for year in years_of(term, terms)
    ]
    outside = [
        _use(row)
        for row in uses
        if row.what == BY_HAND and not any(row.on in found.year for found in years)
    ]
    return CompanyBenefits(years=years, outside=outside)


def _lines(year: BenefitYear, promised: list[Any], uses: Sequence[Any], day: date) -> list[Line]:
    """What the term was promised, and what was used without.

    What is counted from projects counts for what was promised of it: a term knows nothing of a
    benefit that the programme thought of later.
    """
    promises = _promises(row for row in promised if row.what == PROMISE)
    otherwise = _otherwise(row for row in promised if row.what == OTHERWISE)
    known = {row.benefit_id: row for row in promised}
    of_year: dict[int, list[Any]] = defaultdict(list)
    for row in uses:
        if row.on in year and (row.what == BY_HAND or row.benefit_id in known):
            of_year[row.benefit_id].append(row)
            known.setdefault(row.benefit_id, row)
    found = []
    for row in sorted(known.values(), key=lambda row: (row.position, row.benefit_id)):
        told = of_year.get(row.benefit_id, ())
        agreed = otherwise.get(row.benefit_id, ())
        number = entitled(year, promises, row.benefit_id, day, agreed)
        if number == 0 and not told:
            continue
        found.append(
            Line(
                benefit_id=row.benefit_id,
                key=row.key,
                name=row.name,
                unit=row.unit,
                units=row.units,
                tally=tally(number, [(use.on, use.number) for use in told], day),
                uses=[_use(use) for use in told],
            )
        )
    return found


def _promises(rows: Iterable[Any]) -> list[Promise]:
    """In the order in which they take effect: what was signed, then each amendment."""
    by_act: dict[tuple[int, date], dict[int, int | None]] = defaultdict(dict)
    for row in rows:
        by_act[row.record_id, row.on][row.benefit_id] = row.number
    order = sorted(by_act, key=lambda act: (act[0] != 0, act[1], act[0]))
    return [Promise(from_on=act[1], a_year=by_act[act]) for act in order]


def _otherwise(rows: Iterable[Any]) -> dict[int, list[Otherwise]]:
    """By benefit, in the order in which it was agreed."""
    found: dict[int, list[Otherwise]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.record_id):
        found[row.benefit_id].append(Otherwise(from_year=row.year, a_year=row.number))
    return found


def _use(row: Any) -> Use:
    return Use(
        what=row.what,
        record_id=row.record_id,
        benefit_id=row.benefit_id,
        benefit=row.name,
        on=row.on,
        number=row.number,
        title=row.title,
        by_name=row.by_name,
    )


def offered(session: Session) -> Sequence[Benefit]:
    """Those that the programme's file names today, in its order."""
    found = select(Benefit).where(Benefit.retired_on.is_(None))
    return session.scalars(found.order_by(Benefit.position, Benefit.id)).all()


def by_hand(session: Session) -> Sequence[Benefit]:
    """The benefits whose uses are entered, in the file's order, those it no longer names last."""
    found = select(Benefit).where(Benefit.used_by == UsedBy.RECORD)
    return session.scalars(
        found.order_by(Benefit.retired_on.is_not(None), Benefit.position, Benefit.id)
    ).all()


def get(session: Session, benefit_use_id: int) -> BenefitUse:
    """With its company and benefit. Raises `NotFound`."""
    found = session.get(
        BenefitUse,
        benefit_use_id,
        options=[joinedload(BenefitUse.company), joinedload(BenefitUse.benefit)],
    )
    if found is None:
        raise NotFound("No such use of a benefit is on record.")
    return found
