"""The ladder of reminders: no step is left out, none goes out twice, and a person releases each."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.invoices import reminders
from crm.invoices.lateness import Step, Tone, next_step, tone_of
from crm.invoices.models import BillingProfile, Invoice, Reminder
from crm.invoices.rules import Blocker
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import NotFound
from crm.mail.models import OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.invoices import InvoiceFactory

SAM = Actor(1, "Sam Okafor")
LADDER = (7, 21, 45)
DUE = date(2026, 5, 1)
TO = "ap@halvorsen.example"


@pytest.mark.parametrize(
    ("last", "last_on", "expected"),
    [
        (0, None, Step(1, date(2026, 5, 8))),
        (1, date(2026, 5, 8), Step(2, date(2026, 5, 22))),
        (1, date(2026, 6, 10), Step(2, date(2026, 6, 24))),  # the first one went out late
        (2, date(2026, 5, 22), Step(3, date(2026, 6, 15))),
        (3, date(2026, 6, 15), None),
    ],
)
def test_steps_follow_on_each_other(last, last_on, expected):
    assert next_step(DUE, LADDER, last=last, last_on=last_on) == expected


def test_they_speak_more_firmly_from_step_to_step():
    assert [tone_of(step, 3) for step in (1, 2, 3)] == [Tone.FRIENDLY, Tone.FIRM, Tone.FINAL]
    assert tone_of(1, 1) is Tone.FRIENDLY


def overdue(late=7, **more):
    return InvoiceFactory(
        issued_on=date(2025, 12, 1),
        due_on=TODAY - timedelta(days=late),
        **{"bill_to_email": TO, **more},
    )


def release(session, *chosen, today=TODAY):
    return reminders.release(session, chosen, by=SAM, now=NOW, today=today)


def test_one_is_released_recorded_and_posted_once(session):
    invoice = overdue(net_minor=1_234_567_89, po_number="PO 77")
    released, held = release(session, (invoice.id, 1))
    assert (len(released), held) == (1, [])
    letter = session.scalars(select(OutgoingMail)).one()
    assert (letter.to, letter.about_kind, letter.about_id) == (TO, "invoice", invoice.id)
    for words in (invoice.number, "USD 1,234,567.89", "June 8, 2026", "PO 77", "December 1, 2025"):
        assert words in letter.body
    assert "Still open" not in letter.body
    again, held = release(session, (invoice.id, 1))
    assert again == []
    assert held == [f"Reminder 1 for {invoice.number} has gone out already."]
    assert len(session.scalars(select(OutgoingMail)).all()) == 1
    session.flush()
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "reminder")).one()
    assert (entry.parent_kind, entry.parent_id) == ("invoice", invoice.id)


def test_the_next_step_waits_for_its_day_and_speaks_firmly(session):
    invoice = overdue(late=60)
    release(session, (invoice.id, 1))
    released, (held,) = release(session, (invoice.id, 2))
    assert released == []
    assert "The next step is due on June 29, 2026" in held
    later = TODAY + timedelta(days=14)
    assert release(session, (invoice.id, 2), today=later)[0]
    bodies = session.scalars(select(OutgoingMail.body).order_by(OutgoingMail.id)).all()
    assert ["thank-you" in body for body in bodies] == [True, False]
    assert "written to you about it before" in bodies[1]
    assert release(session, (invoice.id, 3), today=later + timedelta(days=24))[0]
    last = session.scalars(select(OutgoingMail.body).order_by(OutgoingMail.id.desc())).first()
    assert "within ten days" in last
    (one,) = reminders.on_ladder(session, later + timedelta(days=300))
    assert (one.step, one.held) == (None, "Every reminder has gone out.")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"blocker": Blocker.DISPUTE, "blocker_note": "Wrong tier"}, "disputes it: Wrong tier"),
        ({"promised_on": TODAY}, "promised for June 15, 2026"),
        ({"bill_to_email": None}, "Nobody knows where to send it"),
        ({"late": 6}, "due on June 16, 2026"),
    ],
)
def test_what_holds_one_back_is_told(session, facts, why):
    invoice = overdue(**facts)
    (one,) = reminders.on_ladder(session, TODAY)
    assert why in one.held
    released, (held,) = release(session, (invoice.id, 1))
    assert released == []
    assert why in held
    assert session.scalar(select(OutgoingMail)) is None


def test_it_goes_to_the_company_s_present_address(session):
    """Also where nobody had one when the invoice was issued, which is not edited any more."""
    for known in (TO, None):
        invoice = overdue(10, bill_to_email=known)
        session.add(BillingProfile(id=invoice.company_id, email="new@halvorsen.example"))
        session.flush()
        one = reminders.of_invoice(session, invoice.id, TODAY)
        assert (one.to, one.held) == ("new@halvorsen.example", "")


def test_a_promise_that_has_passed_and_another_blocker_hold_nothing_back(session):
    overdue(promised_on=TODAY - timedelta(days=1), blocker=Blocker.PURCHASE_ORDER)
    (one,) = reminders.on_ladder(session, TODAY)
    assert one.held == ""


def test_a_company_is_left_alone_and_taken_up_again(session):
    invoice = overdue()
    reminders.stop(session, invoice.company_id, reason="In talks", today=TODAY)
    assert "stopped since June 15, 2026: In talks" in release(session, (invoice.id, 1))[1][0]
    with pytest.raises(reminders.AlreadyStopped):
        reminders.stop(session, invoice.company_id, reason="Again", today=TODAY)
    reminders.take_up(session, invoice.company_id)
    assert session.get_one(BillingProfile, invoice.company_id).no_reminders_reason is None
    assert release(session, (invoice.id, 1))[0]
    with pytest.raises(reminders.AlreadyStopped):
        reminders.take_up(session, invoice.company_id)
    with pytest.raises(NotFound):
        reminders.stop(session, 12345, reason="?", today=TODAY)


def test_what_is_paid_drafted_or_not_due_is_not_reminded_of(session):
    paid = overdue()
    paid.paid_minor = paid.net_minor
    InvoiceFactory(drafted=True, due_on=date(2026, 1, 1))
    InvoiceFactory(due_on=TODAY)
    session.flush()
    assert reminders.on_ladder(session, TODAY) == []
    assert release(session, (paid.id, 1)) == (
        [],
        ["One of these invoices is not overdue any more."],
    )
    with pytest.raises(NotFound):
        reminders.of_invoice(session, paid.id, TODAY)


def test_the_database_itself_refuses_a_second_one_for_a_step(session):
    invoice = overdue()
    facts = {"invoice_id": invoice.id, "step": 1, "released_on": TODAY, "to": TO, "by_name": "Sam"}
    session.add(Reminder(**facts))
    session.flush()
    session.add(Reminder(**facts))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.scalar(select(Invoice.id)) is None
