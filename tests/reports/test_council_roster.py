"""The council roster as a report: a line a member, vacancies first, the chair marked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.council import attending
from crm.council import meeting_queries as queries
from crm.council.attending import Mark
from crm.council.meeting_rules import Presence
from crm.council.models import Chair, Seat
from crm.council.participants import Part
from crm.council.rules import ELECTED
from crm.memberships.rules import Status
from crm.reports import council_roster
from crm.reports.columns import Asked
from tests.conftest import NOW, TODAY
from tests.factories.activities import InterestFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.meetings import AttendeeFactory, MeetingFactory
from tests.factories.memberships import MembershipFactory

REA = Viewer(id=1, name="Rea", email="rea@office.example", roles=frozenset({Role.READER}))
HEADINGS = [
    "Company",
    "Seat",
    "Representative",
    "Representative since",
    "Alternate",
    "Status",
    "Meetings attended",
    "Company id",
    "Representative’s title",
    "Alternate since",
    "Vote",
    "Term ends",
    "Declared interests",
]


def told(session: Session, day: date = TODAY) -> list[dict[str, Any]]:
    session.flush()
    rows = council_roster.rows(session, day=day, viewer=REA)
    return [dict(zip(HEADINGS, row, strict=True)) for row in rows]


def seated(name: str, **more: Any) -> Seat:
    seat: Seat = SeatFactory(company=CompanyFactory(name=name, **more))
    MembershipFactory(company=seat.company)
    return seat


def met(on: date, *, came_from: Seat | None, part: Part = Part.REPRESENTATIVE) -> None:
    """A meeting of the council to which somebody came, of a company or as a guest."""
    starts, ends = (datetime.combine(on, time(hour)) for hour in (14, 16))
    meeting = MeetingFactory(starts_local=starts, ends_local=ends)
    if came_from is None:
        AttendeeFactory(
            meeting_id=meeting.id, person=None, part=None, guest_name="Gus Guest",
            presence=Presence.PRESENT,
        )  # fmt: skip
        return
    AttendeeFactory(
        meeting_id=meeting.id, company_id=came_from.company_id, part=part,
        presence=Presence.PRESENT,
    )  # fmt: skip


def came(seat: Seat, on: date, part: Part = Part.REPRESENTATIVE) -> None:
    met(on, came_from=seat, part=part)


def test_its_columns_in_their_order():
    assert [column.heading for column in council_roster.columns(REA)] == HEADINGS


def test_vacancies_come_first_the_chair_is_marked(session: Session):
    alba, nova = seated("Alba"), seated("Nova")
    seated("Alba Castings", parent=alba.company)
    MembershipFactory(company=CompanyFactory(name="Loomline"), tier="start-up", years=1)
    HoldingFactory(seat=alba)
    chair = HoldingFactory(seat=alba, alternate=True)
    session.add(
        Chair(
            body_id=alba.body_id,
            person_id=chair.person_id,
            starts_on=date(2026, 1, 1),
            created_at=NOW,
        )
    )
    for month in (2, 3, 4):
        came(alba, date(2026, month, 2))
    lines = told(session)
    assert [line["Company"] for line in lines] == ["Nova", "Alba", "Alba Castings", "Loomline"]
    assert [line["Seat"] for line in lines] == [
        "own seat",
        "own seat",
        "shares the seat of Alba",
        "no seat",
    ]
    assert lines[0]["Representative"] == "vacant"
    assert lines[1]["Alternate"] == f"{chair.person.name} (chair)"
    assert [line["Meetings attended"] for line in lines] == [None, "3 of 3", "3 of 3", None]
    assert [line["Vote"] for line in lines] == [True, True, False, False]
    assert lines[1]["Representative’s title"] == "Vice-president, manufacturing"
    assert lines[1]["Representative since"] == date(2025, 10, 1)
    assert lines[1]["Term ends"] == date(2028, 9, 30)
    assert lines[0]["Company id"] == nova.company_id


def test_before_a_term_begins_the_seat_is_not_vacant(session: Session):
    seated("Nova")
    for name, left in (("Alba", None), ("Casco", TODAY)):
        seat = SeatFactory(company=CompanyFactory(name=name))
        MembershipFactory(company=seat.company, upcoming=True)
        job = AffiliationFactory(company=seat.company, ends_before=left)
        HoldingFactory(seat=seat, person=job.person)
        HoldingFactory(seat=seat, alternate=True)
    alba, casco = (line for line in told(session) if line["Status"] == Status.UPCOMING)
    assert told(session)[0]["Company"] == "Nova"
    assert alba["Representative"] not in ("vacant", "not named yet")
    assert (casco["Representative"], casco["Representative since"]) == ("not named yet", None)


def test_who_named_in_a_tier_without_a_seat_is_not_told(session: Session):
    holding = HoldingFactory()
    MembershipFactory(company=holding.seat.company, tier="start-up", years=1)
    (line,) = told(session)
    assert (line["Seat"], line["Representative"], line["Alternate"]) == ("no seat", None, None)


def test_below_it_who_was_at_the_last_meetings(session: Session):
    alba = seated("Alba")
    (section,) = council_roster.sections(session, Asked(day=TODAY, viewer=REA), [])
    assert (section.rows, section.empty) == ([], "The council has not met yet.")
    came(alba, date(2026, 5, 4), Part.ALTERNATE)
    met(date(2026, 2, 2), came_from=None)
    (section,) = council_roster.sections(session, Asked(day=TODAY, viewer=REA), [])
    assert [column.heading for column in section.columns] == ["Seat", "2026-02-02", "2026-05-04"]
    assert section.rows == [("Alba", "", "alternate")]


def test_what_the_elected_seat_did_stays_its_own_when_the_holder_s_company_changes(
    session: Session,
):
    brook, creek = (CompanyFactory(name=name) for name in ("Brook", "Creek"))
    for company in (brook, creek):
        MembershipFactory(company=company, tier="associate", years=2)
    seat = session.scalars(select(Seat).where(Seat.title == ELECTED)).one()
    on, after = date(2026, 4, 1), date(2026, 5, 4)
    first, second = (AffiliationFactory(company=company).person for company in (brook, creek))
    HoldingFactory(seat=seat, person=first, ends_before=on)
    HoldingFactory(seat=seat, person=second, starts_on=on)
    for day in (date(2026, 2, 2), after):
        starts, ends = (datetime.combine(day, time(hour)) for hour in (14, 16))
        meeting = MeetingFactory(starts_local=starts, ends_local=ends)
        attending.gather(session, meeting)
        [listed] = queries.attendees_of(session, meeting.id)
        assert listed.company_id == (brook if day < on else creek).id
        there = {listed.id: Mark(None, Presence.PRESENT)}
        attending.record(session, meeting, there, version=meeting.version, now=NOW, today=TODAY)
    assert [line["Meetings attended"] for line in told(session)] == ["2 of 2", "2 of 2"]
    (section,) = council_roster.sections(session, Asked(day=TODAY, viewer=REA), [])
    assert section.rows == [(ELECTED, "representative", "representative")]


def test_page_and_files_come_for_whoever_reads_the_council(fay, rea, session):
    HoldingFactory(seat=seated("Alba"))
    session.commit()
    assert fay.get("/office/reports/council-roster").rows()[1][:2] == ["Alba", "own seat"]
    for ending in ("csv", "xlsx", "pdf"):
        rea.get(f"/office/reports/council-roster.{ending}?as_of=2026-06-01")
    assert "Nothing to list" in rea.get("/office/reports/council-roster?as_of=2015-01-01").words


def test_stakes_in_a_company_stand_beside_it_on_their_days(session: Session):
    alba = seated("Alba")
    for name, more in (("Mireille Okonjo", {}), ("Tomas Iriarte", {"over": True})):
        InterestFactory(company=alba.company, person__name=name, **more)
    (line,) = told(session)
    assert line["Declared interests"] == "Mireille Okonjo: founder"
    (line,) = told(session, date(2026, 5, 31))
    assert line["Declared interests"] == "Mireille Okonjo: founder; Tomas Iriarte: founder"
