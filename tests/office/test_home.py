"""Home answers "what needs me today?", to each role with what it may see."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from crm.activities.models import Task, Touch
from crm.activities.rules import TouchKind
from crm.mail.models import OutgoingMail
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import DuesFrequency
from crm.pipeline.models import Inquiry, Mode, Opportunity, Stage
from crm.pipeline.rules import Channel
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory


def waiting_inquiry(session, number, **more):
    session.add(
        Inquiry(
            channel=Channel.JOIN,
            token=f"token-{number}",
            received_at=NOW - timedelta(hours=number + 1),
            raw={},
            company_name=f"Asker {number}",
            name="Iris Vogel",
            modes=[],
            challenges=[],
            suspicions=[],
            **more,
        )
    )


def term(session, company, *, starts_on, ends_before, signed=True, released=True, founding=True):
    tier = session.scalars(select(Tier).where(Tier.founding == founding)).first()
    agreed_on = min(starts_on, TODAY)
    session.add(
        Membership(
            company=company,
            tier=tier,
            founding=founding,
            starts_on=starts_on,
            ends_before=ends_before,
            occupied_before=ends_before,
            fee_minor=41_234_500,
            currency="USD",
            dues_frequency=DuesFrequency.YEARLY,
            grace_days=60,
            drafted_on=agreed_on,
            released_on=agreed_on if released else None,
            company_signed_on=agreed_on if signed else None,
            programme_signed_on=agreed_on if signed else None,
            created_at=NOW,
        )
    )


def stalled_opportunity(session, company, **more):
    mode = session.scalars(select(Mode).where(Mode.key == "alliance")).one()
    stage = session.scalars(select(Stage).where(Stage.mode_id == mode.id)).first()
    session.add(
        Opportunity(
            company=company,
            mode=mode,
            stage=stage,
            stage_since=TODAY - timedelta(days=90),
            opened_on=TODAY - timedelta(days=120),
            currency="USD",
            value_minor=77_700_000,
            created_at=NOW,
            **more,
        )
    )


def bars(page):
    return [bar["value"] for bar in page.html.select(".cohort progress")]


def test_an_empty_house_says_what_will_appear_where(dana):
    page = dana.get("/office/")
    assert "Nobody waits for an answer" in page.words
    assert "Nothing to do" in page.words
    assert "Every seat is held" in page.words
    assert bars(page) == ["0", "0", "0"]


def test_each_line_leads_to_where_it_is_settled(dana, session):
    company = CompanyFactory(name="Northlake Turbine Works")
    waiting_inquiry(session, 1)
    waiting_inquiry(session, 2, suspected=True)
    stalled_opportunity(session, CompanyFactory(name="Quiet Robotics"))
    term(session, company, starts_on=date(2024, 1, 1), ends_before=date(2027, 1, 1))
    session.add(
        Task(
            company=company,
            title="Send the redline",
            due_on=TODAY - timedelta(days=2),
            owner_id=dana.user_id,
            created_at=NOW,
        )
    )
    session.commit()
    page = dana.get("/office/")
    targets = {link["href"] for link in page.html.select("main a")}
    inquiry = session.scalars(select(Inquiry).where(Inquiry.suspected.is_(False))).one()
    opportunity = session.scalars(select(Opportunity)).one()
    membership = session.scalars(select(Membership)).one()
    assert f"/office/inquiries/{inquiry.id}" in targets
    assert f"/office/opportunities/{opportunity.id}" in targets
    assert f"/office/renewals/{membership.id}" in targets
    assert f"/office/companies/{company.id}" in targets
    assert "Asker 2" not in page.words
    assert "2 days ago" in page.words


def test_the_three_bars_count_companies_once(dana, session):
    long_ago = date(2024, 1, 1)
    renewed = CompanyFactory()
    term(session, renewed, starts_on=long_ago, ends_before=date(2026, 9, 1))
    term(session, renewed, starts_on=date(2026, 9, 1), ends_before=date(2029, 9, 1))
    term(session, CompanyFactory(), starts_on=long_ago, ends_before=date(2025, 1, 1))
    for released in (True, False):
        term(
            session,
            CompanyFactory(),
            starts_on=TODAY,
            ends_before=date(2029, 6, 15),
            signed=False,
            released=released,
        )
    tier = session.scalars(select(Tier).where(Tier.founding)).one()
    stalled_opportunity(session, CompanyFactory(), tier=tier, intent_on=TODAY)
    session.commit()
    assert bars(dana.get("/office/")) == ["1", "1", "2"]


def test_faculty_see_who_is_in_contact_and_no_money(fay, dana, session):
    company = CompanyFactory(name="Loomline")
    waiting_inquiry(session, 1)
    stalled_opportunity(session, company)
    term(session, company, starts_on=date(2024, 1, 1), ends_before=date(2027, 1, 1))
    session.add(
        Touch(
            company=company,
            kind=TouchKind.CALL,
            on=TODAY,
            text="They balk at the fee",
            by_id=dana.user_id,
            created_at=NOW,
        )
    )
    session.commit()
    page = fay.get("/office/")
    assert "Loomline Call · Dana Whitfield" in page.words
    for hidden in ("balk", "412", "777", "$", "USD", "Asker", "Stalled", "Founding cohort"):
        assert hidden not in page.words


def test_faculty_and_readers_do_not_learn_of_a_confidential_contact(fay, rea, dana, session):
    company = CompanyFactory(name="Loomline")
    session.add(
        Touch(
            company=company,
            kind=TouchKind.CALL,
            on=TODAY,
            text="Talks of a merger",
            confidential=True,
            by_id=dana.user_id,
            created_at=NOW,
        )
    )
    session.commit()
    for somebody in (fay, rea):
        assert "Loomline" not in somebody.get("/office/").words


def test_the_administrator_sees_access_and_no_business(ada, session):
    company = CompanyFactory(name="Casco Biologics")
    waiting_inquiry(session, 1)
    stalled_opportunity(session, company)
    session.commit()
    page = ada.get("/office/")
    assert "Users and roles" in page.words
    assert "Casco" not in page.words
    assert "Asker" not in page.words


def test_letters_that_do_not_leave_are_told(dana, session):
    assert "Letters stuck" not in dana.get("/office/").words
    session.add(
        OutgoingMail(
            letter="inquiry-received",
            message_id="<1@office.example>",
            to="x@company.example",
            subject="Thank you",
            body="Thank you",
            posted_at=NOW,
            due_at=NOW,
            attempts=9,
            failed_at=NOW,
        )
    )
    session.commit()
    assert "1 Letters stuck" in dana.get("/office/").words


def test_home_asks_the_same_few_questions_however_much_there_is(dana, session, statements):
    def asked():
        statements.clear()
        dana.get("/office/")
        return len(statements)

    term(session, CompanyFactory(), starts_on=date(2024, 1, 1), ends_before=date(2027, 1, 1))
    session.commit()
    dana.get("/office/")  # reads what a process reads once
    few = asked()
    for number in range(20):
        company = CompanyFactory()
        waiting_inquiry(session, number)
        stalled_opportunity(session, company, owner_id=dana.user_id)
        term(session, company, starts_on=date(2024, 1, 1), ends_before=date(2027, 1, 1))
        session.add(
            Task(company=company, title="Call", due_on=TODAY, owner_id=dana.user_id, created_at=NOW)
        )
    session.commit()
    assert asked() == few <= 15


def test_overdue_dues_are_for_those_who_see_money(session, dana, fay):
    company = CompanyFactory(name="Halvorsen")
    InvoiceFactory(company=company, number="INV-2026-0044", due_on=TODAY - timedelta(days=92))
    InvoiceFactory(due_on=TODAY)
    session.commit()
    page = dana.get("/office/")
    assert (
        page.html.find(class_="tile", href="/office/receivables/invoices?age=overdue").b.text == "1"
    )
    assert "Halvorsen INV-2026-0044 $1,000 due 92 days ago" in page.words
    assert "Halvorsen" not in fay.get("/office/").words
