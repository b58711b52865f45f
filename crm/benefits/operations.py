"""Entering that a company used a benefit, and striking what was entered by mistake."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.benefits import queries
from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.benefits.queries import Line, MemberYear
from crm.companies.models import Affiliation, Company
from crm.companies.queries import CompanyArchived
from crm.kit.actors import Actor
from crm.kit.days import runs_on
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.periods import in_words
from crm.memberships import queries as memberships
from crm.memberships.benefit_models import Benefit
from crm.memberships.benefit_rules import UsedBy
from crm.memberships.models import Membership
from crm.memberships.rules import Status
from crm.people.models import Person

MOST = 9999
NO_MEMBER = {
    Status.DRAFT: "its membership was a draft",
    Status.AWAITING_SIGNATURE: "its membership was awaiting signature",
    Status.UPCOMING: "its membership had not begun yet",
    Status.LAPSED: "its membership had lapsed",
    Status.TERMINATED: "its membership had been terminated",
    Status.WITHDRAWN: "its membership was withdrawn",
}


class NoMember(RuleBroken):
    """Benefits are a member's: none is used on a day on which no membership was in force."""


class CountedElsewhere(RuleBroken):
    """What is counted from projects is not entered a second time."""


class StruckAlready(RuleBroken):
    """A use is struck once."""


@dataclass(frozen=True, kw_only=True)
class NewUse:
    """So many of a benefit on a day; who of the company had them, as far as that is known."""

    benefit_id: int
    on: date
    number: int = 1
    person_ids: tuple[int, ...] = ()
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The use, the membership year it counts in, and what that year is left with."""

    use: BenefitUse
    year: MemberYear
    line: Line


def record(
    session: Session, company_id: int, wanted: NewUse, *, by: Actor, now: datetime, today: date
) -> Recorded:
    """Enter a use; more than is left is entered all the same: it was used.

    A day ahead is a place kept. What an archived company used until then is entered, nothing
    after. Raises `NoMember`, `CompanyArchived`, `CountedElsewhere`, `NotFound`, or `RuleBroken` for
    a number that cannot be, or for people who were not at the company on the day.
    """
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound("There is no such company.")
    benefit = session.get(Benefit, wanted.benefit_id)
    if benefit is None:
        raise RuleBroken("Choose what was used.", field="benefit")
    if benefit.used_by is not UsedBy.RECORD:
        raise CountedElsewhere(
            f"{benefit.name}: what is used is counted from the projects. Take the seats, or bring "
            "the company in, there.",
            field="benefit",
        )
    if not 1 <= wanted.number <= MOST:
        raise RuleBroken(f"Write how many, from 1 to {MOST:,}.", field="number")
    if len(set(wanted.person_ids)) > wanted.number:
        raise RuleBroken(
            f"You chose {len(set(wanted.person_ids))} people: write at least as many.",
            field="number",
        )
    if company.archived_on is not None and wanted.on > company.archived_on:
        raise CompanyArchived(
            f"{company.name} is archived since {in_words(company.archived_on)}: enter what it used "
            "until then, or restore it first.",
            field="on",
        )
    _check_people(session, company_id, wanted.person_ids, wanted.on)
    _keep_terms(session, company_id)
    if queries.of_company(session, company_id, today).on(wanted.on) is None:
        raise NoMember(_why_no_member(session, company, wanted.on), field="on")
    use = BenefitUse(
        company_id=company_id,
        benefit_id=benefit.id,
        on=wanted.on,
        number=wanted.number,
        note=wanted.note,
        by_name=by.name,
        created_at=now,
    )
    session.add(use)
    session.flush()
    session.add_all(
        BenefitUsePerson(benefit_use_id=use.id, person_id=id_)
        for id_ in sorted(set(wanted.person_ids))
    )
    session.flush()
    year = queries.of_company(session, company_id, today).on(wanted.on)
    assert year is not None  # the terms are kept as they were
    [line] = [line for line in year.lines if line.benefit_id == benefit.id]
    return Recorded(use=use, year=year, line=line)


def strike(session: Session, use: BenefitUse, *, reason: str, by: Actor, now: datetime) -> None:
    """It counts for nothing any more, and stays on record. Raises `StruckAlready`."""
    lock(session, use)
    if use.struck_at is not None:
        raise StruckAlready(f"{use.struck_by} has struck it already: {use.struck_reason}")
    if not reason:
        raise RuleBroken("Say why, for whoever reads this later.", field="reason")
    use.struck_at, use.struck_reason, use.struck_by = now, reason, by.name
    session.flush()


def _check_people(session: Session, company_id: int, person_ids: Collection[int], on: date) -> None:
    """People come and go: who had it was at the company on the day."""
    there = select(Affiliation.person_id).where(
        Affiliation.company_id == company_id,
        Affiliation.person_id.in_(person_ids),
        runs_on(Affiliation, on),
    )
    strangers = set(person_ids) - set(session.scalars(there))
    if not strangers:
        return
    called = select(Person.name).where(Person.id.in_(strangers)).order_by(Person.name_key)
    names = ", ".join(session.scalars(called))
    because = f" on {in_words(on)}, not: {names}" if names else ""
    raise RuleBroken(f"Choose people who were at this company{because}.", field="people")


def _keep_terms(session: Session, company_id: int) -> None:
    """Nobody ends a term of the company until this is written."""
    terms = select(Membership.id).where(Membership.company_id == company_id)
    session.execute(terms.order_by(Membership.id).with_for_update(read=True))


def _why_no_member(session: Session, company: Company, on: date) -> str:
    standing = memberships.standing_of(session, [company.id], on).get(company.id)
    because = "it had no membership" if standing is None else NO_MEMBER.get(standing.status, "")
    words = f": {because}" if because else ""
    return (
        f"On {in_words(on)} {company.name} was no member{words}. Choose a day of its membership, "
        "or see to its term first."
    )
