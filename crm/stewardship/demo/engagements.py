"""The factories' stories: facilities, who takes part in them, what is given, lent and returned."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.kit.money import Money
from crm.partnerships import (
    contribution_stages,
    contributions,
    facilities,
    participations,
    queries,
    thanks,
    thanks_queries,
    uses,
)
from crm.partnerships.contributions import NewContribution
from crm.partnerships.facilities import NewFacility
from crm.partnerships.facility_models import Facility
from crm.partnerships.models import Contribution
from crm.partnerships.participations import NewParticipation
from crm.partnerships.rules import (
    Basis,
    FacilityStage,
    Given,
    Kind,
    ParticipationKind,
    Stage,
    Valuation,
    Valuer,
)
from crm.partnerships.uses import NewUse
from crm.people.models import Person
from crm.pipeline import giving, giving_queries
from crm.projects.models import Project
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

BEGUN, TAKES_PART, MOVED, VALUED, USED = 380, 400, 420, 440, 460
WAITS = 30
"""Days within which a letter of thanks still waits to be read; older ones were sent by hand."""


class FacilityStory:
    """Gathers a facility's stages, and the companies that take part in it."""

    def __init__(self, chronicle: Chronicle, facts: Facts) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._facts = facts

    def gather(self) -> None:
        add, calendar = self._chronicle.add, self._chronicle.calendar
        (first, on), *later = self._facts["stages"]
        add(calendar.workday(on), BEGUN, "director", partial(self._begin, FacilityStage(first)))
        for stage, on in later:
            move = partial(self._move, FacilityStage(stage))
            add(calendar.workday(on), MOVED, "staff", move)
        for part in self._facts["participations"]:
            day = calendar.workday(part["from"])
            add(day, TAKES_PART, "staff", partial(self._take_part, part))

    def _begin(self, stage: FacilityStage, moment: Moment) -> None:
        draft = NewFacility(**{name: self._facts[name] for name in ("name", "place", "about")})
        facilities.begin(
            self._session, draft, stage=stage, on=moment.today, today=moment.today, by=moment.by,
            now=moment.now,
        )  # fmt: skip

    def _move(self, stage: FacilityStage, moment: Moment) -> None:
        facilities.move(
            self._session, self._facility(), stage, on=moment.today, reason=None,
            today=moment.today, by=moment.by, now=moment.now,
        )  # fmt: skip

    def _take_part(self, told: Facts, moment: Moment) -> None:
        until = told.get("until")
        wanted = NewParticipation(
            kind=ParticipationKind(told["kind"]),
            starts_on=moment.today,
            ends_before=None if until is None else self._chronicle.calendar.workday(until),
            note=told.get("note"),
        )
        company_id = _company(self._session, told["company"])
        participations.begin(
            self._session, self._facility(), wanted, company_id=company_id, by=moment.by
        )

    def _facility(self) -> Facility:
        return _facility(self._session, self._facts["name"])


class ContributionStory:
    """Gathers what became of an offer; people are known from the other stories."""

    def __init__(self, chronicle: Chronicle, everyone: dict[str, Person], facts: Facts) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._everyone, self._facts = everyone, facts
        self._id = 0

    def gather(self) -> None:
        add, calendar = self._chronicle.add, self._chronicle.calendar
        (_, offered), *later = self._facts["stages"]
        add(calendar.workday(offered), BEGUN, "staff", self._offer)
        for stage, on, *why in later:
            move = partial(self._move, Stage(stage), why[0] if why else None)
            add(calendar.workday(on), MOVED, "staff", move)
        if "value" in self._facts:
            value = self._facts["value"]
            add(calendar.workday(value["on"]), VALUED, "staff", partial(self._value, value))

        for use in self._facts.get("uses", ()):
            add(calendar.workday(use["from"]), USED, "staff", partial(self._use, use))

    def _offer(self, moment: Moment) -> None:
        facts = self._facts
        facility = _facility(self._session, facts["facility"]) if "facility" in facts else None
        texts = ("about", "location", "condition", "upkeep", "property_tag", "gift_reference")
        draft = NewContribution(
            title=facts["title"],
            kind=Kind(facts["kind"]),
            given=Given(facts["given"]),
            facility_id=facility.id if facility else None,
            contact_id=self._everyone[facts["contact"]].id,
            responsible_id=self._responsible(),
            loan_ends_on=self._day("loan_ends"),
            licence_ends_on=self._day("licence_ends"),
            disposal_on=self._day("disposal"),
            **{name: facts[name] for name in texts if name in facts},
        )
        company_id = _company(self._session, facts["company"])
        known = giving_queries.opportunities_of(self._session, company_id)
        made = giving.offer(
            self._session, company_id, draft, on=moment.today,
            opportunity_id=known[0].id if known else None, **_edge(moment),
        )  # fmt: skip
        self._id = made.id

    def _move(self, stage: Stage, reason: str | None, moment: Moment) -> None:
        contribution_stages.move(
            self._session, self._contribution(), stage, on=moment.today, reason=reason,
            **_edge(moment),
        )  # fmt: skip
        if (self._chronicle.calendar.today - moment.today).days > WAITS:
            for letter in thanks_queries.of_contribution(self._session, self._id):
                thanks.drop(self._session, letter, by=moment.by, now=moment.now)

    def _value(self, told: Facts, moment: Moment) -> None:
        valuation = Valuation(
            basis=Basis(told["basis"]),
            amount=Money(told["amount"] * 100, told.get("currency", "USD")),
            valuer=Valuer(told["valuer"]),
            valued_by=told["by"],
            valued_on=moment.today,
        )
        found = self._contribution()
        contributions.value(self._session, found, valuation, version=found.version, **_edge(moment))

    def _use(self, told: Facts, moment: Moment) -> None:
        until = told.get("until")
        found = select(Project).where(Project.title == told["project"])
        wanted = NewUse(
            starts_on=moment.today,
            ends_before=None if until is None else self._chronicle.calendar.workday(until),
            note=told.get("note"),
        )
        project = self._session.scalars(found).one()
        uses.begin(
            self._session, self._contribution(), project, wanted, by=moment.by, now=moment.now
        )

    def _responsible(self) -> int | None:
        name = self._facts.get("responsible")
        return None if name is None else self._everyone[name].id

    def _day(self, name: str) -> date | None:
        return self._chronicle.calendar.day(self._facts[name]) if name in self._facts else None

    def _contribution(self) -> Contribution:
        return queries.get(self._session, self._id)


def _edge(moment: Moment) -> dict[str, Any]:
    return {"by": moment.by, "now": moment.now, "today": moment.today}


def _company(session: Session, name: str) -> int:
    return session.scalars(select(Company.id).where(Company.name == name)).one()


def _facility(session: Session, name: str) -> Facility:
    return session.scalars(select(Facility).where(Facility.name == name)).one()
