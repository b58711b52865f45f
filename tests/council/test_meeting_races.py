"""Two at one meeting: decisions get numbers of their own, letters go out once, one text is kept."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.council import inviting, minuting
from crm.council import meeting_queries as queries
from crm.council.meeting_models import Decision, Minutes
from crm.council.meeting_rules import Presence
from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.mail.models import OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.meetings import AttendeeFactory, MeetingFactory, MinutesFactory
from tests.factories.memberships import MembershipFactory
from tests.racing import race

RACERS = 6
BY = Actor(1, "Sam Okafor")


def decide(meeting_id: int, session: Session) -> None:
    meeting = queries.get(session, meeting_id)
    minuting.decide(session, meeting, "So be it.", by=BY, now=NOW)


def release(meeting_id: int, session: Session) -> None:
    inviting.release(session, queries.get(session, meeting_id), by=BY, now=NOW)


def write(meeting_id: int, text: str, session: Session) -> None:
    meeting = queries.get(session, meeting_id)
    minuting.write(session, meeting, text, version=1, by=BY, now=NOW)


def approve(meeting_id: int, session: Session) -> None:
    meeting = queries.get(session, meeting_id)
    minuting.approve(session, meeting, version=1, by=BY, now=NOW, today=TODAY)


def test_decisions_at_once_in_two_meetings_are_numbered_one_by_one(app: Flask, session: Session):
    ids = [MeetingFactory(held=True).id for _ in range(2)]
    session.commit()
    ends = race(app, [partial(decide, ids[n % 2]) for n in range(RACERS)])
    assert ends == [None] * RACERS
    numbers = session.scalars(select(Decision.number).order_by(Decision.number)).all()
    assert numbers == list(range(1, RACERS + 1))


def test_letters_that_are_released_at_once_go_out_once(app: Flask, session: Session):
    held = HoldingFactory(seat=SeatFactory(company=MembershipFactory().company))
    AddressFactory(person=held.person, email="ann@apex.example", is_primary=True)
    meeting_id = MeetingFactory().id
    session.commit()
    ends = race(app, [partial(release, meeting_id)] * RACERS)
    assert ends.count(None) == 1
    assert all(end is None or isinstance(end, inviting.NothingToSend) for end in ends)
    assert session.scalar(select(func.count(OutgoingMail.id))) == 1


def test_what_is_approved_is_what_was_read(app: Flask, session: Session):
    """Whoever writes while another approves: one of the two is told."""
    meeting = MeetingFactory(held=True)
    AttendeeFactory(meeting_id=meeting.id, presence=Presence.PRESENT)
    MinutesFactory(id=meeting.id, text="As read")
    meeting_id = meeting.id
    session.commit()
    ends = race(app, [partial(approve, meeting_id), partial(write, meeting_id, "Other")])
    assert ends.count(None) == 1
    minutes = session.scalars(select(Minutes)).one()
    if minutes.approved_on is not None:
        assert minutes.text == "As read"
    else:
        assert isinstance(ends[0], Stale)
        assert minutes.text == "Other"
