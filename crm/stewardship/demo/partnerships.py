"""The stories of major partnerships: needs, faculty, areas, what was scoped and handed over."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities.operations import NewTouch
from crm.companies.models import Company
from crm.kit.money import Money
from crm.partnerships import (
    areas,
    convened,
    scoping,
    workspace_queries,
    workspace_terms,
    workspaces,
)
from crm.partnerships.areas import NewArea
from crm.partnerships.scoping import NewHandoff, NewScope
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Answer, Interest, Ip, Nda, NdaFacts, Side
from crm.partnerships.workspace_terms import NewIp, NewNda
from crm.partnerships.workspaces import NewPartnership
from crm.people.models import Person
from crm.pipeline import partnering
from crm.pipeline import workspaces as majors
from crm.stewardship.demo import stories
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Contact, Facts
from crm.stewardship.demo.words import Words

OPENED, STATED, ASKED, ANSWERED, PROPOSED, CONVENED = range(460, 580, 20)
WEIGHED, SETTLED, WRITTEN, HANDED = range(580, 660, 20)


class PartnershipStory:
    """Gathers a workspace's events; people and opportunities are known from the other stories."""

    def __init__(
        self, chronicle: Chronicle, words: Words, everyone: dict[str, Person], facts: Facts
    ) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._words, self._everyone, self._facts = words, everyone, facts
        self._id = 0
        self._areas: dict[str, int] = {}

    def gather(self) -> None:
        facts = self._facts
        self._add(facts["opened"], OPENED, self._open)
        self._add(facts["needs"]["on"], STATED, self._state_needs)
        if "lead" in facts:
            self._add(facts["lead"]["on"], STATED + 1, self._name_lead)
        for told in facts.get("nda", ()):
            self._add(told["on"], ASKED, partial(self._nda, told))
        if "ip" in facts:
            self._add(facts["ip"]["on"], ASKED, self._ip)
        for told in facts.get("faculty", ()):
            self._add(told["asked"], ASKED, partial(self._ask, told))
            self._add(told["on"], ANSWERED, partial(self._answer, told))
        for told in facts.get("areas", ()):
            self._area(told)
        for line in facts.get("convenings", ()):
            contact = stories.contact(line)
            day = self._chronicle.calendar.workday(contact.on)
            self._chronicle.add(day, CONVENED, contact.by, partial(self._convene, contact))
        for number, told in enumerate(facts.get("scopes", ())):
            self._add(told["on"], WRITTEN, partial(self._scope, told, number))
        if "handoff" in facts:
            self._add(facts["handoff"]["on"], HANDED, self._hand_off)

    def _add(self, on: int, minutes: int, act: Any) -> None:
        day = self._chronicle.calendar.workday(on)
        self._chronicle.add(day, minutes, "director", act)

    def _open(self, moment: Moment) -> None:
        facts = self._facts
        made = partnering.open_workspace(
            self._session,
            _company(self._session, facts["company"]),
            NewPartnership(title=facts["title"], relations_contact=facts.get("relations")),
            owner_id=moment.by.id,
            on=moment.today,
            **_edge(moment),
        )
        self._id = made.partnership_id or 0

    def _state_needs(self, moment: Moment) -> None:
        needs = self._facts["needs"]
        self._describe(
            moment,
            needs_text=needs["text"].strip(),
            needs_on=moment.today,
            needs_by_id=self._everyone[needs["by"]].id,
        )

    def _name_lead(self, moment: Moment) -> None:
        self._describe(moment, lead_id=self._everyone[self._facts["lead"]["name"]].id)

    def _describe(self, moment: Moment, **more: Any) -> None:
        found = self._workspace()
        told = {name: getattr(found, name) for name in workspaces.LABELS}
        draft = NewPartnership(**{**told, **more})
        version = found.version
        workspaces.edit(self._session, found, draft, version=version, today=moment.today)

    def _nda(self, told: Facts, moment: Moment) -> None:
        calendar = self._chronicle.calendar
        state = NdaFacts(
            state=Nda(told["state"]),
            signed_on=moment.today if "signed" in told else None,
            expires_on=calendar.day(told["expires"]) if "expires" in told else None,
        )
        wanted = NewNda(facts=state, reference=told.get("reference"), note=told.get("note"))
        found = self._workspace()
        workspace_terms.set_nda(
            self._session, found, wanted, version=found.version, **_edge(moment)
        )

    def _ip(self, moment: Moment) -> None:
        told = self._facts["ip"]
        wanted = NewIp(state=Ip(told["state"]), on=moment.today, text=told["text"])
        found = self._workspace()
        workspace_terms.set_ip(self._session, found, wanted, version=found.version, **_edge(moment))

    def _ask(self, told: Facts, moment: Moment) -> None:
        person_id, field = self._everyone[told["name"]].id, told.get("field")
        convened.ask(
            self._session, self._workspace(), person_id, field=field, on=moment.today,
            **_edge(moment),
        )  # fmt: skip

    def _answer(self, told: Facts, moment: Moment) -> None:
        made = workspace_queries.get_convened(self._session, self._convened(told["name"]))
        convened.answer(
            self._session,
            made,
            Answer(told["answer"]),
            field=made.field,
            on=moment.today,
            version=made.version,
            **_edge(moment),
        )

    def _area(self, told: Facts) -> None:
        self._add(told["proposed"], PROPOSED, partial(self._propose, told))
        said = [told[side][2] for side in ("company", "university") if side in told]
        if said:
            self._add(max(said), WEIGHED, partial(self._weigh, told))
        if "agreed" in told:
            self._add(told["agreed"], SETTLED, partial(self._agree, told))
        if "dropped" in told:
            self._add(told["dropped"][0], SETTLED, partial(self._drop, told))

    def _propose(self, told: Facts, moment: Moment) -> None:
        wanted = NewArea(
            title=told["title"],
            text=told.get("text"),
            challenge_ids=tuple(self._words.challenges[key] for key in told["challenges"]),
        )
        made = areas.propose(
            self._session, self._workspace(), wanted, on=moment.today, **_edge(moment)
        )
        self._areas[told["title"]] = made.id

    def _weigh(self, told: Facts, moment: Moment) -> None:
        area = workspace_queries.get_area(self._session, self._areas[told["title"]])
        wanted = NewArea(
            title=area.title,
            text=area.text,
            challenge_ids=tuple(challenge.id for challenge in area.challenges),
            convened_ids=tuple(self._convened(name) for name in told.get("faculty", ())),
        )
        areas.edit(self._session, area, wanted, version=area.version)
        areas.weigh(
            self._session,
            area,
            self._side(told.get("company")),
            self._side(told.get("university")),
            version=area.version,
            today=moment.today,
        )

    def _side(self, told: Any) -> Side:
        if told is None:
            return Side()
        interest, by, on = told
        return Side(interest=Interest(interest), by=by, on=self._chronicle.calendar.workday(on))

    def _agree(self, told: Facts, moment: Moment) -> None:
        area = workspace_queries.get_area(self._session, self._areas[told["title"]])
        areas.agree(self._session, area, on=moment.today, **_edge(moment))

    def _drop(self, told: Facts, moment: Moment) -> None:
        area = workspace_queries.get_area(self._session, self._areas[told["title"]])
        reason = told["dropped"][1]
        areas.drop(self._session, area, on=moment.today, reason=reason, **_edge(moment))

    def _convene(self, contact: Contact, moment: Moment) -> None:
        found = self._workspace()
        draft = NewTouch(
            company_id=found.company_id,
            kind=contact.kind,
            on=moment.today,
            text=contact.text,
            person_ids=tuple(self._everyone[name].id for name in contact.people),
            shown=contact.shown,
            confidential=contact.confidential,
        )
        opportunity = majors.opportunity_of(self._session, self._id)
        partnering.convene(self._session, found, opportunity, draft, by=moment.by, now=moment.now)

    def _scope(self, told: Facts, number: int, moment: Moment) -> None:
        calendar = self._chronicle.calendar
        wanted = NewScope(
            text=told["text"],
            deliverables=told["deliverables"],
            starts_on=calendar.day(told["from"]),
            ends_before=calendar.day(told["until"]),
            estimate=Money(told["estimate"] * 100, "USD"),
        )
        scoping.write(self._session, self._workspace(), wanted, seen=number, **_edge(moment))

    def _hand_off(self, moment: Moment) -> None:
        told = self._facts["handoff"]
        wanted = NewHandoff(to_whom=told["to"], on=moment.today, reference=told["reference"])
        opportunity = majors.opportunity_of(self._session, self._id)
        partnering.hand_off(self._session, self._workspace(), opportunity, wanted, **_edge(moment))

    def _workspace(self) -> Partnership:
        return workspace_queries.get(self._session, self._id)

    def _convened(self, name: str) -> int:
        found = select(Convened.id).where(
            Convened.partnership_id == self._id,
            Convened.person_id == self._everyone[name].id,
        )
        return self._session.scalars(found).one()


def _edge(moment: Moment) -> dict[str, Any]:
    return {"by": moment.by, "now": moment.now, "today": moment.today}


def _company(session: Session, name: str) -> int:
    return session.scalars(select(Company.id).where(Company.name == name)).one()
