"""How many of those who joined in a calendar year are members so many years later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.periods import anniversary
from crm.reports import membership_runs
from crm.reports.columns import Asked, Column, Kind, Report, Row, Section

COLUMNS = (
    Column("Cohort"),
    Column("Years after joining", Kind.NUMBER),
    Column("Companies", Kind.NUMBER),
    Column("Members", Kind.NUMBER),
    Column("Retention", Kind.PERCENT),
)
MOST_YEARS = 10


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """A row for each anniversary that some of a cohort have come to by the day.

    `Companies` are those whose anniversary has come, `Members` those in force on it. Whoever left
    and came back counts on the anniversaries on which they are a member.
    """
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for runs in membership_runs.of_all(session, day).values():
        joined = runs[0].starts_on
        for years in range(MOST_YEARS + 1):
            on = anniversary(joined, years)
            if on > day:
                break
            its = counts[joined.year, years]
            its[0] += 1
            its[1] += any(run.starts_on <= on < run.ends_before for run in runs)
    return [
        (str(cohort), years, companies, members, _percent(members, companies))
        for (cohort, years), (companies, members) in sorted(counts.items())
    ]


def _percent(part: int, whole: int) -> int:
    """Rounded half up."""
    return (200 * part + whole) // (2 * whole)


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    """The same as a triangle: a line for each cohort, a column for each year after joining."""
    last = max((row[1] for row in rows if isinstance(row[1], int)), default=0)
    cohorts: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        assert isinstance(row[1], int)
        cohorts[str(row[0])][row[1]] = row
    return [
        Section(
            title="Retention by cohort",
            columns=(
                Column("Cohort"),
                Column("Joined", Kind.NUMBER),
                *(Column(_after(years), Kind.PERCENT) for years in range(1, last + 1)),
            ),
            rows=[
                (
                    cohort,
                    its[0][2],
                    *(its[years][4] if years in its else None for years in range(1, last + 1)),
                )
                for cohort, its in sorted(cohorts.items())
            ],
            empty="Nobody has joined yet.",
            above=True,
            sheet="By cohort",
        )
    ]


def _after(years: int) -> str:
    return "After 1 year" if years == 1 else f"After {years} years"


REPORT = Report(
    name="cohort-retention",
    title="Cohort retention",
    about="Of the companies that joined in a calendar year, how many are members one, two, three "
    "years later.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    sections=sections,
)
