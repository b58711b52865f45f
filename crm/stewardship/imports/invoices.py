"""Invoices from a file, as they were issued. Key: the number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from crm.invoices import taking_over
from crm.invoices.models import Invoice
from crm.invoices.taking_over import IssuedBefore
from crm.kit.actors import Actor
from crm.memberships.models import Membership
from crm.stewardship.imports.acts import ActsImport, Rows
from crm.stewardship.imports.columns import Line


class InvoicesImport(ActsImport[IssuedBefore]):
    """Known ones stay as they are, if they are the same; numbers are kept as they were given."""

    columns: Mapping[str, str] = {"company": "company"}

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        session = rows.session
        self._known = {
            number: (company_id, minor, currency)
            for number, company_id, minor, currency in session.execute(
                select(
                    Invoice.number,
                    Invoice.company_id,
                    Invoice.net_minor + Invoice.tax_minor,
                    Invoice.currency,
                ).where(Invoice.number.is_not(None))
            )
        }
        self._agreements = {
            number: (id_, company_id)
            for number, id_, company_id in session.execute(
                select(Membership.agreement_number, Membership.id, Membership.company_id).where(
                    Membership.agreement_number.is_not(None), Membership.withdrawn_on.is_(None)
                )
            )
        }
        self._above: dict[str, int] = {}

    def draft(self, line: Line) -> IssuedBefore | None:
        rows, sheet = self.rows, self.rows.sheet
        found, currency = self._whose(line), rows.code(line)
        amount = rows.money(line, "amount", line.get("amount"), currency) if currency else None
        number, issued_on, due_on = (line.get(name) for name in ("number", "issued_on", "due_on"))
        if found is None or amount is None or not number or not issued_on or not due_on:
            return None
        company_id, membership_id = found
        if number in self._above:
            sheet.fault(line, "number", f"Row {self._above[number]} has this number, too.")
            return None
        self._above[number] = line.number
        if number in self._known:
            if self._known[number] == (company_id, amount.minor, amount.currency):
                rows.report.unchanged += 1
            else:
                sheet.fault(
                    line, "number", "This number is known for another company or another amount."
                )
            return None
        return IssuedBefore(
            number=number,
            company_id=company_id,
            membership_id=membership_id,
            issued_on=issued_on,
            due_on=due_on,
            amount=amount,
            po_number=line.get("po_number"),
            finance_number=line.get("finance_number"),
            description=line.get("description"),
        )

    def act(self, line: Line, draft: IssuedBefore, *, by: Actor, now: datetime) -> None:
        taken = taking_over.take_over(
            self.rows.session, draft, by=by, now=now, today=self.rows.today
        )
        if not taken.bills_dues:
            self.rows.warn(
                line, "amount", "No dues that are not billed yet come to this: taken as a charge."
            )

    def _whose(self, line: Line) -> tuple[int, int | None] | None:
        """Company and term: by the agreement's number, else by the company alone."""
        number = line.get("agreement_number")
        if number is None:
            company_id = self.rows.company(line)
            return None if company_id is None else (company_id, None)
        known = self._agreements.get(number)
        if known is None:
            self.rows.sheet.fault(
                line, "agreement_number", "No membership has this agreement number."
            )
            return None
        membership_id, company_id = known
        if line.get("company") and self.rows.company(line) not in (None, company_id):
            self.rows.sheet.fault(line, "agreement_number", "This agreement is another company’s.")
            return None
        return company_id, membership_id
