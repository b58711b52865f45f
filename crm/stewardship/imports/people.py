"""People from a file, with where they work. Key: any e-mail address, else name and company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import bulk as companies
from crm.companies.models import Affiliation
from crm.journal.operations import Change
from crm.kit.actors import Actor
from crm.kit.text import fold, one_line
from crm.people import bulk
from crm.people.models import Person, PersonAddress
from crm.people.rules import email_key, name_key
from crm.stewardship.imports.columns import Line, Sheet
from crm.stewardship.imports.known import KnownCompanies, Unclear
from crm.stewardship.imports.report import Report, Tick

AT_A_TIME = 500
A_DAY = timedelta(days=1)
ROLES = ("champion", "main_contact", "billing")


@dataclass(slots=True)
class Someone:
    """A person the file speaks of, in one line or several."""

    line: Line
    name: str
    id: int | None = None
    emails: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    works: list[tuple[Line, int]] = field(default_factory=list)


class PeopleImport:
    """Matches a sheet against the register; `write` then writes what was found."""

    def __init__(self, session: Session, sheet: Sheet, report: Report) -> None:
        self._session = session
        self._sheet = sheet
        self._report = report
        self._companies = KnownCompanies.read(session)
        self._everyone: list[Someone] = []
        self._changes: dict[int, dict[str, Change]] = {}
        self._addresses: list[tuple[Someone, str]] = []
        self._new_work: list[tuple[Someone, dict[str, Any]]] = []
        self._work_changes: dict[int, dict[str, Change]] = {}
        self._work_at: dict[int, int] = {}

    def match(self, tick: Tick) -> None:
        by_key: dict[str, Someone] = {}
        for done, line in enumerate(self._sheet.lines, 1):
            self._gather(line, by_key)
            if not done % AT_A_TIME:
                tick(AT_A_TIME)
        tick(len(self._sheet.lines) % AT_A_TIME)
        self._recognise()
        self._compare()

    def write(self, *, by: Actor, now: datetime) -> None:
        session = self._session
        new = [someone for someone in self._everyone if someone.id is None]
        rows = [{"name": someone.name, **someone.told} for someone in new]
        for someone, id_ in zip(new, bulk.add_people(session, rows, by=by, now=now), strict=True):
            someone.id = id_
        bulk.change_people(session, self._changes, by=by, now=now)
        fresh = {_id(someone) for someone in new}
        has_one = self._with_address(fresh)
        addresses = []
        for someone, email in self._addresses:
            addresses.append((_id(someone), email, _id(someone) not in has_one))
            has_one.add(_id(someone))
        bulk.add_addresses(session, addresses, by=by, now=now)
        work = [{"person_id": _id(someone), **row} for someone, row in self._new_work]
        companies.add_affiliations(session, work, by=by, now=now)
        companies.change_affiliations(session, self._work_changes, self._work_at, by=by, now=now)
        bulk.index(session, sorted({_id(someone) for someone in self._everyone}))

    def _gather(self, line: Line, by_key: dict[str, Someone]) -> None:
        """Join the lines that speak of one person, and find the company each names."""
        both = f"{line.get('first_name') or ''} {line.get('last_name') or ''}"
        emails = [*(line.get("emails") or ()), *(line.get("other_emails") or ())]
        name = line.get("name") or one_line(both) or (emails[0] if emails else "")
        if not name:
            self._sheet.fault(line, "name", "There is neither a name nor an address.")
            return
        if len(name) > 200:
            self._sheet.fault(line, "name", "At most 200 characters.")
            return
        company_id = self._company(line)
        by_name = f"name:{fold(name)}:{company_id}"
        keys = [email_key(email) for email in emails]
        known = {id(by_key[key]): by_key[key] for key in keys or [by_name] if key in by_key}
        if len(known) > 1:
            self._sheet.fault(line, "emails", "These addresses stand with different people above.")
            return
        someone = next(iter(known.values()), None)
        if someone is None:
            someone = Someone(line, name)
            self._everyone.append(someone)
        by_key.update(dict.fromkeys(keys, someone))
        by_key.setdefault(by_name, someone)
        someone.emails += [e for e in emails if email_key(e) not in map(email_key, someone.emails)]
        for key in ("phone", "note"):
            if line.get(key):
                someone.told.setdefault(key, line.get(key))
        if company_id is not None:
            someone.works.append((line, company_id))
            starts, last = line.get("starts_on"), line.get("last_day")
            if starts and last and last < starts:
                self._sheet.fault(line, "last_day", "The last day lies before the first.")

    def _company(self, line: Line) -> int | None:
        name, domains = line.get("company"), line.get("domains") or ()
        if not name and not domains:
            return None
        try:
            return self._companies.get(name, domains, line.get("company_id"))
        except Unclear as unclear:
            self._sheet.fault(line, "company" if name else "domains", str(unclear))
            return None

    def _recognise(self) -> None:
        """Who of them is on record: by any address, else by name at the same company."""
        wanted = {email_key(email) for someone in self._everyone for email in someone.emails}
        owners: dict[str, int] = {}
        for some in _chunks(sorted(wanted)):
            found = select(PersonAddress.email_key, PersonAddress.person_id).where(
                PersonAddress.email_key.in_(some)
            )
            for key, person_id in self._session.connection().execute(found):
                owners[key] = person_id
        named = self._named()
        seen: dict[int, Someone] = {}
        kept: list[Someone] = []
        for someone in self._everyone:
            ids = {owners[k] for e in someone.emails if (k := email_key(e)) in owners}
            if len(ids) > 1:
                self._sheet.fault(
                    someone.line, "emails", "These addresses belong to different people here."
                )
                continue
            at = (name_key(someone.name), someone.works[0][1] if someone.works else None)
            someone.id = next(iter(ids), None) or (None if someone.emails else named.get(at))
            if someone.id is not None and someone.id in seen:
                _join(seen[someone.id], someone)
                continue
            if someone.id is not None:
                seen[someone.id] = someone
            kept.append(someone)
        self._everyone = kept
        for someone in kept:
            self._addresses += [(someone, e) for e in someone.emails if email_key(e) not in owners]

    def _named(self) -> dict[tuple[str, int | None], int]:
        """People by name and company, for those the file gives no address of."""
        keys = sorted({name_key(s.name) for s in self._everyone if not s.emails})
        found: dict[tuple[str, int | None], int] = {}
        for some in _chunks(keys):
            rows = self._session.connection().execute(
                select(Person.name_key, Affiliation.company_id, Person.id)
                .outerjoin(Affiliation, Affiliation.person_id == Person.id)
                .where(Person.name_key.in_(some))
                .order_by(Person.id.desc())
            )
            for key, company_id, person_id in rows:
                found[key, company_id] = person_id
        return found

    def _compare(self) -> None:
        ids = [someone.id for someone in self._everyone if someone.id is not None]
        people, work = self._people(ids), self._work(ids)
        with_address = {id(someone) for someone, _ in self._addresses}
        for someone in self._everyone:
            there = work.get(someone.id or 0, [])
            works = [self._works(someone, there, *at) for at in someone.works]
            if someone.id is None:
                self._report.added += 1
                continue
            before = people[someone.id]
            columns = {
                name: (before[name], value)
                for name, value in someone.told.items()
                if before[name] != value
            }
            if columns:
                self._changes[someone.id] = columns
            if columns or any(works) or id(someone) in with_address:
                self._report.changed += 1
            else:
                self._report.unchanged += 1

    def _works(
        self, someone: Someone, known: list[Mapping[str, Any]], line: Line, company_id: int
    ) -> bool:
        """Whether the line says something new of where they work."""
        starts_on: date | None = line.get("starts_on")
        last: date | None = line.get("last_day")
        ends_before = last + A_DAY if last else None
        roles = {role: line.get(role) for role in ROLES if line.get(role) is not None}
        told = {
            "title": line.get("title"), "starts_on": starts_on, "ends_before": ends_before, **roles
        }  # fmt: skip
        here = [row for row in known if row["company_id"] == company_id]
        same = next((row for row in here if starts_on and row["starts_on"] == starts_on), None)
        same = same or next(
            (row for row in here if not starts_on or row["starts_on"] is None), None
        )
        if same is None:
            row = {"company_id": company_id, **dict.fromkeys(ROLES, False), **told}
            self._new_work.append((someone, row))
            known.append({**row, "id": None})
            return True
        if same["id"] is None:
            return False
        if ends_before and same["starts_on"] and ends_before < same["starts_on"]:
            self._sheet.fault(line, "last_day", "They began there later than that, we think.")
        columns = {
            name: (same[name], value)
            for name, value in told.items()
            if value is not None and same[name] != value
        }
        if columns:
            self._work_changes[same["id"]] = columns
            self._work_at[same["id"]] = company_id
        return bool(columns)

    def _people(self, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        columns = (Person.id, Person.name, Person.phone, Person.note)
        found: dict[int, Mapping[str, Any]] = {}
        for some in _chunks(ids):
            for row in self._session.connection().execute(
                select(*columns).where(Person.id.in_(some))
            ):
                found[row.id] = dict(row._mapping)
        return found

    def _work(self, ids: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        table = Affiliation.__table__
        for some in _chunks(ids):
            for row in self._session.connection().execute(
                select(table).where(Affiliation.person_id.in_(some)).order_by(Affiliation.id.desc())
            ):
                found[row.person_id].append(dict(row._mapping))
        return found

    def _with_address(self, fresh: set[int]) -> set[int]:
        """Who has an address that letters go to, of those who get another one."""
        old = sorted({_id(someone) for someone, _ in self._addresses} - fresh)
        found: set[int] = set()
        for some in _chunks(old):
            primary = select(PersonAddress.person_id).where(
                PersonAddress.person_id.in_(some), PersonAddress.is_primary
            )
            found.update(self._session.connection().scalars(primary))
        return found


def _join(known: Someone, again: Someone) -> None:
    """Lines that turned out to be about one person, by different addresses of theirs."""
    known.emails += again.emails
    known.works += again.works
    known.told = {**again.told, **known.told}


def _chunks(values_: Sequence[Any]) -> list[Sequence[Any]]:
    return [values_[at : at + AT_A_TIME] for at in range(0, len(values_), AT_A_TIME)]


def _id(someone: Someone) -> int:
    assert someone.id is not None  # every new person is written by now
    return someone.id
