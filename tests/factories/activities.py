from __future__ import annotations

from datetime import date

import factory

from crm.activities.models import Task, Touch, TouchPerson
from crm.activities.rules import TouchKind
from tests.factories.base import SESSION, Factory
from tests.factories.companies import THEN, CompanyFactory


class TouchFactory(Factory):
    """A call in May; `by_id` and `with_` (people) by the test."""

    class Meta:
        model = Touch

    company = factory.SubFactory(CompanyFactory)
    kind = TouchKind.CALL
    on = date(2026, 5, 4)
    text = "25 min: likes the lean group"
    created_at = THEN

    @classmethod
    def _create(cls, model_class, *args, **values):
        people = values.pop("with_", ())
        made = super()._create(model_class, *args, **values)
        session = SESSION.get()
        session.add_all(TouchPerson(touch_id=made.id, person_id=p.id) for p in people)
        session.flush()
        return made


class TaskFactory(Factory):
    class Meta:
        model = Task

    company = factory.SubFactory(CompanyFactory)
    title = factory.Sequence("Send the terms {}".format)
    due_on = date(2026, 6, 20)
    created_at = THEN
