from __future__ import annotations

from datetime import date

import factory
from sqlalchemy import select

from crm.pipeline.models import Mode, Opportunity, Stage
from tests.factories.base import SESSION, Factory
from tests.factories.companies import THEN, CompanyFactory


def stage_of(mode: str, key: str | None = None) -> Stage:
    """A stage the programme's file names; the mode's first without a key."""
    found = select(Stage).join(Stage.mode).where(Mode.key == mode).order_by(Stage.position)
    if key is not None:
        found = found.where(Stage.key == key)
    return SESSION.get().scalars(found.limit(1)).one()


class OpportunityFactory(Factory):
    """Open, in the alliance's first stage; `mode` and `at` are keys of the programme's file."""

    class Meta:
        model = Opportunity

    class Params:
        mode_key = "alliance"
        at = None
        where = factory.LazyAttribute(lambda o: stage_of(o.mode_key, o.at))

    company = factory.SubFactory(CompanyFactory)
    stage_id = factory.LazyAttribute(lambda o: o.where.id)
    mode_id = factory.LazyAttribute(lambda o: o.where.mode_id)
    stage_since = date(2026, 6, 1)
    opened_on = factory.SelfAttribute("stage_since")
    currency = "USD"
    created_at = THEN
