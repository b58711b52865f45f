"""A project as it is put forward: with whoever leads it, its companies, and who pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.projects import companies, faculty, operations
from crm.projects.models import Project, ProjectCall
from crm.projects.operations import Budget, NewProject
from crm.projects.rules import CompanyRole, FacultyRole

UNSETTLED = Budget(source=None)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """`companies`: (company, as what). Nobody leads it, none is in it, nobody pays: all may come
    later."""

    project: NewProject
    lead_id: int | None = None
    companies: tuple[tuple[int, CompanyRole], ...] = ()
    budget: Budget = UNSETTLED


def put_forward(
    session: Session,
    proposal: Proposal,
    *,
    call: ProjectCall | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> Project:
    """Propose it, and do from the day on what each part asks for.

    Who pays comes last, when all hosts and sponsors are there: two together may be paid from dues,
    one after the other not. Raises what the four acts raise; some of it is written by then, and
    goes with the transaction.
    """
    project = operations.propose(session, proposal.project, call=call, by=by, now=now, today=today)
    if proposal.lead_id is not None:
        faculty.take_in(
            session, project, proposal.lead_id, FacultyRole.LEAD, on=today, by=by, now=now
        )
    for role in CompanyRole:
        if ids := [id_ for id_, what in proposal.companies if what is role]:
            companies.bring_in(session, project, ids, role, on=today, by=by, now=now)
    if proposal.budget != UNSETTLED:
        operations.set_budget(
            session, project, proposal.budget, version=project.version, by=by, now=now
        )
    return project
