"""Memberships from a file, each with its schedule. Key: company and the day it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.kit.text import fold
from crm.memberships.drafting import Paper
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import DuesFrequency
from crm.stewardship.imports.acts import ActsImport, Rows
from crm.stewardship.imports.columns import Line

FREQUENCIES = {
    **{fold(word): word for word in DuesFrequency},
    "annual": DuesFrequency.YEARLY,
    "annually": DuesFrequency.YEARLY,
    "half yearly": DuesFrequency.HALF_YEARLY,
    "semi-annual": DuesFrequency.HALF_YEARLY,
    "semiannual": DuesFrequency.HALF_YEARLY,
    "in advance": DuesFrequency.IN_ADVANCE,
    "upfront": DuesFrequency.IN_ADVANCE,
    "by hand": DuesFrequency.BY_HAND,
    "custom": DuesFrequency.BY_HAND,
}


class MembershipsImport(ActsImport[NewMembership]):
    """Known terms stay as they are: what happened to them since is ours."""

    columns: Mapping[str, str] = {"by_hand": "instalments"}

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        session = rows.session
        self._tiers = {
            fold(text): tier_id
            for tier_id, key, name in session.execute(select(Tier.id, Tier.key, Tier.name))
            for text in (key, name)
        }
        known = select(Membership.company_id, Membership.starts_on)
        self._known: set[tuple[int, date]] = {
            (company_id, starts_on)
            for company_id, starts_on in session.execute(
                known.where(Membership.withdrawn_on.is_(None))
            )
        }

    def draft(self, line: Line) -> NewMembership | None:
        rows, sheet = self.rows, self.rows.sheet
        company_id, currency = rows.company(line), rows.code(line)
        tier_id = self._tiers.get(fold(line.get("tier") or ""))
        if tier_id is None and line.get("tier"):
            sheet.fault(line, "tier", "There is no such tier.")
        years = self._years(line)
        frequency = self._frequency(line)
        starts_on = line.get("starts_on")
        fee = rows.money(line, "fee", line.get("fee"), currency) if currency else None
        if (
            company_id is None or tier_id is None or starts_on is None or years is None
            or fee is None or frequency is None
        ):  # fmt: skip
            return None
        if (company_id, starts_on) in self._known:
            rows.report.unchanged += 1
            return None
        self._known.add((company_id, starts_on))
        signed_on = line.get("signed_on")
        return NewMembership(
            company_id=company_id,
            tier_id=tier_id,
            starts_on=starts_on,
            years=years,
            fee=fee,
            frequency=frequency,
            company_signed_on=line.get("company_signed_on") or signed_on,
            programme_signed_on=line.get("programme_signed_on") or signed_on,
            agreement_number=line.get("agreement_number"),
            year_fees=self._sums(line, "year_fees", line.get("year_fees") or (), fee.currency),
            by_hand=self._by_hand(line, fee.currency),
            paper=Paper(notice_days=line.get("notice_days")),
        )

    def act(self, line: Line, draft: NewMembership, *, by: Actor, now: datetime) -> None:
        enrolment.start(self.rows.session, draft, by=by, now=now, today=self.rows.today)

    def _in_order(
        self, drafts: Sequence[tuple[Line, NewMembership]]
    ) -> Sequence[tuple[Line, NewMembership]]:
        """The earliest first: a renewal finds the term it follows on."""
        return sorted(drafts, key=lambda item: item[1].starts_on)

    def _years(self, line: Line) -> int | None:
        said = (line.get("years") or "").casefold().removesuffix("s").removesuffix("year").strip()
        if said.isascii() and said.isdigit() and len(said) < 3:
            return int(said)
        if line.get("years"):
            self.rows.sheet.fault(line, "years", "Write a number of years, such as 3.")
        return None

    def _frequency(self, line: Line) -> DuesFrequency | None:
        said = line.get("frequency")
        if said is None:
            return DuesFrequency.BY_HAND if line.get("instalments") else DuesFrequency.YEARLY
        found = FREQUENCIES.get(fold(said))
        if found is None:
            names = ", ".join(DuesFrequency)
            self.rows.sheet.fault(line, "frequency", f"Write one of {names}.")
        elif found is DuesFrequency.BY_HAND and not line.get("instalments"):
            self.rows.sheet.fault(line, "frequency", "By hand needs a column “Instalments”.")
        elif found is not DuesFrequency.BY_HAND and line.get("instalments"):
            self.rows.sheet.fault(line, "instalments", f"These are agreed by hand, not {said}.")
        return found

    def _by_hand(self, line: Line, currency: str) -> tuple[tuple[date, Money], ...]:
        parts = line.get("instalments") or ()
        amounts = self._sums(line, "instalments", [text for _, text in parts], currency)
        if len(amounts) != len(parts):
            return ()  # what is wrong with them is noted
        return tuple(zip((due_on for due_on, _ in parts), amounts, strict=True))

    def _sums(
        self, line: Line, name: str, texts: Sequence[str], currency: str
    ) -> tuple[Money, ...]:
        read = (self.rows.money(line, name, text, currency) for text in texts)
        return tuple(money for money in read if money is not None)
