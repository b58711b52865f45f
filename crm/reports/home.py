"""What needs this person today, across the rooms. Read-only; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities.models import Task, Touch
from crm.activities.queries import kind_for, seen_by
from crm.activities.rules import TouchKind
from crm.companies.models import Company
from crm.council.champions import AtRisk, at_risk_on
from crm.council.closing_ballots import ClosingBallot, closing_ballots
from crm.council.roster import roster_on
from crm.council.roster_lines import RosterLine, seats_of
from crm.mail.models import OutgoingMail
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import STANDING, Status
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Inquiry, Mode, Opportunity, OpportunityTask, Stage
from crm.pipeline.response import Clock, clock, due_by
from crm.reports.benefits_left import BenefitsLeft, benefits_left
from crm.reports.due import CONTRIBUTION, DELIVERABLE, MILESTONE, PARTNERSHIP, due
from crm.reports.meetings import Meetings, meetings
from crm.reports.my_companies import MyCompanies
from crm.reports.receivables import OpenInvoices
from crm.reports.renewals import succeeded_by
from crm.retention.rules import AHEAD

SHOWN = 6
"""Lines of each kind; the number beside the heading counts them all."""
STUCK_AFTER_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Block:
    """The first lines of a kind, and how many there are."""

    lines: Sequence[Any]
    count: int


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """The founding cohort: three bars towards a target."""

    signed: int
    out: int
    letter: int
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An inquiry that nobody has answered yet."""

    id: int
    name: str
    company: str | None
    owner: str | None
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Home:
    """None: not for this viewer."""

    inquiries: Block | None
    tasks: Block | None
    stalled: Block | None
    renewals: Block | None
    overdue: Block | None
    vacancies: Sequence[RosterLine] | None
    ballots: Sequence[ClosingBallot] | None
    champions: Sequence[AtRisk] | None
    """Those at risk, with the reasons."""
    deliverables: Block | None
    milestones: Block | None
    """Overdue; faculty: of the projects they lead."""
    alarms: Block | None
    """Loans and licences of contributions that end, and days for disposal."""
    benefits_left: Block | None
    """Members who used nothing of a benefit, their year being nearly over."""
    partnerships: Block | None
    """Screenings in question, NDAs that end, workspaces without a next step."""
    cohort: Cohort | None
    contacts: Sequence[Any] | None
    mine: Sequence[Any] | None
    """The companies with which one was in contact last, for who logs contacts and no more."""
    meetings: Meetings | None
    letters: int | None
    """Letters given up, or tried again and again."""
    access: bool
    """Whether accounts are what this viewer is here for."""


def home(
    session: Session, viewer: Viewer, *, today: date, now: datetime, facts: Mapping[str, Any]
) -> Home:
    """Everything the home page shows this viewer on a day."""
    works = viewer.may(P.TASKS_EDIT)
    roster = roster_on(session, today) if viewer.may(P.COUNCIL_READ) else []
    soon = due(session, viewer, today, most=SHOWN)
    stalled_after = facts["stalled_after_days"]
    return Home(
        inquiries=_with_clock(_block(session, _inquiries()), now, facts)
        if viewer.may(P.INQUIRIES_READ)
        else None,
        tasks=_block(session, _tasks(viewer.id)) if viewer.may(P.COMPANIES_READ) else None,
        stalled=_block(session, _stalled(today, stalled_after))
        if viewer.may(P.PIPELINE_READ)
        else None,
        renewals=_block(session, _renewals(today)) if viewer.may(P.MEMBERSHIPS_READ) else None,
        overdue=_block(session, _overdue(today)) if viewer.may(P.MONEY_READ) else None,
        vacancies=[line for line in seats_of(roster) if line.vacancy is not None]
        if viewer.may(P.COUNCIL_READ)
        else None,
        champions=at_risk_on(session, roster, today)
        if viewer.may(P.COUNCIL_READ) and viewer.may(P.PEOPLE_READ_ALL)
        else None,
        ballots=closing_ballots(session, viewer.id, now=now)
        if viewer.may(P.COUNCIL_READ)
        else None,
        deliverables=_of(soon, DELIVERABLE),
        milestones=_of(soon, MILESTONE),
        alarms=_of(soon, CONTRIBUTION),
        benefits_left=_left(benefits_left(session, today))
        if viewer.may(P.MEMBERSHIPS_APPROVE)
        else None,
        partnerships=_of(soon, PARTNERSHIP),
        cohort=_cohort(session, today, facts) if viewer.may(P.PIPELINE_READ) else None,
        contacts=session.execute(_contacts(viewer)).all()
        if viewer.may(P.COMPANIES_READ) and not works
        else None,
        mine=session.execute(
            MyCompanies(viewer=viewer, today=today, sort="-mine").select().limit(SHOWN)
        ).all()
        if viewer.may(P.TOUCHES_LOG) and not works
        else None,
        meetings=meetings(session, viewer, today, now) if viewer.may(P.COUNCIL_READ) else None,
        letters=session.scalar(_stuck_letters()) if viewer.may(P.MAIL_READ) else None,
        access=viewer.may(P.USERS_EDIT) and not viewer.may(P.COMPANIES_READ),
    )


