"""A person is at a company once at a time, however many say so at once."""

from __future__ import annotations

from sqlalchemy import func, select

from crm.companies import operations
from crm.companies.models import Affiliation
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.racing import race

RACERS = 4


def test_many_who_find_somebody_there_write_one_affiliation(app, session):
    there = {"person_id": PersonFactory().id, "company_id": CompanyFactory().id}
    session.commit()
    act = operations.find_or_affiliate
    ends = race(app, [lambda own: act(own, title=None, starts_on=None, **there)] * RACERS)
    assert ends == [None] * RACERS
    assert session.scalar(select(func.count(Affiliation.id))) == 1


def test_of_many_who_say_that_somebody_begins_there_one_is_taken(app, session):
    there = {"person_id": PersonFactory().id, "company_id": CompanyFactory().id}
    session.commit()
    act = operations.affiliate
    ends = race(app, [lambda own: act(own, title=None, starts_on=None, **there)] * RACERS)
    refused = [type(end) for end in ends if end is not None]
    assert refused == [operations.AlreadyThere] * (RACERS - 1)
