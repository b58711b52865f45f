# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council.meeting_models import AgendaItem, Attendee, Decision, Meeting, Minutes
from crm.council.models import Body, Seat
from crm.council.participants import Part
from crm.people.models import Person
from tests.factories.base import SESSION, Factory
from tests.factories.companies import AddressFactory, PersonFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def council(session: Session) -> Body:
    return session.scalars(select(Body).where(Body.key == "council")).one()


def member(
    name: str, *, alternate: bool = False, address: bool = True
) -> tuple[Company, Seat, list[Person]]:
    """A company in force, its seat, its representative with an address, and an alternate if asked
    for."""
    term = MembershipFactory(company__name=name)
    seat = SeatFactory(company=term.company)
    holders = [HoldingFactory(seat=seat)]
    if alternate:
        holders.append(HoldingFactory(seat=seat, alternate=True))
    for number, held in enumerate(holders):
        if address:
            mail = f"{name.split()[0].lower()}{number}@members.example"
            AddressFactory(person=held.person, email=mail, is_primary=True)
    return term.company, seat, [held.person for held in holders]


class MeetingFactory(Factory):
    """Of the council, on an afternoon in July 2026; `held`: in May."""

    class Meta:
        model = Meeting

    class Params:
        held = factory.Trait(
            starts_local=datetime(2026, 5, 12, 14, 0), ends_local=datetime(2026, 5, 12, 16, 0)
        )
        cancelled = factory.Trait(cancelled_on=date(2026, 6, 1), cancel_reason="Snow")

    title = "Summer meeting"
    starts_local = datetime(2026, 7, 14, 14, 0)
    ends_local = datetime(2026, 7, 14, 16, 0)
    zone = "America/New_York"
    place = "Room 35-310"
    uid = factory.Sequence(lambda n: f"meeting-{n}@crm.example")
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        values.setdefault("body", council(SESSION.get()))
        return super()._create(model_class, *args, **values)


class AttendeeFactory(Factory):
    """Invited as a representative; `company_id` with the seat that the company has of its own."""

    class Meta:
        model = Attendee

    person = factory.SubFactory(PersonFactory)
    part = Part.REPRESENTATIVE

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        if values.get("company_id") is not None:
            own = select(Seat.id).where(Seat.company_id == values["company_id"])
            values.setdefault("seat_id", SESSION.get().scalar(own))
        return super()._create(model_class, *args, **values)


class AgendaItemFactory(Factory):
    class Meta:
        model = AgendaItem

    position = 1
    title = "Welcome"


class MinutesFactory(Factory):
    """A draft; `approved`: as it stays."""

    class Meta:
        model = Minutes

    class Params:
        approved = factory.Trait(approved_on=date(2026, 6, 1), approved_by_name="Dana Whitfield")

    text = "The council met."
    written_by_name = "Sam Okafor"
    written_at = THEN


class DecisionFactory(Factory):
    class Meta:
        model = Decision

    year = 2026
    number = 1
    text = "A roadmap for digital threads is to be written."
