"""Opportunities and contact reports: what nobody should leave behind."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.activities.models import Touch, TouchPerson
from crm.activities.rules import TouchKind
from crm.companies.models import Company
from crm.journal.models import JournalEntry
from crm.pipeline.models import LostReason, Opportunity, Stage, StageChange
from crm.pipeline.rules import Move
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    DomainFactory,
    PersonFactory,
)
from tests.stewardship.importing import counts

SALESFORCE = """\
Account Name,Opportunity Record Type,Stage,Created Date,Close Date,Amount,Lead Source,\
Opportunity Owner,Closed Lost Reason
Northlake,Industry Alliance,Qualified,1/15/2026,12/31/2026,"$750,000",Fair,Dana Whitfield,
Northlake,Major partnership,Closed Lost,2/1/2024,6/30/2025,1200000.50,,Old Owner,Overhead rate
Northlake,factories,Closed Won,3/1/2024,3/1/2025,,,,
"""
HUBSPOT = """\
Company name\tActivity date\tActivity type\tCall notes\tAssociated Contact\tActivity assigned to
northlake\t2026-03-04 10:00\tCall\t25 min: likes lean.\tRuth Adeyemi; Nobody\tDana Whitfield
Northlake\t2025-01-07\tMeeting\tAt the fair.\truth@northlake.example\tJane Before
"""


@pytest.fixture
def northlake(session):
    company = CompanyFactory(name="Northlake")
    DomainFactory(company=company, domain="northlake.example")
    ruth = PersonFactory(name="Ruth Adeyemi")
    AddressFactory(person=ruth, email="ruth@northlake.example")
    AffiliationFactory(person=ruth, company=company)
    session.commit()
    return company


def test_opportunities_come_with_their_history(imports, session, northlake, dana):
    report = imports("opportunities", SALESFORCE)
    assert counts(report) == (3, 0, 0)
    assert [str(warning) for warning in report.warnings] == [
        "Row 3, column “Opportunity Owner”: “Old Owner” has no account here: left out."
    ]
    open_, lost, won = session.scalars(select(Opportunity).order_by(Opportunity.id))
    stage = session.get_one(Stage, open_.stage_id)
    assert (stage.key, open_.value_minor, open_.currency) == ("qualified", 75_000_000, "USD")
    assert (open_.owner_id, open_.opened_on) == (dana.user_id, date(2026, 1, 15))
    assert (lost.lost_on, lost.value_minor) == (date(2025, 6, 30), 120_000_050)
    assert session.get_one(LostReason, lost.lost_reason_id).key == "partnership.overhead-rate"
    assert won.won_on == date(2025, 3, 1)
    told = session.scalars(
        select(StageChange).where(StageChange.opportunity_id == won.id).order_by(StageChange.id)
    ).all()
    assert [(change.move, change.on) for change in told] == [
        (Move.OPENED, date(2024, 3, 1)),
        (Move.MOVED, date(2024, 3, 1)),
        (Move.WON, date(2025, 3, 1)),
    ]
    created = select(func.count()).where(
        JournalEntry.kind == "opportunity", JournalEntry.act == "created"
    )
    assert session.scalar(created) == 3


def test_importing_opportunities_again_changes_nothing(imports, session, northlake):
    imports("opportunities", SALESFORCE)
    assert counts(imports("opportunities", SALESFORCE)) == (0, 0, 3)
    assert session.scalar(select(func.count()).select_from(Opportunity)) == 3


def test_several_of_one_day_are_kept_apart_and_known_again(imports, session, northlake):
    line = "Northlake,factories,Need and fit,2026-01-05\n"
    text = "Company,Mode,Stage,Opened on\n" + line * 3
    report = imports("opportunities", text)
    assert counts(report) == (3, 0, 0)
    assert len(report.warnings) == 2
    assert counts(imports("opportunities", text)) == (0, 0, 3)
    assert counts(imports("opportunities", text + line)) == (1, 0, 3)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Nowhere,alliance,Qualified,2026-01-01", "Row 2, column “Company”: No company is known"),
        (",alliance,Qualified,2026-01-01", "Row 2, column “Company”: This cell is empty"),
        ("Northlake,sales,Qualified,2026-01-01", "Row 2, column “Mode”: There is no such mode"),
        ("Northlake,alliance,Dreaming,2026-01-01", "Row 2, column “Stage”: “Industry Alliance”"),
        ("Northlake,alliance,Qualified,2027-01-01", "Row 2, column “Opened on”: This lies in the"),
        ("Northlake,alliance,Qualified,", "Row 2, column “Opened on”: This cell is empty"),
        ("Northlake,alliance,Qualified,2026-01-01,1.2.3", "Row 2, column “Value”: Write the"),
        ("Northlake,alliance,Qualified,2026-01-01,-5", "Row 2, column “Value”: The amount cannot"),
        ("Northlake,alliance,Qualified,2026-01-01,5,Gold", "Row 2, column “Tier”: There is no"),
        (
            "Northlake,alliance,Lost,2026-01-01,,,2025-01-01",
            "Row 2, column “Ended on”: It ended before it began",
        ),
        (
            "Northlake,alliance,Lost,2026-01-01,,,2026-02-01,Boredom",
            "Row 2, column “Lost reason”: “Industry Alliance” has no such reason.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_opportunity_is_named_by_row_and_column(imports, northlake, line, complaint):
    text = f"Company,Mode,Stage,Opened on,Value,Tier,Ended on,Lost reason\n{line}\n"
    [said] = imports.refused("opportunities", text)
    assert said.startswith(complaint)


def test_contact_reports_come_with_people_and_author(imports, session, northlake, dana):
    report = imports("touches", HUBSPOT)
    assert counts(report) == (2, 0, 0)
    call, meeting = session.scalars(select(Touch).order_by(Touch.id))
    assert (call.kind, call.on, call.by_id) == (TouchKind.CALL, date(2026, 3, 4), dana.user_id)
    assert call.text == "25 min: likes lean.\n\n(With Nobody.)"
    assert meeting.text == "At the fair.\n\n(Reported by Jane Before.)"
    assert session.scalar(select(func.count()).select_from(TouchPerson)) == 2
    assert session.get_one(Company, northlake.id).last_touch_on == date(2026, 3, 4)
    assert "“Jane Before” has no account here" in str(report.warnings[0])


def test_importing_contact_reports_again_changes_nothing(imports, session, northlake):
    imports("touches", HUBSPOT)
    assert counts(imports("touches", HUBSPOT)) == (0, 0, 2)
    assert session.scalar(select(func.count()).select_from(Touch)) == 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Nowhere,2026-01-01,Call,x", "Row 2, column “Company”: No company is known"),
        ("Northlake,2027-01-01,Call,x", "Row 2, column “Date”: A contact report tells what has"),
        ("Northlake,,Call,x", "Row 2, column “Date”: This cell is empty"),
        ("Northlake,2026-01-01,Dance,x", "Row 2, column “Kind”: Write meeting, call"),
        ("Northlake,2026-01-01,Call,", "Row 2, column “Notes”: There is nothing in it"),
        ("Northlake,2026-01-01,Call," + "x" * 20_001, "Row 2, column “Notes”: At most 20,000"),
    ],
)
def test_a_wrong_report_is_named_by_row_and_column(imports, northlake, line, complaint):
    [said] = imports.refused("touches", f"Company,Date,Kind,Notes\n{line}\n")
    assert said.startswith(complaint)
