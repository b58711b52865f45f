"""From a due instalment to an issued invoice, and what takes it back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.invoices import billing, credits, duty, lines, queries, schedules
from crm.invoices.billing import BillTo
from crm.invoices.credits import NotCreditable
from crm.invoices.lines import AlreadyIssued, Charge, NotBillable
from crm.invoices.models import BillingProfile, CreditNote, Invoice, InvoiceLine
from crm.invoices.rules import CreditKind, InvoicingWay
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, Stale
from crm.kit.money import Money
from crm.memberships import operations
from crm.memberships.rules import DuesFrequency
from crm.programme.models import Programme
from tests.conftest import NOW, TODAY
from tests.enrolment.test_changes import signed, ties_out
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory
from tests.factories.memberships import MembershipFactory

DANA = Actor(1, "Dana Whitfield")
EDGE: dict[str, Any] = {"by": DANA, "now": NOW, "today": TODAY}


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def invoicing(session: Session, **told: Any) -> None:
    """What [dues] of the programme's file says."""
    programme = session.scalars(select(Programme)).one()
    programme.facts = {**programme.facts, "dues": {**programme.facts["dues"], **told}}
    session.flush()


def drop(session: Session, invoice: Invoice, line_id: int, *, version: int) -> None:
    billing.drop_line(session, invoice, line_id, version=version, by=DANA, today=TODAY)


def first_due(session: Session, **more: Any) -> int:
    return queries.schedule_of(session, signed(session, **more).id)[0].id


def test_a_due_instalment_becomes_an_invoice_in_words_and_sums(session: Session):
    invoicing(session, invoicing="own", tax_basis_points=825, payment_days=30)
    invoice = billing.bill(
        session,
        [first_due(session)],
        charges=[Charge(description="Badges", amount=usd(99))],
        **EDGE,
    )
    number = billing.issue(session, invoice, **EDGE)
    assert number == "INV-2026-0001"
    kept = queries.numbered(session, number)
    assert [line.description for line in kept.lines] == [
        "Member membership, year 1 of 3 (October 1, 2025 to September 30, 2026)",
        "Badges",
    ]
    assert (kept.net_minor, kept.tax_minor) == (25_000_099, 2_062_508)
    assert kept.total == usd(27_062_607)
    assert (kept.issued_on, kept.due_on) == (TODAY, date(2026, 7, 15))
    assert queries.schedule_of(session, kept.membership_id or 0)[0].invoice_number == number


def test_a_year_that_is_paid_in_parts_says_which_part(session: Session):
    term = signed(session, frequency=DuesFrequency.HALF_YEARLY)
    dues = [due.id for due in queries.schedule_of(session, term.id)[:2]]
    draft = billing.bill(session, dues, **EDGE)
    said = [line.description for line in queries.get(session, draft.id).lines]
    assert said == [
        "Member membership, year 1 of 3 (October 1, 2025 to September 30, 2026), instalment of "
        f"{day}"
        for day in ("October 1, 2025", "April 1, 2026")
    ]


def test_centrally_it_is_a_request_and_gets_the_finance_office_s_number(session: Session):
    request = billing.bill(session, [first_due(session)], **EDGE)
    assert request.way is InvoicingWay.CENTRAL
    with pytest.raises(NotBillable, match="Only a billing request"):
        billing.record_finance(session, request, number="F-1", invoiced_on=TODAY)
    assert billing.issue(session, request, **EDGE) == "REQ-2026-0001"
    billing.record_finance(session, request, number="F-1", invoiced_on=TODAY)
    other = InvoiceFactory(central=True)
    with pytest.raises(NotBillable, match="number already"):
        billing.record_finance(session, other, number="F-1", invoiced_on=TODAY)


