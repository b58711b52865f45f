"""The working groups' stories: founded, joined, written to, and what they made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council import places
from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.people import operations as people
from crm.people import profiles
from crm.people.models import Person
from crm.people.operations import PersonDraft
from crm.people.profiles import NewProfile
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts
from crm.stewardship.demo.words import Words
from crm.working_groups import deliverables, joining, mailings, operations, queries
from crm.working_groups.deliverables import NewDeliverable
from crm.working_groups.joining import Asking
from crm.working_groups.mailings import NewMailing
from crm.working_groups.models import Deliverable, GroupAsking, WorkingGroup
from crm.working_groups.operations import NewGroup
from crm.working_groups.rules import AskingKind, DeliverableKind, JoinPolicy, Readers, Stage

CAMPUS = "campus.example"
COMES, FOUNDED, ASKED, JOINED, WRITES, MOVED = range(360, 480, 20)


def scholar(chronicle: Chronicle, words: Words, everyone: dict[str, Person], facts: Facts) -> None:
    """Somebody of the university; `account` is the sign-in that is theirs."""

    def come(moment: Moment) -> None:
        person = people.add_person(
            chronicle.session,
            PersonDraft(name=facts["name"]),
            email=f"{facts['mail']}@{CAMPUS}",
            now=moment.now,
        )
        profile = NewProfile(
            field=facts["field"],
            about=facts["about"],
            challenge_ids=tuple(words.challenges[key] for key in facts["challenges"]),
        )
        profiles.write(chronicle.session, person, profile, version=0)
        if "account" in facts:
            user_id = chronicle.actor(facts["account"]).id
            people.link_account(chronicle.session, person, user_id, by=moment.by, now=moment.now)
        everyone[facts["name"]] = person

    chronicle.add(chronicle.calendar.workday(facts["since"]), COMES, "staff", come)


class GroupStory:
    """Gathers a group's events into the chronicle; people are known from the companies' stories."""

    def __init__(
        self, chronicle: Chronicle, words: Words, everyone: dict[str, Person], facts: Facts
    ) -> None:
        self._chronicle = chronicle
        self._calendar = chronicle.calendar
        self._session: Session = chronicle.session
        self._words = words
        self._everyone = everyone
        self._facts = facts
        self._group_id = 0

    def gather(self) -> None:
        facts = self._facts
        day = self._calendar.workday(facts["founded"])
        self._chronicle.add(day, FOUNDED, facts["by"], self._found)
        for member in facts["members"]:
            self._join(member)
        for asking in facts.get("askings", ()):
            self._chronicle.add(
                self._calendar.workday(asking["on"]), ASKED, "staff", self._asking(asking)
            )
        for made in facts["deliverables"]:
            self._make(made)
        if "letter" in facts:
            self._write(facts["letter"])

    def _found(self, moment: Moment) -> None:
        facts = self._facts
        draft = NewGroup(
            name=facts["name"],
            charter=facts["charter"].strip(),
            summary=facts["summary"],
            join_policy=JoinPolicy(facts["join"]),
            founded_on=moment.today,
            challenge_ids=self._challenges(facts),
        )
        self._group_id = operations.found(self._session, draft, by=moment.by, now=moment.now).id

    def _join(self, facts: Facts) -> None:
        def join(moment: Moment) -> None:
            place = self._come_in(facts, moment)
            role = PlaceRole(facts.get("role", "member"))
            if role is not PlaceRole.MEMBER:
                places.change_role(
                    self._session, place, role, on=moment.today, reason="Chosen by the group",
                    by=moment.by, now=moment.now,
                )  # fmt: skip

        def leave(moment: Moment) -> None:
            place = self._session.scalars(
                select(Place).where(
                    Place.body_id == self._group_id,
                    Place.person_id == self._everyone[facts["name"]].id,
                )
            ).one()
            places.end(
                self._session, place, on=moment.today, reason=facts["reason"], left=True,
                by=moment.by, now=moment.now,
            )  # fmt: skip

        by = self._facts["by"]
        self._chronicle.add(self._calendar.workday(facts["from"]), JOINED, by, join)
        if "until" in facts:
            self._chronicle.add(self._calendar.workday(facts["until"]), JOINED, by, leave)

    def _come_in(self, facts: Facts, moment: Moment) -> Place:
        """As the group's policy says."""
        group, person_id = self._group(), self._everyone[facts["name"]].id
        edge: dict[str, Any] = {"by": moment.by, "now": moment.now, "today": moment.today}
        if "at" not in facts:
            return joining.appoint(self._session, group, person_id, on=moment.today, **edge)
        if group.join_policy is JoinPolicy.OPEN:
            company_id = self._company(facts)
            return joining.join(
                self._session, group, person_id, company_id, on=moment.today, **edge
            )
        asking = self._ask(facts, moment)
        return joining.accept(self._session, group, asking, on=moment.today, **edge)

    def _asking(self, facts: Facts) -> Callable[[Moment], None]:
        def ask(moment: Moment) -> None:
            self._ask(facts, moment)

        return ask

    def _ask(self, facts: Facts, moment: Moment) -> GroupAsking:
        group = self._group()
        by_application = group.join_policy is JoinPolicy.APPLICATION
        return joining.ask(
            self._session,
            group,
            AskingKind.APPLICATION if by_application else AskingKind.INVITATION,
            Asking(
                person_id=self._everyone[facts["name"]].id,
                company_id=self._company(facts),
                note=facts.get("note"),
            ),
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _make(self, facts: Facts) -> None:
        made: list[Deliverable] = []

        def plan(moment: Moment) -> None:
            draft = NewDeliverable(
                title=facts["title"],
                kind=DeliverableKind(facts["kind"]),
                about=facts.get("about"),
                due_on=self._calendar.workday(facts["due"]),
                link=facts.get("link"),
                readers=Readers(facts.get("readers", "members")),
                author_ids=tuple(self._everyone[name].id for name in facts.get("authors", ())),
                challenge_ids=self._challenges(facts),
            )
            made.append(
                deliverables.plan(
                    self._session, self._group(), draft, by=moment.by, now=moment.now,
                    today=moment.today,
                )
            )  # fmt: skip

        def move(stage: str, reason: str | None, moment: Moment) -> None:
            deliverables.move(
                self._session, made[0], Stage(stage), on=moment.today, reason=reason,
                by=moment.by, now=moment.now, today=moment.today,
            )  # fmt: skip

        by = self._facts["by"]
        (_, planned), *later = facts["stages"]
        self._chronicle.add(self._calendar.workday(planned), MOVED, by, plan)
        for stage, on, *why in later:
            self._chronicle.add(
                self._calendar.workday(on),
                MOVED,
                by,
                partial(move, stage, why[0] if why else None),
            )

    def _write(self, facts: Facts) -> None:
        """A draft: nothing of the demo goes out."""

        def write(moment: Moment) -> None:
            wanted = NewMailing(subject=facts["subject"], text=facts["text"].strip())
            mailings.write(
                self._session, self._group(), wanted, by=moment.by, now=moment.now,
                today=moment.today,
            )  # fmt: skip

        self._chronicle.add(self._calendar.workday(facts["on"]), WRITES, facts["by"], write)

    def _group(self) -> WorkingGroup:
        return queries.get(self._session, self._group_id)

    def _company(self, facts: Facts) -> int:
        return self._session.scalars(select(Company.id).where(Company.name == facts["at"])).one()

    def _challenges(self, facts: Facts) -> tuple[int, ...]:
        return tuple(self._words.challenges[key] for key in facts["challenges"])
