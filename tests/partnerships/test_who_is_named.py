"""Who may be named with a contribution, and what an archived company may no longer begin."""

from __future__ import annotations

from functools import partial

import pytest

from crm.companies.queries import CompanyArchived
from crm.kit.actors import Actor
from crm.partnerships import (
    contribution_stages,
    contributions,
    facility_queries,
    participations,
    queries,
    thanks,
    thanks_queries,
)
from crm.partnerships.contributions import NewContribution
from crm.partnerships.participations import NewParticipation
from crm.partnerships.rules import FacilityStage, Given, Kind, ParticipationKind, Stage
from tests.conftest import NOW, TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.partnerships import ContributionFactory, FacilityFactory, ThanksFactory
from tests.racing import race

BY = Actor(1, "Sam Okafor")
DATED = {"by": BY, "now": NOW, "today": TODAY}
MILL = partial(NewContribution, title="Mill", kind=Kind.EQUIPMENT, given=Given.GIFT)


def test_whom_we_thank_is_there_still(session):
    company = CompanyFactory()
    left = AddressFactory(person=AffiliationFactory(company=company, left=True).person).person
    with pytest.raises(contributions.NotTheirs, match="has left it"):
        contributions.offer(session, company.id, MILL(contact_id=left.id), on=TODAY, **DATED)
    mill = ContributionFactory(company=company, contact=left, stages=(Stage.ACCEPTED,))
    letter = thanks_queries.get(session, ThanksFactory(contribution_id=mill.id).id)
    with pytest.raises(thanks.NoLetter, match="no more"):
        thanks.release(session, letter, **DATED)
    again = MILL(title="A lathe", contact_id=left.id)
    contributions.edit(session, mill, again, version=1, today=TODAY)
    assert mill.contact_id == left.id


def test_who_is_archived_is_not_written_to(session):
    company = CompanyFactory()
    gone = AffiliationFactory(company=company, person=PersonFactory(archived_on=TODAY)).person
    AddressFactory(person=gone)
    with pytest.raises(contributions.NotTheirs):
        contributions.offer(session, company.id, MILL(contact_id=gone.id), on=TODAY, **DATED)
    mill = ContributionFactory(company=company, contact=gone, stages=(Stage.ACCEPTED,))
    letter = thanks_queries.get(session, ThanksFactory(contribution_id=mill.id).id)
    with pytest.raises(thanks.NoLetter, match="no more"):
        thanks.written(session, letter, by=BY, today=TODAY)


def test_who_answers_for_it_is_of_the_university(session):
    company = CompanyFactory()
    theirs, left = (AffiliationFactory(left=gone).person_id for gone in (False, True))
    offer = partial(contributions.offer, session, company.id, on=TODAY, **DATED)
    with pytest.raises(contributions.NotOurs):
        offer(MILL(responsible_id=theirs))
    assert offer(MILL(responsible_id=left)).responsible_id == left


def test_nothing_more_comes_to_a_facility_that_is_closed(session):
    company = CompanyFactory()
    closed = FacilityFactory(stage=FacilityStage.CLOSED)
    with pytest.raises(contributions.FacilityClosed):
        contributions.offer(session, company.id, MILL(facility_id=closed.id), on=TODAY, **DATED)
    mill = ContributionFactory(company=company, facility=closed)
    contributions.edit(session, mill, MILL(facility_id=closed.id), version=1, today=TODAY)
    assert mill.facility_id == closed.id


def test_an_archived_company_begins_nothing_new(session):
    company = CompanyFactory(archived_on=TODAY)
    facility = facility_queries.get(session, FacilityFactory().id)
    wanted = NewParticipation(kind=ParticipationKind.PLANNING, starts_on=TODAY)
    for act in (
        partial(contributions.offer, session, company.id, MILL(), on=TODAY, **DATED),
        partial(participations.begin, session, facility, wanted, company_id=company.id, by=BY),
    ):
        with pytest.raises(CompanyArchived):
            act()


def test_what_went_back_stays_a_loan(session):
    path = (Stage.ACCEPTED, Stage.DELIVERED, Stage.RETURNED)
    mill = queries.get(session, ContributionFactory(lent=True, stages=path).id)
    with pytest.raises(contributions.WasReturned):
        contributions.edit(session, mill, MILL(), version=1, today=TODAY)


def test_of_a_return_and_a_gift_at_once_one_is_kept(app, session):
    path = (Stage.ACCEPTED, Stage.DELIVERED)
    for _ in range(4):
        mill_id = ContributionFactory(lent=True, stages=path).id
        session.commit()

        def give_back(racer, id_=mill_id):
            mill = queries.get(racer, id_)
            contribution_stages.move(racer, mill, Stage.RETURNED, on=TODAY, reason=None, **DATED)

        def give(racer, id_=mill_id):
            mill = queries.get(racer, id_)
            contributions.edit(racer, mill, MILL(), version=1, today=TODAY)

        assert race(app, [give_back, give]).count(None) == 1
