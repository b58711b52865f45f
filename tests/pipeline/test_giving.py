"""A contribution names the opportunity it came from: of its company, with the factories."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.partnerships import queries
from crm.partnerships.contributions import NewContribution, TheirsAlready
from crm.partnerships.rules import Given, Kind
from crm.pipeline import giving, giving_queries, operations
from crm.pipeline.giving import ForeignOpportunity
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.partnerships import ContributionFactory
from tests.factories.pipeline import OpportunityFactory
from tests.racing import race

EDGE = {"by": Actor(1, "Sam Okafor"), "now": NOW}
MILL = NewContribution(title="Mill", kind=Kind.EQUIPMENT, given=Given.GIFT)


def test_an_offer_names_an_opportunity_of_its_company_and_may_be_put_right(session):
    company = CompanyFactory()
    first, second = (OpportunityFactory(company=company, mode_key="factories") for _ in range(2))
    alliance, other = OpportunityFactory(company=company), OpportunityFactory(mode_key="factories")
    said = {"on": TODAY, "today": TODAY, **EDGE}
    mill = giving.offer(session, company.id, MILL, opportunity_id=first.id, **said)
    assert giving_queries.came_from(session, mill.id) is first
    for foreign in (alliance, other):
        with pytest.raises(ForeignOpportunity):
            giving.name_opportunity(session, mill, foreign.id, seen=first.id, **EDGE)
    giving.name_opportunity(session, mill, second.id, seen=first.id, **EDGE)
    with pytest.raises(Stale):
        giving.name_opportunity(session, mill, None, seen=first.id, **EDGE)
    (row,) = giving_queries.contributions_of(session, second.id, TODAY)
    assert (row.title, row.stage) == ("Mill", "offered")
    giving.name_opportunity(session, mill, None, seen=second.id, **EDGE)
    assert giving_queries.came_from(session, mill.id) is None


def test_what_is_named_stays_the_company_s(session):
    mill = queries.get(session, ContributionFactory().id)
    opportunity = OpportunityFactory(company=mill.company, mode_key="factories")
    other = CompanyFactory().id
    giving.name_opportunity(session, mill, opportunity.id, seen=None, **EDGE)
    with pytest.raises(TheirsAlready, match="take that out first"):
        giving.correct_company(session, mill, other, version=mill.version, **EDGE)
    with pytest.raises(operations.UnderWay):
        operations.take_back(session, opportunity)
    for table in ("contribution", "opportunity"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE {table} SET company_id = :other"), {"other": other})
    giving.name_opportunity(session, mill, None, seen=opportunity.id, **EDGE)
    giving.correct_company(session, mill, other, version=mill.version, **EDGE)


def test_who_puts_the_company_right_waits_for_who_names_an_opportunity(app, session):
    mill = queries.get(session, ContributionFactory().id)
    opportunity = OpportunityFactory(company=mill.company, mode_key="factories")
    mill_id, version, named, other = mill.id, mill.version, opportunity.id, CompanyFactory().id
    session.commit()

    def name(racer):
        giving.name_opportunity(racer, queries.get(racer, mill_id), named, seen=None, **EDGE)

    def correct(racer):
        mill = queries.get(racer, mill_id)
        giving.correct_company(racer, mill, other, version=version, **EDGE)

    assert race(app, [name, correct]).count(None) == 1


def test_contribution_and_opportunity_lead_to_each_other(sam, rea, session):
    company = CompanyFactory(name="Nimbrel Cobots")
    page = f"/office/opportunities/{OpportunityFactory(company=company, mode_key='factories').id}"
    session.commit()
    offer = sam.get(page).html.find(id="contributions").find("a")
    hidden = sam.get(offer["href"]).hidden()
    sent = {"title": "Two arms", "kind": "equipment", "given": "gift", "on": TODAY.isoformat()}
    sent |= {"company": "Nimbrel Cobots", "opportunity": hidden["opportunity"], "facility": ""}
    mill = sam.post("/office/engagements/contributions/new", sent).location
    valued = {"basis": "comparables", "amount": "9,100", "currency": "USD", "valuer": "donor"}
    valued |= {"valued_by": "They", "valued_on": TODAY.isoformat(), "version": "1"}
    sam.post(f"{mill}/value", valued)
    assert f'href="{page}"' in rea.get(mill).text
    assert "Two arms Offered $9,100" in rea.get(page).words
    sam.post(f"{mill}/opportunity", {"opportunity": "", "seen": hidden["opportunity"]})
    assert "Two arms" not in rea.get(page).words
