"""What a term was promised when it was signed stays, whatever the programme's file says later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from crm.enrolment import operations as enrolment
from crm.kit.actors import SYSTEM
from crm.kit.money import Money
from crm.memberships import loading, operations, queries
from crm.memberships.benefit_models import Benefit, PromisedBenefit, TierBenefit
from crm.memberships.drafting import NewMembership
from crm.memberships.operations import Side, WrongMoment
from crm.programme import rules as programme
from tests.conftest import NOW, ROOT, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier
from tests.racing import race

FILE = programme.parse((ROOT / "programme.toml").read_text(encoding="utf-8"))
EDGE = {"by": SYSTEM, "now": NOW, "today": TODAY}


def reload(session, **benefits):
    """The file with other benefits for its tier Member."""
    tiers = tuple(
        replace(facts, benefits=benefits) if facts.key == "member" else facts
        for facts in FILE.tiers
    )
    loading.load(session, replace(FILE, tiers=tiers), today=TODAY)


def promised(session, membership, *, amended=False):
    """How many of what, without what the tier does not give."""
    found = select(Benefit.key, PromisedBenefit.a_year).where(
        PromisedBenefit.benefit_id == Benefit.id,
        PromisedBenefit.membership_id == membership.id,
        PromisedBenefit.amendment_id.is_not(None)
        if amended
        else PromisedBenefit.amendment_id.is_(None),
    )
    return {key: a_year for key, a_year in session.execute(found) if a_year != 0}


def of_tier(key):
    [facts] = [facts for facts in FILE.tiers if facts.key == key]
    return facts.benefits


def wanted(session, **more):
    return NewMembership(
        company_id=CompanyFactory().id, tier_id=tier("member").id, starts_on=TODAY, years=3,
        fee=Money(25_000_000, "USD"), **more,
    )  # fmt: skip


def test_loading_again_changes_nothing(session):
    before = session.execute(select(TierBenefit).order_by(TierBenefit.tier_id)).all()
    loading.load(session, FILE, today=TODAY)
    assert session.execute(select(TierBenefit).order_by(TierBenefit.tier_id)).all() == before
    assert not session.dirty
    assert not session.new


def test_a_tier_that_gives_less_and_a_benefit_taken_out(session):
    reload(session, symposium=9, training=None)
    given = select(Benefit.key, TierBenefit.a_year).where(
        TierBenefit.benefit_id == Benefit.id, TierBenefit.tier_id == tier("member").id
    )
    assert dict(session.execute(given).all()) == {"symposium": 9, "training": None}
    fewer = tuple(benefit for benefit in FILE.benefits if benefit.key != "training")
    tiers = tuple(
        replace(facts, benefits={key: n for key, n in facts.benefits.items() if key != "training"})
        for facts in FILE.tiers
    )
    loading.load(session, replace(FILE, benefits=fewer, tiers=tiers), today=TODAY)
    retired = select(Benefit.retired_on).where(Benefit.key == "training")
    assert session.scalar(retired) == TODAY
    loading.load(session, FILE, today=TODAY)
    assert session.scalar(retired) is None


def test_the_second_signature_freezes_what_the_tier_gives(session):
    membership = MembershipFactory(unsigned=True)
    reload(session, symposium=5)
    operations.sign(session, membership, Side.COMPANY, on=TODAY, **EDGE)
    assert promised(session, membership) == {}
    reload(session, symposium=6)
    operations.sign(session, membership, Side.PROGRAMME, on=TODAY, **EDGE)
    reload(session, symposium=1, training=2)
    assert promised(session, membership) == {"symposium": 6}
    kept = select(func.count()).where(PromisedBenefit.membership_id == membership.id)
    assert session.scalar(kept) == len(FILE.benefits)


def test_of_two_who_record_the_last_signature_at_once_one_is_told(app, session):
    id_ = MembershipFactory(unsigned=True, company_signed_on=TODAY).id
    session.commit()

    def sign(racing):
        operations.sign(racing, queries.get(racing, id_), Side.PROGRAMME, on=TODAY, **EDGE)

    refusals = race(app, [sign, sign])
    assert [type(refusal) for refusal in refusals if refusal] == [WrongMoment]
    kept = select(func.count()).where(PromisedBenefit.membership_id == id_)
    assert session.scalar(kept) == len(FILE.benefits)


def test_what_is_entered_signed_is_promised_at_once(session):
    signed = {"company_signed_on": TODAY, "programme_signed_on": TODAY}
    made = enrolment.start(session, wanted(session, **signed), **EDGE)
    assert promised(session, made) == of_tier("member")
    drafted = enrolment.start(session, wanted(session), **EDGE)
    assert promised(session, drafted) == {}


def test_an_amendment_to_another_tier_is_promised_what_that_gives(session):
    membership = enrolment.start(
        session,
        wanted(session, company_signed_on=TODAY, programme_signed_on=TODAY),
        **EDGE,
    )
    fee = Money(26_000_000, "USD")
    told = {"reason": "Agreed", "from_on": date(2027, 1, 1)}
    enrolment.amend(session, membership, tier=tier("member"), fee=fee, **told, **EDGE)
    assert promised(session, membership, amended=True) == {}
    enrolment.amend(session, membership, tier=tier("associate"), fee=None, **told, **EDGE)
    assert promised(session, membership, amended=True) == of_tier("associate")
    assert promised(session, membership) == of_tier("member")


def test_terms_signed_before_benefits_were_kept_are_promised_once(session):
    old = MembershipFactory()
    drafted = MembershipFactory(unsigned=True)
    reload(session, symposium=7)
    assert promised(session, old) == {"symposium": 7}
    assert promised(session, drafted) == {}
    reload(session, symposium=2)
    assert promised(session, old) == {"symposium": 7}


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (update(PromisedBenefit).values(a_year=99), "promised_benefit_is_for_good"),
        (delete(PromisedBenefit), "promised_benefit_stays"),
    ],
)
def test_the_database_keeps_a_promise(session, statement, refusal):
    MembershipFactory()
    loading.load(session, FILE, today=TODAY)
    with pytest.raises(IntegrityError, match=refusal):
        session.execute(statement)


def test_the_database_takes_a_promise_once(session):
    membership = MembershipFactory()
    loading.load(session, FILE, today=TODAY)
    benefit_id = session.scalars(select(Benefit.id).limit(1)).one()
    session.add(PromisedBenefit(membership_id=membership.id, benefit_id=benefit_id, a_year=1))
    with pytest.raises(IntegrityError):
        session.flush()
