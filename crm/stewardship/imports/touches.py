"""Contact reports from a file. Key: company, day, kind and text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities import bulk
from crm.activities.models import Touch
from crm.activities.rules import Shown, TouchKind
from crm.companies.models import Affiliation
from crm.kit.actors import Actor
from crm.kit.text import fold
from crm.people.models import Person, PersonAddress
from crm.people.rules import email_key
from crm.stewardship.imports import known
from crm.stewardship.imports.columns import Line, Sheet
from crm.stewardship.imports.fields import LONGEST_REPORT
from crm.stewardship.imports.known import KnownCompanies, Unclear
from crm.stewardship.imports.report import Remark, Report, Tick

AT_A_TIME = 500
KINDS = {
    "meeting": TouchKind.MEETING, "event": TouchKind.MEETING, "appointment": TouchKind.MEETING,
    "call": TouchKind.CALL, "phone": TouchKind.CALL, "phone call": TouchKind.CALL,
    "mail": TouchKind.MAIL, "email": TouchKind.MAIL, "e-mail": TouchKind.MAIL,
    "letter": TouchKind.MAIL, "list email": TouchKind.MAIL,
    "visit": TouchKind.VISIT, "site visit": TouchKind.VISIT,
    "note": TouchKind.NOTE, "task": TouchKind.NOTE, "to do": TouchKind.NOTE,
    "other": TouchKind.NOTE,
}  # fmt: skip


class TouchesImport:
    """Known reports stay as they are. Whoever has no account here is named in the text."""

    def __init__(
        self, session: Session, sheet: Sheet, report: Report, *, today: date, author_id: int
    ) -> None:
        self._session = session
        self._sheet = sheet
        self._report = report
        self._today = today
        self._author_id = author_id
        self._companies = KnownCompanies.read(session)
        self._users = known.users(session)
        self._rows: list[dict[str, Any]] = []
        self._people: list[list[int]] = []

    def match(self, tick: Tick) -> None:
        placed = [
            (line, company_id) for line in self._sheet.lines if (company_id := self._at(line))
        ]
        companies = sorted({company_id for _, company_id in placed})
        there, staff = self._there(companies), self._staff(companies)
        for done, (line, company_id) in enumerate(placed, 1):
            row, people = self._read(line, company_id, staff[company_id])
            if row is not None:
                key = (company_id, row["on"], row["kind"], row["text"])
                if key in there:
                    self._report.unchanged += 1
                else:
                    there.add(key)
                    self._report.added += 1
                    self._rows.append(row)
                    self._people.append(people)
            if not done % AT_A_TIME:
                tick(AT_A_TIME)
        tick(len(placed) % AT_A_TIME)

    def write(self, *, by: Actor, now: datetime) -> None:
        bulk.add_touches(self._session, self._rows, self._people, by=by, now=now)

    def _at(self, line: Line) -> int | None:
        name, domains = line.get("company"), line.get("domains") or ()
        try:
            if name or domains:
                return self._companies.get(name, domains, line.get("company_id"))
            self._sheet.fault(line, "company", "This cell is empty, and it is needed.")
        except Unclear as unclear:
            self._sheet.fault(line, "company", str(unclear))
        return None

    def _read(
        self, line: Line, company_id: int, staff: dict[str, int]
    ) -> tuple[dict[str, Any] | None, list[int]]:
        on, said = line.get("on"), line.get("kind")
        kind = KINDS.get(fold(said)) if said else TouchKind.NOTE
        if kind is None:
            self._sheet.fault(line, "kind", "Write meeting, call, mail, visit or note.")
        if on is not None and on > self._today:
            self._sheet.fault(line, "on", "A contact report tells what has happened.")
        parts = [line.get("subject"), line.get("text")]
        by = line.get("by")
        author = self._users.get(fold(by)) if by else None
        if by and author is None:
            parts.append(f"(Reported by {by}.)")
        people = []
        for name in line.get("people") or ():
            person_id = staff.get(email_key(name)) or staff.get(fold(name))
            if person_id is None:
                parts.append(f"(With {name}.)")
            else:
                people.append(person_id)
        text = "\n\n".join(part for part in parts if part)
        if "subject" not in line.values and "text" not in line.values:
            self._sheet.fault(line, "text", "There is nothing in it: neither subject nor text.")
        if len(text) > LONGEST_REPORT:
            self._sheet.fault(line, "text", f"At most {LONGEST_REPORT:,} characters.")
        if kind is None or on is None or not text:
            return None, []
        if by and author is None:
            self._warn(line, "by", f"“{by}” has no account here: named in the text.")
        row = {
            "company_id": company_id,
            "kind": kind,
            "on": on,
            "text": text,
            "shown": Shown.IN_FULL,
            "confidential": bool(line.get("confidential")),
            "by_id": author or self._author_id,
        }
        return row, people

    def _there(self, companies: Sequence[int]) -> set[tuple[Any, ...]]:
        """The reports these companies have, as keys."""
        found: set[tuple[Any, ...]] = set()
        for start in range(0, len(companies), AT_A_TIME):
            some = companies[start : start + AT_A_TIME]
            rows = self._session.execute(
                select(Touch.company_id, Touch.on, Touch.kind, Touch.text).where(
                    Touch.company_id.in_(some)
                )
            )
            found.update(tuple(row) for row in rows)
        return found

    def _staff(self, companies: Sequence[int]) -> dict[int, dict[str, int]]:
        """Who works or worked at each company, by folded name and by address."""
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for start in range(0, len(companies), AT_A_TIME):
            some = companies[start : start + AT_A_TIME]
            rows = self._session.execute(
                select(Affiliation.company_id, Person.id, Person.name, PersonAddress.email_key)
                .join(Person, Person.id == Affiliation.person_id)
                .outerjoin(PersonAddress, PersonAddress.person_id == Person.id)
                .where(Affiliation.company_id.in_(some))
            )
            for company_id, person_id, name, address in rows:
                found[company_id][fold(name)] = person_id
                if address:
                    found[company_id][address] = person_id
        return found

    def _warn(self, line: Line, name: str, reason: str) -> None:
        self._report.warnings.append(Remark(line.number, self._sheet.headings.get(name), reason))
