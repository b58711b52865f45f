"""What the demo's members were asked for and what they paid, as the finance office told it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation
from crm.invoices import billing, payments, queries
from crm.invoices.models import BillingProfile, Invoice
from crm.invoices.rules import Blocker
from crm.memberships.models import Membership
from crm.people.models import PersonAddress
from crm.stewardship.demo.calendar import Calendar
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

ASKED_BEFORE = timedelta(days=30)
INVOICED_AFTER = timedelta(days=4)
PAID_AFTER = (3, 11, 19, -6, 26, 8)
"""Days after the due day, one member after the other: some pay early, some late."""
ASKED, INVOICED, PAID, TOLD = 60, 200, 240, 300


def gather(session: Session, chronicle: Chronicle, membership: Membership, story: Facts) -> None:
    """Tell of every instalment of a term that has come up for billing. `story`: the member's own.

    Its accounts department is who the stories name for billing.
    """
    if queries.profile_of(session, membership.company_id) is None:
        session.add(
            BillingProfile(
                id=membership.company_id, email=_accounts_of(session, membership.company_id)
            )
        )
        session.flush()
    assert membership.executed_on is not None  # the story is that of a signed term
    soonest = membership.executed_on + timedelta(days=2)
    for due in queries.schedule_of(session, membership.id):
        asked = max(due.due_on - ASKED_BEFORE, soonest)
        if asked > chronicle.calendar.today:
            continue
        late = due.due_on >= chronicle.calendar.day(story.get("unpaid_since", 1))
        habit = timedelta(days=PAID_AFTER[membership.company_id % len(PAID_AFTER)])
        paid = None if late else due.due_on + habit
        _Request(session, chronicle, due.id, asked, story if late else {}).tell(paid)


def _accounts_of(session: Session, company_id: int) -> str | None:
    return session.scalar(
        select(PersonAddress.email)
        .join(Affiliation, Affiliation.person_id == PersonAddress.person_id)
        .where(Affiliation.company_id == company_id, Affiliation.billing, PersonAddress.is_primary)
        .order_by(Affiliation.id)
        .limit(1)
    )


class _Request:
    """One billing request, from asking for it to the money."""

    def __init__(
        self, session: Session, chronicle: Chronicle, instalment_id: int, asked: date, story: Facts
    ) -> None:
        self._session, self._chronicle = session, chronicle
        self._instalment_id, self._asked, self._story = instalment_id, asked, story
        self._invoice: Invoice | None = None

    def tell(self, paid_on: date | None) -> None:
        calendar: Calendar = self._chronicle.calendar
        invoiced = self._asked + INVOICED_AFTER
        self._chronicle.add(self._asked, ASKED, "staff", self._ask)
        if invoiced <= calendar.today:
            self._chronicle.add(invoiced, INVOICED, "staff", self._number)
        if paid_on is not None and max(paid_on, invoiced) <= calendar.today:
            self._chronicle.add(max(paid_on, invoiced), PAID, "staff", self._pay)
        if "blocker" in self._story:
            self._chronicle.add(calendar.day(self._story["told"]), TOLD, "staff", self._block)

    def _ask(self, moment: Moment) -> None:
        told = {"by": moment.by, "now": moment.now, "today": moment.today}
        self._invoice = billing.bill(self._session, [self._instalment_id], **told)  # type: ignore[arg-type]
        billing.issue(self._session, self._invoice, **told)  # type: ignore[arg-type]
        self._invoice.sent_on = moment.today
        self._session.flush()

    def _number(self, moment: Moment) -> None:
        invoice = self._issued()
        number = f"F{moment.today:%y}-{70_000 + 37 * invoice.id}"
        billing.record_finance(self._session, invoice, number=number, invoiced_on=moment.today)

    def _pay(self, moment: Moment) -> None:
        invoice = self._issued()
        payments.receive(
            self._session,
            invoice.company_id,
            invoice.total,
            received_on=moment.today,
            reference=f"{invoice.finance_number} wire",
            settles={invoice.id: invoice.total},
            by=moment.by,
            now=moment.now,
            today=moment.today,
        )

    def _block(self, moment: Moment) -> None:
        billing.note_blocker(
            self._session,
            self._issued(),
            Blocker(self._story["blocker"]),
            note=self._story["note"],
            promised_on=self._chronicle.calendar.day(self._story["promised"]),
        )

    def _issued(self) -> Invoice:
        assert self._invoice is not None  # asking comes first
        return queries.get(self._session, self._invoice.id)
