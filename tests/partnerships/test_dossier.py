"""What of facilities and contributions a company's dossier tells, on the edges of its period."""

from __future__ import annotations

from datetime import date

from crm.kit.periods import Period
from crm.partnerships import dossier
from crm.partnerships.rules import Stage
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.partnerships import (
    ContributionFactory,
    FacilityFactory,
    ParticipationFactory,
    UseFactory,
)
from tests.factories.projects import ProjectFactory

COLUMNS = ["day", "kind", "title", "people", "challenge", "outcome", "url", "id"]


def told(session, company, starts_on, ends_before=None):
    found = session.execute(dossier.lines(company.id, Period(starts_on, ends_before)))
    assert list(found.keys()) == COLUMNS
    return sorted((row.day, row.kind, row.title, row.people, row.outcome) for row in found)


def test_a_company_s_lines_lie_in_the_period(session):
    company = CompanyFactory()
    facility = FacilityFactory(name="Pilot foundry")
    ParticipationFactory(
        company=company, facility=facility, starts_on=date(2026, 2, 1), ends_before=date(2026, 5, 1)
    )
    mill = ContributionFactory(  # accepted on 12 January
        company=company, title="Mill", lent=True, responsible=PersonFactory(name="Tomas Iriarte"),
        stages=(Stage.ACCEPTED, Stage.DELIVERED), valued=731,
    )  # fmt: skip
    course = ProjectFactory(title="School", running=True)
    UseFactory(contribution_id=mill.id, project_id=course.id, starts_on=date(2026, 3, 1))
    ContributionFactory(company=company, title="Only offered")
    ContributionFactory(title="Of others", stages=(Stage.ACCEPTED,))
    part = ("Facility, development", "Pilot foundry", None, None)
    gift = (date(2026, 1, 12), "equipment, loan", "Mill", "Tomas Iriarte", "delivered")
    use = ("Use of a contribution", "Mill", None, "School")
    whole = [gift, (date(2026, 2, 1), *part), (date(2026, 3, 1), *use)]
    assert told(session, company, date(2026, 1, 1)) == whole
    assert told(session, company, date(2026, 1, 12), date(2026, 1, 13)) == [gift]
    assert told(session, company, date(2026, 1, 13), date(2026, 2, 1)) == []
    later = date(2026, 4, 30)
    assert told(session, company, later) == [(later, *part), (later, *use)]
    assert told(session, company, date(2026, 5, 1)) == [(date(2026, 5, 1), *use)]
