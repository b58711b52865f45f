"""What ids stand for: one question for names of every kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import SQLColumnExpression, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm.accounts.models import UserAccount
from crm.companies.models import Company
from crm.council.ballot_models import Ballot
from crm.council.meeting_models import Meeting
from crm.council.models import Body
from crm.invoices.models import Invoice
from crm.memberships.benefit_models import Benefit
from crm.memberships.models import Tier
from crm.partnerships.area_models import Area
from crm.partnerships.facility_models import Facility
from crm.partnerships.models import Contribution
from crm.partnerships.workspace_models import Partnership
from crm.people.models import Person
from crm.pipeline.models import Inquiry, LostReason, Mode, Stage
from crm.programme.models import Challenge
from crm.projects.models import Project, ProjectCall

NAMED: dict[str, tuple[InstrumentedAttribute[int], SQLColumnExpression[str]]] = {
    "area": (Area.id, Area.title),
    "ballot": (Ballot.id, Ballot.title),
    "benefit": (Benefit.id, Benefit.name),
    "body": (Body.id, Body.name),
    "challenge": (Challenge.id, Challenge.name),
    "company": (Company.id, Company.name),
    "contribution": (Contribution.id, Contribution.title),
    "facility": (Facility.id, Facility.name),
    "inquiry": (Inquiry.id, func.coalesce(func.nullif(Inquiry.company_name, ""), Inquiry.name)),
    "invoice": (Invoice.id, func.coalesce(Invoice.number, "draft")),
    "lost_reason": (LostReason.id, LostReason.name),
    "meeting": (Meeting.id, Meeting.title),
    "mode": (Mode.id, Mode.name),
    "partnership": (Partnership.id, Partnership.title),
    "person": (Person.id, Person.name),
    "project": (Project.id, Project.title),
    "project_call": (ProjectCall.id, ProjectCall.title),
    "stage": (Stage.id, Stage.name),
    "tier": (Tier.id, Tier.name),
    "user": (UserAccount.id, UserAccount.name),
}


def names(session: Session, wanted: Mapping[str, Collection[int]]) -> Mapping[tuple[str, int], str]:
    """(kind, id) → name, for the kinds of `NAMED`. One SELECT, or none."""
    parts: list[Any] = [
        select(literal(kind), id_, name).where(id_.in_(wanted[kind]))
        for kind, (id_, name) in NAMED.items()
        if wanted.get(kind)
    ]
    if not parts:
        return {}
    return {(kind, id_): name for kind, id_, name in session.execute(union_all(*parts))}
