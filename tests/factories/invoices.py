"""Issued invoices without a schedule behind them: for what only needs something to be owed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factory

from crm.invoices.models import Invoice, InvoiceLine
from crm.invoices.rules import InvoicingWay
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory


class InvoiceFactory(Factory):
    """Issued on June 1, 2026, due on July 1, 1,000.00 USD, ours; `drafted=True`, `central=True`."""

    class Meta:
        model = Invoice

    class Params:
        drafted = factory.Trait(number=None, issued_on=None)
        central = factory.Trait(way=InvoicingWay.CENTRAL)

    way = InvoicingWay.OWN
    company = factory.SubFactory(CompanyFactory)
    number = factory.Sequence(lambda n: f"INV-2025-{n + 1:04d}")
    issued_on = date(2026, 6, 1)
    due_on = date(2026, 7, 1)
    currency = "USD"
    net_minor = 100_000
    bill_to_name = "Accounts payable"
    issued_by_id = 999
    created_at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type[Invoice], *args: object, **values: object) -> Invoice:
        issued = {name: values.pop(name) for name in ("number", "issued_on")}
        invoice: Invoice = super()._create(model_class, *args, **values)
        session = SESSION.get()
        session.add(
            InvoiceLine(
                invoice_id=invoice.id,
                position=1,
                description="Workshop",
                amount_minor=invoice.net_minor,
            )
        )
        session.flush()
        invoice.number, invoice.issued_on = issued["number"], issued["issued_on"]  # type: ignore[assignment]
        session.flush()
        return invoice
