"""Companies and faculty who share a challenge and have not met: whom to bring together next.

Companies come page by page, each with the best few of the faculty: no page reads every pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, case, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities import interests
from crm.companies.models import Company, CompanyChallenge
from crm.kit.among import among
from crm.kit.pages import Page, page_of
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.people.models import Person, Profile, ProfileChallenge
from crm.pipeline.models import Opportunity
from crm.pipeline.queries import IS_OPEN
from crm.programme.models import Challenge
from crm.reports.acquaintances import people_of
from crm.reports.challenges import met
from crm.reports.challenges.rules import Rank, Scholar, Shared, sharing, to_introduce

FEW, MANY = 3, 50
"""Of the faculty for each company; for one alone."""
PAGE = 20
"""Companies."""


@dataclass(frozen=True, kw_only=True)
class Introductions:
    """Which: all, or those of one challenge, company or person. Members come before companies we
    talk with before others, within these whom nobody has been in contact with for the longest,
    then by name; and of each the faculty as `rules.sharing` has them."""

    viewer: Viewer
    today: date
    challenge_id: int | None = None
    company_id: int | None = None
    person_id: int | None = None

    @property
    def most(self) -> int:
        return FEW if self.company_id is None else MANY


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """One of the faculty for a company. `interest`: the stake they have declared in it."""

    shared: Shared
    challenges: Sequence[str]
    interest: str


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A company and whom to introduce to it; `more` share a challenge beside them."""

    company: Any
    """id, name, owner_id, owner, last_touch_on, rank."""
    rank: Rank
    people: Sequence[Introduction]
    more: int


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What a page of them is told from."""

    challenges: Mapping[int, str]
    scholars: Sequence[Scholar]
    met: Mapping[int, set[int]]
    """By company."""


def page(
    session: Session, search: Introductions, *, number: int, size: int = PAGE
) -> tuple[Page[Any], Sequence[Meeting]]:
    """Eight SELECTs, however many companies and faculty there are."""
    known = _known(session, search)
    wanted = _wanted(session, search, known)
    found = page_of(
        session,
        _companies(search.today).where(*wanted),
        number=number,
        size=size,
        counted=select(Company.id).where(*wanted),
    )
    return found, _told(session, search, known, found.items)


def all_of(session: Session, search: Introductions) -> Sequence[Meeting]:
    """Every company, for a file."""
    known = _known(session, search)
    found = _companies(search.today).where(*_wanted(session, search, known))
    return _told(session, search, known, session.execute(found).all())


def about(session: Session, search: Introductions) -> tuple[str, str]:
    """The names of the company and the person asked for, if they are; a stranger's is empty."""
    company = person = None
    if search.company_id is not None:
        company = session.scalar(select(Company.name).where(Company.id == search.company_id))
    if search.person_id is not None:
        known = select(Person.name).where(Person.id.in_(_people(search)))
        person = session.scalar(known)
    return company or "", person or ""


def _known(session: Session, search: Introductions) -> _Known:
    challenges = {row.id: row.name for row in session.execute(_challenges(search))}
    pairs = met.pairs_of(session, search.viewer, search.today)
    often: dict[int, int] = defaultdict(int)
    for people in pairs.values():
        for person_id in people:
            often[person_id] += 1
    return _Known(
        challenges=challenges, scholars=_scholars(session, search, challenges, often), met=pairs
    )


def _wanted(session: Session, search: Introductions, known: _Known) -> list[ColumnElement[bool]]:
    """Of companies: somebody who may be named shares a challenge, and has not met them."""
    on: dict[int, int] = defaultdict(int)
    for scholar in known.scholars:
        for challenge_id in scholar.challenges:
            on[challenge_id] += 1
    # Whoever has met fewer than work on one challenge has not met all who share one with them.
    fewest, everybody = min(on.values(), default=0), {one.id for one in known.scholars}
    busy = [id_ for id_, people in known.met.items() if len(people & everybody) >= fewest]
    cares = _cares(session, busy, known)
    done = [
        id_
        for id_ in busy
        if not to_introduce(sharing(cares[id_], known.scholars), known.met[id_], most=1)[0]
    ]
    caring = select(CompanyChallenge.company_id).where(CompanyChallenge.challenge_id.in_(list(on)))
    conditions: list[ColumnElement[bool]] = [
        Company.archived_on.is_(None),
        Company.id.in_(caring),
        Company.id.not_in(done),
    ]
    if search.company_id is not None:
        conditions.append(Company.id == search.company_id)
    return conditions


