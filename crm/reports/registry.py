"""Every report by its name."""

from __future__ import annotations

from crm.kit.errors import NotFound
from crm.reports import membership_roll, pipeline
from crm.reports.columns import Report

REPORTS: dict[str, Report] = {
    report.name: report for report in (membership_roll.REPORT, pipeline.REPORT)
}


def get(name: str) -> Report:
    """Raises `NotFound`."""
    report = REPORTS.get(name)
    if report is None:
        raise NotFound("There is no such report.")
    return report
