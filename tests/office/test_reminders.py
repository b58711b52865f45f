"""Reminders: read, ticked, released; stopped for a company and taken up again."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from crm.invoices.models import Reminder
from crm.invoices.rules import Blocker
from crm.mail.models import OutgoingMail
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory

REMINDERS = "/office/receivables/reminders"


@pytest.fixture
def late(session):
    facts = {"issued_on": date(2026, 2, 1), "due_on": date(2026, 3, 15)}
    first = InvoiceFactory(
        company=CompanyFactory(name="Halvorsen"), bill_to_email="ap@halvorsen.example", **facts
    )
    second = InvoiceFactory(
        company=CompanyFactory(name="Casco"), bill_to_email="ap@casco.example", **facts
    )
    InvoiceFactory(company=CompanyFactory(name="Verano"), blocker=Blocker.DISPUTE, **facts)
    known = [
        SimpleNamespace(id=i.id, number=i.number, company_id=i.company_id) for i in (first, second)
    ]
    session.commit()
    return known


def test_those_ticked_go_out_and_no_others(late, session, sam):
    first, second = late
    page = sam.get(REMINDERS)
    assert [box["value"] for box in page.html.find_all("input", type="checkbox")] == [
        f"{first.id}:1",
        f"{second.id}:1",
    ]
    sam.post(f"{REMINDERS}/release", {"chosen": [f"{first.id}:1"]})
    assert session.scalars(select(OutgoingMail.to)).all() == ["ap@halvorsen.example"]
    session.rollback()
    assert "1 reminder goes out" in sam.get(REMINDERS).words
    sam.post(f"{REMINDERS}/release", {"chosen": [f"{first.id}:1", f"{second.id}:1"]})
    words = sam.get(REMINDERS).words
    assert f"Reminder 1 for {first.number} has gone out already." in words
    assert len(session.scalars(select(Reminder.id)).all()) == 2


def test_the_letter_is_read_before_it_goes_and_recorded_after(late, session, dana):
    first, _ = late
    page = dana.get(f"{REMINDERS}/{first.id}")
    assert "which was due on March 15, 2026" in page.words
    assert "Release this letter" in page.words
    dana.post(f"{REMINDERS}/release", {"chosen": page.hidden()["chosen"]})
    after = dana.get(f"{REMINDERS}/{first.id}")
    assert "Step 1 ap@halvorsen.example, released by Dana Whitfield" in after.words
    assert "Held back. The next step is due on" in after.words
    assert "Release this letter" not in after.words


def test_a_company_is_left_alone_with_a_reason(late, sam):
    first, _ = late
    address = f"{REMINDERS}/companies/{first.company_id}"
    sam.post(f"{address}/stop", {"reason": ""}, status=422)
    sam.post(f"{address}/stop", {"reason": "The director talks to them"})
    assert "The director talks to them" in sam.get(f"{REMINDERS}?show=held").words
    sam.post(f"{address}/stop", {"reason": "Again"}, status=422)
    sam.post(f"{address}/take-up")
    assert "The director talks" not in sam.get(f"{REMINDERS}?show=held").words


def test_nothing_ticked_and_nonsense_release_nothing(late, session, sam):
    for chosen in ([], ["x"], ["12"], ["1:2:3"], ["99999999999:1"], ["٣:1"]):
        sam.post(f"{REMINDERS}/release", {"chosen": chosen})
    assert session.scalar(select(Reminder.id)) is None
    sam.get(f"{REMINDERS}?show=all", status=400)


def test_who_only_reads_releases_nothing(late, session, rea, fay, ada):
    first, _ = late
    assert "Release" not in rea.get(REMINDERS).words
    assert "Release this letter" not in rea.get(f"{REMINDERS}/{first.id}").words
    rea.post(f"{REMINDERS}/release", {"chosen": f"{first.id}:1"}, status=403)
    for who in (fay, ada):
        who.get(REMINDERS, status=403)
        who.get(f"{REMINDERS}/{first.id}", status=403)
    assert session.scalar(select(OutgoingMail.id)) is None