Found = Select[*tuple[Any, ...]]
ALL = func.count().over().label("in_all")


def _block(session: Session, found: Found) -> Block:
    """The first lines and, in their column `in_all`, the count of all: one statement."""
    return _counted(session.connection().execute(found).all())


def _counted(lines: Sequence[Any]) -> Block:
    return Block(lines=lines, count=lines[0].in_all if lines else 0)


def _left(found: Sequence[BenefitsLeft]) -> Block:
    return Block(lines=found[:SHOWN], count=len(found))


def _of(soon: Mapping[str, Sequence[Any]], kind: str) -> Block | None:
    return _counted(soon[kind]) if kind in soon else None


@lru_cache(maxsize=1)
def _inquiries() -> Found:
    found = (
        select(
            Inquiry.id,
            Inquiry.name,
            func.coalesce(Company.name, Inquiry.company_name).label("company"),
            Inquiry.received_at,
            UserAccount.name.label("owner"),
        )
        .outerjoin(Inquiry.company)
        .outerjoin(Inquiry.owner)
        .where(Inquiry.outcome.is_(None), Inquiry.suspected.is_(False))
        .order_by(Inquiry.received_at, Inquiry.id)
    )
    return found.add_columns(ALL).limit(SHOWN)


def _with_clock(block: Block, now: datetime, facts: Mapping[str, Any]) -> Block:
    zone, days = ZoneInfo(facts["time_zone"]), facts["answer_within_working_days"]
    lines = [
        Waiting(
            id=line.id,
            name=line.name,
            company=line.company,
            owner=line.owner,
            clock=clock(due_by(line.received_at, days, zone), now=now, ended_at=None),
        )
        for line in block.lines
    ]
    return Block(lines=lines, count=block.count)


@lru_cache(maxsize=256)
def _tasks(user_id: int) -> Found:
    found = (
        select(
            Task.id,
            Task.title,
            Task.due_on,
            Company.name.label("company"),
            Task.company_id,
            OpportunityTask.opportunity_id,
        )
        .outerjoin(Task.company)
        .outerjoin(OpportunityTask, OpportunityTask.task_id == Task.id)
        .where(Task.owner_id == user_id, Task.done_on.is_(None), Task.dropped_on.is_(None))
        .order_by(Task.due_on, Task.id)
    )
    return found.add_columns(ALL).limit(SHOWN)


@lru_cache(maxsize=8)
def _renewals(today: date) -> Found:
    """Terms in force that end soon and have no signed successor."""
    found = (
        select(
            Membership.id,
            Company.name.label("company"),
            Tier.name.label("tier"),
            memberships.RUNS_BEFORE.label("ends_before"),
            memberships.status_on(today).label("status"),
        )
        .join(Membership.company)
        .join(Tier, Tier.id == memberships.tier_id_on(today))
        .where(
            memberships.in_force_on(today),
            today + timedelta(days=AHEAD[0]) >= memberships.RUNS_BEFORE,
            ~succeeded_by(today),
        )
        .order_by(memberships.RUNS_BEFORE, Membership.id)
    )
    return found.add_columns(ALL).limit(SHOWN)


