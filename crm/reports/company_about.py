"""What a company's page shows of it in a line each: the parts of one statement."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
)

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Clearance, Interest, Task
from crm.companies.models import Company, CompanyChallenge, CompanyDomain, CompanyParent
from crm.partnerships import company_engagements, company_workspaces
from crm.people.models import Person
from crm.pipeline import company_partnerships
from crm.programme.models import Challenge
from crm.reports import company_projects, in_touch

MOST = 30
THIS: BindParameter[int] = bindparam("company_id", type_=Integer)


@lru_cache(maxsize=256)
def about(viewer: Viewer, today: date) -> Select[Any]:
    """Rows of what, id, text, more, starts_on, ends_before: challenges, domains, parents and
    children, today's and former ones, clearances; open tasks (by whom, due); who of us has to do
    with it; projects and seats in them, what the company takes part in, what it gives or lends, its
    screenings and major partnerships."""
    no_day = cast(null(), Date)
    challenges = (
        select(
            literal("challenge").label("what"),
            Challenge.number.label("id"),
            Challenge.name.label("text"),
            Challenge.key.label("more"),
            no_day.label("starts_on"),
            no_day.label("ends_before"),
        )
        .join(CompanyChallenge, CompanyChallenge.challenge_id == Challenge.id)
        .where(CompanyChallenge.company_id == THIS)
    )
    tie = CompanyParent
    verified = case((CompanyDomain.verified, "verified"), else_="")
    domain = CompanyDomain
    domains = (
        select(literal("domain"), domain.id, domain.domain, verified, no_day, no_day)
        .where(domain.company_id == THIS)
        .order_by(domain.id)
    )
    parents, children = (
        select(literal(what), Company.id, Company.name, literal(""), tie.starts_on, tie.ends_before)
        .join(tie, other == Company.id)
        .where(this == THIS)
        .order_by(tie.ends_before.is_not(None), tie.ends_before.desc(), Company.name_key, tie.id)
        for what, this, other in (
            ("parent", tie.company_id, tie.parent_id),
            ("child", tie.parent_id, tie.company_id),
        )
    )
    leave = Clearance
    clearances = (
        select(
            literal("clearance"),
            leave.id,
            leave.purpose,
            leave.granted_by,
            leave.starts_on,
            leave.ends_before,
        )
        .where(leave.company_id == THIS)
        .order_by(leave.starts_on.desc(), leave.id.desc())
    )
    tasks = (
        select(literal("task"), Task.id, Task.title, UserAccount.name, Task.due_on, no_day)
        .join(Task.owner)
        .where(Task.company_id == THIS, activities.open_tasks())
        .order_by(Task.due_on, Task.id)
    )
    stake = Interest
    stakes = (
        select(
            literal("interest"),
            stake.id,
            Person.name,
            stake.stake,
            stake.starts_on,
            stake.ends_before,
        )
        .join(stake.person)
        .where(stake.company_id == THIS)
        .order_by(stake.ends_before.is_not(None), Person.name_key, stake.id)
    )
    others = [domains, parents, children, clearances, stakes, tasks]
    others += in_touch.parts(THIS, viewer, today)
    others += company_projects.parts(THIS)
    if viewer.may(P.ENGAGEMENTS_READ):
        others += [
            company_engagements.participations(THIS),
            company_engagements.contributions(THIS),
            company_workspaces.screenings(THIS),
            company_partnerships.part(THIS),
        ]
    rest = [select(part.limit(MOST).subquery()) for part in others]
    together = challenges.union_all(*rest).subquery()
    return select(together)
