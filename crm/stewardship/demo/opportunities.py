"""One opportunity's way: a day for each stage it came to, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from crm.activities.operations import NewTask
from crm.enrolment.operations import NewMembership
from crm.kit.money import Money, digits
from crm.partnerships import screening
from crm.partnerships.screening import NewScreening
from crm.partnerships.workspace_rules import Result
from crm.pipeline import ending, operations, steps
from crm.pipeline.models import Opportunity
from crm.pipeline.operations import OpportunityDraft
from crm.pipeline.partnering import PARTNERSHIP
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.inquiries import InquiryStory
from crm.stewardship.demo.stories import Facts
from crm.stewardship.demo.words import Words

STEP_AHEAD = 9
"""Days before its own day that a next step is planned."""


class Told:
    """`path` holds one day for each stage from the first; a story ends `won`, `lost` or open."""

    opportunity: Opportunity

    def __init__(
        self,
        chronicle: Chronicle,
        words: Words,
        facts: Facts,
        company_id: Callable[[], int],
        *,
        sent: InquiryStory | None = None,
    ) -> None:
        self._chronicle = chronicle
        self._calendar = chronicle.calendar
        self._session = chronicle.session
        self._words = words
        self._facts = facts
        self._company_id = company_id
        self._sent = sent
        self._mode: str = facts["mode"]
        self._owner: str = facts["owner"]

    def open_on(self, day: date) -> bool:
        end = self._facts.get("won") or self._facts.get("lost")
        opened = self._calendar.workday(self._facts["path"][0])
        return opened <= day and (end is None or day < self._calendar.workday(end["on"]))

    def gather(self, opens: int, plans: int) -> None:
        facts, add = self._facts, self._chronicle.add
        first, *further = facts["path"]
        add(self._calendar.workday(first), opens, self._owner, self._open)
        for place, day in enumerate(further, 1):
            add(self._calendar.workday(day), plans, self._owner, self._mover(place))
        for key, act in (
            ("intent_on", self._intend),
            ("parked", self._park),
            ("lost", self._lose),
            ("won", self._win),
            ("next", self._plan),
        ):
            if key in facts:
                add(self._acted_on(key), plans + 1, self._owner, act)

    def _acted_on(self, key: str) -> date:
        facts = self._facts
        if key == "next":
            planned = min(facts["next"]["due"] - STEP_AHEAD, -1)
            return self._calendar.workday(max(facts["path"][-1], planned))
        return self._calendar.workday(facts[key] if key == "intent_on" else facts[key]["on"])

    def _months_ahead(self) -> int:
        """Until it is expected to start: one, and one more for each stage still before it."""
        ahead = len(self._words.stages[self._mode]) - len(self._facts["path"])
        return int(self._facts.get("expected_months", 1 + ahead))

    def _open(self, moment: Moment) -> None:
        facts = self._facts
        mode, tier = self._words.modes[self._mode], self._words.tiers.get(facts.get("tier", ""))
        currency = self._words.tiers["founding"].currency
        draft = OpportunityDraft(
            owner_id=self._chronicle.actor(self._owner).id,
            tier_id=tier.id if tier else None,
            value=Money(facts["value"] * 10 ** digits(currency), currency),
            expected_on=self._calendar.month(self._months_ahead()),
            source=facts["source"],
            note=facts.get("note"),
        )
        if self._sent is not None:
            self.opportunity = self._sent.accepted(
                self._company_id(), mode.id, draft.owner_id, moment
            )
            operations.amend(self._session, self.opportunity, draft)
            return
        self.opportunity = operations.open_opportunity(
            self._session,
            company_id=self._company_id(),
            mode_id=mode.id,
            owner_id=draft.owner_id,
            source=draft.source,
            tier_id=draft.tier_id,
            value=draft.value,
            expected_on=draft.expected_on,
            note=draft.note,
            by=moment.by,
            on=moment.today,
            now=moment.now,
        )

    def _mover(self, place: int) -> Callable[[Moment], None]:
        stage_id = self._words.stages[self._mode][place]

        def move(moment: Moment) -> None:
            if place == 1 and self._mode == PARTNERSHIP:
                self._screen(moment)
            operations.move(
                self._session,
                self.opportunity,
                stage_id,
                on=moment.today,
                by=moment.by,
                now=moment.now,
                today=moment.today,
            )

        return move

    def _screen(self, moment: Moment) -> None:
        """With the NDA, before effort is spent."""
        told = {"result": "clear", **self._facts.get("screening", {})}
        wanted = NewScreening(
            screened_on=moment.today,
            screened_by="Export control office",
            service="Consolidated screening list",
            result=Result(told["result"]),
            note=told.get("note"),
        )
        screening.record(
            self._session,
            self._company_id(),
            wanted,
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _intend(self, moment: Moment) -> None:
        operations.note_intent(self._session, self.opportunity, moment.today, today=moment.today)

    def _park(self, moment: Moment) -> None:
        until = self._calendar.day(self._facts["parked"]["until"])
        operations.park(
            self._session,
            self.opportunity,
            until,
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _lose(self, moment: Moment) -> None:
        lost = self._facts["lost"]
        ending.lose(
            self._session,
            self.opportunity,
            self._words.lost_reason(self._mode, lost["reason"]),
            note=lost.get("note"),
            on=moment.today,
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _win(self, moment: Moment) -> None:
        won = self._facts["won"]
        terms = None
        if self._words.modes[self._mode].membership:
            tier = self._words.tiers[self._facts["tier"]]
            terms = NewMembership(
                company_id=self._company_id(),
                tier_id=tier.id,
                starts_on=self._calendar.month(won["starts_in_months"]),
                years=tier.years,
                fee=tier.fee,
            )
        ending.win(
            self._session,
            self.opportunity,
            terms,
            on=moment.today,
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _plan(self, moment: Moment) -> None:
        step = self._facts["next"]
        draft = NewTask(title=step["title"], due_on=self._calendar.workday(step["due"]))
        steps.plan_step(self._session, self.opportunity, draft, by=moment.by, now=moment.now)
