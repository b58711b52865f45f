"""Plans, next steps and notices of a renewal."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from crm.activities import operations as activities
from crm.activities.operations import NewTask
from crm.invoices.models import BillingProfile
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.money import Money
from crm.mail.models import OutgoingMail
from crm.memberships import queries as memberships
from crm.retention import operations, queries
from crm.retention.operations import NoRenewal, Plan, StepOpen
from crm.retention.rules import NoticeKind
from tests.conftest import NOW, TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    UserFactory,
)
from tests.factories.memberships import MembershipFactory, tier

SAM = Actor(1, "Sam Okafor")
EDGE = {"by": SAM, "now": NOW, "today": TODAY}


@pytest.fixture
def term(session):
    """Until December 31, 2026."""
    company = CompanyFactory(name="Verano", owner_id=UserFactory().id)
    made = MembershipFactory(company=company, starts_on=date(2024, 1, 1), years=3, notice_days=90)
    return memberships.get(session, made.id)


def test_a_plan_is_written_once_and_changed_by_who_saw_it(session, term):
    wanted = Plan(
        likelihood=60, note="The CFO decides", proposed_tier_id=tier("founding").id,
        proposed_fee=Money(300_000_00, "USD"),
    )  # fmt: skip
    operations.plan(session, term, wanted, version=0)
    known = queries.plan_of(session, term.id)
    assert (known.likelihood, known.proposed_tier.name, known.version) == (60, "Founding", 2)
    with pytest.raises(Stale) as refused:
        operations.plan(session, term, Plan(likelihood=10), version=0)
    assert refused.value.theirs["Likelihood"] == "60 %"
    operations.plan(session, term, Plan(likelihood=0), version=known.version)
    assert (known.likelihood, known.proposed_fee_minor) == (0, None)
    with pytest.raises(Stale):
        operations.plan(session, term, Plan(), version=1)
    entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "renewal plan"))
    assert {(e.parent_kind, e.parent_id) for e in entries} == {("membership", term.id)}


@pytest.mark.parametrize(
    "wanted", [Plan(likelihood=101), Plan(likelihood=-1), Plan(proposed_fee=Money(1, "EUR"))]
)
def test_a_plan_that_cannot_be_is_refused(session, term, wanted):
    with pytest.raises(RuleBroken):
        operations.plan(session, term, wanted, version=0)
    assert queries.plan_of(session, term.id) is None


def test_an_unsigned_term_has_no_renewal(session):
    draft = memberships.get(session, MembershipFactory(drafted=True).id)
    with pytest.raises(NoRenewal):
        operations.plan(session, draft, Plan(), version=0)
    with pytest.raises(NoRenewal):
        operations.take_step(session, draft, NewTask(title="Call", due_on=TODAY), by=SAM, now=NOW)
    with pytest.raises(NoRenewal):
        operations.release_notice(session, draft, NoticeKind.CHAMPION, **EDGE)


def test_one_next_step_at_a_time_and_it_is_the_managers(session, term):
    first = operations.take_step(
        session, term, NewTask(title="Send the dossier", due_on=TODAY), by=SAM, now=NOW
    )
    assert (first.company_id, first.owner_id) == (term.company_id, term.company.owner_id)
    with pytest.raises(StepOpen):
        operations.take_step(session, term, NewTask(title="Call", due_on=TODAY), by=SAM, now=NOW)
    activities.complete(session, first, on=TODAY)
    again = operations.take_step(
        session, term, NewTask(title="Call", due_on=TODAY), by=SAM, now=NOW
    )
    assert queries.plan_of(session, term.id).task_id == again.id


def champion(company, email="chief@verano.example", **more):
    job = AffiliationFactory(company=company, champion=True, **more)
    AddressFactory(person=job.person, email=email)
    return job.person


def test_the_notices_go_to_the_champion_and_to_who_pays_each_once(session, term):
    name = champion(term.company).name
    session.add(BillingProfile(id=term.company_id, email="ap@verano.example"))
    operations.plan(session, term, Plan(proposed_fee=Money(275_000_00, "USD")), version=0)
    for kind in NoticeKind:
        operations.release_notice(session, term, kind, **EDGE)
        with pytest.raises(NoRenewal):
            operations.release_notice(session, term, kind, **EDGE)
    first, second = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
    assert (first.to, second.to) == ("chief@verano.example", "ap@verano.example")
    for words in (
        name,
        "December 31, 2026",
        "January 1, 2027",
        "USD 275,000.00",
        "Sam Okafor",
        "by October 3, 2026",
    ):
        assert words in first.body
    assert "This is no invoice" in second.body
    assert set(queries.notices_of(session, term.id)) == set(NoticeKind)
    acts = session.scalars(select(JournalEntry.act).where(JournalEntry.kind == "membership"))
    assert acts.all().count("renewal notice released") == 2


def test_whoever_left_gets_none_and_the_page_can_say_so(session, term):
    champion(term.company, ends_before=date(2026, 3, 1))
    with pytest.raises(NoRenewal, match="Name a champion first"):
        operations.draft_notice(session, term, NoticeKind.CHAMPION, by=SAM, today=TODAY)
    with pytest.raises(NoRenewal, match="no billing contact"):
        operations.draft_notice(session, term, NoticeKind.BILLING, by=SAM, today=TODAY)
    job = AffiliationFactory(company=term.company, billing=True)
    AddressFactory(person=job.person, email="bills@verano.example")
    letter = operations.draft_notice(session, term, NoticeKind.BILLING, by=SAM, today=TODAY)
    assert letter.to == "bills@verano.example"
    assert letter.facts["fee"] == "USD 250,000.00"
