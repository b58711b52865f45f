"""What an act would bring, before anybody does it: a term drafted, a term amended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from crm.invoices import queries as dues
from crm.invoices import rules as invoices
from crm.invoices import schedules
from crm.invoices.queries import Due
from crm.invoices.rules import PlannedInstalment
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import changing, drafting, queries, rules
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import DuesFrequency, Status


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A term that nobody has promised yet; `fee` is a membership year's."""

    term: Period
    years: int
    fee: Money
    frequency: DuesFrequency
    instalments: tuple[PlannedInstalment, ...]
    grace_days: int

    @property
    def total(self) -> Money:
        return self.fee * self.years

    def status_on(self, day: date) -> Status:
        """As if both sides had signed long before it starts."""
        return rules.status_on(
            day, term=self.term, executed_on=date.min, grace_days=self.grace_days
        )


def quote(
    *, starts_on: date, years: int, fee: Money, frequency: DuesFrequency, grace_days: int
) -> Quote:
    """Such a term with its dues. A fee of nothing leaves nothing due. Raises `UnfitTerm`."""
    term = drafting.fitting_term(starts_on, years, fee)
    if frequency is DuesFrequency.BY_HAND:
        raise drafting.UnfitTerm("Dues by hand are agreed, not worked out.", field="frequency")
    planned = invoices.schedule(starts_on, [fee] * years, a_year=frequency.a_year)
    return Quote(
        term=term,
        years=years,
        fee=fee,
        frequency=frequency,
        instalments=tuple(planned) if fee.minor else (),
        grace_days=grace_days,
    )


@dataclass(frozen=True, kw_only=True)
class AmendedDues:
    """What an amendment would take out of a schedule, what it would put in, and the years' fees."""

    goes: tuple[Due, ...]
    comes: tuple[PlannedInstalment, ...]
    before: tuple[Money, ...]
    after: tuple[Money, ...]


def amended(
    session: Session,
    membership: Membership,
    *,
    from_on: date,
    tier: Tier,
    fee: Money | None,
    today: date,
) -> AmendedDues:
    """The dues as `operations.amend` would leave them. Raises what that raises."""
    changing.check_amendment(session, membership, from_on=from_on, tier=tier, fee=fee, today=today)
    changes = queries.fee_changes(membership, queries.amendments_of(session, membership.id))
    agreed = queries.agreed_fees(session, membership)
    more = [] if fee is None else [rules.FeeChange(from_on=from_on, fee=fee)]
    before = rules.fees_by_year(membership.starts_on, agreed, changes)
    after = rules.fees_by_year(membership.starts_on, agreed, [*changes, *more])
    schedule = dues.schedule_of(session, membership.id)
    reposting = schedules.reposting_of(membership, schedule, after, from_on=from_on)
    return AmendedDues(
        goes=tuple(due for due in schedule if due.number in set(reposting.reverse)),
        comes=reposting.post,
        before=tuple(before),
        after=tuple(after),
    )
