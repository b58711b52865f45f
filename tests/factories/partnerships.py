from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory

from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.documents.store import store_at
from crm.kit.actors import SYSTEM
from crm.partnerships.facility_models import Facility, FacilityStep, Participation
from crm.partnerships.models import Contribution, ContributionStep, Evidence, ThanksLetter
from crm.partnerships.rules import (
    Basis,
    FacilityStage,
    Given,
    Kind,
    ParticipationKind,
    Stage,
    Thanks,
    Valuer,
)
from crm.partnerships.use_models import ContributionUse
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import PDF, STORE

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OFFERED = date(2026, 1, 5)


class FacilityFactory(Factory):
    """In operation since January 2026; `stage=`."""

    class Meta:
        model = Facility

    name = factory.Sequence("Facility {}".format)
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        stage = values.pop("stage", FacilityStage.OPERATION)
        made = super()._create(model_class, *args, **values)
        SESSION.get().add(
            FacilityStep(facility_id=made.id, stage=stage, on=OFFERED, by_name="Sam Okafor")
        )
        SESSION.get().flush()
        return made


class ParticipationFactory(Factory):
    """A company that helps to develop, since February 2026."""

    class Meta:
        model = Participation

    facility = factory.SubFactory(FacilityFactory)
    company = factory.SubFactory(CompanyFactory)
    kind = ParticipationKind.DEVELOPMENT
    starts_on = date(2026, 2, 1)
    by_name = "Sam Okafor"


class ContributionFactory(Factory):
    """A mill that is given, offered in January 2026 and not valued yet; `stages=` after that, a
    week apart; `valued=` minor units of USD, by the donor."""

    class Meta:
        model = Contribution

    class Params:
        lent = factory.Trait(given=Given.LOAN)
        services = factory.Trait(kind=Kind.SERVICES, basis=Basis.NOT_COUNTABLE)

    company = factory.SubFactory(CompanyFactory)
    title = factory.Sequence("Mill {}".format)
    kind = Kind.EQUIPMENT
    given = Given.GIFT
    created_at = THEN
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        stages = values.pop("stages", ())
        minor = values.pop("valued", None)
        if minor is not None:
            lent = values["given"] is Given.LOAN
            values.setdefault("basis", Basis.LEASE if lent else Basis.LIST_PRICE)
            values.setdefault("currency", "USD")
            values |= {
                "amount_minor": minor,
                "valuer": Valuer.DONOR,
                "valued_by": "Their controller",
                "valued_on": date(2026, 1, 12),
            }
        made = super()._create(model_class, *args, **values)
        for week, stage in enumerate((Stage.OFFERED, *stages)):
            step(made, stage, date.fromordinal(OFFERED.toordinal() + 7 * week))
        return made


def step(contribution: Contribution, stage: Stage, on: date) -> ContributionStep:
    made = ContributionStep(
        contribution_id=contribution.id,
        stage=stage,
        on=on,
        reason="Worn out" if stage is Stage.ENDED else None,
        by_name="Sam Okafor",
    )
    SESSION.get().add(made)
    SESSION.get().flush()
    return made


class EvidenceFactory(Factory):
    class Meta:
        model = Evidence

    title = "Price list of the spring"
    added_on = OFFERED
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        kept = NewFile(name="prices.pdf", content=PDF)
        values["document"] = documents.keep(
            SESSION.get(), store_at(STORE), kept, by=SYSTEM, now=THEN
        )
        return super()._create(model_class, *args, **values)


class UseFactory(Factory):
    """A project that uses what was delivered, since February 2026."""

    class Meta:
        model = ContributionUse

    starts_on = date(2026, 2, 1)
    by_name = "Sam Okafor"


class ThanksFactory(Factory):
    class Meta:
        model = ThanksLetter

    kind = Thanks.ACCEPTANCE
    drafted_at = THEN
