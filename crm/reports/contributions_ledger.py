"""What companies give and lend, as of a day; summed by basis and currency, never with dues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.money import Money
from crm.partnerships import rules
from crm.partnerships.queries import ContributionSearch
from crm.partnerships.rules import Basis
from crm.reports.columns import Column, Kind, Report, Row, shown_to

PART = "Part of the ledger"
COLUMNS = (
    Column("Company", share=1.5),
    Column("Contribution", share=1.9),
    Column("Kind", share=0.9),
    Column("Given as", share=0.6),
    Column("Stage", share=0.85),
    Column(PART, share=1.4, printed=False),
    Column("Value", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Accepted on", Kind.DAY, 1.1),
    Column("Returned or ended on", Kind.DAY, 1.1),
    Column("Loan ends on", Kind.DAY, 1.1),
    Column("Licence ends on", Kind.DAY, 1.1),
    Column("Facility", share=1.2),
    Column("Offered on", Kind.DAY, 1.1, printed=False),
    Column("Delivered on", Kind.DAY, 1.1, printed=False),
    Column("In use since", Kind.DAY, 1.1, printed=False),
    Column("Disposal day", Kind.DAY, 1.1, printed=False),
    Column("Location", share=1, printed=False),
    Column("Responsible", share=1, printed=False),
    Column("Property tag", share=0.9, printed=False),
    Column("Gift office reference", share=1, printed=False, needs=P.MONEY_READ),
    Column("Valued by the", share=0.9, printed=False, needs=P.MONEY_READ),
    Column("Valued by", share=1, printed=False, needs=P.MONEY_READ),
    Column("Valued on", Kind.DAY, 1, printed=False, needs=P.MONEY_READ),
    Column("Currency", share=0.8, printed=False, needs=P.MONEY_READ),
    Column("Company id", Kind.ID, printed=False),
    Column("Contribution id", Kind.ID, printed=False),
)
ACCEPTED, OFFER, NOTHING, NOT_VALUED = "Accepted", "Offer", "Came to nothing", "Not valued yet"


def columns(viewer: Viewer) -> Sequence[Column]:
    return shown_to(viewer, COLUMNS)


def rows(
    session: Session, *, day: date, viewer: Viewer, company_id: int | None = None
) -> Sequence[Row]:
    """By company, or of one; stages are the day's, value and what is written about it as known
    today."""
    money = viewer.may(P.MONEY_READ)
    search = ContributionSearch(day=day, company_id=company_id)
    found = session.execute(search.select(money=money))
    return [cells(row, day, money=money) for row in found]


def cells(row: Any, day: date, *, money: bool) -> Row:
    """A row of a `ContributionSearch` of the day, in the order of `columns`."""
    counted = rules.counts(day, accepted_on=row.accepted_on)
    kept = ACCEPTED if counted else NOTHING if row.ended_on else OFFER
    return (
        row.company,
        row.title,
        row.kind,
        row.given,
        row.stage,
        _part(row.basis, kept) if money else kept,
        *((_amount(row),) if money else ()),
        row.accepted_on,
        row.returned_on or row.ended_on,
        row.loan_ends_on,
        row.licence_ends_on,
        row.facility,
        row.offered_on,
        row.delivered_on,
        row.in_use_on,
        row.disposal_on,
        row.location,
        row.responsible,
        row.property_tag,
        *(
            (row.gift_reference, row.valuer, row.valued_by, row.valued_on, row.currency)
            if money
            else ()
        ),
        row.company_id,
        row.id,
    )


def _part(basis: Basis | None, kept: str) -> str:
    """By what its value is summed: its basis. Offers, no contributions yet, and those that came to
    nothing stand apart."""
    words = basis.capitalize() if basis else NOT_VALUED
    return words if kept == ACCEPTED else f"{kept}: {words.lower()}"


def _amount(row: Any) -> Money | None:
    return Money(row.amount_minor, row.currency) if row.currency else None


def _parts(session: Session) -> Sequence[str]:
    """What was accepted by its basis, then offers; who may see no money has three parts."""
    kinds = (ACCEPTED, OFFER, NOTHING)
    return (ACCEPTED, *(_part(b, kept) for kept in kinds for b in (*Basis, None)), OFFER, NOTHING)


REPORT = Report(
    name="contributions-ledger",
    title="Contributions ledger",
    about="Money, equipment, software and services that companies give and lend, with their days; "
    "values by basis.",
    needs=P.ENGAGEMENTS_READ,
    columns=columns,
    rows=rows,
    group_by=PART,
    groups=_parts,
    sum_groups_apart=True,
    note="Values of different bases have no common sum, and none with dues: each is a ledger of "
    "its own. What was returned or has ended stays in the ledger.",
)