def test_numbers_follow_on_each_other_by_series_and_year(session: Session):
    told = [
        billing.next_number(session, series, year)
        for series, year in (("INV", 2026), ("INV", 2026), ("CN", 2026), ("INV", 2027))
    ]
    assert told == ["INV-2026-0001", "INV-2026-0002", "CN-2026-0001", "INV-2027-0001"]
    with pytest.raises(IntegrityError, match="counter_counts"):
        session.execute(text("UPDATE counter SET last = last + 2"))


def test_what_is_not_owed_is_not_billed(session: Session):
    unsigned = MembershipFactory(unsigned=True)
    schedules.plan_dues(session, unsigned)
    with pytest.raises(NotBillable, match="not signed"):
        billing.bill(session, [queries.schedule_of(session, unsigned.id)[0].id], **EDGE)
    due = first_due(session)
    billing.bill(session, [due], **EDGE)
    with pytest.raises(NotBillable, match="billed already"):
        billing.bill(session, [due], **EDGE)
    with pytest.raises(NotBillable, match="one membership"):
        billing.bill(session, [first_due(session), first_due(session)], **EDGE)


def test_a_company_that_insists_on_a_purchase_order_gets_none_without(session: Session):
    company = CompanyFactory()
    session.add(BillingProfile(id=company.id, po_required=True, email="ap@northlake.example"))
    session.flush()
    invoice = billing.bill(session, [first_due(session, company=company)], **EDGE)
    with pytest.raises(NotBillable, match="purchase order"):
        billing.issue(session, invoice, **EDGE)
    to = BillTo(name="Accounts payable", po_number="PO 7", email=invoice.bill_to_email)
    billing.edit_draft(session, invoice, to, due_on=date(2026, 8, 1), version=invoice.version)
    billing.issue(session, invoice, **EDGE)
    assert (invoice.po_number, invoice.due_on) == ("PO 7", date(2026, 8, 1))
    with pytest.raises(AlreadyIssued):
        billing.edit_draft(session, invoice, to, due_on=TODAY, version=invoice.version)


def test_two_who_edit_one_draft_are_told(session: Session):
    draft = InvoiceFactory(drafted=True)
    with pytest.raises(Stale):
        billing.edit_draft(
            session, draft, BillTo(name="X"), due_on=TODAY, version=draft.version - 1
        )


def test_the_days_to_pay_count_from_the_issue(session: Session):
    """A draft that lay for weeks is due no sooner; a later day that was agreed stays."""
    lay, ahead = (billing.bill(session, [first_due(session)], **EDGE) for _ in range(2))
    assert lay.due_on == date(2026, 7, 15)
    ahead.due_on = date(2027, 1, 1)
    later: dict[str, Any] = {**EDGE, "today": date(2026, 7, 14)}
    for invoice in (lay, ahead):
        billing.issue(session, invoice, **later)
    assert (lay.due_on, ahead.due_on) == (date(2026, 8, 13), date(2027, 1, 1))


def test_a_draft_gains_and_loses_lines(session: Session):
    invoicing(session, tax_basis_points=1_000)
    due = first_due(session)
    draft = billing.bill(session, [due], **EDGE)
    seen = draft.version
    added = lines.add(session, draft, Charge(description="Badges", amount=usd(1_000)), version=seen)
    assert (added.position, draft.total) == (2, usd(27_501_100))
    with pytest.raises(Stale):
        drop(session, draft, added.id, version=seen)
    (of_dues, _) = queries.get(session, draft.id).lines
    drop(session, draft, of_dues.id, version=draft.version)
    assert draft.total == usd(1_100)
    again = billing.bill(session, [due], **EDGE)
    with pytest.raises(NotFound):
        drop(session, draft, queries.get(session, again.id).lines[0].id, version=draft.version)
    drop(session, draft, added.id, version=draft.version)
    with pytest.raises(NotBillable, match="asks for nothing"):
        billing.issue(session, draft, **EDGE)
    session.commit()


