"""What the imports of memberships, invoices and payments share: each row is an act.

A row is written by the operation that a person would use, so that what it refuses is refused here,
too, in its words and with the row's number. The file is taken as a whole or not at all: a dry run
does the acts, and then takes them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from babel.numbers import is_currency
from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.programme import queries as programme
from crm.stewardship.imports.columns import Line, Sheet
from crm.stewardship.imports.known import KnownCompanies, Unclear
from crm.stewardship.imports.report import Remark, Report, Tick

Draft = TypeVar("Draft")


@dataclass
class Rows:
    """A file on its way in: what is wrong is noted by row and column, and read on."""

    session: Session
    sheet: Sheet
    report: Report
    today: date
    companies: KnownCompanies
    currency: str
    """The programme's, where the file names none."""

    @classmethod
    def read(cls, session: Session, sheet: Sheet, report: Report, *, today: date) -> Rows:
        return cls(
            session,
            sheet,
            report,
            today,
            KnownCompanies.read(session),
            programme.get(session).facts["currency"],
        )

    def company(self, line: Line) -> int | None:
        name, domains = line.get("company"), line.get("domains") or ()
        if not name and not domains:
            self.sheet.fault(line, "company", "This cell is empty, and it is needed.")
            return None
        try:
            return self.companies.get(name, domains, line.get("company_id"))
        except Unclear as unclear:
            self.sheet.fault(line, "company", str(unclear))
            return None

    def code(self, line: Line) -> str | None:
        """The row's currency."""
        code: str = (line.get("currency") or self.currency).upper()
        if is_currency(code):
            return code
        self.sheet.fault(line, "currency", "There is no such currency; write its code, as USD.")
        return None

    def money(self, line: Line, name: str, text: str | None, currency: str) -> Money | None:
        if text is None:
            return None
        try:
            return Money.parse(text, currency)
        except ValueError as error:
            self.sheet.fault(line, name, str(error))
            return None

    def warn(self, line: Line, name: str, reason: str) -> None:
        self.report.warnings.append(Remark(line.number, self.sheet.headings.get(name), reason))


class ActsImport(Generic[Draft]):
    """`draft` reads a row, None if it is known or wrong; `act` does what it says."""

    columns: Mapping[str, str] = {}
    """Where a field that an operation refuses has another name in the file."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._drafts: list[tuple[Line, Draft]] = []

    def draft(self, line: Line) -> Draft | None:
        raise NotImplementedError

    def act(self, line: Line, draft: Draft, *, by: Actor, now: datetime) -> None:
        raise NotImplementedError

    def match(self, tick: Tick) -> None:
        for line in self.rows.sheet.lines:
            faults = len(self.rows.sheet.problems)
            draft = self.draft(line)
            if draft is not None and len(self.rows.sheet.problems) == faults:
                self._drafts.append((line, draft))
                self.rows.report.added += 1
            tick(1)

    def write(self, *, by: Actor, now: datetime) -> None:
        """Raises `Refused` with every row that was refused, when all have been tried."""
        for line, draft in self._in_order(self._drafts):
            try:
                with self.rows.session.begin_nested():
                    self.act(line, draft, by=by, now=now)
            except RuleBroken as refusal:
                name = self.columns.get(refusal.field or "", refusal.field)
                known = name if name in self.rows.sheet.headings else None
                self.rows.sheet.fault(line, known, str(refusal))
        self.rows.sheet.refuse_faulty()

    def _in_order(self, drafts: Sequence[tuple[Line, Draft]]) -> Sequence[tuple[Line, Draft]]:
        return drafts