@lru_cache(maxsize=8)
def _overdue(today: date) -> Found:
    """The longest overdue invoices first."""
    found = OpenInvoices(as_of=today, overdue=True).select()
    return found.add_columns(ALL).limit(SHOWN)


def _cohort(session: Session, today: date, facts: Mapping[str, Any]) -> Cohort:
    signed, out, drafted, intent = session.connection().execute(_founding(today)).one()
    founding = facts["founding"]
    return Cohort(
        signed=signed,
        out=out,
        letter=drafted + intent,
        low=founding["target_min"],
        high=founding["target_max"],
    )


@lru_cache(maxsize=8)
def _founding(today: date) -> Found:
    """Companies, each once: signed by both sides; released for signature; a yes in writing.

    A yes in writing is a letter of intent, or a term that was won and is still being drafted.
    """
    status = memberships.status_on(today)

    def companies(*words: Status) -> ColumnElement[int]:
        return func.count(case((status.in_(words), Membership.company_id)).distinct())

    def newcomers(word: Status) -> ColumnElement[int]:
        is_first = and_(status == word, Membership.predecessor_id.is_(None))
        return func.count(case((is_first, Membership.company_id)).distinct())

    letters = (
        select(func.count(Opportunity.company_id.distinct()))
        .join(Opportunity.tier)
        .where(Tier.founding, Opportunity.intent_on <= today, pipeline.IS_OPEN)
        .scalar_subquery()
    )
    return select(
        companies(*STANDING),
        newcomers(Status.AWAITING_SIGNATURE),
        newcomers(Status.DRAFT),
        letters,
    ).where(memberships.founding_on(today))


@lru_cache(maxsize=8)
def _stalled(today: date, after_days: int) -> Found:
    """The few are chosen first and named afterwards: nine tables at once take PostgreSQL's planner
    ten times as long as finding them does."""
    few = (
        select(
            Opportunity.id,
            Opportunity.company_id,
            Opportunity.mode_id,
            Opportunity.stage_id,
            Opportunity.owner_id,
            Opportunity.stage_since,
            ALL,
        )
        .where(pipeline.stalled(today, after_days))
        .order_by(Opportunity.stage_since, Opportunity.id)
        .limit(SHOWN)
        .subquery()
    )
    return (
        select(
            few.c.id,
            Company.name.label("company"),
            Mode.name.label("mode"),
            Stage.name.label("stage"),
            few.c.stage_since,
            UserAccount.name.label("owner"),
            few.c.in_all,
        )
        .join(Company, Company.id == few.c.company_id)
        .join(Mode, Mode.id == few.c.mode_id)
        .join(Stage, Stage.id == few.c.stage_id)
        .outerjoin(UserAccount, UserAccount.id == few.c.owner_id)
        .order_by(few.c.stage_since, few.c.id)
    )


@lru_cache(maxsize=256)
def _contacts(viewer: Viewer) -> Found:
    """Who of us talked to whom lately: that there was contact, never what was said."""
    return (
        select(
            Touch.company_id,
            Company.name.label("company"),
            kind_for(viewer).label("kind"),
            Touch.on,
            UserAccount.name.label("by"),
        )
        .join(Touch.company)
        .join(Touch.by)
        .where(Touch.kind != TouchKind.NOTE, Touch.struck_at.is_(None), seen_by(viewer))
        .order_by(Touch.on.desc(), Touch.id.desc())
        .limit(SHOWN)
    )


@lru_cache(maxsize=1)
def _stuck_letters() -> Found:
    return select(func.count()).where(
        OutgoingMail.sent_at.is_(None),
        or_(OutgoingMail.failed_at.is_not(None), OutgoingMail.attempts >= STUCK_AFTER_TRIES),
    )
