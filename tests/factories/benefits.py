from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from sqlalchemy import select

from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.memberships import promises
from crm.memberships.benefit_models import Benefit
from crm.memberships.models import Membership
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def benefit(key: str) -> Benefit:
    """A benefit of the programme's file, which every test database holds."""
    return SESSION.get().scalars(select(Benefit).where(Benefit.key == key)).one()


def promised(**values: Any) -> Membership:
    """A term as `MembershipFactory` makes it, that keeps what its tier gives today."""
    membership = MembershipFactory(**values)
    promises.promise(SESSION.get(), membership.id, membership.tier_id)
    return membership


class BenefitUseFactory(Factory):
    """A place at the symposium in March 2026; `key=` of another benefit, `person_ids=`."""

    class Meta:
        model = BenefitUse

    class Params:
        struck = factory.Trait(
            struck_at=THEN, struck_reason="Came to nothing", struck_by="Sam Okafor"
        )

    company = factory.SubFactory(CompanyFactory)
    on = date(2026, 3, 12)
    number = 1
    by_name = "Sam Okafor"
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        values["benefit"] = benefit(values.pop("key", "symposium"))
        person_ids = values.pop("person_ids", ())
        made = super()._create(model_class, *args, **values)
        SESSION.get().add_all(
            BenefitUsePerson(benefit_use_id=made.id, person_id=id_) for id_ in person_ids
        )
        SESSION.get().flush()
        return made
