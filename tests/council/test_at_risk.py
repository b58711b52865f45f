"""Why a champion is at risk, and since when a seat is vacant."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.council import at_risk, attending
from crm.council.at_risk import Risk
from crm.council.attending import Mark
from crm.council.champions import at_risk_on
from crm.council.meeting_queries import attendees_of
from crm.council.meeting_rules import Presence
from crm.council.models import Seat
from crm.council.roster import roster_on
from crm.kit.periods import Period
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.mail import OutgoingMailFactory
from tests.factories.meetings import MeetingFactory
from tests.factories.memberships import MembershipFactory

START = date(2026, 1, 1)
FINE = {"left": False, "bounced": False, "missed": 0, "vacant_since": None}


def test_each_reason_and_its_edge() -> None:
    assert at_risk.risks(TODAY, **FINE) == ()
    assert at_risk.risks(TODAY, **FINE | {"missed": 1}) == ()
    assert at_risk.risks(TODAY, **FINE | {"missed": 2}) == (Risk.MISSED,)
    assert at_risk.risks(TODAY, **FINE | {"bounced": True}) == (Risk.BOUNCED,)
    for days, told in ((30, ()), (31, (Risk.VACANT,))):
        since = TODAY - timedelta(days=days)
        assert at_risk.risks(TODAY, **FINE | {"vacant_since": since}) == told
    # Of who has left nothing else matters.
    gone = {"left": True, "bounced": True, "missed": 3, "vacant_since": None}
    assert at_risk.risks(TODAY, **gone) == (Risk.LEFT,)


spans = st.lists(
    st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(1, 30))).map(
        lambda span: Period(
            START + timedelta(days=span[0]),
            None if span[1] is None else START + timedelta(days=span[0] + span[1]),
        )
    ),
    max_size=5,
)


@given(spans, st.integers(0, 100))
def test_vacant_since_is_what_counting_back_day_by_day_says(
    spoken: list[Period], offset: int
) -> None:
    day = START + timedelta(days=offset)
    told = at_risk.vacant_since(day, START, spoken)
    counted = None
    back = day
    while back >= START and not any(back in period for period in spoken):
        counted, back = back, back - timedelta(days=1)
    assert told == counted


@given(spans, spans)
def test_together_has_the_days_of_both(one: list[Period], other: list[Period]) -> None:
    for a in one:
        for b in other:
            both = at_risk.together(a, b)
            for n in range(0, 100, 7):
                day = START + timedelta(days=n)
                assert (both is not None and day in both) == (day in a and day in b)


def seated(**membership: object) -> Seat:
    seat: Seat = SeatFactory()
    MembershipFactory(company=seat.company, **membership)
    return seat


def told(session: Session) -> dict[int, tuple[Risk, ...]]:
    session.flush()
    found = at_risk_on(session, roster_on(session, TODAY), TODAY)
    return {one.seat_id: one.reasons for one in found}


def test_who_left_and_a_seat_that_is_vacant_long(session: Session):
    left, fresh, never = seated(), seated(), seated()
    gone = AffiliationFactory(company=left.company, ends_before=date(2026, 3, 1)).person
    HoldingFactory(seat=left, person=gone)
    HoldingFactory(seat=fresh, ends_before=TODAY - timedelta(days=30))
    assert told(session) == {left.id: (Risk.LEFT, Risk.VACANT), never.id: (Risk.VACANT,)}
    found = {one.seat_id: one for one in at_risk_on(session, roster_on(session, TODAY), TODAY)}
    assert found[left.id].vacant_since == date(2026, 3, 1)
    assert found[never.id].vacant_since == date(2025, 10, 1)
    assert (found[left.id].person, found[never.id].person) == (gone.name, "")


def test_whose_letters_come_back_until_one_arrives(session: Session):
    seat = seated()
    person = HoldingFactory(seat=seat).person
    email = AddressFactory(person=person, email="Ida@mill.example").email
    assert told(session) == {}
    OutgoingMailFactory(to=email, failed_at=NOW - timedelta(days=9), last_error="550 gone")
    assert told(session) == {seat.id: (Risk.BOUNCED,)}
    OutgoingMailFactory(to=email, sent_at=NOW - timedelta(days=2))
    assert told(session) == {}


def test_who_missed_two_meetings(session: Session):
    """On the other seat one came, or was excused while the alternate came."""
    seat, other = seated(), seated()
    missing, present = (HoldingFactory(seat=one).person for one in (seat, other))
    stands_in = HoldingFactory(seat=other, alternate=True).person
    for month, came in ((2, present), (3, stands_in), (4, stands_in)):
        starts, ends = (datetime(2026, month, 12, hour) for hour in (14, 16))  # noqa: DTZ001
        meeting = MeetingFactory(starts_local=starts, ends_local=ends)
        attending.gather(session, meeting)
        marks = {
            one.id: Mark(
                None,
                Presence.PRESENT
                if one.person_id == came.id or (month == 2 and one.person_id == missing.id)
                else Presence.ABSENT
                if one.person_id == missing.id
                else Presence.EXCUSED,
            )
            for one in attendees_of(session, meeting.id)
        }
        attending.record(session, meeting, marks, version=meeting.version, now=NOW, today=TODAY)
        assert told(session) == ({seat.id: (Risk.MISSED,)} if month == 4 else {})


def test_a_seat_that_does_not_stand_yet_is_not_listed(session: Session):
    seated(upcoming=True)
    assert told(session) == {}
