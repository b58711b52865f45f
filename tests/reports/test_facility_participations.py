"""Who takes part in the facilities, on any day."""

from __future__ import annotations

import csv
import io
from datetime import date

from crm.partnerships.rules import ParticipationKind
from tests.factories.companies import CompanyFactory
from tests.factories.partnerships import FacilityFactory, ParticipationFactory

PATH = "/office/reports/facility-participations"


def companies(who, day: str = "2026-06-15") -> list[str]:
    text = who.get(f"{PATH}.csv?as_of={day}").response.get_data(as_text=True)
    return [
        row["Company"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    ]


def test_it_tells_who_takes_part_on_a_day(fay, session):
    facility = FacilityFactory(name="Pilot foundry")
    ended = {"starts_on": date(2026, 1, 10), "ends_before": date(2026, 6, 15)}
    ParticipationFactory(facility=facility, company=CompanyFactory(name="Left"), **ended)
    ParticipationFactory(
        facility=facility, company=CompanyFactory(name="Dunmarrow"), note="Lay-out and fumes",
        kind=ParticipationKind.PLANNING,
    )  # fmt: skip
    page = f"/office/engagements/facilities/{facility.id}"
    session.commit()
    shown = fay.get(PATH)
    assert "Dunmarrow Pilot foundry planning" in shown.words
    assert page in shown.text
    assert PATH in fay.get("/office/engagements/participations").text
    assert companies(fay) == ["Dunmarrow"]
    assert companies(fay, "2026-06-14") == ["Dunmarrow", "Left"]
    assert companies(fay, "2026-01-09") == []
