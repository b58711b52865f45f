"""A person's page says which seats and places in groups they hold and held."""

from __future__ import annotations

from datetime import date

from crm.council.models import Holding
from crm.reports.parts_of_person import parts_of
from tests.factories.companies import PersonFactory
from tests.factories.council import HoldingFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory


def test_seats_and_places_the_latest_first_and_linked(sam, session, statements):
    held: Holding = HoldingFactory(ends_before=date(2026, 3, 1))
    person, seat = held.person, held.seat
    again = HoldingFactory(seat=seat, person=person, alternate=True, starts_on=date(2026, 4, 1))
    group = WorkingGroupFactory()
    PlaceFactory(group=group, company=seat.company, person=person)
    HoldingFactory()
    session.flush()
    statements.clear()
    parts = parts_of(session, person.id)
    assert len(statements) == 1
    assert [(one.seat_id, one.group_id, one.role, one.starts_on) for one in parts] == [
        (seat.id, None, "alternate", again.starts_on),
        (None, group.id, "member", date(2025, 11, 1)),
        (seat.id, None, "representative", held.starts_on),
    ]
    page, seat_id, group_id, whose = person.id, seat.id, group.id, seat.company.name
    session.commit()
    shown = sam.get(f"/office/people/{page}")
    assert f"Representative · {whose} from Oct 1, 2025 until before Mar 1, 2026" in shown.words
    assert f"/office/council/seats/{seat_id}" in shown.text
    assert f"/office/working-groups/{group_id}" in shown.text


def test_who_has_no_part_has_no_such_list(sam, session):
    page = f"/office/people/{PersonFactory().id}"
    session.commit()
    assert "Seats and places" not in sam.get(page).words
