"""Ten thousand memberships and a hundred thousand invoices: what their pages take, and a hundred
of them as PDF.

Each page is to take at most 300 ms; the whole of it is measured as a person waits for it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from datetime import date

from bench.client import Client
from bench.seed import EDITABLE, Rows, Target, filled
from bench.server import ROOT
from crm.invoices.rules import InvoicingWay
from crm.kit.periods import months_after
from crm.memberships.rules import DuesFrequency

MEMBERSHIPS, INSTALMENTS, BILLED = 10_000, 12, 10
STARTS = date(2024, 1, 1)
FEE, DUE = 40_000_000, 10_000_000
LATE = 7
"""Of so many companies one has not paid its last two."""
MOST_SECONDS, MOST_FOR_PAPERS = 0.3, 5.0
ROUNDS = 7
PAGES = (
    "/office/receivables",
    "/office/receivables?as_of=2025-06-30",
    "/office/receivables/invoices",
    "/office/invoices",
    "/office/invoices?state=overdue",
    "/office/invoices/to-bill",
    "/office/payments",
    "/office/memberships",
    "/office/renewals",
    "/office/memberships/5000",
)


def seed(database_url: str) -> None:
    """Beside the companies that are there: their first 60 memberships stay as they are."""
    with filled(database_url) as target:
        first = max(target.ids("SELECT max(id) FROM membership")) + 1
        _memberships(target, range(first, MEMBERSHIPS + 1))
        _invoices(target, range(first, MEMBERSHIPS + 1))


def measure(client: Client) -> None:
    print(f"  {MEMBERSHIPS:,} memberships, {MEMBERSHIPS * BILLED:,} invoices")
    for path in PAGES:
        client.get(path)
        answers = [client.get(path) for _ in range(ROUNDS)]
        took = statistics.median(answer.seconds for answer in answers)
        status = {answer.status for answer in answers}
        said = "reached" if took <= MOST_SECONDS and status == {200} else f"missed {status}"
        print(f"  {path:38} {1000 * took:5.0f} ms  {said}", flush=True)


def papers() -> None:
    """In a process of its own: what draws them is not loaded by what measures the rest."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bench.papers"], check=True, cwd=ROOT)
    took = time.perf_counter() - began
    print(f"  with its start: {took:.1f} s  {'reached' if took <= MOST_FOR_PAPERS else 'missed'}")


def _memberships(target: Target, numbers: range) -> None:
    (tier,) = target.ids("SELECT id FROM tier WHERE founding ORDER BY id LIMIT 1")
    target.copy(
        "membership",
        "id company_id tier_id",
        ((n, n, tier) for n in numbers),
        founding=False,
        fee_minor=FEE,
        currency="USD",
        dues_frequency=DuesFrequency.QUARTERLY.value,
        grace_days=60,
        grace_votes=False,
        starts_on=str(STARTS),
        ends_before="2027-01-01",
        occupied_before="2027-01-01",
        drafted_on="2023-11-01",
        released_on="2023-11-02",
        company_signed_on="2023-11-20",
        programme_signed_on="2023-11-28",
        **EDITABLE,
    )
    due = [str(months_after(STARTS, 3 * place)) for place in range(INSTALMENTS)]

    def instalments() -> Rows:
        for n in numbers:
            for place in range(INSTALMENTS):
                yield _place(n, place), n, place + 1, place // 4 + 1, due[place]

    told = {"amount_minor": DUE, "currency": "USD"}
    target.copy(
        "instalment", "id membership_id number membership_year due_on", instalments(), **told
    )
    shares = ((id_, year) for id_, _, _, year, _ in instalments())
    target.copy("instalment_share", "instalment_id year", shares, amount_minor=DUE)


def _invoices(target: Target, numbers: range) -> None:
    """One for each of the first instalments, a payment for nearly each. Lines before invoices: to
    an issued one the database adds none."""
    issued = [str(months_after(STARTS, 3 * place - 1)) for place in range(BILLED)]
    due = [str(months_after(STARTS, 3 * place)) for place in range(BILLED)]
    every = [(n, place, _place(n, place)) for n in numbers for place in range(BILLED)]
    paid = [one for one in every if one[0] % LATE or one[1] < BILLED - 2]
    settled = {id_ for _, _, id_ in paid}
    by = {"by_name": "Dana Whitfield"}
    target.copy(
        "invoice_line",
        "id invoice_id instalment_id",
        ((id_, id_, id_) for _, _, id_ in every),
        position=1,
        description="Membership",
        amount_minor=DUE,
        released=False,
    )
    target.copy(
        "invoice",
        "id company_id membership_id number issued_on due_on paid_minor",
        (
            (id_, n, n, f"INV-{id_}", issued[place], due[place], DUE if id_ in settled else 0)
            for n, place, id_ in every
        ),
        way=InvoicingWay.CENTRAL.value,
        currency="USD",
        net_minor=DUE,
        tax_minor=0,
        tax_basis_points=0,
        credited_minor=0,
        bill_to_name="Accounts payable",
        **{**EDITABLE, **by},
    )
    target.copy(
        "payment",
        "id company_id received_on",
        ((id_, n, due[place]) for n, place, id_ in paid),
        amount_minor=DUE,
        currency="USD",
        allocated_minor=DUE,
        **{**EDITABLE, **by},
    )
    target.copy(
        "allocation",
        "id payment_id invoice_id allocated_on",
        ((id_, id_, id_, due[place]) for _, place, id_ in paid),
        amount_minor=DUE,
        **by,
    )


def _place(membership: int, place: int) -> int:
    """The id of an instalment, and of what follows from it; clear of those seeded before."""
    return 1_000 + membership * INSTALMENTS + place
