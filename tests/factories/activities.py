from __future__ import annotations

from datetime import date

import factory

from crm.activities.models import Task, Touch
from crm.activities.rules import TouchKind
from tests.factories.base import Factory
from tests.factories.companies import THEN, CompanyFactory, UserFactory


class TouchFactory(Factory):
    class Meta:
        model = Touch

    class Params:
        struck = factory.Trait(struck_at=THEN)

    company = factory.SubFactory(CompanyFactory)
    by = factory.SubFactory(UserFactory)
    kind = TouchKind.CALL
    on = date(2026, 6, 1)
    text = "Call, 25 min: likes the lean group."
    created_at = THEN


class TaskFactory(Factory):
    class Meta:
        model = Task

    class Params:
        done = factory.Trait(done_on=date(2026, 6, 2))

    company = factory.SubFactory(CompanyFactory)
    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence("Step {}".format)
    due_on = date(2026, 6, 20)
    created_at = THEN
