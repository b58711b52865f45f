"""Loading the demo: every story is told through the operations that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import demo as accounts
from crm.accounts.rules import Role
from crm.activities import operations as activities
from crm.activities.operations import NewTask
from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.people.models import Person
from crm.pipeline.models import Inquiry
from crm.programme import operations as programme
from crm.stewardship.demo import groups, projects, stories, words
from crm.stewardship.demo.ballots import BallotStory
from crm.stewardship.demo.benefits import UseStory
from crm.stewardship.demo.calendar import Calendar
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.companies import CompanyStory
from crm.stewardship.demo.engagements import ContributionStory, FacilityStory
from crm.stewardship.demo.inquiries import Desk
from crm.stewardship.demo.meetings import MeetingStory
from crm.stewardship.demo.partnerships import PartnershipStory
from crm.stewardship.demo.seats import CommitteeStory
from crm.stewardship.demo.stories import Facts

OPENED_AGO = timedelta(days=1430)
"""Since when the office keeps this register: a little before the first company."""


class NotEmpty(RuleBroken):
    """The demo would mix with records that are meant."""


def load(
    session: Session,
    store: ObjectStore,
    *,
    zone: ZoneInfo,
    privacy_version: str,
    contact: str,
    password_hash: str,
    inquiry_link: Callable[[int], str],
    now: datetime,
) -> None:
    """Fill an empty register with the demo. Adds and flushes, never commits.

    Its files go into the `store`; its letters are written with `inquiry_link` and kept as
    delivered. The programme must be loaded. Raises `NotEmpty` if there is any company, person or
    inquiry.
    """
    for model in (Company, Person, Inquiry):
        if session.scalars(select(model.id).limit(1)).first() is not None:
            raise NotEmpty(
                "The demo is loaded into an empty register only: there are records already. "
                "Use another database (DATABASE_URL or CRM_DATA_DIR)."
            )
    told = stories.read()
    calendar = Calendar(now=now, today=now.astimezone(zone).date(), zone=zone)
    chronicle = Chronicle(session, calendar)
    for user in told.users:
        chronicle.know(user["key"], _add_user(session, user, password_hash, now - OPENED_AGO))
    everyone: dict[str, Person] = {}
    reference = words.read(session)
    desk = Desk(chronicle, link=inquiry_link, notice_version=privacy_version, contact=contact)
    for company in told.companies:
        CompanyStory(chronicle, store, reference, everyone, desk, company).gather()
    for scholar in told.scholars:
        groups.scholar(chronicle, reference, everyone, scholar)
    for group in told.groups:
        groups.GroupStory(chronicle, reference, everyone, group).gather()
    for inquiry in told.inquiries:
        desk.story(inquiry).gather()
    for meeting in told.meetings:
        MeetingStory(chronicle, desk, meeting).gather()
    for committee in told.committees:
        CommitteeStory(chronicle, everyone, committee).gather()
    for ballot in told.ballots:
        BallotStory(chronicle, desk.deliver, ballot).gather()
    for call in told.calls:
        projects.call_story(chronicle, call)
    for project in told.projects:
        projects.ProjectStory(chronicle, reference, everyone, project).gather()
    for facility in told.facilities:
        FacilityStory(chronicle, facility).gather()
    for contribution in told.contributions:
        ContributionStory(chronicle, everyone, contribution).gather()
    for use in told.benefit_uses:
        UseStory(chronicle, everyone, use).gather()
    for partnership in told.partnerships:
        PartnershipStory(chronicle, reference, everyone, partnership).gather()
    for task in told.tasks:
        _plan(chronicle, task)
    chronicle.tell()
    programme.mark_demo(session, since=now)


def set_passwords(session: Session, *, password: str) -> None:
    """All demo sign-ins open with this password from now on."""
    accounts.set_password(session, password)


def _add_user(session: Session, facts: Facts, password_hash: str, now: datetime) -> Actor:
    user = accounts.add(
        session,
        email=facts["email"],
        name=facts["name"],
        roles=[Role(role) for role in facts["roles"]],
        inquiry_notices=facts.get("inquiry_notices", False),
        password_hash=password_hash,
        now=now,
    )
    return Actor(user.id, user.name)


def _plan(chronicle: Chronicle, facts: Facts) -> None:
    calendar = chronicle.calendar

    def plan(moment: Moment) -> None:
        draft = NewTask(
            title=facts["title"],
            due_on=calendar.workday(facts["due"]),
            owner_id=chronicle.actor(facts["owner"]).id,
            note=facts.get("note"),
        )
        task = activities.add_task(chronicle.session, draft, by=moment.by, now=moment.now)
        if "done" in facts:
            activities.complete(chronicle.session, task, on=calendar.workday(facts["done"]))

    chronicle.add(calendar.workday(min(facts["due"], 0) - 8), 300, facts["owner"], plan)
