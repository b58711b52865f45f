"""The lines of a draft: what is charged beside dues, what is dropped, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.invoices import rules
from crm.invoices.models import Invoice, InvoiceLine
from crm.kit.db import lock, renew
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.money import Money


class NotBillable(RuleBroken):
    """This cannot be billed, or not now."""


class AlreadyIssued(RuleBroken):
    """What is issued is not edited: it is credited."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A line of its own words: a workshop, a late fee."""

    description: str
    amount: Money


def add(session: Session, invoice: Invoice, charge: Charge, *, version: int) -> InvoiceLine:
    """One more line of a draft. Raises `NotBillable`, `AlreadyIssued` or `Stale`."""
    check_charges([charge], invoice.currency)
    hold_draft(session, invoice, version=version)
    last = session.scalar(
        select(func.max(InvoiceLine.position)).where(InvoiceLine.invoice_id == invoice.id)
    )
    (line,) = write_charges(session, invoice, [charge], after=last or 0)
    sum_up(session, invoice)
    renew(session, invoice, seen=version)
    return line


def drop(session: Session, invoice: Invoice, line_id: int, *, version: int) -> InvoiceLine:
    """Take a line off a draft; an instalment can be billed again, by this or by another invoice.

    Raises `NotFound`, `AlreadyIssued` or `Stale`.
    """
    hold_draft(session, invoice, version=version)
    line = session.get(InvoiceLine, line_id)
    if line is None or line.invoice_id != invoice.id:
        raise NotFound("There is no such line.")
    session.delete(line)
    session.flush()
    sum_up(session, invoice)
    renew(session, invoice, seen=version)
    return line


def hold_draft(session: Session, invoice: Invoice, *, version: int | None = None) -> None:
    """Keep others from issuing, editing or dropping a draft until the transaction ends.

    `version` is that of the draft as it was read. Raises `AlreadyIssued`, `Stale`, or `NotFound`
    where somebody has discarded it.
    """
    lock(session, invoice)
    if invoice.issued_on is not None:
        raise AlreadyIssued(
            f"It is issued, as {invoice.number}, and stays as it is. Credit or void it instead."
        )
    if version is not None and version != invoice.version:
        raise Stale("this draft", theirs={}, yours={})


def check_charges(charges: Sequence[Charge], currency: str) -> None:
    """Raise `NotBillable` if one of them cannot stand on an invoice in that currency."""
    for one in charges:
        if one.amount.currency != currency:
            raise NotBillable(f"All lines of this invoice are in {currency}.", field="amount")
        if one.amount.minor <= 0:
            raise NotBillable("Write an amount above zero.", field="amount")


def write_charges(
    session: Session, invoice: Invoice, charges: Sequence[Charge], *, after: int
) -> list[InvoiceLine]:
    """Lines of their own words, below what stands there. Whoever writes has checked them."""
    written = [
        InvoiceLine(
            invoice_id=invoice.id,
            position=position,
            description=one.description,
            amount_minor=one.amount.minor,
        )
        for position, one in enumerate(charges, after + 1)
    ]
    session.add_all(written)
    return written


def sum_up(session: Session, invoice: Invoice) -> None:
    """Write a draft's sums anew, from the lines it has now."""
    session.expire(invoice, ["lines"])
    lines = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id))
    net = Money(sum(line.amount_minor for line in lines), invoice.currency)
    invoice.net_minor = net.minor
    invoice.tax_minor = rules.tax_of(net, invoice.tax_basis_points).minor
    session.flush()
