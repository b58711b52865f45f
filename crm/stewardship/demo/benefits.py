"""What members used of their benefits, entered by the staff."""

from __future__ import annotations

from sqlalchemy import select

from crm.benefits import operations, queries
from crm.benefits.operations import NewUse
from crm.companies.models import Company
from crm.memberships.benefit_models import Benefit
from crm.people.models import Person
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

ENTERED, STRUCK = 430, 450


class UseStory:
    """Gathers one use; people are known from the other stories."""

    def __init__(self, chronicle: Chronicle, everyone: dict[str, Person], facts: Facts) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._everyone, self._facts = everyone, facts
        self._id = 0

    def gather(self) -> None:
        add, calendar, facts = self._chronicle.add, self._chronicle.calendar, self._facts
        add(calendar.workday(facts.get("entered", facts["on"])), ENTERED, "staff", self._enter)
        if "struck" in facts:
            add(calendar.workday(facts["struck"][0]), STRUCK, "staff", self._strike)

    def _enter(self, moment: Moment) -> None:
        facts, session = self._facts, self._session
        company = select(Company.id).where(Company.name == facts["company"])
        benefit = select(Benefit.id).where(Benefit.key == facts["benefit"])
        made = operations.record(
            session,
            session.scalars(company).one(),
            NewUse(
                benefit_id=session.scalars(benefit).one(),
                on=self._chronicle.calendar.workday(facts["on"]),
                number=facts.get("number", 1),
                person_ids=tuple(self._everyone[name].id for name in facts.get("people", ())),
                note=facts.get("note"),
            ),
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )
        self._id = made.use.id

    def _strike(self, moment: Moment) -> None:
        use = queries.get(self._session, self._id)
        reason = self._facts["struck"][1]
        operations.strike(self._session, use, reason=reason, by=moment.by, now=moment.now)
