# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from sqlalchemy import select

from crm.council.meeting_models import AgendaItem, Attendee, Decision, Meeting, Minutes
from crm.council.models import Body
from crm.council.participants import Part
from tests.factories.base import SESSION, Factory
from tests.factories.companies import PersonFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


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
        council = select(Body).where(Body.key == "council")
        values.setdefault("body", SESSION.get().scalars(council).one())
        return super()._create(model_class, *args, **values)


class AttendeeFactory(Factory):
    """Invited as a representative."""

    class Meta:
        model = Attendee

    person = factory.SubFactory(PersonFactory)
    part = Part.REPRESENTATIVE


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
