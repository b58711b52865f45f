"""What each membership year gave a company and what was used of it, as of a dossier's last day."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.benefits import queries
from crm.kit.periods import Period
from crm.reports.benefits_used import OF_YEAR, counted
from crm.reports.columns import Section


def by_year(session: Session, company_id: int, days: Period) -> Section:
    """Of the years that reach into the days, as the report *benefits used* counts them."""
    assert days.last_day is not None
    found = queries.of_company(session, company_id, days.last_day, during=days)
    return Section(
        title="Benefits by membership year",
        columns=OF_YEAR,
        rows=[counted(year, line) for year in found.years for line in year.lines],
        empty="No membership gave benefits in these days.",
    )