def test_a_line_of_no_sum_dropped_is_a_new_version_too(session: Session):
    """Whoever issues the draft saw it."""
    draft = InvoiceFactory(drafted=True, net_minor=0)
    seen = draft.version
    drop(session, draft, queries.get(session, draft.id).lines[0].id, version=seen)
    assert draft.version != seen


def test_lines_of_what_is_issued_stay(session: Session):
    invoice = InvoiceFactory()
    (line,) = queries.get(session, invoice.id).lines
    with pytest.raises(AlreadyIssued):
        drop(session, invoice, line.id, version=invoice.version)
    new = Charge(description="Late", amount=usd(1))
    with pytest.raises(AlreadyIssued):
        lines.add(session, invoice, new, version=invoice.version)


def test_a_charge_that_is_refused_leaves_no_draft(session: Session):
    company = CompanyFactory()
    wrong = [
        Charge(description="Workshop", amount=usd(1)),
        Charge(description="Air", amount=usd(0)),
    ]
    with pytest.raises(NotBillable):
        billing.charge(session, company.id, wrong, due_on=TODAY, by=DANA, now=NOW)
    with pytest.raises(NotBillable):
        billing.bill(session, [first_due(session)], charges=wrong, **EDGE)
    assert session.scalars(select(Invoice)).all() == []


def test_a_discarded_draft_frees_its_instalment_and_takes_no_number(session: Session):
    due = first_due(session)
    billing.discard(session, billing.bill(session, [due], **EDGE), by=DANA, today=TODAY)
    assert billing.issue(session, billing.bill(session, [due], **EDGE), **EDGE) == "REQ-2026-0001"


ISSUED_BY_ANOTHER = f"UPDATE invoice SET number = 'X-1', issued_on = '{TODAY}', version = 9"


@pytest.mark.parametrize(
    ("meanwhile", "refused"),
    [(ISSUED_BY_ANOTHER, AlreadyIssued), ("DELETE FROM invoice", NotFound)],
)
@pytest.mark.parametrize("act", ["edit", "discard", "issue", "add", "drop"])
def test_a_draft_is_read_anew_before_it_is_changed(
    session: Session, act: str, meanwhile: str, refused: type[Exception]
):
    """What somebody did to it after this session had read it."""
    draft = InvoiceFactory(drafted=True)
    (line,) = queries.get(session, draft.id).lines
    version, line_id = draft.version, line.id
    acts = {
        "edit": lambda: billing.edit_draft(
            session, draft, BillTo(name="X"), due_on=TODAY, version=version
        ),
        "discard": lambda: billing.discard(session, draft, by=DANA, today=TODAY),
        "issue": lambda: billing.issue(session, draft, **EDGE),
        "add": lambda: lines.add(
            session, draft, Charge(description="Y", amount=usd(1)), version=version
        ),
        "drop": lambda: drop(session, draft, line_id, version=version),
    }
    if meanwhile.startswith("DELETE"):
        session.execute(text("DELETE FROM invoice_line"))
    session.execute(text(meanwhile))
    with pytest.raises(refused):
        acts[act]()
    session.rollback()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE invoice SET net_minor = net_minor + 1",
        "UPDATE invoice SET due_on = '2027-01-01'",
        "UPDATE invoice SET bill_to_name = 'Another'",
        "UPDATE invoice SET number = 'INV-1'",
        "UPDATE invoice SET issued_by_id = 7",
        "UPDATE invoice SET issued_by_id = NULL",
        "DELETE FROM invoice",
        "UPDATE invoice_line SET amount_minor = 1",
        "DELETE FROM invoice_line",
        "UPDATE invoice SET paid_minor = 100001",
        "UPDATE invoice SET credited_minor = -1",
    ],
)
def test_an_issued_invoice_stays_whatever_statement_is_sent(session: Session, change: str):
    InvoiceFactory()
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(text(change))
    session.rollback()
    assert session.scalars(select(Invoice)).one().total == usd(100_000)


