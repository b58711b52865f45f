"""Who is engaged in which mode: on a day, before it began and after it was over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.partnerships.rules import Stage
from crm.reports import engagement_by_mode
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.partnerships import ContributionFactory, ParticipationFactory
from tests.factories.workspaces import PartnershipFactory

FAY = Viewer(id=1, name="Fay", email="fay@office.example", roles=frozenset({Role.FACULTY}))
DAY = timedelta(days=1)


def told(session, day=TODAY):
    session.flush()
    headings = [column.heading for column in engagement_by_mode.columns(FAY)]
    rows = engagement_by_mode.rows(session, day=day, viewer=FAY)
    return [dict(zip(headings, row, strict=True)) for row in rows]


@pytest.fixture
def company(session):
    return CompanyFactory(name="Northlake")


def test_each_mode_has_its_engagements_with_their_records(session, company):
    term = MembershipFactory(company=company, tier="founding")
    part = ParticipationFactory(company=company)
    mill = ContributionFactory(
        company=company, title="A mill", lent=True, loan_ends_on=date(2026, 9, 1),
        stages=(Stage.ACCEPTED,),
    )  # fmt: skip
    workspace = PartnershipFactory(company=company, title="A line", at="faculty-convened")
    rows = [tuple(row.values()) for row in told(session)]
    facility = part.facility
    assert rows == [
        ("Industry Alliance", "Northlake", "Founding tier", "active", date(2025, 10, 1),
         date(2028, 9, 30), "", f"/office/memberships/{term.id}", term.id, company.id),
        ("Education and research factories", "Northlake", facility.name,
         "part in its development", date(2026, 2, 1), None, "",
         f"/office/engagements/facilities/{facility.id}", part.id, company.id),
        ("Education and research factories", "Northlake", "A mill", "accepted",
         date(2026, 1, 12), date(2026, 9, 1), "",
         f"/office/engagements/contributions/{mill.id}", mill.id, company.id),
        ("Major partnership", "Northlake", "A line", "Faculty convened", date(2026, 1, 5), None,
         "", f"/office/engagements/partnerships/{workspace.id}", workspace.id, company.id),
    ]  # fmt: skip


def test_what_has_not_begun_or_is_over_is_not_there(session, company):
    MembershipFactory(company=company, unsigned=True)
    MembershipFactory(lapsed=True)
    ParticipationFactory(company=company, ends_before=TODAY)
    ContributionFactory(company=company)  # an offer
    ContributionFactory(company=company, stages=(Stage.ACCEPTED, Stage.ENDED))
    PartnershipFactory(company=company, closed_on=TODAY, closed_how="Handed over")
    assert told(session) == []
    before = told(session, TODAY - DAY)
    assert {row["Mode"] for row in before} == {
        "Education and research factories",
        "Major partnership",
    }


def test_the_page_groups_by_mode_and_leads_to_the_records(fay, session, company):
    mill = ContributionFactory(company=company, valued=731_946_28, stages=(Stage.ACCEPTED,))
    path = f"/office/engagements/contributions/{mill.id}"
    session.commit()
    page = fay.get("/office/reports/engagement-by-mode")
    assert "Education and research factories 1 row" in page.words
    assert page.html.select_one(f"main a[href='{path}']")
    assert "731,946" not in fay.get("/office/reports/engagement-by-mode.csv").words
