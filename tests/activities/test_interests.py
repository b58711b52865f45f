from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from crm.activities import interests
from crm.activities.interests import AlreadyDeclared, NewInterest
from crm.activities.models import Interest
from crm.activities.operations import WrongOrder
from crm.activities.rules import Stake
from crm.kit.errors import NotFound, Stale
from tests.conftest import TODAY
from tests.factories.activities import InterestFactory
from tests.factories.companies import CompanyFactory, PersonFactory

SHARES = NewInterest(stake=Stake.SHARES, starts_on=date(2025, 1, 1), note="Two per cent")


def declared(session, sam, wanted=SHARES):
    return interests.declare(
        session,
        wanted,
        person_id=PersonFactory().id,
        company_id=CompanyFactory().id,
        by=sam.actor,
        today=TODAY,
    )


def test_who_declared_what_is_kept_with_its_day_and_author(session, sam):
    interest = declared(session, sam)
    session.commit()
    assert (interest.stake, interest.note) == (Stake.SHARES, "Two per cent")
    assert (interest.declared_on, interest.by_name) == (TODAY, "Sam Okafor")


def test_it_does_not_end_before_it_begins(session, sam):
    ended = NewInterest(stake=Stake.OTHER, starts_on=TODAY, ends_before=TODAY)
    with pytest.raises(WrongOrder):
        declared(session, sam, ended)
    interest = declared(session, sam)
    with pytest.raises(WrongOrder):
        interests.correct(session, interest, ended, version=1)
    interest.ends_before = interest.starts_on
    with pytest.raises(IntegrityError):
        session.flush()


def test_who_is_not_on_record_declares_nothing(session, sam):
    for person_id, company_id in ((999_999, CompanyFactory().id), (PersonFactory().id, 999_999)):
        with pytest.raises(NotFound):
            interests.declare(
                session, SHARES, person_id=person_id, company_id=company_id, by=sam.actor,
                today=TODAY,
            )  # fmt: skip


def test_of_two_who_put_it_right_the_second_is_told(session, sam):
    interest = declared(session, sam)
    interests.correct(
        session, interest, NewInterest(stake=Stake.ADVICE, starts_on=TODAY), version=1
    )
    with pytest.raises(Stale):
        interests.correct(session, interest, SHARES, version=1)
    assert interest.stake is Stake.ADVICE


@pytest.mark.parametrize("over", [True, False])
def test_it_stands_from_its_first_to_its_last_day(session, over):
    ends = date(2024, 3, 1) if over else None
    interest = InterestFactory(starts_on=date(2024, 2, 1), ends_before=ends)
    session.commit()
    for ahead in range(70):
        day = date(2024, 1, 15) + timedelta(days=ahead)
        by_company = interests.in_companies(session, [interest.company_id], day)
        by_person = interests.of_people(session, [interest.person_id], day)
        stands = day in interest.period
        assert by_company == ({interest.company_id: [interest]} if stands else {})
        assert by_person == ({interest.person_id: [interest]} if stands else {})
    assert interests.of_person(session, interest.person_id) == [interest]
    assert session.get(Interest, interest.id) is interest


def test_one_stake_at_a_time_is_declared_once(session, sam):
    interest = declared(session, sam)
    same = {"person_id": interest.person_id, "company_id": interest.company_id}
    with pytest.raises(AlreadyDeclared):
        interests.declare(session, SHARES, **same, by=sam.actor, today=TODAY)
    before = NewInterest(
        stake=Stake.SHARES, starts_on=date(2024, 1, 1), ends_before=SHARES.starts_on
    )
    for other in (before, NewInterest(stake=Stake.ADVICE, starts_on=TODAY)):
        interests.declare(session, other, **same, by=sam.actor, today=TODAY)
    assert len(interests.of_person(session, interest.person_id)) == 3
