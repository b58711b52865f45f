"""Reads of tiers and terms. Here stand the SQL twins of `rules`; a test holds both together."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    exists,
    extract,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from crm.companies.models import Company
from crm.kit.among import among
from crm.kit.days import days_later
from crm.kit.errors import NotFound
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.kit.text import fold
from crm.memberships import rules
from crm.memberships.models import Amendment, Extension, Interruption, Membership, Tier, YearFee
from crm.memberships.rules import FeeChange, Status
from crm.programme.models import Programme

GRACE_DAYS = 60
"""Where the programme's file has not been loaded."""


# Built once: a statement is a value, and building one costs more than running it.
FOLLOWING, FOUNDED = aliased(Membership), aliased(Membership)


WORDS = {word: literal_column(f"'{word.value}'", String) for word in Status}
"""As they stand in a statement: as parameters they would be sent with each of thousands."""


RUNS_BEFORE: ColumnElement[date] = func.coalesce(Membership.extended_before, Membership.ends_before)
"""The end with extensions, as `Membership.runs_before`."""
AMENDED, STOPPED, OF_YEAR = aliased(Amendment), aliased(Interruption), aliased(YearFee)


@lru_cache(maxsize=64)
def tier_id_on(day: date) -> ColumnElement[int]:
    """The tier of the enclosing `Membership` on a day: as amended, else as signed."""
    return func.coalesce(_amended(AMENDED.tier_id, day), Membership.tier_id)


@lru_cache(maxsize=64)
def fee_minor_on(day: date) -> ColumnElement[int]:
    """The SQL twin of `rules.running_fee`: the fee a year that holds on a day."""
    return func.coalesce(
        _amended(AMENDED.fee_minor, day), _agreed_fee_minor(day), Membership.fee_minor
    )


def _agreed_fee_minor(day: date) -> ScalarSelect[int]:
    """As agreed for the year that counts on a day; NULL where all years cost the same."""
    starts_on = Membership.starts_on
    # A year of a term from 29 February begins on the 28th where there is no 29th.
    clipped = (day.month, day.day) == (2, 28) and not isleap(day.year)
    turned = 229 if clipped else day.month * 100 + day.day
    come_round = extract("month", starts_on) * 100 + extract("day", starts_on) <= turned
    years_begun = day.year - extract("year", starts_on) + case((come_round, 1), else_=0)
    return (
        select(OF_YEAR.fee_minor)
        .where(
            OF_YEAR.membership_id == Membership.id,
            or_(OF_YEAR.year == 1, OF_YEAR.year <= years_begun),
        )
        .order_by(OF_YEAR.year.desc())
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )


def _amended(column: SQLColumnExpression[Any], day: date) -> ScalarSelect[int]:
    """What the last amendment by a day that says something of it says."""
    return (
        select(column)
        .where(AMENDED.membership_id == Membership.id, AMENDED.from_on <= day, column.is_not(None))
        .order_by(AMENDED.from_on.desc(), AMENDED.id.desc())
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )


@lru_cache(maxsize=64)
def founding_on(day: date) -> ColumnElement[bool]:
    """Of the founding cohort: as signed, or amended into it by a day, in this term of the company
    or an earlier one, unless that had ended before. Founding stays for good.
    """
    amended_into = exists().where(
        FOUNDED.company_id == Membership.company_id,
        FOUNDED.starts_on <= Membership.starts_on,
        AMENDED.membership_id == FOUNDED.id,
        AMENDED.from_on <= day,
        AMENDED.from_on < FOUNDED.occupied_before,
        Tier.id == AMENDED.tier_id,
        Tier.founding,
    )
    return or_(Membership.founding, amended_into.correlate(Membership))


def terminated_by(day: date) -> ColumnElement[bool]:
    """Terminated on a day, and not or not yet reinstated."""
    return or_(
        and_(Membership.terminated_on.is_not(None), Membership.terminated_on <= day),
        exists().where(
            STOPPED.membership_id == Membership.id,
            STOPPED.terminated_on <= day,
            STOPPED.reinstated_on > day,
        ),
    )


EXECUTED_ON = case(
    (Membership.company_signed_on.is_(None), null()),
    (Membership.company_signed_on > Membership.programme_signed_on, Membership.company_signed_on),
    else_=Membership.programme_signed_on,
)
"""The day on which the later side signed; NULL: not both have. The twin of `rules.executed_on`."""