@pytest.mark.parametrize("minor", [0, 1])
@pytest.mark.parametrize("then", ["billed", "reversed"])
def test_what_is_billed_or_reversed_is_not_shared_anew(session: Session, then: str, minor: int):
    term = signed(session)
    due = queries.schedule_of(session, term.id)[-1].id
    if then == "billed":
        billing.bill(session, [due], **EDGE)
    else:
        schedules.release_dues(session, term, from_on=TODAY, reason="Sold", by=DANA, today=TODAY)
    with pytest.raises(IntegrityError, match="share_of_signed_added"):
        session.execute(text(f"INSERT INTO instalment_share VALUES ({due}, 1, {minor})"))
    session.rollback()


def test_no_share_goes_beyond_its_instalment_once_the_term_is_signed(session: Session):
    signed_, unsigned = signed(session), MembershipFactory(unsigned=True)
    schedules.plan_dues(session, unsigned)
    due, planned = (queries.schedule_of(session, m.id)[-1].id for m in (signed_, unsigned))
    session.execute(text(f"INSERT INTO instalment_share VALUES ({planned}, 1, 1)"))
    with pytest.raises(IntegrityError, match="share_of_signed_added"):
        session.execute(text(f"INSERT INTO instalment_share VALUES ({due}, 1, 1)"))
    session.rollback()


