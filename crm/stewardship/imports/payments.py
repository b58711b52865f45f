"""Payments from a file, and what they settle. Key: company, day, amount and reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from crm.invoices import payments
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Payment
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.stewardship.imports.acts import ActsImport, Rows
from crm.stewardship.imports.columns import Line


@dataclass(frozen=True, kw_only=True)
class CameIn:
    """`invoice_ids`: what it settles, in this order, as far as it goes."""

    company_id: int
    received_on: date
    amount: Money
    reference: str | None
    invoice_ids: tuple[int, ...]


class PaymentsImport(ActsImport[CameIn]):
    """Known ones stay as they are; what is more than is owed stays as the company's credit."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        session = rows.session
        self._there: Counter[tuple[Any, ...]] = Counter(
            tuple(row)
            for row in session.execute(
                select(
                    Payment.company_id,
                    Payment.received_on,
                    Payment.amount_minor,
                    Payment.currency,
                    Payment.reference,
                )
            )
        )
        self._invoices: dict[str, tuple[int, int]] = {}
        numbers = select(Invoice.finance_number, Invoice.number, Invoice.id, Invoice.company_id)
        for finance_number, number, id_, company_id in session.execute(
            numbers.where(Invoice.issued_on.is_not(None))
        ):
            for known in (finance_number, number):  # ours comes first
                if known:
                    self._invoices[known] = (id_, company_id)

    def draft(self, line: Line) -> CameIn | None:
        rows = self.rows
        settles = self._settles(line)
        company_id = self._company(line, settles)
        currency, received_on = rows.code(line), line.get("received_on")
        amount = rows.money(line, "amount", line.get("amount"), currency) if currency else None
        if settles is None or company_id is None or amount is None or received_on is None:
            return None
        reference = line.get("reference")
        key = (company_id, received_on, amount.minor, amount.currency, reference)
        if self._there[key]:
            self._there[key] -= 1
            rows.report.unchanged += 1
            return None
        return CameIn(
            company_id=company_id,
            received_on=received_on,
            amount=amount,
            reference=reference,
            invoice_ids=tuple(id_ for id_, _ in settles),
        )

    def act(self, line: Line, draft: CameIn, *, by: Actor, now: datetime) -> None:
        session = self.rows.session
        invoices = [session.get_one(Invoice, id_) for id_ in draft.invoice_ids]
        of_its_currency = [i for i in invoices if i.currency == draft.amount.currency]
        if len(of_its_currency) < len(invoices):
            raise payments.UnfitPayment(
                f"The invoice is not in {draft.amount.currency}.", field="invoices"
            )
        settles = payments.spread(draft.amount, invoices)
        payments.receive(
            session,
            draft.company_id,
            draft.amount,
            received_on=draft.received_on,
            reference=draft.reference,
            settles=settles,
            by=by,
            now=now,
            today=self.rows.today,
        )
        used = sum(part.minor for part in settles.values())
        if draft.invoice_ids and used < draft.amount.minor:
            self.rows.warn(
                line, "invoices", "More than is owed: the rest stays as the company’s credit."
            )

    def _settles(self, line: Line) -> Sequence[tuple[int, int]] | None:
        """The invoices a row names; None if one is not known."""
        found = []
        for number in line.get("invoices") or ():
            if number not in self._invoices:
                self.rows.sheet.fault(
                    line, "invoices", f"No issued invoice has the number {number}."
                )
                return None
            found.append(self._invoices[number])
        return found

    def _company(self, line: Line, settles: Sequence[tuple[int, int]] | None) -> int | None:
        """Named, or told by the invoices."""
        if settles and not line.get("company") and not line.get("domains"):
            return settles[0][1]
        company_id = self.rows.company(line)
        if company_id is not None and any(owner != company_id for _, owner in settles or ()):
            self.rows.sheet.fault(line, "invoices", "This invoice is another company’s.")
        return company_id
