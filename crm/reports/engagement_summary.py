"""What companies took part in and got, line by line: of one company, or of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.kit.periods import Period
from crm.programme import queries as programme
from crm.reports.columns import Column, Kind, Report, Row, a_year_before
from crm.reports.engagement.gather import gather
from crm.reports.engagement.lines import Asked, Line

COLUMNS = (
    Column("Company", share=1.5),
    Column("Date", Kind.DAY, 1),
    Column("Kind", share=1.1),
    Column("What", share=2.2),
    Column("Company people", share=1.5),
    Column("University people", share=1.5),
    Column("Challenge", share=1.5),
    Column("Outcome", share=1.8),
    Column("Link", Kind.ID, printed=False),
    Column("id", Kind.ID, printed=False),
    Column("Company id", Kind.ID, printed=False),
    Column("Counts for", Kind.NUMBER, 0.6, printed=False),
)
"""In this order; a later one is appended."""
DAY = timedelta(days=1)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(
    session: Session,
    *,
    day: date,
    viewer: Viewer,
    now: datetime,
    since: date | None,
    company_id: int | None,
) -> Sequence[Row]:
    """From `since` up to the day, both included, by company and day. `now` is in the programme's
    zone. Raises `ValueError` if since lies after the day."""
    asked = Asked(
        days=Period(since or a_year_before(day), day + DAY),
        viewer=viewer,
        today=now.date(),
        zone=programme.get(session).facts["time_zone"],
        company_id=company_id,
    )
    found = gather(session, asked)
    named = names(session, {line.company_id for line in found})
    ordered = sorted(found, key=lambda line: (named[line.company_id][1], line.company_id))
    return [row_of(line, named[line.company_id][0]) for line in ordered]


def row_of(line: Line, company: str) -> Row:
    return (
        company,
        line.on,
        line.sort,
        line.what,
        line.company_people,
        line.university_people,
        line.challenges,
        line.outcome,
        line.url,
        line.id,
        line.company_id,
        line.number,
    )


def names(session: Session, ids: set[int]) -> dict[int, tuple[str, str]]:
    """A company's name and its key to sort by."""
    if not ids:
        return {}
    found = select(Company.id, Company.name, Company.name_key).where(Company.id.in_(ids))
    return {id_: (name, key) for id_, name, key in session.execute(found)}


REPORT = Report(
    name="engagement-summary",
    title="Engagement summary",
    about="What a company took part in and got, line by line: meetings, groups, projects, "
    "students, contributions, contacts.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    asks=frozenset({"now", "since", "company_id"}),
    tells_changes=True,
    since="From",
    since_when=a_year_before,
    note="Confidential contact reports are not in it, whoever asks. Each line leads to its record.",
)