def executed_by(day: date) -> ColumnElement[bool]:
    return and_(Membership.company_signed_on <= day, Membership.programme_signed_on <= day)


@lru_cache(maxsize=64)
def in_force_on(day: date) -> ColumnElement[bool]:
    """The SQL twin of `rules.status_on(day) in rules.IN_FORCE`."""
    return and_(
        executed_by(day),
        Membership.starts_on <= day,
        ~terminated_by(day),
        or_(day < RUNS_BEFORE, _in_grace(day)),
    )


@lru_cache(maxsize=64)
def status_on(day: date) -> ColumnElement[str]:
    """The SQL twin of `rules.status_on`."""
    return case(
        (Membership.withdrawn_on <= day, WORDS[Status.WITHDRAWN]),
        (
            executed_by(day),
            case(
                (terminated_by(day), WORDS[Status.TERMINATED]),
                (Membership.starts_on > day, WORDS[Status.UPCOMING]),
                (day < RUNS_BEFORE, WORDS[Status.ACTIVE]),
                (_in_grace(day), WORDS[Status.GRACE]),
                else_=WORDS[Status.LAPSED],
            ),
        ),
        (Membership.released_on <= day, WORDS[Status.AWAITING_SIGNATURE]),
        else_=WORDS[Status.DRAFT],
    )


def _in_grace(day: date) -> ColumnElement[bool]:
    """Within the days of grace, unless the company's next term has taken over: one that was
    terminated before it began takes nothing over."""
    following = FOLLOWING
    taken_over = exists().where(
        following.company_id == Membership.company_id,
        following.starts_on >= RUNS_BEFORE,
        following.starts_on <= day,
        following.occupied_before > following.starts_on,
        following.company_signed_on <= day,
        following.programme_signed_on <= day,
    )
    return and_(
        day >= RUNS_BEFORE,
        days_later(RUNS_BEFORE, Membership.grace_days) > day,
        ~taken_over,
    )


def amendments_of(session: Session, membership_id: int) -> Sequence[Amendment]:
    """In the order in which they take effect, with their tiers."""
    found = select(Amendment).where(Amendment.membership_id == membership_id)
    return session.scalars(
        found.options(joinedload(Amendment.tier)).order_by(Amendment.from_on, Amendment.id)
    ).all()


def extensions_of(session: Session, membership_id: int) -> Sequence[Extension]:
    found = select(Extension).where(Extension.membership_id == membership_id)
    return session.scalars(found.order_by(Extension.id)).all()


def agreed_fees(session: Session, membership: Membership) -> list[Money]:
    """What each membership year was to cost when the term was drafted."""
    found = select(YearFee.year, YearFee.fee_minor).where(YearFee.membership_id == membership.id)
    of_year = {row.year: row.fee_minor for row in session.execute(found)}
    return [
        Money(of_year.get(year, membership.fee_minor), membership.currency)
        for year in range(1, rules.years_of(membership.term) + 1)
    ]


def fees_of(session: Session, membership: Membership) -> list[Money]:
    """What each membership year costs, with what was amended."""
    changes = fee_changes(membership, amendments_of(session, membership.id))
    return rules.fees_by_year(membership.starts_on, agreed_fees(session, membership), changes)


def fee_changes(membership: Membership, amendments: Sequence[Amendment]) -> list[FeeChange]:
    """Of a term's amendments those that change its fee."""
    return [
        FeeChange(from_on=a.from_on, fee=Money(a.fee_minor, membership.currency))
        for a in amendments
        if a.fee_minor is not None
    ]


def at_end(session: Session, membership: Membership) -> tuple[int, Money]:
    """The tier's id and a year's fee as the term ends, with what was amended."""
    amendments = amendments_of(session, membership.id)
    tier_id = amendments[-1].tier_id if amendments else membership.tier_id
    agreed = agreed_fees(session, membership)
    changes = fee_changes(membership, amendments)
    return tier_id, rules.running_fee(membership.ends_before, membership.term, agreed, changes)


def grace(session: Session) -> tuple[int, bool]:
    """The programme's days of grace, and whether a member in grace votes."""
    facts: Mapping[str, Any] = session.scalar(select(Programme.facts)) or {}
    return int(facts.get("grace_days", GRACE_DAYS)), bool(facts.get("grace_votes", False))


