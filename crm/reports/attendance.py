"""Attendance by company: to which meetings of a body it was invited, and to which it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.council import attendance
from crm.council.meeting_rules import THERE, How
from crm.council.models import Body
from crm.reports.columns import Column, Kind, Report, Row

COLUMNS = (
    Column("Company", share=2),
    Column("Body", share=1.8),
    Column("Meetings held", Kind.NUMBER, 0.9),
    Column("Attended", Kind.NUMBER, 0.8),
    Column("By representative", Kind.NUMBER, 0.9),
    Column("By alternate", Kind.NUMBER, 0.8),
    Column("Last attended on", Kind.DAY, 1.1),
    Column("Company id", Kind.ID, 0.7, printed=False),
    Column("Not marked", Kind.NUMBER, 0.8),
)
"""In this order; a later one is appended."""


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company and body; of meetings held while the company was invited. Three SELECTs."""
    counts: dict[tuple[int, int], Counter[How]] = defaultdict(Counter)
    last: dict[tuple[int, int], date] = {}
    for meeting in attendance.held_by_all(session, day):
        for company_id, how in meeting.how.items():
            counts[company_id, meeting.body_id][how] += 1
            if how in THERE:
                last[company_id, meeting.body_id] = meeting.on
    ids = {company_id for company_id, _ in counts}
    named = select(Company.id, Company.name, Company.name_key).where(Company.id.in_(ids))
    companies = {row.id: row for row in session.execute(named)} if ids else {}
    bodies = {row.id: row.name for row in session.execute(select(Body.id, Body.name))}
    order = sorted(counts, key=lambda of: (companies[of[0]].name_key, of[0], bodies[of[1]], of[1]))
    return [
        (
            companies[company_id].name,
            bodies[body_id],
            counts[company_id, body_id].total(),
            sum(counts[company_id, body_id][how] for how in THERE),
            counts[company_id, body_id][How.REPRESENTATIVE],
            counts[company_id, body_id][How.ALTERNATE],
            last.get((company_id, body_id)),
            company_id,
            counts[company_id, body_id][How.UNMARKED],
        )
        for company_id, body_id in order
    ]


REPORT = Report(
    name="attendance",
    title="Attendance by company",
    about="To how many meetings of the council, or of another body, each company was invited up to "
    "a day, and to how many it came: through its representative, or else its alternate.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    note="A meeting counts once its attendance is taken. Whoever of a company came, it was there "
    "once. Of whom nobody of the company is marked, it is not known: that is no meeting missed.",
)
