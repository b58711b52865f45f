"""The roster of any day, and a seat passing from hand to hand, in the browser's words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.council.models import Holding, Seat
from tests.cast import told
from tests.factories.companies import (
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory

ROSTER = "/office/council"


def seated(name: str = "Casco Biologics") -> Seat:
    seat: Seat = SeatFactory(company=CompanyFactory(name=name))
    MembershipFactory(company=seat.company)
    return seat


def colleague(seat: Seat, name: str, **more: Any) -> int:
    person = PersonFactory(name=name)
    return int(AffiliationFactory(company=seat.company, person=person, **more).person_id)


def test_the_roster_names_representatives_and_vacancies(rea, session):
    HoldingFactory(seat=seated("Northlake Turbine Works"))
    seated()
    session.commit()
    page = rea.get(ROSTER)
    assert page.rows()[1][0] == "Casco Biologics"  # vacant ones first
    assert "Vacant no one is named" in page.words
    assert page.rows()[2][2].endswith("since Oct 1, 2025")
    assert len(rea.get(f"{ROSTER}?show=vacant").rows()) == 2
    assert "No seats on this day" in rea.get(f"{ROSTER}?as_of=2015-01-01").words


def test_a_day_that_is_none_is_told(rea):
    rea.get(f"{ROSTER}?as_of=yesterday", status=400)
    rea.get(f"{ROSTER}?show=everything", status=400)


def test_name_hand_over_step_down(sam, session):
    seat = seated()
    base = f"{ROSTER}/seats/{seat.id}"
    ann, bo = colleague(seat, "Ann Ode"), colleague(seat, "Bo Quist")
    session.commit()
    sam.post(f"{base}/representative/name", {"person": ann, "starts_on": "2026-06-01"})
    assert "Ann Ode since Jun 1, 2026" in sam.get(base).words
    sent = {"person": bo, "starts_on": "2026-07-01", "reason": "New job"}
    sam.post(f"{base}/representative/hand-over", sent)
    words = sam.get(base).words
    assert "Until Jun 30, 2026, followed by Bo Quist from Jul 1, 2026." in words
    assert "Seat holder handed over" in words
    assert "Role representative" in words
    assert "Ann Ode" in sam.get(f"{ROSTER}?as_of=2026-06-30").words
    assert "Bo Quist" in sam.get(f"{ROSTER}?as_of=2026-07-01").words
    ahead = told(session, select(Holding.id).where(Holding.person_id == bo))
    sam.post(f"{ROSTER}/holdings/{ahead}/take-back")
    assert told(session, select(func.count()).select_from(Holding)) == 1
    assert "Ann Ode" in sam.get(f"{ROSTER}?as_of=2026-07-01").words


def test_stepping_down_leaves_the_seat_vacant(sam, session):
    holding = HoldingFactory(seat=seated())
    id_, seat_id = holding.id, holding.seat_id
    session.commit()
    sent = {"ends_before": "2026-06-10", "reason": "Retired"}
    sam.post(f"{ROSTER}/holdings/{id_}/end", sent)
    words = sam.get(f"{ROSTER}/seats/{seat_id}").words
    assert "Nobody is named" in words
    assert "Jun 9, 2026 vacant Retired" in words


def test_who_ends_a_holding_that_was_ended_meanwhile_is_told(sam, session):
    id_ = HoldingFactory(seat=seated()).id
    session.commit()
    page = f"{ROSTER}/holdings/{id_}/end"
    sam.post(page, {"ends_before": "2026-06-10", "reason": "Retired", "seen": ""})
    sent = {"ends_before": "2026-06-05", "reason": "Ill", "seen": ""}
    assert "ends before June 10, 2026 now" in sam.post(page, sent, status=422).words
    sam.post(page, sent | {"seen": "2026-06-10"})
    assert told(session, select(Holding.end_reason)) == "Ill"


def test_refusals_stand_beside_their_field(sam, session):
    seat = seated()
    holder = HoldingFactory(seat=seat).person_id
    late = colleague(seat, "Late Joiner", starts_on=None)
    base = f"{ROSTER}/seats/{seat.id}/representative"
    session.commit()
    taken = sam.post(f"{base}/name", {"person": late, "starts_on": "2026-06-01"}, status=422)
    assert "Hand the seat over instead" in taken.words
    same = {"person": holder, "starts_on": "2026-06-01"}
    assert "Not a valid choice" in sam.post(f"{base}/hand-over", same, status=422).words
    for person in ("", "x", "999999"):
        sent = {"person": person, "starts_on": "2026-06-01"}
        sam.post(f"{base}/name", sent, status=422)


def test_a_seat_whose_membership_lapsed_does_not_stand(rea, session):
    seat = SeatFactory()
    MembershipFactory(company=seat.company, lapsed=True)
    id_ = seat.id
    session.commit()
    assert "No seats on this day" in rea.get(ROSTER).words
    assert "does not stand today" in rea.get(f"{ROSTER}/seats/{id_}").words


def test_who_only_reads_is_offered_no_act_and_given_none(fay, rea, session):
    holding = HoldingFactory(seat=seated())
    id_, seat_id = holding.id, holding.seat_id
    session.commit()
    for member in (fay, rea):
        page = member.get(f"{ROSTER}/seats/{seat_id}")
        assert "Hand over" not in page.words
        member.post(f"{ROSTER}/seats/{seat_id}/representative/name", {}, status=403)
        member.post(f"{ROSTER}/holdings/{id_}/end", {}, status=403)
        member.post(f"{ROSTER}/holdings/{id_}/take-back", {}, status=403)
    main = fay.get(f"{ROSTER}/seats/{seat_id}").html.find("main")
    assert "/office/people/" not in str(main)


def test_the_forms_say_who_sits_there_and_when_nobody_can_be_chosen(sam, session):
    empty = seated("Loomline").id
    holding = HoldingFactory(seat=seated())
    id_, name = holding.seat_id, holding.person.name
    session.commit()
    page = sam.get(f"{ROSTER}/seats/{id_}/representative/hand-over")
    assert f"{name} is the representative now" in page.words
    page = sam.get(f"{ROSTER}/seats/{empty}/alternate/name")
    assert "Nobody of Loomline is on record yet" in page.words


@pytest.mark.parametrize(
    "path",
    ["/seats/999999", "/seats/abc", "/seats/1/chair/name", "/holdings/999999/end"],
)
def test_what_is_not_there_is_not_found(sam, path):
    sam.get(ROSTER + path, status=404)


def test_the_roster_costs_the_same_however_long(rea, session, statements):
    for _ in range(30):
        HoldingFactory(seat=seated(f"Company {_}"))
    session.commit()
    statements.clear()
    rea.get(ROSTER)
    assert len(statements) <= 8, statements
