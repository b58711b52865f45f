"""Major partnerships with the stage their opportunities stand in: one search for board and list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.accounts.models import UserAccount
from crm.activities.models import Task
from crm.companies.models import Company
from crm.kit.errors import NotFound
from crm.kit.text import fold
from crm.partnerships import screening
from crm.partnerships.area_models import Area
from crm.partnerships.workspace_models import Convened, Handoff, Partnership, Scope
from crm.partnerships.workspace_rules import Answer, NdaFacts, nda_on
from crm.people.models import Person
from crm.pipeline import queries
from crm.pipeline.models import Opportunity, Stage, StageChange

LEAD = aliased(Person, name="lead")
LATER = aliased(Scope)
SHOWN = ("open", "closed", "all")
CARDS = 15
"""How many a column of the board shows; the list has the rest."""


@dataclass(frozen=True, kw_only=True)
class PartnershipSearch:
    """The filters of board and list, and the day; `show`: open · closed · all. Open ones are
    those whose opportunity has not ended and whose workspace is not closed."""

    day: date
    q: str = ""
    stage_id: int | None = None
    owner_id: int | None = None
    person_id: int | None = None
    """Who leads it, or is convened in it."""
    show: str = "open"

    @property
    def filtered(self) -> bool:
        asked = (self.q, self.stage_id, self.owner_id, self.person_id)
        return any(asked) or self.show != "open"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        """What everybody who reads engagements may know of each: no sum, no note."""
        found = _joined(select(*_columns(self.day))).where(*self.conditions())
        return found.order_by(Stage.position, Opportunity.stage_since.desc(), Partnership.id)

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def cards(self, *, money: bool) -> Select[Any]:
        """The first of each stage, the last moved on top, with how many stand there; `money`:
        with the value that is expected."""
        place = (
            func.row_number()
            .over(
                partition_by=Opportunity.stage_id,
                order_by=(Opportunity.stage_since.desc(), Opportunity.id.desc()),
            )
            .label("place")
        )
        there = func.count().over(partition_by=Opportunity.stage_id).label("there")
        ranked = _joined(select(Partnership.id, place, there)).where(*self.conditions()).subquery()
        value = (Opportunity.value_minor, Opportunity.currency) if money else ()
        return (
            _joined(select(*_columns(self.day), ranked.c.there, *value))
            .join(ranked, and_(ranked.c.id == Partnership.id, ranked.c.place <= CARDS))
            .order_by(Opportunity.stage_id, ranked.c.place)
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        is_open = and_(queries.IS_OPEN, Partnership.closed_on.is_(None))
        if self.show != "all":
            found.append(is_open if self.show == "open" else ~is_open)
        if self.stage_id is not None:
            found.append(Opportunity.stage_id == self.stage_id)
        if self.owner_id is not None:
            found.append(Opportunity.owner_id == self.owner_id)
        if self.person_id is not None:
            asked = exists().where(
                Convened.partnership_id == Partnership.id, Convened.person_id == self.person_id
            )
            found.append(or_(Partnership.lead_id == self.person_id, asked))
        if self.q:
            found.append(
                or_(
                    Company.name_key.contains(fold(self.q), autoescape=True),
                    Partnership.title.icontains(self.q, autoescape=True),
                )
            )
        return found


def _joined(found: Select[Any]) -> Select[Any]:
    return (
        found.select_from(Partnership)
        .join(Opportunity, Opportunity.partnership_id == Partnership.id)
        .join(Company, Company.id == Partnership.company_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(UserAccount, UserAccount.id == Opportunity.owner_id)
        .outerjoin(LEAD, LEAD.id == Partnership.lead_id)
    )


@lru_cache(maxsize=16)
def _columns(day: date) -> tuple[Any, ...]:
    interested = (
        select(func.count())
        .where(Convened.partnership_id == Partnership.id, Convened.answer == Answer.INTERESTED)
        .correlate(Partnership)
        .scalar_subquery()
    )
    agreed = (
        select(func.count())
        .where(Area.partnership_id == Partnership.id, Area.agreed_on.is_not(None))
        .correlate(Partnership)
        .scalar_subquery()
    )
    return (
        Partnership.id,
        Partnership.title,
        Partnership.company_id,
        Company.name.label("company"),
        Opportunity.stage_id,
        Stage.name.label("stage"),
        Opportunity.stage_since,
        Opportunity.won_on,
        Opportunity.lost_on,
        Partnership.closed_on,
        UserAccount.name.label("owner"),
        LEAD.name.label("lead"),
        Partnership.nda,
        Partnership.nda_signed_on,
        Partnership.nda_expires_on,
        screening.verdict_on(Partnership.company_id, day).label("verdict"),
        interested.label("interested"),
        agreed.label("agreed"),
        queries.next_step(Task.title).label("step"),
        queries.next_step(Task.due_on).label("step_on"),
    )


def opportunity_of(session: Session, partnership_id: int) -> Opportunity:
    """With what it names. Raises `NotFound`."""
    found = session.scalars(_opportunity(), {"partnership": partnership_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such partnership.")
    return found


@cache
def _opportunity() -> Select[Opportunity]:
    return (
        select(Opportunity)
        .where(Opportunity.partnership_id == bindparam("partnership"))
        .options(
            joinedload(Opportunity.company),
            joinedload(Opportunity.mode),
            joinedload(Opportunity.stage),
            joinedload(Opportunity.owner),
        )
        .execution_options(populate_existing=True)
    )


@lru_cache(maxsize=32)
def nda_of(row: Any, day: date) -> str:
    """How the NDA of a row of these searches stands on a day."""
    facts = NdaFacts(state=row.nda, signed_on=row.nda_signed_on, expires_on=row.nda_expires_on)
    return nda_on(day, facts)


def as_of(day: date, *, money: bool) -> Select[Any]:
    """Every partnership opened by a day, in the stage of that day; the rest as known today.
    `money`: with the estimate of the last scope."""
    stood = (
        select(StageChange.to_stage_id)
        .where(StageChange.opportunity_id == Opportunity.id, StageChange.on <= day)
        .order_by(StageChange.on.desc(), StageChange.id.desc())
        .limit(1)
        .correlate(Opportunity)
        .scalar_subquery()
    )
    then = aliased(Stage)
    newer = exists().where(
        LATER.partnership_id == Scope.partnership_id, LATER.number > Scope.number
    )
    found = _joined(
        select(
            *_columns(day),
            then.name.label("stage_then"),
            Partnership.opened_on,
            Scope.written_on,
            Handoff.on.label("handed_on"),
            Handoff.to_whom,
            Handoff.reference,
        )
    )
    if money:
        found = found.add_columns(Scope.estimate_minor, Scope.currency)
    return (
        found.outerjoin(then, then.id == stood)
        .outerjoin(Scope, and_(Scope.partnership_id == Partnership.id, ~newer))
        .outerjoin(
            Handoff, and_(Handoff.partnership_id == Partnership.id, Handoff.struck_at.is_(None))
        )
        .where(Partnership.opened_on <= day)
        .order_by(Company.name_key, Partnership.id)
    )


def faculty_in(session: Session) -> Sequence[Row[int, str]]:
    """Id and name of whoever leads a partnership or is convened in one: for the filter."""
    leads = select(Partnership.lead_id).where(Partnership.lead_id.is_not(None))
    ids = leads.union(select(Convened.person_id)).subquery()
    found = select(Person.id, Person.name).where(Person.id.in_(select(ids)))
    return session.execute(found.order_by(Person.name_key, Person.id)).all()