def _told(
    session: Session, search: Introductions, known: _Known, companies: Sequence[Any]
) -> Sequence[Meeting]:
    ids = [company.id for company in companies]
    cares = _cares(session, ids, known)
    declared = interests.in_companies(session, ids, search.today)
    by_challenges: dict[frozenset[int], list[Shared]] = {}
    found = []
    for company in companies:
        wanted = cares[company.id]
        if wanted not in by_challenges:  # of a few challenges there are few sets
            by_challenges[wanted] = sharing(wanted, known.scholars)
        people, more = to_introduce(
            by_challenges[wanted], known.met.get(company.id, ()), most=search.most
        )
        stakes = interests.by_person(declared.get(company.id, ()))
        found.append(
            Meeting(
                company=company,
                rank=Rank(company.rank),
                people=[
                    Introduction(
                        shared=one,
                        challenges=[
                            name for id_, name in known.challenges.items() if id_ in one.challenges
                        ],
                        interest=", ".join(stakes.get(one.scholar.id, ())),
                    )
                    for one in people
                ],
                more=more,
            )
        )
    return found


@lru_cache(maxsize=8)
def _companies(today: date) -> Select[Any]:
    rank = _rank(today)
    found: Select[Any] = select(  # type: ignore[assignment]
        Company.id,
        Company.name,
        Company.owner_id,
        UserAccount.name.label("owner"),
        Company.last_touch_on,
        rank.label("rank"),
    ).outerjoin(UserAccount, UserAccount.id == Company.owner_id)
    return found.order_by(
        rank, Company.last_touch_on.asc().nulls_first(), Company.name_key, Company.id
    )


def _rank(today: date) -> ColumnElement[int]:
    members = select(Membership.company_id).where(memberships.in_force_on(today))
    talked_to = select(Opportunity.company_id).where(IS_OPEN)
    return case(
        (Company.id.in_(members), Rank.MEMBER.value),
        (Company.id.in_(talked_to), Rank.TALKED_TO.value),
        else_=Rank.OTHER.value,
    )


def _challenges(search: Introductions) -> Select[Any]:
    found: Select[Any] = select(Challenge.id, Challenge.name)  # type: ignore[assignment]
    found = found.where(Challenge.retired_on.is_(None))
    if search.challenge_id is not None:
        found = found.where(Challenge.id == search.challenge_id)
    return found.order_by(Challenge.number, Challenge.id)


def _people(search: Introductions) -> Select[Any]:
    """The ids of the faculty who may be named to this viewer."""
    found: Select[Any] = select(Profile.id)
    found = found.join(Profile.person).where(Person.archived_on.is_(None))
    if search.person_id is not None:
        found = found.where(Profile.id == search.person_id)
    scope = people_of(search.viewer, search.today)
    return found if scope is None else found.where(Profile.id.in_(scope))


def _cares(session: Session, ids: Collection[int], known: _Known) -> dict[int, frozenset[int]]:
    """The challenges each of these companies cares about, of those that are asked for."""
    cares: dict[int, set[int]] = {id_: set() for id_ in ids}
    for company_id, challenge_id in session.execute(_caring(), {"companies": ids}):
        if challenge_id in known.challenges:
            cares[company_id].add(challenge_id)
    return {id_: frozenset(challenges) for id_, challenges in cares.items()}


@lru_cache(maxsize=1)
def _caring() -> Executable:
    tie = CompanyChallenge
    return select(tie.company_id, tie.challenge_id).where(among(tie.company_id, "companies"))


def _scholars(
    session: Session,
    search: Introductions,
    challenges: Collection[int],
    often: Mapping[int, int],
) -> Sequence[Scholar]:
    """The faculty who work on one of these challenges; `often`: how many companies each has met."""
    asked = (
        select(
            Person.id, Person.name, Person.name_key, Profile.field, ProfileChallenge.challenge_id
        )
        .join(Profile, Profile.id == Person.id)
        .join(ProfileChallenge, ProfileChallenge.person_id == Person.id)
        .where(Person.id.in_(_people(search)), ProfileChallenge.challenge_id.in_(challenges))
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(asked):
        rows[row.id].append(row)
    return [
        Scholar(
            id=id_,
            name=own[0].name,
            name_key=own[0].name_key,
            field=own[0].field,
            challenges=frozenset(row.challenge_id for row in own),
            met=often.get(id_, 0),
        )
        for id_, own in rows.items()
    ]
