"""Planning a renewal, taking its next step, and letting its notices go out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.activities import operations as activities
from crm.activities.models import Task
from crm.activities.operations import NewTask
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken, Stale
from crm.kit.money import Money, told
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.memberships import queries as memberships
from crm.memberships import rules
from crm.memberships.models import Membership
from crm.programme.models import Programme
from crm.retention import letters, queries
from crm.retention.letters import TermFacts
from crm.retention.models import RenewalPlan
from crm.retention.rules import NoticeKind


class NoRenewal(RuleBroken):
    """There is nothing to renew, or nobody to write to."""


class StepOpen(RuleBroken):
    """One next step at a time."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is expected of a renewal. None: not said."""

    likelihood: int | None = None
    note: str | None = None
    proposed_tier_id: int | None = None
    proposed_fee: Money | None = None


def plan(session: Session, membership: Membership, wanted: Plan, *, version: int) -> RenewalPlan:
    """Write down what is expected. `version` is that of the plan that was seen, 0 for none.

    Raises `NoRenewal` for a term nobody has signed, `Stale` if somebody else planned meanwhile.
    """
    _refuse_unsigned(membership)
    if wanted.likelihood is not None and not 0 <= wanted.likelihood <= 100:
        raise RuleBroken("A likelihood is from 0 to 100 percent.", field="likelihood")
    fee = wanted.proposed_fee
    if fee is not None and fee.currency != membership.currency:
        raise RuleBroken(f"This membership is in {membership.currency}.", field="fee")
    known = _plan(session, membership)
    if known.version != max(version, 1) or (version == 0 and _is_written(known)):
        raise Stale("this plan", theirs=_told(known, membership), yours=_asked(wanted))
    known.likelihood, known.note = wanted.likelihood, wanted.note
    known.proposed_tier_id = wanted.proposed_tier_id
    known.proposed_fee_minor = None if fee is None else fee.minor
    session.flush()
    return known


def take_step(
    session: Session, membership: Membership, draft: NewTask, *, by: Actor, now: datetime
) -> Task:
    """The next step of a renewal, as a task of the company. Raises `StepOpen`."""
    _refuse_unsigned(membership)
    lock(session, membership)
    known = _plan(session, membership)
    if known.task_id is not None:
        before = session.get_one(Task, known.task_id)
        if before.done_on is None and before.dropped_on is None:
            raise StepOpen(
                "It has a next step already. Complete or change that one first.", field="title"
            )
    owner_id = draft.owner_id or membership.company.owner_id
    owned = replace(draft, company_id=membership.company_id, owner_id=owner_id)
    task = activities.add_task(session, owned, by=by, now=now)
    known.task_id = task.id
    session.flush()
    return task


def draft_notice(
    session: Session, membership: Membership, kind: NoticeKind, *, by: Actor, today: date
) -> Letter:
    """The notice as it would go out. Raises `NoRenewal` where there is nobody to write to."""
    to = queries.recipient_of(session, membership.company_id, kind, today)
    if to is None:
        whom = "a champion" if kind is NoticeKind.CHAMPION else "a billing contact"
        raise NoRenewal(f"The company has no {whom[2:]} with an address. Name {whom} first.")
    return letters.renewal_notice(_facts(session, membership, today), kind, to, writer=by.name)


def release_notice(
    session: Session,
    membership: Membership,
    kind: NoticeKind,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Let the notice go out: one a term and kind. Raises `NoRenewal`."""
    _refuse_unsigned(membership)
    lock(session, membership)
    if membership.status_on(today) is rules.Status.TERMINATED:
        raise NoRenewal("It was terminated: there is nothing to renew.")
    if mail.post(session, draft_notice(session, membership, kind, by=by, today=today), now=now):
        journal.note(
            session,
            "renewal notice released",
            kind="membership",
            record_id=membership.id,
            label=f"to the {kind.value} contact"
            if kind is NoticeKind.BILLING
            else "to the champion",
            parent=("company", membership.company_id),
            by=by,
            now=now,
        )
        return
    raise NoRenewal("This notice has gone out already.")


def _facts(session: Session, membership: Membership, today: date) -> TermFacts:
    """What is proposed; where nothing is, what holds now."""
    known = queries.plan_of(session, membership.id)
    name, facts = session.execute(select(Programme.name, Programme.facts)).one()
    tier_id, fee = memberships.at_end(session, membership)
    names = {tier.id: tier.name for tier in memberships.all_tiers(session)}
    proposed = known.proposed_tier_id if known is not None else None
    if known is not None and known.proposed_fee_minor is not None:
        fee = Money(known.proposed_fee_minor, membership.currency)
    ends_before = membership.runs_before
    notice = membership.notice_days
    return TermFacts(
        membership_id=membership.id,
        company=membership.company.name,
        tier=names[tier_id],
        last_day=ends_before - timedelta(days=1),
        notice_by=None if notice is None else ends_before - timedelta(days=notice),
        next_starts_on=rules.next_start(membership.running, membership.grace_days, today),
        next_tier=names[proposed or tier_id],
        next_fee=fee,
        programme=name,
        contact=facts["contact"],
    )


def _plan(session: Session, membership: Membership) -> RenewalPlan:
    """The term's plan; an empty one is begun where there is none."""
    known = session.get(RenewalPlan, membership.id)
    if known is not None:
        return known
    begun = RenewalPlan(id=membership.id)
    try:
        with session.begin_nested():
            session.add(begun)
            session.flush()
    except IntegrityError:  # somebody else began it just now
        return session.get_one(RenewalPlan, membership.id)
    return begun


def _is_written(known: RenewalPlan) -> bool:
    told = (known.likelihood, known.note, known.proposed_tier_id, known.proposed_fee_minor)
    return any(value is not None for value in told)


def _refuse_unsigned(membership: Membership) -> None:
    if membership.executed_on is None or membership.withdrawn_on is not None:
        raise NoRenewal("Only a term that both sides have signed is renewed.")


def _told(known: RenewalPlan, membership: Membership) -> dict[str, str]:
    fee = known.proposed_fee_minor
    return {
        "Likelihood": "" if known.likelihood is None else f"{known.likelihood} %",
        "Proposed fee": "" if fee is None else told(Money(fee, membership.currency)),
        "Note": known.note or "",
    }


def _asked(wanted: Plan) -> dict[str, str]:
    return {
        "Likelihood": "" if wanted.likelihood is None else f"{wanted.likelihood} %",
        "Proposed fee": "" if wanted.proposed_fee is None else told(wanted.proposed_fee),
        "Note": wanted.note or "",
    }
