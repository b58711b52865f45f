"""Reads of renewal plans, and of whom a notice of renewal goes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from crm.activities.models import Task
from crm.companies.models import Affiliation
from crm.invoices import queries as invoices
from crm.kit.days import lasts_beyond
from crm.kit.errors import NotFound
from crm.mail.models import OutgoingMail
from crm.memberships.models import Membership
from crm.people.models import Person, PersonAddress
from crm.retention.models import CompanyBudget, Goal, OnboardingItem, RenewalPlan, Review
from crm.retention.rules import NoticeKind, Recipient, notice_key


def plan_of(session: Session, membership_id: int) -> RenewalPlan | None:
    """With its next step and its tier."""
    return session.get(
        RenewalPlan,
        membership_id,
        options=[
            joinedload(RenewalPlan.proposed_tier),
            joinedload(RenewalPlan.task).joinedload(Task.owner),
        ],
        populate_existing=True,
    )


def recipient_of(
    session: Session, company_id: int, kind: NoticeKind, day: date
) -> Recipient | None:
    """The champion; or for billing the address of the accounts department, else its contact."""
    if kind is NoticeKind.CHAMPION:
        return _contact(session, company_id, Affiliation.champion, day)
    profile = invoices.profile_of(session, company_id)
    if profile is not None and profile.email:
        return Recipient(name=profile.name or "", email=profile.email)
    return _contact(session, company_id, Affiliation.billing, day)


def _contact(
    session: Session, company_id: int, part: ColumnElement[bool] | Any, day: date
) -> Recipient | None:
    """Of several the one who has been there longest."""
    found = session.execute(
        select(Person.name, PersonAddress.email)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .join(PersonAddress, PersonAddress.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            part,
            lasts_beyond(Affiliation, day),
            Person.archived_on.is_(None),
            PersonAddress.is_primary,
            PersonAddress.retired_on.is_(None),
        )
        .order_by(Affiliation.id)
        .limit(1)
    ).first()
    return None if found is None else Recipient(name=found.name, email=found.email)


def notices_of(session: Session, membership_id: int) -> dict[NoticeKind, tuple[int, str, datetime]]:
    """Those that were released: the letter's id, to whom, when."""
    keys = {notice_key(membership_id, kind): kind for kind in NoticeKind}
    found: Sequence[Any] = session.execute(
        select(
            OutgoingMail.dedupe_key, OutgoingMail.id, OutgoingMail.to, OutgoingMail.posted_at
        ).where(OutgoingMail.dedupe_key.in_(keys))
    ).all()
    return {keys[key]: (id_, to, posted_at) for key, id_, to, posted_at in found}


def onboarding_of(session: Session, membership_id: int) -> Sequence[OnboardingItem]:
    """With their tasks and whose they are, by day."""
    found = (
        select(OnboardingItem)
        .join(OnboardingItem.task)
        .where(OnboardingItem.membership_id == membership_id)
        .options(contains_eager(OnboardingItem.task).joinedload(Task.owner))
        .order_by(Task.due_on, OnboardingItem.id)
    )
    return session.scalars(found).all()


def goals_of(session: Session, company_id: int) -> Sequence[Goal]:
    """With their owners; the open ones first."""
    found = select(Goal).where(Goal.company_id == company_id).options(joinedload(Goal.owner))
    return session.scalars(found.order_by(Goal.closed_on.is_not(None), Goal.id)).all()


def get_goal(session: Session, goal_id: int) -> Goal:
    """Raises `NotFound`."""
    goal = session.get(Goal, goal_id)
    if goal is None:
        raise NotFound("There is no such goal.")
    return goal


def reviews_of(session: Session, membership_id: int) -> Sequence[Review]:
    """Planned and held ones with their tasks, by year; the exit interview last."""
    found = (
        select(Review)
        .where(Review.membership_id == membership_id)
        .options(joinedload(Review.task).joinedload(Task.owner))
        .order_by(Review.kind, Review.year)
    )
    return session.scalars(found).all()


def get_review(session: Session, review_id: int) -> Review:
    """With its task and its membership. Raises `NotFound`."""
    found = session.get(
        Review,
        review_id,
        options=[
            joinedload(Review.task),
            joinedload(Review.membership).joinedload(Membership.company),
        ],
    )
    if found is None:
        raise NotFound("There is no such review.")
    return found


def budget_of(session: Session, company_id: int) -> CompanyBudget | None:
    return session.get(CompanyBudget, company_id)
