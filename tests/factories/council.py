from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from sqlalchemy import select

from crm.council.models import Body, Holding, Nomination, Seat
from crm.council.rules import HoldingRole, SeatKind
from tests.factories.base import SESSION, Factory
from tests.factories.companies import AffiliationFactory, CompanyFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class SeatFactory(Factory):
    """A seat on the council of the programme's file."""

    class Meta:
        model = Seat

    company = factory.SubFactory(CompanyFactory)
    kind = SeatKind.OWN
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        values["body"] = SESSION.get().scalars(select(Body).where(Body.key == "council")).one()
        return super()._create(model_class, *args, **values)


class HoldingFactory(Factory):
    """A representative since October 2025 who works at the seat's company."""

    class Meta:
        model = Holding

    class Params:
        alternate = factory.Trait(role=HoldingRole.ALTERNATE)

    seat = factory.SubFactory(SeatFactory)
    person = factory.LazyAttribute(lambda o: AffiliationFactory(company=o.seat.company).person)
    role = HoldingRole.REPRESENTATIVE
    starts_on = date(2025, 10, 1)
    created_at = THEN


class NominationFactory(Factory):
    """An open proposal of a representative from July 2026 on."""

    class Meta:
        model = Nomination

    class Params:
        alternate = factory.Trait(role=HoldingRole.ALTERNATE)
        declined = factory.Trait(
            decided_on=date(2026, 6, 1),
            decided_by="Dana Whitfield",
            declined_reason="Leaves in autumn",
        )

    seat = factory.SubFactory(SeatFactory)
    person = factory.LazyAttribute(lambda o: AffiliationFactory(company=o.seat.company).person)
    role = HoldingRole.REPRESENTATIVE
    starts_on = date(2026, 7, 1)
    proposed_by = "Ingrid Halvorsen, by mail"
    proposed_on = date(2026, 5, 20)
    by_name = "Sam Okafor"
    created_at = THEN
