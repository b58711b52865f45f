"""Drafting a term: what it is to be, and why it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.kit.periods import Period, in_words
from crm.memberships import promises, queries, rules
from crm.memberships.models import Membership, Tier, YearFee
from crm.memberships.places import TierClosed, check_place
from crm.memberships.rules import DuesFrequency

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What else stands in the agreement. `logo_permission` None: nobody asked yet. `own_seat`: on
    the council, whatever seat a related company has; None where it says nothing of that."""

    notice_days: int | None = None
    logo_permission: bool | None = None
    covered_affiliates: str | None = None
    own_seat: bool | None = None
    renewal_terms: str | None = None
    benefits_version: str | None = None


@dataclass(frozen=True)
class NewMembership:
    """What a term is to be. `fee` is a membership year's; the days are the two signatures'.

    `year_fees`: one for each year, where they differ. `by_hand`: instalments as agreed, for
    dues by hand.
    """

    company_id: int
    tier_id: int
    starts_on: date
    years: int
    fee: Money
    frequency: DuesFrequency = DuesFrequency.YEARLY
    company_signed_on: date | None = None
    programme_signed_on: date | None = None
    agreement_number: str | None = None
    year_fees: tuple[Money, ...] = ()
    by_hand: tuple[tuple[date, Money], ...] = ()
    paper: Paper = field(default_factory=lambda: Paper())


class UnfitTerm(RuleBroken):
    """The term as drafted cannot be."""


class Overlap(RuleBroken):
    """The company has a membership in that time already."""


def draft(
    session: Session,
    wanted: NewMembership,
    *,
    released_on: date | None,
    now: datetime,
    today: date,
) -> Membership:
    """Write the row of a new term; `enrolment.start` gives it its dues and its seat.

    Raises `UnfitTerm`, `TierClosed` or `Overlap` before anything is written.
    """
    company = session.get(Company, wanted.company_id)
    if company is None:
        raise UnfitTerm("Choose the company from the list.", field="company")
    tier = session.get(Tier, wanted.tier_id, with_for_update={"of": Tier})
    if tier is None:
        raise UnfitTerm("Choose a tier.", field="tier")
    term = fitting_term(wanted.starts_on, wanted.years, wanted.fee, wanted.year_fees)
    signed = (wanted.company_signed_on, wanted.programme_signed_on)
    for name, signed_on in zip(("company_signed_on", "programme_signed_on"), signed, strict=True):
        if signed_on is not None:
            check_signed_on(signed_on, today, field=name)
    if tier.retired_on is not None and rules.executed_on(*signed) is None:
        raise TierClosed(f"The tier {tier.name} is no longer offered.", field="tier")
    check_place(session, tier, company.id, term)
    refuse_overlap(session, company, term)
    _check_agreement_number(session, wanted.agreement_number)
    grace_days, grace_votes = queries.grace(session)
    earlier = queries.of_company(session, company.id)
    membership = Membership(
        company=company,
        tier=tier,
        founding=_founding(session, tier, earlier),
        starts_on=term.starts_on,
        ends_before=term.ends_before,
        occupied_before=term.ends_before,
        fee_minor=(wanted.year_fees or (wanted.fee,))[0].minor,
        currency=wanted.fee.currency,
        dues_frequency=wanted.frequency,
        grace_days=grace_days,
        grace_votes=grace_votes,
        agreement_number=wanted.agreement_number,
        drafted_on=today,
        released_on=released_on or min(filter(None, signed), default=None),
        company_signed_on=wanted.company_signed_on,
        programme_signed_on=wanted.programme_signed_on,
        predecessor_id=_predecessor(earlier, term),
        created_at=now,
        **asdict(wanted.paper),
    )
    if wanted.year_fees:  # the database takes none once both sides have signed
        membership.company_signed_on = membership.programme_signed_on = None
        write(session, membership)
        _write_year_fees(session, membership, wanted)
        membership.company_signed_on, membership.programme_signed_on = signed
    write(session, membership)
    if membership.executed_on is not None:
        promises.promise(session, membership.id, tier.id)
    return membership


def revise(session: Session, membership: Membership, wanted: NewMembership) -> None:
    """Change what an unsigned term is to be; released before, it goes back to the director.

    `enrolment.revise` brings dues and seat into line. Raises as `draft` does.
    """
    tier = session.get(Tier, wanted.tier_id, with_for_update={"of": Tier})
    if tier is None:
        raise UnfitTerm("Choose a tier.", field="tier")
    term = fitting_term(wanted.starts_on, wanted.years, wanted.fee, wanted.year_fees)
    if tier.retired_on is not None:
        raise TierClosed(f"The tier {tier.name} is no longer offered.", field="tier")
    check_place(session, tier, wanted.company_id, term)
    refuse_overlap(session, membership.company, term, but=membership.id)
    _check_agreement_number(session, wanted.agreement_number, but=membership.id)
    earlier = [m for m in queries.of_company(session, wanted.company_id) if m.id != membership.id]
    assert term.ends_before is not None  # a membership's term always ends
    membership.tier = tier
    membership.founding = _founding(session, tier, earlier)
    membership.starts_on = term.starts_on
    membership.ends_before = membership.occupied_before = term.ends_before
    membership.fee_minor = (wanted.year_fees or (wanted.fee,))[0].minor
    membership.currency = wanted.fee.currency
    membership.dues_frequency = wanted.frequency
    membership.agreement_number = wanted.agreement_number
    membership.predecessor_id = _predecessor(earlier, term)
    membership.released_on = None
    for name, told in asdict(wanted.paper).items():
        setattr(membership, name, told)
    write(session, membership)
    session.execute(delete(YearFee).where(YearFee.membership_id == membership.id))
    _write_year_fees(session, membership, wanted)


