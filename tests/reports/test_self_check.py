"""Each guard is taken away, the register broken, and the check that proves it turns red."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.cli import nightly
from crm.invoices import rules
from crm.invoices.models import Invoice
from crm.journal.models import JournalEntry
from crm.kit.money import Money
from crm.mail.models import OutgoingMail
from crm.memberships import operations
from crm.projects.rules import CompanyRole, Source
from crm.reports import self_check
from crm.reports.checks import dues
from crm.reports.dues_parts import parts_on
from crm.web import clock
from tests.conftest import NOW, TODAY
from tests.factories import books as registers
from tests.factories.books import Books
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.projects import ProjectFactory, TieFactory

SQLITE = "sqlite"


@pytest.fixture
def books(session: Session) -> Books:
    made = registers.make(session)
    gone = made.start("Withdrawn", signed_on=None)
    operations.withdraw(
        session, gone, reason="Changed their mind", by=registers.DANA, now=NOW, today=TODAY
    )
    hosted = ProjectFactory(source=Source.SPONSORED)
    TieFactory(project_id=hosted.id, role=CompanyRole.HOST)
    shared = ProjectFactory(source=Source.DUES_POOL)
    for _ in range(2):
        TieFactory(project_id=shared.id, role=CompanyRole.HOST)
    session.commit()
    return made


def unguard(session: Session) -> None:
    """Take away whatever keeps rows right, until the test's transaction is rolled back, or for
    good on SQLite, whose file is put back as a whole."""
    if session.get_bind().dialect.name != SQLITE:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        named = session.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint JOIN pg_class t "
                "ON t.oid = conrelid WHERE contype IN ('c', 'x') AND t.relkind = 'r' "
                "AND conname NOT LIKE 'pg_%' AND t.relnamespace = 'public'::regnamespace"
            )
        ).all()
        for table, name in named:
            session.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        session.execute(text("DROP INDEX uq_invoice_line_instalment"))
        return
    session.execute(text("PRAGMA ignore_check_constraints = ON"))
    triggers = select(text("name FROM sqlite_master WHERE type = 'trigger'"))
    for name in session.scalars(triggers).all():
        session.execute(text(f'DROP TRIGGER "{name}"'))
    session.execute(text("DROP INDEX uq_invoice_line_instalment"))


def guard(session: Session) -> None:
    """No connection that looks away from checks goes back to where the next test takes it from."""
    session.rollback()
    engine = session.get_bind().engine
    if engine.dialect.name == SQLITE:
        engine.dispose()


def red(session: Session) -> list[str]:
    return [result.check.name for result in self_check.red(self_check.results(session, TODAY))]


def test_all_is_green_after_everything_that_operations_do(books, session):
    made = self_check.results(session, TODAY)
    assert [(r.check.name, [f.says for f in r.outcome.faults]) for r in made if not r.green] == []
    by_name = {result.check.name: result.outcome for result in made}
    assert by_name["Schedules"].count == 7
    assert by_name["Invoices"].count == 6
    assert Money(30_000_03, "EUR") in by_name["Invoices"].sums
    assert by_name["Ledger"].sums[0] == Money(13_000_03, "EUR")
    assert by_name["Money in"].count == 2


OF = "(SELECT m.id FROM membership m JOIN company c ON c.id = m.company_id WHERE c.name = '{}')"
PAID = OF.format("Paid")
INVOICE = "(SELECT min(id) FROM invoice WHERE issued_on IS NOT NULL)"
BREAKS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    (
        "an instalment of a cent more",
        "UPDATE instalment SET amount_minor = amount_minor + 1 WHERE number = 12",
        ("Instalments",),
    ),
    (
        "a share of a cent less",
        "UPDATE instalment_share SET amount_minor = amount_minor - 1 WHERE instalment_id = "
        f"(SELECT id FROM instalment WHERE number = 12 AND membership_id = {PAID})",
        ("Schedules", "Instalments"),
    ),
    (
        "an instalment that was taken away",
        "DELETE FROM instalment_share WHERE instalment_id = "
        f"(SELECT id FROM instalment WHERE number = 12 AND membership_id = {PAID})",
        ("Schedules", "Instalments"),
    ),
    (
        "a year's fee that was changed",
        f"UPDATE membership SET fee_minor = fee_minor + 100 WHERE id = {PAID}",
        ("Schedules",),
    ),
    (
        "an amendment without its reposting",
        "UPDATE amendment SET fee_minor = fee_minor - 1",
        ("Schedules",),
    ),
    (
        "a terminated term that owes more than its fee",
        "DELETE FROM instalment_reversal; UPDATE membership SET fee_minor = fee_minor - 400 "
        f"WHERE id = {OF.format('Terminated')}",
        ("Schedules",),
    ),
    (
        "an invoice of a cent more than its lines",
        f"UPDATE invoice SET net_minor = net_minor + 1 WHERE id = {INVOICE}",
        ("Invoices", "Ledger"),
    ),
    (
        "tax that is not by its rate",
        f"UPDATE invoice SET tax_basis_points = 825 WHERE id = {INVOICE}",
        ("Invoices",),
    ),
    (
        "a payment that says it is used less",
        "UPDATE payment SET allocated_minor = allocated_minor - 5 WHERE allocated_minor > 5",
        ("Payments", "Money in"),
    ),
    (
        "an invoice that says it is paid less",
        f"UPDATE invoice SET paid_minor = paid_minor - 1 WHERE id = {INVOICE}",
        ("Settled", "Ledger"),
    ),
    (
        "a credit note that was taken away",
        "DELETE FROM credit_note WHERE kind = 'credit'",
        ("Settled", "Ledger", "Numbers"),
    ),
    (
        "an invoice paid above its sum",
        f"UPDATE allocation SET amount_minor = amount_minor + 7 WHERE invoice_id = {INVOICE};"
        f"UPDATE invoice SET paid_minor = paid_minor + 7 WHERE id = {INVOICE};"
        "UPDATE payment SET allocated_minor = allocated_minor + 7, amount_minor = amount_minor + 7"
        f" WHERE id = (SELECT payment_id FROM allocation WHERE invoice_id = {INVOICE})",
        ("Settled", "Ledger"),
    ),
    (
        "a refund of which no payment knows",
        "UPDATE refund SET amount_minor = amount_minor + 1",
        ("Money in",),
    ),
    (
        "a second term in the same time",
        "UPDATE membership SET company_id = (SELECT company_id FROM membership WHERE id = "
        f"{OF.format('Voided')}) WHERE id = {OF.format('Awaiting')}",
        ("No overlap", "Seats"),
    ),
    (
        "an extension that was forgotten",
        "UPDATE membership SET extended_before = NULL WHERE extended_before IS NOT NULL",
        ("Ends of terms",),
    ),
    (
        "a termination that did not free the time",
        "UPDATE membership SET occupied_before = ends_before WHERE terminated_on IS NOT NULL",
        ("Ends of terms",),
    ),
    (
        "a number that is missing",
        "UPDATE invoice SET number = 'OTHER/3' WHERE number LIKE '%-0003'",
        ("Numbers",),
    ),
    (
        "a number given twice",
        "UPDATE invoice SET number = 'REQ-2026-00003' WHERE number = 'REQ-2026-0004'",
        ("Numbers",),
    ),
    (
        "a counter that ran ahead",
        "UPDATE counter SET last = last + 1 WHERE series = 'REQ'",
        ("Numbers",),
    ),
    (
        "a seat that no tier gives",
        "INSERT INTO seat (body_id, company_id, kind, created_at) SELECT b.id, c.id, 'own', "
        "c.created_at FROM body b, company c WHERE b.key = 'council' AND c.name = 'Seatless'",
        ("Seats",),
    ),
    (
        "two representatives at once",
        "INSERT INTO holding (seat_id, person_id, role, starts_on, created_at) "
        "SELECT seat_id, person_id, role, '2026-01-01', created_at FROM holding",
        ("Holders",),
    ),
    (
        "a parent that no day tells of",
        "UPDATE company SET parent_id = (SELECT min(id) FROM company) "
        "WHERE id = (SELECT max(id) FROM company)",
        ("Parents",),
    ),
    (
        "dues that pay for one host's project",
        "UPDATE project SET source = 'dues pool'",
        ("Projects",),
    ),
    (
        "a project that is not where its steps lead",
        "UPDATE project SET stage = 'finished'",
        ("Projects",),
    ),
    (
        "an instalment billed twice",
        "INSERT INTO invoice_line (invoice_id, position, instalment_id, description, amount_minor,"
        " released) SELECT i.invoice_id, 9, l.instalment_id, 'Again', 0, i.released FROM "
        "(SELECT invoice_id, released FROM invoice_line WHERE NOT released LIMIT 1) i, "
        "(SELECT instalment_id FROM invoice_line WHERE NOT released AND instalment_id IS NOT NULL "
        "ORDER BY id DESC LIMIT 1) l",
        ("Billed once",),
    ),
    (
        "a reversed instalment that is billed",
        "INSERT INTO instalment_reversal (instalment_id, membership_id, reversed_on, reason, "
        "by_name) SELECT i.id, membership_id, due_on, 'Oops', 'Nobody' FROM instalment i "
        f"WHERE i.number = 1 AND membership_id = {PAID}",
        ("Schedules", "Billed once"),
    ),
    (
        "lines set free without a void",
        f"UPDATE invoice_line SET released = (1 = 1) WHERE invoice_id = {INVOICE}",
        ("Billed once",),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "turns_red"),
    [pytest.param(broken, red_, id=name.replace(" ", "-")) for name, broken, red_ in BREAKS],
)
def test_what_is_broken_turns_red(books, session, broken, turns_red):
    MembershipFactory(company__name="Seatless", tier="start-up", fee_minor=0, starts_on=TODAY)
    seat = SeatFactory(company=MembershipFactory(fee_minor=0).company)
    HoldingFactory(seat=seat)
    session.commit()
    assert red(session) == []
    session.commit()
    unguard(session)
    for statement in broken.split(";"):
        session.execute(text(statement))
    try:
        assert set(red(session)) == set(turns_red)
    finally:
        guard(session)


def test_tax_in_sql_is_the_rule(books, session):
    for net in (0, 1, 5, 6, 9_999, 10_000, 12_345_67, 99_999_999_99):
        for rate in (0, 1, 50, 825, 1_950, 10_000):
            told = select(dues.tax()).where(Invoice.id == 1)
            literal = str(told.compile(compile_kwargs={"literal_binds": True}))
            asked = (
                literal.replace("invoice.net_minor", f"CAST({net} AS BIGINT)")
                .replace("invoice.tax_basis_points", str(rate))
                .split("FROM")[0]
            )
            assert session.scalar(text(asked)) == rules.tax_of(Money(net, "USD"), rate).minor


def test_imported_numbers_keep_their_gaps(books, session):
    """Below the highest that came along; what we give out after it follows without one."""
    invoice = session.scalars(select(Invoice).where(Invoice.number == "REQ-2026-0006")).one()
    unguard(session)
    session.execute(text("UPDATE invoice SET number = 'REQ-2026-0011' WHERE number LIKE '%0006'"))
    session.execute(text("UPDATE counter SET last = 11 WHERE series = 'REQ'"))
    assert red(session) == ["Numbers"]
    session.add(
        JournalEntry(
            at=NOW, actor_name="x", act="imported", kind="invoice", record_id=invoice.id, changes={}
        )
    )
    session.flush()
    assert red(session) == []
    guard(session)


def break_it(session: Session) -> None:
    """Something only a trigger keeps from happening, for good."""
    if session.get_bind().dialect.name == SQLITE:
        session.execute(text("DROP TRIGGER invoice_is_issued"))
    else:
        session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text("UPDATE invoice SET tax_basis_points = 825 WHERE number = 'REQ-2026-0001'")
    )
    session.commit()


def test_the_page_is_green_then_red_with_the_rows(books, session, dana, rea, fay, ada):
    assert "All 15 checks hold" in dana.get("/office/self-check").words
    break_it(session)
    page = rea.get("/office/self-check")
    assert "1 of 15 checks is red: Invoices" in page.words
    assert page.html.select_one('a[href="/office/invoices/REQ-2026-0001"]').text.startswith("REQ")
    fay.get("/office/self-check", status=403)
    ada.get("/office/self-check", status=403)
    assert "Self-check" in page.html.find("nav").text
    assert "Self-check" not in fay.get("/office/").html.find("nav").text


def test_the_command_says_a_line_a_check_and_fails_if_one_is_red(app, books, session):
    done = app.test_cli_runner().invoke(args=["check"])
    lines = done.stdout.splitlines()
    assert done.exit_code == 0, done.output
    assert len(lines) == len(self_check.CHECKS)
    assert all(line.startswith("green  ") for line in lines)
    break_it(session)
    done = app.test_cli_runner().invoke(args=["check"])
    assert done.exit_code == 1
    assert "RED    Invoices: 1 wrong of 6 issued invoices" in done.stdout.splitlines()
    assert "REQ-2026-0001, Paid: Lines sum to" in done.stderr


@pytest.fixture
def at_night(app, session):
    def look() -> None:
        session.commit()  # on SQLite what the test has read holds the lock
        with app.app_context():
            nightly.self_check()

    return look


def rounds(session: Session) -> list[str]:
    found = select(JournalEntry.label).where(JournalEntry.kind == "self-check")
    labels = list(session.scalars(found.order_by(JournalEntry.id)))
    session.commit()
    return labels


def test_the_round_is_made_once_a_night_and_tells_the_directors(
    books, session, dana, sam, at_night, monkeypatch
):
    at_night()
    at_night()
    assert rounds(session) == ["All 15 checks hold"]
    assert session.scalars(select(OutgoingMail)).all() == []
    break_it(session)
    at_night()
    assert len(rounds(session)) == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    at_night()
    at_night()
    assert rounds(session)[1:] == ["1 of 15 checks is red: Invoices"]
    (letter,) = session.scalars(select(OutgoingMail)).all()
    assert letter.to == dana.viewer.email
    assert letter.subject == "Self-check: 1 of 15 checks is red: Invoices"
    assert "http://127.0.0.1:8000/office/self-check" in letter.body
    assert "Last nightly round" in dana.get("/office/self-check").words


def test_not_before_two_and_one_of_two_workers(books, session, at_night, monkeypatch, app):
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=1, minute=59))
    at_night()
    assert rounds(session) == []
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=2, minute=0))
    with app.app_context():
        assert nightly._leased()  # another worker has begun
    at_night()
    assert rounds(session) == []
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=2, minute=16))  # and has died
    at_night()
    assert rounds(session) == ["All 15 checks hold"]


def test_a_check_that_breaks_off_does_not_stop_the_worker(
    books, session, at_night, monkeypatch, caplog
):
    def broken(session, day):
        raise ZeroDivisionError

    monkeypatch.setattr(self_check, "results", broken)
    at_night()
    assert "the nightly self-check broke off" in caplog.text
    assert rounds(session) == []


def test_parts_in_sql_are_settled_as_the_rule_says(books, session):
    """Paid first, then credited; the earliest membership year first, tax last."""
    parts = parts_on(TODAY)
    split = session.execute(
        select(parts.c.invoice_id, parts.c.amount, parts.c.paid, parts.c.credited).order_by(
            parts.c.invoice_id, parts.c.kind, parts.c.year
        )
    ).all()
    by_invoice: dict[int, list] = defaultdict(list)
    for invoice_id, *part in split:
        by_invoice[invoice_id].append(part)
    invoices = session.scalars(select(Invoice).where(Invoice.issued_on.is_not(None))).all()
    assert {invoice.id for invoice in invoices} == set(by_invoice)
    for invoice in invoices:
        amounts = [amount for amount, _, _ in by_invoice[invoice.id]]
        assert sum(amounts) == invoice.total_minor
        paid = rules.earliest_first(amounts, invoice.paid_minor)
        both = rules.earliest_first(amounts, invoice.paid_minor + invoice.credited_minor)
        assert [p for _, p, _ in by_invoice[invoice.id]] == paid
        assert [c for _, _, c in by_invoice[invoice.id]] == [
            b - p for b, p in zip(both, paid, strict=True)
        ]
