"""Every report by its name."""

from __future__ import annotations

from crm.kit.errors import NotFound
from crm.reports import (
    attendance,
    ballot_results,
    benefits_used,
    cohort_retention,
    contributions_ledger,
    council_roster,
    deliverables,
    dues_by_year,
    dues_forecast,
    engagement_by_mode,
    engagement_summary,
    facility_participations,
    faculty_contacts,
    foreign_sources,
    group_rosters,
    joiners_leavers,
    major_partnerships,
    membership_roll,
    pipeline,
    projects_by_challenge,
    receivables_ageing,
)
from crm.reports.challenges import map as challenge_map
from crm.reports.columns import Report

REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        membership_roll.REPORT,
        ballot_results.REPORT,
        council_roster.REPORT,
        dues_forecast.REPORT,
        receivables_ageing.REPORT,
        dues_by_year.REPORT,
        joiners_leavers.REPORT,
        cohort_retention.REPORT,
        attendance.REPORT,
        engagement_by_mode.REPORT,
        engagement_summary.REPORT,
        foreign_sources.REPORT,
        group_rosters.REPORT,
        deliverables.REPORT,
        challenge_map.REPORT,
        faculty_contacts.REPORT,
        projects_by_challenge.REPORT,
        contributions_ledger.REPORT,
        benefits_used.REPORT,
        major_partnerships.REPORT,
        facility_participations.REPORT,
        pipeline.REPORT,
    )
}


def get(name: str) -> Report:
    """Raises `NotFound`."""
    report = REPORTS.get(name)
    if report is None:
        raise NotFound("There is no such report.")
    return report
