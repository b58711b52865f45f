"""How long a hundred invoices take as PDF: in one process, and one alone in its own."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from crm.reports import bills

INVOICE: dict[str, Any] = {
    "programme": "Manufacturing@MIT",
    "address": "Industry Alliance\nMassachusetts Institute of Technology",
    "title": "Invoice",
    "to_label": "Bill to",
    "to_name": "Northlake Turbine Works, Inc.",
    "to_address": "Accounts payable\n12 Mill Road\nToledo, Ohio 43604",
    "line_label": "Description",
    "amount_label": "Amount (USD)",
    "lines": [("Founding membership, year 2 of 3 (July 1, 2026 to June 30, 2027)", "500,000.00")],
    "sums": [("Subtotal", "500,000.00"), ("Tax (0 %)", "0.00")],
    "total": ("Amount due (USD)", "500,000.00"),
    "notes": [("Remit to", "Please name the invoice number with your payment.")],
}


def numbered(place: int) -> dict[str, Any]:
    number = f"INV-2026-{place:04d}"
    facts = [("Number", number), ("Date", "Jun 1, 2026"), ("Purchase order", "4500012345")]
    return {**INVOICE, "number": number, "foot": f"Invoice {number}", "facts": facts}


def main() -> None:
    begun = perf_counter()
    made = bills.typeset([numbered(place) for place in range(100)])
    together = perf_counter() - begun
    begun = perf_counter()
    for place in range(5):
        bills.typeset([numbered(place)])
    alone = (perf_counter() - begun) / 5
    print(f"{len(made)} invoices in one process: {together:.2f} s; one alone: {alone:.2f} s")


if __name__ == "__main__":
    main()
