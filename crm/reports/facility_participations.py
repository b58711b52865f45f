"""Which companies take part in which facilities on a day, and in what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.days import day_before
from crm.partnerships.facility_queries import ParticipationSearch
from crm.reports.columns import Column, Kind, Report, Row

COLUMNS = (
    Column("Company", share=1.5),
    Column("Facility", share=1.5),
    Column("Takes part in", share=1),
    Column("From", Kind.DAY, 1),
    Column("Last day", Kind.DAY, 1),
    Column("What they do", share=3),
    Column("Company id", Kind.ID, printed=False),
    Column("Facility id", Kind.ID, printed=False),
    Column("id", Kind.ID, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company and facility; an end is told as it is known today."""
    return [cells(row) for row in session.execute(ParticipationSearch(day=day).select())]


def cells(row: Any) -> Row:
    """A row of a `ParticipationSearch`, in the order of `COLUMNS`."""
    return (
        row.company,
        row.facility,
        row.kind,
        row.starts_on,
        day_before(row.ends_before),
        row.note,
        row.company_id,
        row.facility_id,
        row.id,
    )


REPORT = Report(
    name="facility-participations",
    title="Facility participations",
    about="Which companies plan, develop and operate the facilities with us.",
    needs=P.ENGAGEMENTS_READ,
    columns=columns,
    rows=rows,
)
