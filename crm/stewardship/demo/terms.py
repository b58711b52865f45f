"""A member's terms: drafted, released, signed by both sides, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from obstore.store import ObjectStore

from crm.documents.operations import NewFile
from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.kit.periods import anniversary
from crm.memberships import agreements, operations
from crm.memberships.agreements import NewAgreement
from crm.memberships.models import Membership, Tier
from crm.memberships.operations import Side
from crm.stewardship.demo import care, dues
from crm.stewardship.demo.calendar import Calendar, years_before
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import FOLDER, Facts

SPECIMEN = FOLDER / "specimen-agreement.pdf"
"""One page that says what it is; it stands for the signed agreement of every member."""
DRAFTED_BEFORE, RELEASED_BEFORE = timedelta(days=24), timedelta(days=15)
"""Days before the company signed."""
COUNTERSIGNED_AFTER = timedelta(days=3)
DRAFTED, RELEASED, SIGNED, COUNTERSIGNED = 40, 70, 110, 120


class TermsStory:
    """Gathers the terms of one company, the earliest first, into the chronicle."""

    def __init__(
        self,
        chronicle: Chronicle,
        store: ObjectStore,
        company_id: Callable[[], int],
        facts: Facts,
        tiers: dict[str, Tier],
    ) -> None:
        self._chronicle, self._store = chronicle, store
        self._company_id, self._facts, self._tiers = company_id, facts, tiers

    def gather(self, begins: date) -> None:
        """`begins`: nothing is drafted for a company before it is known."""
        terms = self._facts.get("terms", ())
        for told, starts_on in zip(terms, self._starts(), strict=True):
            _Term(
                self._chronicle, self._store, self._company_id, self._facts, told,
                self._tier(told), starts_on, newest=told is terms[-1],
            ).gather(begins)  # fmt: skip

    def first_start(self) -> date:
        return self._starts()[0]

    def _tier(self, told: Facts) -> Tier:
        return self._tiers[told.get("tier", "founding")]

    def _starts(self) -> list[date]:
        found: list[date] = []
        for told in self._facts.get("terms", ()):
            years = self._tier(told).years
            if "renews" in told:  # right after the term before
                found.append(anniversary(found[-1], years))
            else:
                found.append(_starts_on(self._chronicle.calendar, told, years))
        return found


def _starts_on(calendar: Calendar, told: Facts, years: int) -> date:
    """The stories tell a term by what makes it interesting today."""
    if "starts_months" in told:
        return calendar.month(told["starts_months"])
    if "due_days_ago" in told:  # the instalment of that membership year
        due_on = calendar.today - timedelta(days=told["due_days_ago"])
        return years_before(due_on, told["year"] - 1)
    if "ends_in" in told:
        return years_before(calendar.today + timedelta(days=told["ends_in"]), years)
    # the first day of grace is the first without a term
    return years_before(calendar.today - timedelta(days=told["grace_day"] - 1), years)


class _Term:
    def __init__(
        self,
        chronicle: Chronicle,
        store: ObjectStore,
        company_id: Callable[[], int],
        company: Facts,
        told: Facts,
        tier: Tier,
        starts_on: date,
        *,
        newest: bool,
    ) -> None:
        self._chronicle, self._session, self._store = chronicle, chronicle.session, store
        self._company_id, self._company, self._told = company_id, company, told
        self._tier, self._starts_on, self._newest = tier, starts_on, newest
        self._membership_id = 0

    def gather(self, begins: date) -> None:
        signed = self._starts_on - timedelta(days=self._told["signed"])
        add = self._chronicle.add
        add(max(signed - DRAFTED_BEFORE, begins), DRAFTED, "staff", self._draft)
        add(max(signed - RELEASED_BEFORE, begins), RELEASED, "director", self._release)
        add(signed, SIGNED, "staff", lambda moment: self._sign(Side.COMPANY, moment))
        add(signed + COUNTERSIGNED_AFTER, COUNTERSIGNED, "director", self._execute)

    def _draft(self, moment: Moment) -> None:
        membership = enrolment.start(
            self._session,
            NewMembership(
                company_id=self._company_id(),
                tier_id=self._tier.id,
                starts_on=self._starts_on,
                years=self._tier.years,
                fee=self._tier.fee,
                agreement_number=self._told["agreement"],
            ),
            by=moment.by, now=moment.now, today=moment.today,
        )  # fmt: skip
        self._membership_id = membership.id

    def _release(self, moment: Moment) -> None:
        operations.release(
            self._session, self._membership, by=moment.by, now=moment.now, today=moment.today
        )

    def _sign(self, side: Side, moment: Moment) -> None:
        operations.sign(
            self._session, self._membership, side,
            on=moment.today, by=moment.by, now=moment.now, today=moment.today,
        )  # fmt: skip

    def _execute(self, moment: Moment) -> None:
        self._sign(Side.PROGRAMME, moment)
        champion = next(p["name"] for p in self._company["people"] if p.get("champion"))
        file = NewFile(name=f"{self._told['agreement']} signed.pdf", content=SPECIMEN.read_bytes())
        wanted = NewAgreement(
            file=file, signed=True, company_signatory=champion, programme_signatory=moment.by.name
        )
        agreements.add(
            self._session, self._store, self._membership, wanted,
            by=moment.by, now=moment.now, today=moment.today,
        )  # fmt: skip
        story = self._company.get("dues", {})
        dues.gather(self._session, self._chronicle, self._membership, story)
        if self._newest:
            care.gather(self._chronicle, self._membership, self._company)

    @property
    def _membership(self) -> Membership:
        return self._session.get_one(Membership, self._membership_id)
