"""Major partnerships with the stage of a day, who is in them, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.money import Money
from crm.pipeline import workspaces
from crm.reports.columns import Column, Kind, Report, Row, shown_to

COLUMNS = (
    Column("Company", share=1.5),
    Column("Partnership", share=1.7),
    Column("Stage", share=1.3),
    Column("Lead faculty", share=1.1),
    Column("Faculty interested", Kind.NUMBER, 0.8),
    Column("Areas agreed", Kind.NUMBER, 0.7),
    Column("Screening", share=0.9),
    Column("NDA", share=0.9),
    Column("NDA ends on", Kind.DAY, 1),
    Column("Estimate", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Handed to the research office on", Kind.DAY, 1),
    Column("Their number", share=0.9),
    Column("Handed to", share=1, printed=False),
    Column("Scope written on", Kind.DAY, 1, printed=False),
    Column("Owner", share=1, printed=False),
    Column("Next step", share=1.3, printed=False),
    Column("Next step on", Kind.DAY, 1, printed=False),
    Column("Opened on", Kind.DAY, 1, printed=False),
    Column("Won on", Kind.DAY, 1, printed=False),
    Column("Ended on", Kind.DAY, 1, printed=False),
    Column("Closed on", Kind.DAY, 1, printed=False),
    Column("Currency", share=0.7, printed=False, needs=P.MONEY_READ),
    Column("Company id", Kind.ID, printed=False),
    Column("Partnership id", Kind.ID, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return shown_to(viewer, COLUMNS)


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company; stage, screening and NDA are the day's, the rest as known today."""
    money = viewer.may(P.MONEY_READ)
    found = session.execute(workspaces.as_of(day, money=money))
    return [_row(row, day, money=money) for row in found]


def _row(row: Any, day: date, *, money: bool) -> Row:
    return (
        row.company,
        row.title,
        row.stage_then or row.stage,
        row.lead,
        row.interested,
        row.agreed,
        row.verdict,
        workspaces.nda_of(row, day),
        row.nda_expires_on,
        *((_estimate(row),) if money else ()),
        row.handed_on,
        row.reference,
        row.to_whom,
        row.written_on,
        row.owner,
        row.step,
        row.step_on,
        row.opened_on,
        row.won_on,
        row.lost_on,
        row.closed_on,
        *((row.currency,) if money else ()),
        row.company_id,
        row.id,
    )


def _estimate(row: Any) -> Money | None:
    if row.estimate_minor is None:
        return None
    return Money(row.estimate_minor, row.currency)


REPORT = Report(
    name="major-partnerships",
    title="Major partnerships",
    about="Every partnership with its stage, faculty, areas, screening, NDA and hand-off.",
    needs=P.ENGAGEMENTS_READ,
    columns=columns,
    rows=rows,
    note="Sponsored research is a ledger of its own: added neither to dues nor to what is in kind.",
)
