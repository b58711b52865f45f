"""What the tests of imports share."""

from __future__ import annotations

from crm.stewardship.imports import operations
from crm.stewardship.imports.operations import Given
from crm.stewardship.imports.report import Refused
from tests.conftest import NOW, TODAY

KINDS = {
    "companies": operations.import_companies,
    "people": operations.import_people,
    "opportunities": operations.import_opportunities,
    "touches": operations.import_touches,
    "memberships": operations.import_memberships,
    "invoices": operations.import_invoices,
    "payments": operations.import_payments,
}


class Importer:
    """Imports text as a file, by a member of the cast."""

    def __init__(self, session, actor):
        self.session = session
        self.actor = actor

    def __call__(self, kind, text, *, write=True, day_first=False):
        data = text if isinstance(text, bytes) else text.encode()
        given = Given(
            data=data,
            write=write,
            day_first=day_first,
            by=self.actor,
            now=NOW,
            today=TODAY,
            tick=lambda rows: None,
        )
        report = KINDS[kind](self.session, given)
        self.session.commit()
        return report

    def refused(self, kind, text, **options):
        """The complaints about a file."""
        try:
            self(kind, text, **options)
        except Refused as refusal:
            self.session.rollback()
            return [str(problem) for problem in refusal.problems]
        raise AssertionError("the file was taken")


def counts(report):
    return (report.added, report.changed, report.unchanged)
