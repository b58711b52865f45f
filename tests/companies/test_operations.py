from __future__ import annotations

from datetime import date

import pytest

from crm.companies import operations, queries
from crm.companies.models import CompanyChallenge
from crm.companies.operations import (
    AlreadyThere,
    DomainTaken,
    NewCompany,
    NotADomain,
    NotAnAddress,
)
from crm.companies.parents import OwnAncestor
from crm.kit.errors import NotFound, Stale
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, CompanyFactory, DomainFactory


def test_a_company_is_kept_with_its_keys_domains_and_challenges(session):
    company = operations.add_company(
        session,
        NewCompany(
            name="Müller & Söhne GmbH",
            domains=("https://www.Mueller.example/start", "mueller.example"),
            challenge_ids=(1, 2),
        ),
        now=NOW,
    )
    session.commit()
    assert company.name_key == "muller & sohne gmbh"
    assert company.match_key == "muller and sohne"
    assert queries.find_by_domain(session, "mueller.example", verified=True) is company
    assert session.query(CompanyChallenge).filter_by(company_id=company.id).count() == 2


def test_a_domain_of_another_company_is_refused_by_name(session):
    DomainFactory(company__name="Acme", domain="acme.example")
    with pytest.raises(DomainTaken, match=r"acme\.example already belongs to Acme"):
        operations.add_company(
            session, NewCompany(name="Other", domains=("acme.example",)), now=NOW
        )


@pytest.mark.parametrize("website", ["javascript:alert(1)", "acme.example", "ftp://acme.example"])
def test_a_website_no_browser_fetches_is_refused(session, website):
    with pytest.raises(NotAnAddress):
        operations.add_company(session, NewCompany(name="Acme", website=website), now=NOW)


def test_what_is_no_domain_is_refused(session):
    with pytest.raises(NotADomain):
        operations.add_domain(session, CompanyFactory(), "not a domain")


def test_a_parent_that_is_not_there_is_refused(session):
    with pytest.raises(NotFound):
        operations.add_company(session, NewCompany(name="Child", parent_id=999_999), now=NOW)


def test_a_company_is_never_above_itself(session):
    top = CompanyFactory(name="Top")
    middle = CompanyFactory(name="Middle", parent_id=top.id)
    bottom = CompanyFactory(name="Bottom", parent_id=middle.id)
    with pytest.raises(OwnAncestor):
        operations.edit_company(
            session,
            top,
            NewCompany(name="Top", parent_id=bottom.id),
            version=top.version,
            today=TODAY,
        )


def test_an_edit_of_an_older_version_shows_both(session):
    company = CompanyFactory(name="Acme", city="Boston")
    operations.edit_company(
        session, company, NewCompany(name="Acme", city="Chicago"), version=1, today=TODAY
    )
    with pytest.raises(Stale) as refused:
        operations.edit_company(
            session, company, NewCompany(name="Acme", city="Denver"), version=1, today=TODAY
        )
    assert refused.value.theirs == {"City": "Chicago"}
    assert refused.value.yours == {"City": "Denver"}


def test_nobody_is_twice_at_one_company_at_a_time(session):
    there = AffiliationFactory(starts_on=date(2024, 1, 1))
    again = {"person_id": there.person_id, "company_id": there.company_id, "title": None}
    with pytest.raises(AlreadyThere):
        operations.affiliate(session, **again, starts_on=date(2025, 1, 1))
    operations.end_affiliation(session, there, ends_before=date(2025, 1, 1))
    back = operations.affiliate(session, **again, starts_on=date(2025, 1, 1))
    assert operations.find_or_affiliate(session, **again, starts_on=None) is back


def test_another_challenge_alone_makes_another_version(session):
    company = CompanyFactory(name="Acme")
    session.commit()
    seen = company.version
    draft = NewCompany(name="Acme", challenge_ids=(1,))
    operations.edit_company(session, company, draft, version=seen, today=TODAY)
    session.commit()
    with pytest.raises(Stale):
        operations.edit_company(
            session, company, NewCompany(name="Acme"), version=seen, today=TODAY
        )
    seen = company.version
    operations.edit_company(session, company, draft, version=seen, today=TODAY)
    assert company.version == seen  # nothing was changed