def get(session: Session, membership_id: int) -> Membership:
    """A membership with its company and tier. Raises `NotFound`."""
    found = session.scalars(_with_company().where(Membership.id == membership_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such membership.")
    return found


def of_company(session: Session, company_id: int) -> Sequence[Membership]:
    """All terms of a company, the latest first."""
    return session.scalars(_terms_of_company(), {"company_id": company_id}).all()


@cache
def _terms_of_company() -> Select[Membership]:
    found = _with_company().where(Membership.company_id == bindparam("company_id"))
    return found.order_by(Membership.starts_on.desc(), Membership.id)


def members_on(session: Session, day: date) -> Sequence[Membership]:
    """The memberships in force on a day, with company and tier, by company name. One SELECT."""
    found = _with_company().where(in_force_on(day))
    return session.scalars(found.order_by(Company.name_key, Membership.id)).all()


def statuses_on(session: Session, terms: Sequence[Membership], day: date) -> dict[int, Status]:
    """The standing of these memberships on a day. One SELECT."""
    ids = [term.id for term in terms]
    found = select(Membership.id, status_on(day)).where(Membership.id.in_(ids))
    return {id_: Status(word) for id_, word in session.execute(found)}


def is_founding(session: Session, membership_id: int, day: date) -> bool:
    found = select(founding_on(day)).where(Membership.id == membership_id)
    return bool(session.scalar(found))


def name_of_company(session: Session, company_id: int) -> str | None:
    return session.scalar(select(Company.name).where(Company.id == company_id))


def company_named(session: Session, typed: str) -> int | None:
    """The one company of this name, however it is spelled; None if there is none, or several."""
    found = select(Company.id).where(Company.name_key == fold(typed)).limit(2)
    ids = session.scalars(found).all()
    return ids[0] if len(ids) == 1 else None


def open_tiers(session: Session) -> Sequence[Tier]:
    """The tiers the programme's file offers today, in its order."""
    found = select(Tier).where(Tier.retired_on.is_(None))
    return session.scalars(found.order_by(Tier.position, Tier.id)).all()


def all_tiers(session: Session) -> Sequence[Tier]:
    return session.scalars(select(Tier).order_by(Tier.position, Tier.id)).all()


def counts_on(session: Session, day: date) -> dict[Status, int]:
    """How many memberships have each status on a day; every status is there."""
    counted = dict.fromkeys(Status, 0)
    counted.update({Status(word): count for word, count in session.execute(_counted(day))})
    return counted


@lru_cache(maxsize=64)
def _counted(day: date) -> Select[str, int]:
    word = status_on(day).label("status")
    return select(word, func.count()).select_from(Membership).group_by(word)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A company's membership as lists show it: the term that matters most on the day."""

    company_id: int
    membership_id: int
    tier: str
    founding: bool
    status: Status
    term: Period

    @property
    def in_force(self) -> bool:
        return self.status in rules.IN_FORCE


#: What matters most about a company with several terms.
_WEIGHT = {
    status: weight
    for weight, status in enumerate(
        (
            Status.ACTIVE,
            Status.GRACE,
            Status.UPCOMING,
            Status.AWAITING_SIGNATURE,
            Status.DRAFT,
            Status.LAPSED,
            Status.TERMINATED,
            Status.WITHDRAWN,
        )
    )
}


@lru_cache(maxsize=64)
def _standings(day: date) -> Executable:
    return (
        select(
            Membership.company_id,
            Membership.id,
            Tier.name,
            founding_on(day).label("founding"),
            status_on(day),
            Membership.starts_on,
            RUNS_BEFORE,
        )
        .join(Tier, Tier.id == tier_id_on(day))
        .where(among(Membership.company_id, "companies"))
    )


def standing_of(session: Session, company_ids: Collection[int], day: date) -> dict[int, Standing]:
    """The standing of each company that has or had a term, by company. One SELECT."""
    if not company_ids:
        return {}
    best: dict[int, Standing] = {}
    for company_id, id_, tier, founding, word, starts_on, ends_before in sorted(
        session.execute(_standings(day), {"companies": company_ids}), key=attrgetter("starts_on")
    ):
        standing = Standing(
            company_id=company_id,
            membership_id=id_,
            tier=tier,
            founding=founding,
            status=Status(word),
            term=Period(starts_on, ends_before),
        )
        known = best.get(company_id)
        if known is None or _WEIGHT[standing.status] <= _WEIGHT[known.status]:
            best[company_id] = standing
    return best


def _with_company() -> Select[Membership]:
    return (
        select(Membership)
        .join(Membership.company)
        .join(Membership.tier)
        .options(contains_eager(Membership.company), contains_eager(Membership.tier))
    )