def test_nothing_is_credited_before_it_is_issued(session: Session):
    invoice = InvoiceFactory()
    early: dict[str, Any] = {**EDGE, "today": date(2026, 5, 31)}
    with pytest.raises(NotCreditable, match="issued on June 1, 2026"):
        credits.credit(session, invoice, usd(1), reason="Early", **early)
    session.add(
        CreditNote(
            number="CN-1", invoice_id=invoice.id, kind=CreditKind.CREDIT, amount_minor=1,
            reason="Early", issued_on=date(2026, 5, 31), by_name="Dana Whitfield",
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="credit_note_before_invoice"):
        session.flush()
    session.rollback()


def test_a_credit_note_takes_back_a_part_and_no_more_than_is_owed(session: Session):
    invoice = InvoiceFactory()
    note = credits.credit(session, invoice, usd(40_000), reason="No show", **EDGE)
    assert (note.number, note.kind, invoice.balance) == (
        "CN-2026-0001",
        CreditKind.CREDIT,
        usd(60_000),
    )
    with pytest.raises(NotCreditable, match=r"USD 600\.00 is still owed"):
        credits.credit(session, invoice, usd(60_001), reason="Too much", **EDGE)
    credits.write_off(session, invoice, reason="Insolvent", **EDGE)
    assert invoice.balance == usd(0)
    with pytest.raises(NotCreditable):
        credits.void(session, invoice, reason="Wrong", **EDGE)


def test_voiding_lets_the_instalment_be_billed_again(session: Session):
    due = first_due(session)
    invoice = billing.bill(session, [due], **EDGE)
    billing.issue(session, invoice, **EDGE)
    credits.void(session, invoice, reason="Wrong address", **EDGE)
    assert invoice.balance == usd(0)
    again = billing.bill(session, [due], **EDGE)
    assert billing.issue(session, again, **EDGE) == "REQ-2026-0002"
    session.commit()
    kept = session.scalars(select(InvoiceLine.released).order_by(InvoiceLine.id)).all()
    assert kept == [True, False]
    with pytest.raises(IntegrityError, match="invoice_line_is_let_go"):
        session.execute(text("UPDATE invoice_line SET released = (1 = 0) WHERE released"))
    session.rollback()
    note = session.scalars(select(CreditNote)).one()
    note.reason = "Another"
    with pytest.raises(IntegrityError, match="credit_note_is_for_good"):
        session.flush()
    session.rollback()


def to_bill(session: Session, before: date) -> list[int]:
    return list(session.scalars(duty.ToBill(before=before).select()))


def take_back(session: Session, invoice: Invoice, how: str) -> None:
    if how == "void":
        credits.void(session, invoice, reason="Sold", **EDGE)
    elif how == "drop":
        for line in queries.get(session, invoice.id).lines:
            drop(session, invoice, line.id, version=invoice.version)
    else:
        billing.discard(session, invoice, by=DANA, today=TODAY)


@pytest.mark.parametrize("how", ["void", "discard", "drop"])
def test_what_is_taken_back_after_the_term_ended_is_owed_no_more(session: Session, how: str):
    term = signed(session)
    this_year, next_year = (due.id for due in queries.schedule_of(session, term.id)[:2])
    invoice = billing.bill(session, [this_year, next_year], **EDGE)
    if how == "void":
        billing.issue(session, invoice, **EDGE)
    enrolment.terminate(session, term, on=date(2026, 9, 1), reason="Sold", **EDGE)
    stood = [due.id for due in queries.schedule_of(session, term.id) if not due.reversed_on]
    assert stood == [this_year, next_year]
    take_back(session, invoice, how)
    gone = {due.id: due.reason for due in queries.schedule_of(session, term.id) if due.reversed_on}
    assert this_year not in gone
    assert gone[next_year] == "Terminated: Sold"
    assert to_bill(session, date(2030, 1, 1)) == [this_year]
    enrolment.reinstate(session, term, on=TODAY, reason="Stays", **EDGE)
    assert ties_out(session, term)


def test_a_draft_of_what_is_owed_no_more_is_not_issued(session: Session):
    """It was drafted before its term was ended; without that line it may go."""
    term = signed(session)
    dues = [due.id for due in queries.schedule_of(session, term.id)]
    draft = billing.bill(session, dues[:2], **EDGE)
    enrolment.terminate(session, term, on=date(2026, 10, 1), reason="Sold", **EDGE)
    with pytest.raises(NotBillable, match="Drop that line"):
        billing.issue(session, draft, **EDGE)
    later = queries.get(session, draft.id).lines[1]
    drop(session, draft, later.id, version=draft.version)
    assert billing.issue(session, draft, **EDGE) == "REQ-2026-0001"
    assert draft.net_minor == 25_000_000


def test_nothing_is_billed_that_falls_due_after_the_end_of_its_term(session: Session):
    term = signed(session)
    dues = [due.id for due in queries.schedule_of(session, term.id)]
    operations.terminate(session, term, on=date(2026, 10, 1), reason="Sold", **EDGE)
    assert to_bill(session, date(2030, 1, 1)) == dues[:1]
    assert duty.to_be_drafted(session, today=date(2027, 10, 1), days=400) == []
    with pytest.raises(NotBillable, match="ended before"):
        billing.bill(session, dues[:2], **EDGE)


def test_other_charges_stand_alone_in_one_currency(session: Session):
    company = CompanyFactory()
    workshop = [Charge(description="Workshop", amount=usd(12_345))]
    invoice = billing.charge(
        session, company.id, workshop, due_on=date(2026, 8, 1), by=DANA, now=NOW
    )
    assert (invoice.total, invoice.membership_id) == (usd(12_345), None)
    euros = [*workshop, Charge(description="Dinner", amount=Money(1, "EUR"))]
    nothing = [Charge(description="Air", amount=usd(0))]
    with pytest.raises(NotBillable, match="in USD"):
        billing.charge(session, company.id, euros, due_on=TODAY, by=DANA, now=NOW)
    with pytest.raises(NotBillable, match="above zero"):
        billing.charge(session, company.id, nothing, due_on=TODAY, by=DANA, now=NOW)


def test_only_what_falls_due_soon_and_stands_is_to_be_billed(session: Session):
    due = first_due(session)
    signed(session, date(2026, 9, 1))
    assert to_bill(session, date(2026, 7, 1)) == [due]
    billing.bill(session, [due], **EDGE)
    assert to_bill(session, date(2026, 7, 1)) == []
