"""What the membership years of many terms cost: two statements, then the rule for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import rules
from crm.memberships.models import Amendment, YearFee


@dataclass(frozen=True)
class YearFees:
    """Only the few terms whose years differ, or that were amended, are held in memory."""

    agreed: dict[int, dict[int, int]]
    changes: dict[int, list[tuple[date, int]]]

    @classmethod
    def read(cls, session: Session) -> YearFees:
        agreed: dict[int, dict[int, int]] = defaultdict(dict)
        for id_, year, minor in session.execute(
            select(YearFee.membership_id, YearFee.year, YearFee.fee_minor)
        ):
            agreed[id_][year] = minor
        changes: dict[int, list[tuple[date, int]]] = defaultdict(list)
        amended = select(Amendment.membership_id, Amendment.from_on, Amendment.fee_minor)
        for id_, from_on, fee_minor in session.execute(
            amended.order_by(Amendment.from_on, Amendment.id)
        ):
            if fee_minor is not None:
                changes[id_].append((from_on, fee_minor))
        return cls(dict(agreed), dict(changes))

    def of(self, membership_id: int, term: Period, fee: Money) -> Sequence[Money]:
        """As `memberships.queries.fees_of`; `fee` is a year's, as signed."""
        own = self.agreed.get(membership_id, {})
        years = range(1, rules.years_of(term) + 1)
        agreed = [Money(own.get(year, fee.minor), fee.currency) for year in years]
        if membership_id not in self.changes:
            return agreed
        changes = [
            rules.FeeChange(from_on=from_on, fee=Money(minor, fee.currency))
            for from_on, minor in self.changes[membership_id]
        ]
        return rules.fees_by_year(term.starts_on, agreed, changes)
