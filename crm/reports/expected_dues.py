"""Every amount of dues that is known of or hoped for, each once, as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Company
from crm.invoices import queries as invoices
from crm.invoices import rules
from crm.invoices.instalment_models import Instalment, InstalmentShare
from crm.invoices.models import BillingProfile, Invoice
from crm.invoices.settings import DuesSettings
from crm.kit.among import among
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import DuesFrequency, Status, years_of
from crm.pipeline import asof
from crm.pipeline.models import Mode, Opportunity, Stage
from crm.reports.dues_parts import DUES, parts_on

NEXT = aliased(Membership)


class Certainty(StrEnum):
    """From what came in to what is only hoped for."""

    RECEIVED = "received"
    BILLED = "billed"
    CONTRACTED = "contracted"
    RENEWAL = "renewal"
    PIPELINE = "pipeline"


HOPED_FOR = frozenset({Certainty.RENEWAL, Certainty.PIPELINE})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """`number`: the instalment's; `parked`: weighs nothing for now."""

    company_id: int
    company: str
    tier: str
    membership_year: int
    number: int
    due_on: date
    amount: Money
    certainty: Certainty
    probability: int = 100
    parked: bool = False
    po_number: str | None = None
    membership_id: int | None = None
    invoice: str | None = None
    opportunity_id: int | None = None


def on(session: Session, day: date, *, before: date, told: DuesSettings) -> list[Expected]:
    """What is due before a day to come; what is hoped for begins on `day`."""
    return [
        *_agreed(session, day, before, told),
        *_renewals(session, day, before, told),
        *_pipeline(session, day, before),
    ]


def _agreed(session: Session, day: date, before: date, told: DuesSettings) -> Iterator[Expected]:
    """Each share of each instalment: what of it came in, what is asked for, what is not yet.

    A term that is not signed by both sides is owed nothing yet: it is hoped for, as a renewal if it
    follows on another, else as what stands last in the pipeline.
    """
    billed = _billed(session, day)
    last_chance = _last_chance(session)
    found = session.execute(
        select(
            Instalment.id,
            Instalment.number,
            Instalment.due_on,
            Instalment.currency,
            InstalmentShare.year,
            InstalmentShare.amount_minor,
            Membership.id.label("membership_id"),
            memberships.executed_by(day).label("executed"),
            Membership.predecessor_id,
            Company.id.label("company_id"),
            Company.name,
            Tier.name.label("tier"),
            BillingProfile.po_number,
        )
        .join(InstalmentShare, InstalmentShare.instalment_id == Instalment.id)
        .join(Instalment.membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(BillingProfile, BillingProfile.id == Company.id)
        .where(
            Instalment.due_on < before,
            InstalmentShare.amount_minor > 0,
            invoices.stands(),
            or_(memberships.executed_by(day), Membership.drafted_on <= day),
            or_(Membership.withdrawn_on.is_(None), Membership.withdrawn_on > day),
        )
    )
    for row in found:
        known: dict[str, Any] = {
            "company_id": row.company_id,
            "company": row.name,
            "tier": row.tier,
            "membership_year": row.year,
            "number": row.number,
            "due_on": row.due_on,
            "membership_id": row.membership_id,
            "po_number": row.po_number,
        }
        if not row.executed:
            renews = row.predecessor_id is not None
            yield Expected(
                **known,
                amount=Money(row.amount_minor, row.currency),
                certainty=Certainty.RENEWAL if renews else Certainty.PIPELINE,
                probability=told.renewal_probability_percent if renews else last_chance,
            )
            continue
        part = billed.get((row.id, row.year))
        if part is None:
            amount = Money(row.amount_minor, row.currency)
            yield Expected(**known, amount=amount, certainty=Certainty.CONTRACTED)
            continue
        known |= {"po_number": part.po_number or row.po_number, "invoice": part.number}
        for certainty, minor in (
            (Certainty.RECEIVED, int(part.paid)),
            (Certainty.BILLED, int(part.amount - part.paid - part.credited)),
        ):
            if minor:
                yield Expected(**known, amount=Money(minor, row.currency), certainty=certainty)


def _billed(session: Session, day: date) -> dict[tuple[int, int], Any]:
    """By instalment and year: what is asked for and how far it is settled, if it is billed."""
    parts = parts_on(day)
    found = session.execute(
        select(
            parts.c.instalment_id,
            parts.c.year,
            parts.c.amount,
            parts.c.paid,
            parts.c.credited,
            Invoice.number,
            Invoice.po_number,
        )
        .join(Invoice, Invoice.id == parts.c.invoice_id)
        .where(parts.c.kind == DUES, ~parts.c.released)
    )
    return {(row.instalment_id, row.year): row for row in found}


def _renewals(session: Session, day: date, before: date, told: DuesSettings) -> Iterator[Expected]:
    """Terms that end without a next one: as if each went on with the same tier, fee and years."""
    followed = exists().where(
        NEXT.company_id == Membership.company_id,
        NEXT.starts_on >= memberships.RUNS_BEFORE,
        NEXT.occupied_before > NEXT.starts_on,
        or_(NEXT.drafted_on <= day, NEXT.company_signed_on <= day),
        or_(NEXT.withdrawn_on.is_(None), NEXT.withdrawn_on > day),
    )
    standing = memberships.status_on(day).in_([Status.ACTIVE, Status.GRACE, Status.UPCOMING])
    found = session.execute(
        select(
            Membership.id,
            Membership.starts_on,
            Membership.ends_before,
            memberships.RUNS_BEFORE.label("runs_before"),
            Membership.dues_frequency,
            memberships.fee_minor_on(date.max).label("fee"),
            Membership.currency,
            Company.id.label("company_id"),
            Company.name,
            Tier.name.label("tier"),
            BillingProfile.po_number,
        )
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(date.max))
        .outerjoin(BillingProfile, BillingProfile.id == Company.id)
        .where(
            standing,
            Membership.terminated_on.is_(None),
            before > memberships.RUNS_BEFORE,
            ~followed,
        )
    )
    for row in found:
        years = years_of(Period(row.starts_on, row.ends_before))
        by_hand = row.dues_frequency is DuesFrequency.BY_HAND
        for part in rules.schedule(
            row.runs_before,
            [Money(row.fee, row.currency)] * years,
            a_year=1 if by_hand else row.dues_frequency.a_year,
        ):
            for year, amount in part.allocation:
                if amount.minor and part.due_on < before:
                    yield Expected(
                        company_id=row.company_id,
                        company=row.name,
                        tier=row.tier,
                        membership_year=year,
                        number=part.number,
                        due_on=part.due_on,
                        amount=amount,
                        certainty=Certainty.RENEWAL,
                        probability=told.renewal_probability_percent,
                        membership_id=row.id,
                        po_number=row.po_number,
                    )


