"""The ladder of reminders: which invoice has reached which step, and what a person lets go out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import balances, letters, queries, settings
from crm.invoices.lateness import Step, next_step
from crm.invoices.letters import Overdue, Writer
from crm.invoices.models import BillingProfile, Invoice, Reminder
from crm.invoices.rules import Blocker
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money
from crm.kit.periods import in_words
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.programme.models import Programme


class HeldBack(RuleBroken):
    """This reminder does not go out, or not now."""


class AlreadyStopped(RuleBroken):
    """Reminders to this company are stopped, or go on, already."""


@dataclass(frozen=True, kw_only=True)
class OnLadder:
    """An overdue invoice. `held` says why nothing goes out now; empty: it is for a person to say.

    `step` None: every reminder has gone out.
    """

    invoice: Overdue
    company_id: int
    company: str
    to: str | None
    step: Step | None
    sent: int
    sent_on: date | None
    held: str


def on_ladder(
    session: Session, day: date, *, invoice_id: int | None = None, company_id: int | None = None
) -> list[OnLadder]:
    """Every overdue invoice, the longest overdue first. One SELECT beside the settings."""
    ladder = settings.current(session).remind_after_days
    found = _overdue(day, invoice_id, company_id)
    return [_told(row, ladder, day) for row in session.execute(found)]


def of_invoice(session: Session, invoice_id: int, day: date) -> OnLadder:
    """One overdue invoice. Raises `NotFound` for any other."""
    found = on_ladder(session, day, invoice_id=invoice_id)
    if not found:
        raise NotFound("There is no such overdue invoice.")
    return found[0]


def sent_for(session: Session, invoice_id: int) -> Sequence[Reminder]:
    found = select(Reminder).where(Reminder.invoice_id == invoice_id)
    return session.scalars(found.order_by(Reminder.step)).all()


class Desk:
    """Where reminders of a day are written: in whose name, by which ladder. Two SELECTs."""

    def __init__(self, session: Session, day: date) -> None:
        told = settings.current(session)
        name, facts = session.execute(select(Programme.name, Programme.facts)).one()
        self._steps = len(told.remind_after_days)
        self._writer = Writer(programme=name, contact=facts["contact"], remit_to=told.remit_to)
        self._day = day

    def draft(self, one: OnLadder) -> Letter:
        """The letter as it would go out. Raises `HeldBack` where there is none to write."""
        if one.step is None:
            raise HeldBack("Every reminder of this invoice has gone out.")
        return letters.reminder(
            one.invoice,
            step=one.step.number,
            steps=self._steps,
            to=one.to or "",
            writer=self._writer,
            today=self._day,
        )


def release(
    session: Session,
    chosen: Collection[tuple[int, int]],
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> tuple[list[Reminder], list[str]]:
    """Let go out what a person has looked at, as (invoice id, step), and record it.

    What is not, or no longer, what its invoice waits for stays, and is told in words: never two
    for one step, also when two people release it at once.
    """
    ids = [invoice_id for invoice_id, _ in chosen]
    locked = select(Invoice.id).where(Invoice.id.in_(ids)).order_by(Invoice.id)
    session.execute(locked.with_for_update(of=Invoice))
    waiting = {one.invoice.invoice_id: one for one in on_ladder(session, today)}
    desk = Desk(session, today)
    released, held = [], []
    for invoice_id, step in sorted(set(chosen)):
        one = waiting.get(invoice_id)
        refusal = _refusal(one, step)
        if one is None or refusal:
            held.append(refusal)
            continue
        reminder = Reminder(
            invoice_id=invoice_id,
            step=step,
            released_on=today,
            to=one.to or "",
            by_name=by.name,
        )
        session.add(reminder)
        mail.post(session, desk.draft(one), now=now)
        released.append(reminder)
    session.flush()
    return released, held


def _refusal(one: OnLadder | None, step: int) -> str:
    """Why this step does not go out now; "" if it does."""
    if one is None:
        return "One of these invoices is not overdue any more."
    if one.sent >= step:
        return f"Reminder {step} for {one.invoice.number} has gone out already."
    if one.held:
        return f"{one.invoice.number}: {one.held}"
    assert one.step is not None  # else it were held
    if one.step.number != step:
        return f"For {one.invoice.number} reminder {one.step.number} comes next."
    return ""


def stop(session: Session, company_id: int, *, reason: str, today: date) -> None:
    """No reminders to this company until somebody takes them up again."""
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound("There is no such company.")
    profile = queries.profile_of(session, company_id)
    if profile is None:
        profile = BillingProfile(id=company_id)
        session.add(profile)
    if profile.no_reminders_since is not None:
        raise AlreadyStopped("Reminders to this company are stopped already.")
    profile.no_reminders_since, profile.no_reminders_reason = today, reason
    session.flush()


def take_up(session: Session, company_id: int) -> None:
    profile = queries.profile_of(session, company_id)
    if profile is None or profile.no_reminders_since is None:
        raise AlreadyStopped("Reminders to this company are not stopped.")
    profile.no_reminders_since = profile.no_reminders_reason = None
    session.flush()


@lru_cache(maxsize=256)
def _overdue(day: date, invoice_id: int | None, company_id: int | None) -> Select[Any]:
    owed = balances.owed_on(day)
    last = (
        select(
            Reminder.invoice_id,
            func.max(Reminder.step).label("step"),
            func.max(Reminder.released_on).label("released_on"),
        )
        .group_by(Reminder.invoice_id)
        .subquery("last")
    )
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Invoice.id,
            Invoice.number,
            Invoice.finance_number,
            Invoice.company_id,
            Company.name.label("company"),
            Invoice.bill_to_name,
            # A company's present address is the better one, as `sending.address_of` has it.
            func.coalesce(BillingProfile.email, Invoice.bill_to_email).label("to"),
            Invoice.po_number,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.currency,
            (Invoice.net_minor + Invoice.tax_minor).label("total_minor"),
            owed.c.balance_minor,
            Invoice.blocker,
            Invoice.blocker_note,
            Invoice.promised_on,
            BillingProfile.no_reminders_since,
            BillingProfile.no_reminders_reason,
            func.coalesce(last.c.step, 0).label("sent"),
            last.c.released_on.label("sent_on"),
        )
        .join(owed, owed.c.id == Invoice.id)
        .join(Company, Company.id == Invoice.company_id)
        .outerjoin(BillingProfile, BillingProfile.id == Invoice.company_id)
        .outerjoin(last, last.c.invoice_id == Invoice.id)
        .where(Invoice.due_on < day)
        .order_by(Invoice.due_on, Invoice.id)
    )
    if invoice_id is not None:
        found = found.where(Invoice.id == invoice_id)
    if company_id is not None:
        found = found.where(Invoice.company_id == company_id)
    return found


def _told(row: Any, ladder: Sequence[int], day: date) -> OnLadder:
    step = next_step(row.due_on, ladder, last=row.sent, last_on=row.sent_on)
    return OnLadder(
        invoice=Overdue(
            invoice_id=row.id,
            number=row.number,
            finance_number=row.finance_number,
            bill_to=row.bill_to_name,
            po_number=row.po_number,
            issued_on=row.issued_on,
            due_on=row.due_on,
            total=Money(row.total_minor, row.currency),
            balance=Money(row.balance_minor, row.currency),
        ),
        company_id=row.company_id,
        company=row.company,
        to=row.to,
        step=step,
        sent=row.sent,
        sent_on=row.sent_on,
        held=_held(row, step, day),
    )


def _held(row: Any, step: Step | None, day: date) -> str:
    """The first thing that keeps the next reminder back; "" if a person may release it."""
    if step is None:
        return "Every reminder has gone out."
    if row.no_reminders_since is not None:
        return (
            f"Reminders to this company are stopped since {in_words(row.no_reminders_since)}: "
            f"{row.no_reminders_reason}"
        )
    if row.blocker is Blocker.DISPUTE:
        note = f": {row.blocker_note}" if row.blocker_note else ""
        return f"The company disputes it{note}."
    if row.promised_on is not None and row.promised_on >= day:
        return f"Payment is promised for {in_words(row.promised_on)}."
    if step.ready_on > day:
        return f"The next step is due on {in_words(step.ready_on)}."
    if not row.to:
        return "Nobody knows where to send it: the billing profile names no e-mail address."
    return ""
