"""One company's story: who works there, what was said, what it signed."""

from __future__ import annotations

from datetime import date, timedelta

from obstore.store import ObjectStore
from sqlalchemy import select

from crm.activities import interests
from crm.activities import operations as activities
from crm.activities.interests import NewInterest
from crm.activities.models import Task
from crm.activities.operations import NewClearance, NewTask, NewTouch
from crm.activities.rules import Stake
from crm.companies import operations as companies
from crm.companies.models import Affiliation, Company
from crm.companies.rules import Headcount
from crm.council import nominations
from crm.council import operations as council
from crm.council.models import Holding, Seat
from crm.council.nominations import NewNomination
from crm.council.rules import HoldingRole
from crm.people import operations as people
from crm.people.models import Person
from crm.pipeline import steps
from crm.stewardship.demo import stories
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.inquiries import Desk, InquiryStory
from crm.stewardship.demo.opportunities import Told
from crm.stewardship.demo.seats import let_letters_rest
from crm.stewardship.demo.stories import Contact, Facts
from crm.stewardship.demo.terms import TermsStory
from crm.stewardship.demo.words import Words

A_DAY = timedelta(days=1)
TASK_AHEAD = 7
"""Days before its own day that a task is written down."""
SENT = -45
DECLARED = 400
"""Once whoever comes that day is on record."""
ARRIVES, JOINS, CLEARED, OPENS = range(0, 120, 30)
SITS, TALKS, LEAVES, PLANS = range(150, 270, 30)