def _write_year_fees(session: Session, membership: Membership, wanted: NewMembership) -> None:
    session.add_all(
        YearFee(membership_id=membership.id, year=year, fee_minor=fee.minor)
        for year, fee in enumerate(wanted.year_fees, start=1)
    )
    session.flush()


def write(session: Session, membership: Membership) -> None:
    """Flush the row; the database's refusal of two terms at once, in our words.

    Two people may ask at the same moment, and both find the time free.
    """
    try:
        with session.begin_nested():
            session.add(membership)
            session.flush()
    except IntegrityError as error:
        if "ex_membership_terms" not in str(error.orig):
            raise
        raise Overlap(
            "The company has a membership in that time already: someone else entered it just now.",
            field="starts_on",
        ) from None


def refuse_overlap(
    session: Session, company: Company, term: Period, *, but: int | None = None
) -> None:
    """Raise `Overlap` if the company's time is taken, naming what takes it and when it is free.

    A term that was terminated before it began takes none, as the database has it.
    """
    taken = session.execute(
        select(Membership.starts_on, Membership.occupied_before)
        .where(
            Membership.company_id == company.id,
            Membership.withdrawn_on.is_(None),
            Membership.id != (but or 0),
            Membership.starts_on < term.ends_before,
            Membership.occupied_before > term.starts_on,
            Membership.occupied_before > Membership.starts_on,
        )
        .order_by(Membership.starts_on)
    ).all()
    if not taken:
        return
    first, last = Period(*taken[0]), Period(*taken[-1])
    assert first.last_day is not None  # a membership's term always ends
    assert last.ends_before is not None
    raise Overlap(
        f"{company.name} has a membership from {in_words(first.starts_on)} to "
        f"{in_words(first.last_day)} already. Two terms never overlap: this one can start on "
        f"{in_words(last.ends_before)} or later, or that one is withdrawn first.",
        field="starts_on",
    )


def fitting_term(
    starts_on: date, years: int, fee: Money, year_fees: Sequence[Money] = ()
) -> Period:
    """The term of so many years at such a fee a year. Raises `UnfitTerm`."""
    if not EARLIEST <= starts_on <= LATEST:
        raise UnfitTerm("Choose a start between 1990 and 2100.", field="starts_on")
    if fee.minor < 0:
        raise UnfitTerm("A fee cannot be negative.", field="fee")
    if year_fees and len(year_fees) != years:
        raise UnfitTerm(
            f"Write a fee for each of the {years} years, or one for all.", field="year_fees"
        )
    if any(of_year.minor < 0 or of_year.currency != fee.currency for of_year in year_fees):
        raise UnfitTerm(f"Write all fees in {fee.currency}.", field="year_fees")
    try:
        return rules.term_of(starts_on, years)
    except ValueError as error:
        raise UnfitTerm(str(error), field="years") from None


def _check_agreement_number(session: Session, number: str | None, but: int | None = None) -> None:
    if number is None:
        return
    known = select(Membership.id).where(
        Membership.agreement_number == number, Membership.id != (but or 0)
    )
    if session.scalar(known) is not None:
        raise UnfitTerm("Another membership has this agreement number.", field="agreement_number")


def _founding(session: Session, tier: Tier, earlier: Sequence[Membership]) -> bool:
    """Founding stays for good, whatever the later tier."""
    signed = [past.id for past in earlier if past.executed_on is not None]
    was = select(Membership.id).where(Membership.id.in_(signed), queries.founding_on(date.max))
    return tier.founding or session.scalar(was.limit(1)) is not None


def _predecessor(earlier: Sequence[Membership], term: Period) -> int | None:
    """The executed term this one renews: it follows on it without a gap, or within its grace."""
    named = {membership.predecessor_id for membership in earlier}
    for past in earlier:  # the latest first
        ended = past.executed_on is not None and past.terminated_on is None
        free = rules.grace_ends_before(past.running, past.grace_days)
        if ended and past.id not in named and past.runs_before <= term.starts_on < free:
            return past.id
    return None


def check_signed_on(day: date, today: date, *, field: str) -> None:
    if day > today:
        raise UnfitTerm("A signature cannot lie in the future.", field=field)
    if day < EARLIEST:
        raise UnfitTerm("This day is too long ago for a signature.", field=field)
