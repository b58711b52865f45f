"""The companies in a project, as what, and the seats they take."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.projects import rules
from crm.projects.models import Project
from crm.projects.operations import note, ties_of
from crm.projects.people_models import ProjectCompany, ProjectSeats
from crm.projects.rules import WITH_SEATS, CompanyRole


class AlreadyInvolved(RuleBroken):
    """A company has a role in a project once."""


def bring_in(
    session: Session,
    project: Project,
    company_ids: Collection[int],
    role: CompanyRole,
    *,
    on: date,
    by: Actor,
    now: datetime,
) -> None:
    """One company, or two at once: the first host of what dues pay for needs a second. `on`: the
    first day on which they are in it.

    Raises `AlreadyInvolved`, or `OneCompanysOwn` (see `rules`).
    """
    for id_ in company_ids:
        companies.refuse_archived(session, id_)
    db.lock(session, project)
    known, added = ties_of(session, project), {(id_, role) for id_ in company_ids}
    if known & added:
        raise AlreadyInvolved(f"It is in the project as {role} already.", field="company")
    rules.check_owners(project.source, known | added, field="other")
    for id_ in sorted(set(company_ids)):
        session.add(ProjectCompany(project_id=project.id, company_id=id_, role=role, starts_on=on))
    session.flush()
    note(session, project, "company brought in", by=by, now=now)


def let_go(
    session: Session, project: Project, tie_ids: Collection[int], *, by: Actor, now: datetime
) -> None:
    """They are not in it any more, as if they had never been; the journal keeps it.

    Raises `OneCompanysOwn` if that would leave a project paid from dues with one host or sponsor.
    """
    db.lock(session, project)
    ties = session.scalars(
        select(ProjectCompany).where(ProjectCompany.project_id == project.id)
    ).all()
    gone = [tie for tie in ties if tie.id in set(tie_ids)]
    if len(gone) < len(set(tie_ids)):
        raise NotFound("The company is not in this project any more.")
    if not gone:
        raise RuleBroken("Choose who leaves.", field="ties")
    left = [(tie.company_id, tie.role) for tie in ties if tie not in gone]
    rules.check_owners(project.source, left, field="ties")
    for tie in gone:
        session.delete(tie)
    session.flush()
    note(session, project, "company let go", by=by, now=now)


def take_seats(
    session: Session,
    project: Project,
    company_id: int,
    seats: int,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """The company has so many seats from now on; none: it gives back what it had.

    Whoever takes one waits for the project's row. Raises `NoSeatsLeft`.
    """
    if seats:
        companies.refuse_archived(session, company_id)
    db.lock(session, project)
    if project.kind not in WITH_SEATS or project.seats_offered is None:
        raise RuleBroken("It offers no seats: say how many under Edit.", field="seats")
    if project.is_over:
        raise RuleBroken(f"It is {project.stage}: its seats stay as they were.", field="seats")
    here = ProjectSeats.project_id == project.id
    others = session.scalar(
        select(func.coalesce(func.sum(ProjectSeats.seats), 0)).where(
            here, ProjectSeats.company_id != company_id
        )
    )
    rules.check_taking(seats, offered=project.seats_offered, others=others or 0)
    known = session.scalars(
        select(ProjectSeats)
        .where(here, ProjectSeats.company_id == company_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if seats == 0:
        if known is None:
            raise RuleBroken("The company has no seat to give back.", field="seats")
        session.delete(known)
    elif known is None:
        session.add(
            ProjectSeats(
                project_id=project.id, company_id=company_id, seats=seats, taken_on=today,
                by_name=by.name,
            )
        )  # fmt: skip
    else:
        known.seats, known.taken_on, known.by_name = seats, today, by.name
    session.flush()
    note(session, project, "seats given back" if seats == 0 else "seats taken", by=by, now=now)