class CompanyStory:
    """Gathers a company's events into the chronicle; people are known across companies."""

    def __init__(
        self,
        chronicle: Chronicle,
        store: ObjectStore,
        words: Words,
        everyone: dict[str, Person],
        desk: Desk,
        facts: Facts,
    ) -> None:
        self._chronicle = chronicle
        self._calendar = chronicle.calendar
        self._session = chronicle.session
        self._words = words
        self._everyone = everyone
        self._desk = desk
        self._facts = facts
        self._owner: str = facts["owner"]
        self._company_id = 0
        self._told: list[Told] = []
        self._terms = TermsStory(chronicle, store, lambda: self._company_id, facts, words.tiers)
        self._sent: InquiryStory | None = None

    def gather(self) -> None:
        facts = self._facts
        self._chronicle.add(self._begins, ARRIVES, self._owner, self._arrive)
        if "inquiry" in facts:
            self._inquire(facts["inquiry"])
        for person in facts["people"]:
            self._join(person)
        for leave in facts.get("clearances", ()):
            self._clear(leave)
        for stake in facts.get("interests", ()):
            self._declare(stake)
        self._terms.gather(self._begins)
        for place in facts.get("seat", ()):
            self._sit(place)
        if "proposal" in facts:
            self._propose(facts["proposal"])
        for told in facts.get("opportunities", ()):
            self._told.append(self._pursue(told))
        for line in facts["touches"]:
            self._talk(stories.contact(line))
        for task in facts.get("tasks", ()):
            self._plan(task)

    @property
    def _begins(self) -> date:
        return self._calendar.workday(self._facts["since"])

    def _arrive(self, moment: Moment) -> None:
        facts = self._facts
        city, region, country = facts["place"]
        draft = companies.NewCompany(
            name=facts["name"],
            legal_name=facts.get("legal_name"),
            website=f"https://www.{facts['domains'][0]}",
            sector=facts["sector"],
            headcount=Headcount(facts["headcount"]),
            city=city,
            region=region,
            country=country,
            incorporated_in=facts.get("incorporated_in"),
            ultimate_parent_country=facts.get("ultimate_parent_country"),
            owner_id=self._chronicle.actor(self._owner).id,
            about=facts.get("about"),
            source=facts["source"],
            challenge_ids=tuple(self._words.challenges[key] for key in facts["challenges"]),
            domains=tuple(facts["domains"]),
        )
        company: Company = companies.add_company(self._session, draft, now=moment.now)
        self._company_id = company.id

    def _inquire(self, facts: Facts) -> None:
        """Before we knew the company, somebody there had filled in the interest form."""
        [sender] = [p for p in self._facts["people"] if p["name"] == facts["name"]]
        sent = {
            **facts,
            "channel": "join",
            "company": self._facts["name"],
            "website": f"https://{self._facts['domains'][0]}",
            "title": sender["title"],
            "email": f"{sender['mail']}@{self._facts['domains'][0]}",
            "country": self._facts["place"][2],
        }
        self._sent = self._desk.story(sent)
        self._chronicle.add(self._begins, SENT, None, self._sent.arrive)

    def _join(self, facts: Facts) -> None:
        email = f"{facts['mail']}@{self._facts['domains'][0]}"

        def join(moment: Moment) -> None:
            known = self._everyone.get(facts["name"])
            if known is None:
                draft = people.PersonDraft(name=facts["name"], phone=facts.get("phone"))
                known = people.add_person(self._session, draft, email=email, now=moment.now)
                self._everyone[facts["name"]] = known
            else:
                people.add_address(self._session, known, email, primary=True, today=moment.today)
            companies.affiliate(
                self._session,
                person_id=known.id,
                company_id=self._company_id,
                title=facts["title"],
                starts_on=self._calendar.day(facts["since"]),
                champion=facts.get("champion", False),
                main_contact=facts.get("main_contact", False),
                billing=facts.get("billing", False),
            )

        def leave(moment: Moment) -> None:
            affiliation = self._session.scalars(
                select(Affiliation).where(
                    Affiliation.person_id == self._everyone[facts["name"]].id,
                    Affiliation.company_id == self._company_id,
                )
            ).one()
            last = self._calendar.day(facts["until"])
            companies.end_affiliation(self._session, affiliation, ends_before=last + A_DAY)

        starts = max(self._begins, self._calendar.workday(facts["since"]))
        self._chronicle.add(starts, JOINS, self._owner, join)
        if "until" in facts:
            self._chronicle.add(self._calendar.workday(facts["until"]), LEAVES, self._owner, leave)

    def _clear(self, facts: Facts) -> None:
        draft_days = (self._calendar.day(facts["from"]), self._calendar.day(facts["until"]))

        def clear(moment: Moment) -> None:
            draft = NewClearance(
                company_id=self._company_id,
                granted_by=facts["granted_by"],
                purpose=facts["purpose"],
                starts_on=draft_days[0],
                ends_before=draft_days[1],
            )
            activities.note_clearance(self._session, draft, now=moment.now)

        self._chronicle.add(max(self._begins, draft_days[0]), CLEARED, self._owner, clear)

    def _declare(self, facts: Facts) -> None:
        """Somebody of the university has a stake in the company."""

        def declare(moment: Moment) -> None:
            interests.declare(
                self._session,
                NewInterest(
                    stake=Stake(facts["stake"]),
                    starts_on=self._calendar.day(facts["from"]),
                    note=facts["note"],
                ),
                person_id=self._everyone[facts["name"]].id,
                company_id=self._company_id,
                by=moment.by,
                today=moment.today,
            )

        on = self._calendar.workday(facts["declared"])
        self._chronicle.add(on, DECLARED, self._owner, declare)

    def _sit(self, facts: Facts) -> None:
        [person] = [p for p in self._facts["people"] if p["name"] == facts["name"]]
        starts_on = max(
            self._terms.first_start(), self._calendar.day(facts.get("from", person["since"]))
        )
        role = HoldingRole(facts["role"])

        def sit(moment: Moment) -> None:
            holding = council.name(
                self._session,
                self._seat(),
                role,
                self._everyone[facts["name"]].id,
                starts_on=starts_on,
                by=moment.by,
                now=moment.now,
                today=moment.today,
            )
            let_letters_rest(self._session, holding, moment)

        def rise(moment: Moment) -> None:
            holding = self._session.scalars(
                select(Holding).where(
                    Holding.seat_id == self._seat().id,
                    Holding.person_id == self._everyone[facts["name"]].id,
                )
            ).one()
            council.end_holding(
                self._session,
                holding,
                on=self._calendar.day(facts["until"]) + A_DAY,
                reason="Left the company",
                by=moment.by,
                now=moment.now,
                today=moment.today,
            )
            let_letters_rest(self._session, holding, moment)

        self._chronicle.add(max(starts_on, self._begins), SITS, "director", sit)
        if "until" in facts:
            self._chronicle.add(self._calendar.workday(facts["until"]), SITS, "director", rise)

    def _propose(self, facts: Facts) -> None:
        def propose(moment: Moment) -> None:
            wanted = NewNomination(
                role=HoldingRole(facts["role"]),
                person_id=self._everyone[facts["name"]].id,
                starts_on=self._calendar.day(facts["from"]),
                proposed_by=facts["by"],
                note=facts["note"],
            )
            nominations.propose(
                self._session,
                self._seat(),
                wanted,
                by=moment.by,
                now=moment.now,
                today=moment.today,
            )

        self._chronicle.add(self._calendar.workday(facts["on"]), SITS, "staff", propose)

    def _seat(self) -> Seat:
        return self._session.scalars(select(Seat).where(Seat.company_id == self._company_id)).one()

    def _pursue(self, facts: Facts) -> Told:
        told = Told(self._chronicle, self._words, facts, lambda: self._company_id, sent=self._sent)
        told.gather(OPENS, PLANS)
        return told

    def _talk(self, contact: Contact) -> None:
        day = self._calendar.workday(contact.on)

        def talk(moment: Moment) -> None:
            draft = NewTouch(
                company_id=self._company_id,
                kind=contact.kind,
                on=moment.today,
                text=contact.text,
                person_ids=tuple(self._everyone[name].id for name in contact.people),
                shown=contact.shown,
                confidential=contact.confidential,
            )
            about = self._talked_about(moment.today)
            if about is None:
                activities.log_touch(self._session, draft, by=moment.by, now=moment.now)
            else:
                steps.report_contact(
                    self._session, about.opportunity, draft, by=moment.by, now=moment.now
                )

        self._chronicle.add(day, TALKS, contact.by, talk)

    def _talked_about(self, day: date) -> Told | None:
        """Members speak of everything; with a prospect it is about the one opportunity."""
        if "terms" in self._facts:
            return None
        return next((told for told in self._told if told.open_on(day)), None)

    def _plan(self, facts: Facts) -> None:
        written = max(self._facts["since"], min(facts["due"] - TASK_AHEAD, -1))
        planned: list[Task] = []

        def plan(moment: Moment) -> None:
            draft = NewTask(
                title=facts["title"],
                due_on=self._calendar.workday(facts["due"]),
                owner_id=self._chronicle.actor(facts["owner"]).id,
                company_id=self._company_id,
                note=facts.get("note"),
            )
            planned.append(activities.add_task(self._session, draft, by=moment.by, now=moment.now))

        def complete(moment: Moment) -> None:
            activities.complete(self._session, planned[0], on=moment.today)

        self._chronicle.add(self._calendar.workday(written), PLANS, facts["owner"], plan)
        if "done" in facts:
            done = self._calendar.workday(facts["done"])
            self._chronicle.add(done, PLANS, facts["owner"], complete)
