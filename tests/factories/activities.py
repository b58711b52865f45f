from __future__ import annotations

from datetime import date

import factory

from crm.activities.models import Interest, Task, Touch, TouchPerson
from crm.activities.rules import Stake, TouchKind
from tests.factories.base import SESSION, Factory
from tests.factories.companies import THEN, CompanyFactory, PersonFactory, UserFactory


class TouchFactory(Factory):
    """A call in May; `with_` (people) by the test."""

    class Meta:
        model = Touch

    class Params:
        struck = factory.Trait(struck_at=THEN)

    company = factory.SubFactory(CompanyFactory)
    by_id = factory.LazyFunction(lambda: UserFactory().id)
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

    class Params:
        done = factory.Trait(done_on=date(2026, 6, 2))

    company = factory.SubFactory(CompanyFactory)
    owner_id = factory.LazyFunction(lambda: UserFactory().id)
    title = factory.Sequence("Send the terms {}".format)
    due_on = date(2026, 6, 20)
    created_at = THEN


class InterestFactory(Factory):
    """A founder's, declared in March; `over=True`: it ended with May."""

    class Meta:
        model = Interest

    class Params:
        over = factory.Trait(ends_before=date(2026, 6, 1))

    person = factory.SubFactory(PersonFactory)
    company = factory.SubFactory(CompanyFactory)
    stake = Stake.FOUNDER
    starts_on = date(2024, 2, 1)
    declared_on = date(2026, 3, 2)
    by_name = "Sam Okafor"
