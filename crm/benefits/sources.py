"""Which records use a benefit, and what was promised: the parts of one statement.

Columns: what, owner_id, benefit_id, key, name, unit, units, position, on, number, record_id, title,
by_name, year. `what` is `promise` (owner: the membership; record: the amendment, or 0), `otherwise`
(agreed for a membership, from a `year` of it on), or a use, of a
company: `use`, entered by hand; `seats` in a project; `project`, that it takes part in it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    and_,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from crm.benefits.models import BenefitUse
from crm.kit.among import among
from crm.memberships.benefit_models import AgreedBenefit, Benefit, PromisedBenefit, TierBenefit
from crm.memberships.benefit_rules import UsedBy
from crm.memberships.models import Amendment, Membership
from crm.projects.models import Project
from crm.projects.people_models import ProjectCompany, ProjectSeats
from crm.projects.rules import CHOSEN, ProjectKind

PROMISE, OTHERWISE, BY_HAND, SEATS, PROJECT = "promise", "otherwise", "use", "seats", "project"
NO_YEAR = literal(0)
SEATS_OF = {
    ProjectKind.TRAINING: UsedBy.TRAINING_SEATS,
    ProjectKind.COURSE: UsedBy.COURSE_PLACES,
}
PROJECTS_OF = {
    ProjectKind.STUDENT: UsedBy.STUDENT_PROJECTS,
    ProjectKind.INTERNSHIP: UsedBy.STUDENT_PROJECTS,
    ProjectKind.RECRUITING: UsedBy.RECRUITING_EVENTS,
}


@lru_cache(maxsize=1)
def promised_and_used() -> CompoundSelect[Any]:
    """Of the `memberships` and `companies` that it is run for, by their ids."""
    return union_all(_as_signed(), _as_offered(), _otherwise(), _by_hand(), _seats(), _projects())


def _part(
    what: str,
    owner: ColumnElement[int] | SQLColumnExpression[int],
    on: SQLColumnExpression[Any],
    number: SQLColumnExpression[Any],
    record: SQLColumnExpression[Any],
    title: SQLColumnExpression[Any],
    by: SQLColumnExpression[Any],
    year: SQLColumnExpression[int] = NO_YEAR,
) -> Select[Any]:
    return select(  # type: ignore[return-value]
        literal(what).label("what"),
        owner.label("owner_id"),
        Benefit.id.label("benefit_id"),
        Benefit.key,
        Benefit.name,
        Benefit.unit,
        Benefit.units,
        Benefit.position,
        on.label("on"),
        number.label("number"),
        record.label("record_id"),
        title.label("title"),
        by.label("by_name"),
        year.label("year"),
    )


def _as_signed() -> Select[Any]:
    promise = PromisedBenefit
    return (
        _part(
            PROMISE,
            promise.membership_id,
            func.coalesce(Amendment.from_on, Membership.starts_on),
            promise.a_year,
            func.coalesce(promise.amendment_id, 0),
            literal(""),
            literal(""),
        )
        .join(promise, promise.benefit_id == Benefit.id)
        .join(Membership, Membership.id == promise.membership_id)
        .outerjoin(Amendment, Amendment.id == promise.amendment_id)
        .where(among(promise.membership_id, "memberships"))
    )


def _as_offered() -> Select[Any]:
    """A term that both sides have not signed yet would be promised what its tier gives today."""
    return (
        _part(
            PROMISE, Membership.id, Membership.starts_on, TierBenefit.a_year, literal(0),
            literal(""), literal(""),
        )
        .join(TierBenefit, TierBenefit.benefit_id == Benefit.id)
        .join(Membership, Membership.tier_id == TierBenefit.tier_id)
        .where(
            among(Membership.id, "memberships"),
            Benefit.retired_on.is_(None),
            or_(Membership.company_signed_on.is_(None), Membership.programme_signed_on.is_(None)),
        )
    )  # fmt: skip


def _otherwise() -> Select[Any]:
    agreed = AgreedBenefit
    return (
        _part(
            OTHERWISE, agreed.membership_id, agreed.agreed_on, agreed.a_year, agreed.id,
            literal(""), literal(""), agreed.from_year,
        )
        .join(agreed, agreed.benefit_id == Benefit.id)
        .where(among(agreed.membership_id, "memberships"))
    )  # fmt: skip


def _by_hand() -> Select[Any]:
    use = BenefitUse
    note = func.coalesce(use.note, "")
    return (
        _part(BY_HAND, use.company_id, use.on, use.number, use.id, note, use.by_name)
        .join(use, use.benefit_id == Benefit.id)
        .where(among(use.company_id, "companies"), use.struck_at.is_(None))
    )


def _seats() -> Select[Any]:
    """Used when the project begins; where it has no day yet, when they were taken."""
    seats = ProjectSeats
    on = func.coalesce(Project.starts_on, seats.taken_on)
    return (
        _part(SEATS, seats.company_id, on, seats.seats, Project.id, Project.title, seats.by_name)
        .join(Project, _of_kind(SEATS_OF))
        .join(seats, seats.project_id == Project.id)
        .where(among(seats.company_id, "companies"), Project.stage.in_(CHOSEN))
    )


def _projects() -> Select[Any]:
    """Each once, however many parts the company has in it; when it begins."""
    tie, seats = ProjectCompany, ProjectSeats
    of_company = union(
        *(
            select(part.company_id, part.project_id).where(among(part.company_id, "companies"))
            for part in (tie, seats)
        )
    ).subquery()
    return (
        _part(
            PROJECT, of_company.c.company_id, Project.starts_on, literal(1), Project.id,
            Project.title, literal(""),
        )
        .join(Project, _of_kind(PROJECTS_OF))
        .join(of_company, of_company.c.project_id == Project.id)
        .where(Project.starts_on.is_not(None), Project.stage.in_(CHOSEN))
    )  # fmt: skip


def _of_kind(kinds: dict[ProjectKind, UsedBy]) -> ColumnElement[bool]:
    return or_(
        *(and_(Project.kind == kind, Benefit.used_by == used) for kind, used in kinds.items())
    )
