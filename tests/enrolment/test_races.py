"""Two who start a term of one company at once: one term, and a refusal in words."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships import changing, drafting, operations, places, queries
from crm.memberships.models import Membership
from crm.memberships.operations import Side
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier
from tests.racing import race

ROUNDS, RACERS = 6, 6


def start(draft: NewMembership, session: Session) -> None:
    enrolment.start(session, draft, by=Actor(1, "Sam Okafor"), now=NOW, today=TODAY)


def sign(membership_id: int, session: Session) -> None:
    membership = session.get_one(Membership, membership_id)
    by = Actor(1, "Sam Okafor")
    operations.sign(session, membership, Side.PROGRAMME, on=TODAY, by=by, now=NOW, today=TODAY)


def drafts(company_id: int) -> list[NewMembership]:
    """Of different tiers, so that no lock on a tier's row keeps them apart."""
    tiers = [tier(key).id for key in ("founding", "member", "associate")]
    return [
        NewMembership(company_id, tiers[n % 3], date(2026, 9, 1 + n), 2, Money(100, "USD"))
        for n in range(RACERS)
    ]


def test_of_overlapping_terms_started_at_once_one_is_kept(app: Flask, session: Session):
    for _ in range(ROUNDS):
        company = CompanyFactory()
        session.commit()
        wanted = drafts(company.id)
        session.commit()
        ends = race(app, [partial(start, draft) for draft in wanted])
        assert ends.count(None) == 1
        assert all(end is None or isinstance(end, drafting.Overlap) for end in ends)
        kept = select(func.count()).where(Membership.company_id == company.id)
        assert session.scalar(kept) == 1
        session.commit()


def test_without_the_rule_of_the_database_the_race_is_lost(app: Flask, session: Session):
    """The control: it is the constraint, not luck, that keeps terms apart on PostgreSQL."""
    if session.get_bind().dialect.name == "sqlite":
        assert _writers_take_turns(session)
        return
    session.execute(text("ALTER TABLE membership DROP CONSTRAINT ex_membership_terms"))
    session.commit()
    lost = 0
    try:
        for _ in range(ROUNDS):
            company = CompanyFactory()
            session.commit()
            wanted = drafts(company.id)
            session.commit()
            lost += race(app, [partial(start, draft) for draft in wanted]).count(None) > 1
    finally:
        session.execute(text("DELETE FROM instalment_share"))
        session.execute(text("DELETE FROM instalment"))
        session.execute(text("ALTER TABLE membership DISABLE TRIGGER membership_stays"))
        session.execute(text("DELETE FROM membership"))
        session.execute(text("ALTER TABLE membership ENABLE TRIGGER membership_stays"))
        session.execute(
            text(
                "ALTER TABLE membership ADD CONSTRAINT ex_membership_terms EXCLUDE USING gist ("
                "int8range(company_id::int8, company_id::int8, '[]') WITH &&, "
                "daterange(starts_on, occupied_before) WITH &&) WHERE (withdrawn_on IS NULL)"
            )
        )
        session.commit()
    assert lost > 0


def _writers_take_turns(session: Session) -> bool:
    """SQLite lets one writer in at a time: the trigger is all a second one meets."""
    MembershipFactory()
    return bool(
        session.scalar(text("SELECT 1 FROM sqlite_master WHERE name LIKE 'membership_terms_%'"))
    )


def extend(membership_id: int, session: Session) -> None:
    membership = queries.get(session, membership_id)
    by = Actor(1, "Sam Okafor")
    changing.extend(session, membership, days=30, reason="Late", by=by, now=NOW, today=TODAY)


def test_the_last_place_in_the_days_added_is_taken_once(app: Flask, session: Session):
    for _ in range(9):
        MembershipFactory(tier="founding")
    ending = date(2023, 10, 1)
    ids = [MembershipFactory(tier="founding", starts_on=ending).id for _ in range(RACERS)]
    session.commit()
    ends = race(app, [partial(extend, id_) for id_ in ids])
    assert ends.count(None) == 1
    assert sum(isinstance(end, places.TierClosed) for end in ends) == RACERS - 1


def test_the_last_place_of_a_tier_is_taken_once(app: Flask, session: Session):
    for _ in range(9):
        MembershipFactory(tier="founding")
    half = [MembershipFactory(tier="founding", programme_signed_on=None) for _ in range(RACERS)]
    ids = [membership.id for membership in half]
    session.commit()
    ends = race(app, [partial(sign, id_) for id_ in ids])
    assert ends.count(None) == 1
    assert sum(isinstance(end, places.TierClosed) for end in ends) == RACERS - 1
