"""No page asks the database more often because there is more in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.accounts.models import UserAccount
from crm.companies.models import Company
from crm.partnerships.rules import Stage as ContributionStage
from crm.partnerships.workspace_models import Convening
from crm.web.access import SAFE
from crm.working_groups.models import WorkingGroup
from tests.conftest import NOW, TODAY
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.ballots import BallotFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory, DomainFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.inquiries import InquiryFactory
from tests.factories.invoices import InvoiceFactory
from tests.factories.mail import OutgoingMailFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.partnerships import (
    ContributionFactory,
    FacilityFactory,
    ParticipationFactory,
)
from tests.factories.pipeline import OpportunityFactory
from tests.factories.projects import (
    CallFactory,
    FacultyFactory,
    MilestoneFactory,
    OutputFactory,
    ProjectFactory,
    SeatsFactory,
    StudentFactory,
    TieFactory,
)
from tests.factories.working_groups import DeliverableFactory, PlaceFactory, WorkingGroupFactory
from tests.factories.workspaces import (
    AreaFactory,
    ConvenedFactory,
    NdaFileFactory,
    PartnershipFactory,
    ScopeFactory,
    ScreeningFactory,
)
from tests.house import world as worlds
from tests.house.world import declared

LISTS = {
    "/office/ballots": 6,
    "/office/companies": 6,
    "/office/engagements": 7,
    "/office/engagements/contributions": 7,
    "/office/engagements/participations": 6,
    "/office/engagements/partnerships": 6,
    "/office/engagements/partnerships?display=table": 7,
    "/office/inquiries": 6,
    "/office/invoices": 6,
    "/office/invoices/to-bill": 6,
    "/office/journal": 6,
    "/office/mail": 6,
    "/office/memberships": 6,
    "/office/payments": 6,
    "/office/people": 6,
    "/office/pipeline": 6,
    "/office/pipeline?view=table": 6,
    "/office/users": 6,
    "/office/projects": 9,
    "/office/projects/calls": 6,
    "/office/working-groups": 7,
}
"""Session and rights included."""
COMPANY = 13


@pytest.fixture
def world(session, fresh_database):
    """Asked for before the cast: whoever stands there already is gone."""
    return worlds.stand(session, fresh_database)


def fill(session, world):
    """Sixty more of whatever lists and the company's page show."""
    first = session.get_one(Company, world.standing["company"])
    owner = session.get_one(UserAccount, world.standing["user"])
    met = session.get_one(WorkingGroup, world.standing["group"])
    partnership = world.standing["partnership"]
    for number in range(60):
        company = CompanyFactory(owner=owner, sector=f"Sector {number}")
        DomainFactory(company=company)
        affiliation = AffiliationFactory(company=company)
        AffiliationFactory(company=first, starts_on=date(2020, 1, 1))
        MembershipFactory(company=company)
        HoldingFactory(seat=SeatFactory(company=company), person=affiliation.person)
        TouchFactory(company=company, by=owner)
        TouchFactory(company=first, by=owner)
        TaskFactory(company=company, owner=owner, due_on=TODAY)
        TaskFactory(company=first, owner=owner)
        OpportunityFactory(company=company, owner=owner, value_minor=100 * number)
        OpportunityFactory(company=first, owner=owner)
        InquiryFactory(received_at=NOW - timedelta(hours=number), owner=owner)
        OutgoingMailFactory()
        group = WorkingGroupFactory()
        PlaceFactory(group=group, company=first, person=affiliation.person)
        PlaceFactory(group=met, company=company, person=affiliation.person)
        DeliverableFactory(group=group, due_on=TODAY - timedelta(days=number))
        DeliverableFactory(group=met)
        facility = FacilityFactory()
        ParticipationFactory(facility=facility, company=first)
        due = TODAY + timedelta(days=number)
        held = {"stages": (ContributionStage.ACCEPTED,), "licence_ends_on": due, "valued": 100}
        ContributionFactory(facility=facility, company=first, **held)
        ContributionFactory(company=company, **held)
        made = PartnershipFactory(company=company)
        for own in ({"partnership_id": made.id}, {"partnership_id": partnership}):
            ConvenedFactory(**own)
            AreaFactory(**own)
            ScopeFactory(estimate_minor=100, **own)
            NdaFileFactory(**own)
            convening = TouchFactory(company=first, by=owner, with_=[affiliation.person])
            session.add(Convening(touch_id=convening.id, **own))
        ScreeningFactory(company=first)
        InvoiceFactory(company=company)
        CallFactory()
        project = ProjectFactory(seats=9)
        for one in (project.id, world.standing["project"]):
            FacultyFactory(project_id=one)
            StudentFactory(project_id=one)
            MilestoneFactory(project_id=one, due_on=TODAY - timedelta(days=number + 1))
            OutputFactory(project_id=one)
            TieFactory(project_id=one, company=company)
        TieFactory(project_id=project.id, company=first)
        SeatsFactory(project_id=project.id, company=first)
        ProjectFactory(call_id=world.standing["call"])
        BallotFactory(opened=number % 20 == 0)
        InvoiceFactory(company=first, number=f"INV-2024-{number:04}")
    session.commit()


CHECK = "/office/self-check"
"""What the factories leave without dues is red there, and named by a statement for each check."""


def counted(who, statements, address):
    who.ask(who.client.get, address).get_data()  # what is kept for a while is read by now
    statements.clear()
    answer = who.ask(who.client.get, address)
    answer.get_data()
    answer.close()
    return len(statements)


def test_pages_ask_as_often_of_many_as_of_few_and_lists_keep_to_their_number(
    world, app, session, dana, statements
):
    pages = [
        world.address(rule, "standing")
        for rule, method, _ in declared(app)
        if method in SAFE and not rule.rule.endswith(("/sign-out", "ending>"))
    ]
    few = {page: counted(dana, statements, page) for page in pages}
    fill(session, world)
    many = {page: counted(dana, statements, page) for page in pages}
    pages.remove(CHECK)
    grown = {page: (few[page], many[page]) for page in pages if many[page] > few[page] + 1}
    assert grown == {}
    assert many[CHECK] <= few[CHECK] + 4

    budgets = {
        **LISTS,
        **{
            f"{address}{'&' if '?' in address else '?'}page=last": most
            for address, most in LISTS.items()
        },
        f"/office/companies/{world.standing['company']}": COMPANY,
    }
    taken = {address: counted(dana, statements, address) for address in budgets}
    assert {page: n for page, n in taken.items() if n > budgets[page]} == {}