def _pipeline(session: Session, day: date, before: date) -> Iterator[Expected]:
    """Opportunities open on the day with a tier and a day on which they are expected to start.

    What is expected in all is spread over the tier's years; else its fee a year counts.
    """
    open_ = {line.id: line for line in asof.open_on(session, day)}
    found = session.execute(
        select(
            Opportunity.id,
            Company.id.label("company_id"),
            Company.name,
            Tier.name.label("tier"),
            Tier.years,
            Tier.fee_minor,
            Tier.currency,
        )
        .join(Opportunity.mode)
        .join(Opportunity.company)
        .join(Opportunity.tier)
        .where(Mode.membership, among(Opportunity.id, "open")),
        {"open": list(open_)},
    )
    for row in found:
        line = open_[row.id]
        if line.expected_on is None or line.expected_on >= before:
            continue
        fees = (
            Money(line.value_minor, line.currency).split(row.years)
            if line.value_minor is not None
            else [Money(row.fee_minor, row.currency)] * row.years
        )
        for part in rules.schedule(max(line.expected_on, day), fees, a_year=1):
            if part.amount.minor and part.due_on < before:
                yield Expected(
                    company_id=row.company_id,
                    company=row.name,
                    tier=row.tier,
                    membership_year=part.membership_year,
                    number=part.number,
                    due_on=part.due_on,
                    amount=part.amount,
                    certainty=Certainty.PIPELINE,
                    probability=line.probability,
                    parked=line.parked,
                    opportunity_id=row.id,
                )


def _last_chance(session: Session) -> int:
    """The chance of what stands last in the pipeline: out for signature."""
    found = select(func.max(Stage.probability)).join(Stage.mode)
    return session.scalar(found.where(Mode.membership, Stage.retired_on.is_(None))) or 0
