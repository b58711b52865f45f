"""Benefits for a viewer's pages: of the year that runs, and who had them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, case, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.benefits import queries
from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.benefits.queries import MemberYear
from crm.benefits.terms import Term
from crm.companies.models import Affiliation, Company
from crm.kit.among import among
from crm.kit.days import lasts_beyond
from crm.kit.periods import in_words
from crm.memberships.benefit_models import Benefit
from crm.memberships.rules import IN_FORCE
from crm.people.models import Person
from crm.reports.acquaintances import people_of
from crm.reports.company_standing import TermLine

A_DAY = timedelta(days=1)
MOST = 40


def this_year(
    session: Session, terms: Sequence[TermLine], company_id: int, *, day: date
) -> MemberYear | None:
    """Of a company whose terms are known already. One statement, or none if it is no member."""
    if not any(term.status in IN_FORCE for term in terms):
        return None
    signed = [_term(term, company_id) for term in terms if term.executed_on is not None]
    return queries.of_terms(session, signed, day)[company_id].on(day)


def _term(term: TermLine, company_id: int) -> Term:
    return Term(
        id=term.id,
        company_id=company_id,
        starts_on=term.starts_on,
        ends_before=term.ends_before,
        runs_before=term.last_day + A_DAY,
        occupied_before=term.occupied_before,
        terminated_on=term.terminated_on,
        grace_days=term.grace_days,
        signed=True,
        interruptions=term.interruptions,
    )


def of_person(session: Session, person_id: int) -> Sequence[Row[Any]]:
    """What somebody had of their company's benefits, the latest first: id, benefit, on, company and
    its id. One statement."""
    use, had = BenefitUse, BenefitUsePerson
    found: Select[Any] = (
        select(use.id, Benefit.name.label("benefit"), use.on, use.company_id, Company.name)  # type: ignore[assignment]
        .join(had, had.benefit_use_id == use.id)
        .join(use.benefit)
        .join(use.company)
        .where(had.person_id == person_id, use.struck_at.is_(None))
    )
    return session.execute(found.order_by(use.on.desc(), use.id.desc()).limit(MOST)).all()


def who_may_have_had(
    session: Session, company_id: int, *, viewer: Viewer, today: date
) -> list[tuple[int, str]]:
    """Whoever is at the company, and then whoever was, with their last day: of those the viewer may
    see, id and label. A use of a day that is past may be theirs. One statement."""
    over = case((lasts_beyond(Affiliation, today), date.max), else_=Affiliation.ends_before)
    found = (
        select(Person.id, Person.name, over.label("over"))
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(Affiliation.company_id == company_id, Person.archived_on.is_(None))
    )
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    offered: dict[int, str] = {}
    ranked = found.order_by(over.desc(), Person.name_key, Person.id).limit(MOST)
    for id_, name, ended in session.execute(ranked):
        label = name if ended == date.max else f"{name}, until {in_words(ended - A_DAY)}"
        offered.setdefault(id_, label)
    return list(offered.items())


def who_had(
    session: Session, use_ids: Collection[int], *, viewer: Viewer, day: date
) -> dict[int, list[tuple[int, str]]]:
    """Ids and names by use, of the people whom this viewer may know. One statement, or none."""
    if not use_ids:
        return {}
    found = (
        select(BenefitUsePerson.benefit_use_id, Person.id, Person.name, Person.name_key)
        .join(Person, Person.id == BenefitUsePerson.person_id)
        .where(among(BenefitUsePerson.benefit_use_id, "uses"))
    )
    scope = people_of(viewer, day)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    had: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = session.execute(found, {"uses": list(use_ids)})
    for row in sorted(rows, key=attrgetter("name_key", "id")):
        had[row.benefit_use_id].append((row.id, row.name))
    return had
