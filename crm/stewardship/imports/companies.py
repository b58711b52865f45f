"""Companies from a file. Key: the web domain, else the exact name, folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import bulk
from crm.companies.models import Company, CompanyChallenge
from crm.companies.operations import LABELS
from crm.companies.rules import is_public_mail
from crm.journal.operations import Change
from crm.kit.actors import Actor
from crm.kit.text import fold, web_domain
from crm.programme import queries as programme
from crm.stewardship.imports import known
from crm.stewardship.imports.columns import Line, Sheet
from crm.stewardship.imports.known import KnownCompanies, Unclear
from crm.stewardship.imports.likeness import Likeness
from crm.stewardship.imports.report import Remark, Report, Tick

OWN = tuple(name for name in LABELS if name not in ("parent_id", "owner_id"))
"""Columns that a cell fills as it stands."""
_SHARED_SITES = """
    facebook.com linkedin.com twitter.com x.com instagram.com youtube.com google.com
    sites.google.com github.com wordpress.com blogspot.com wixsite.com medium.com
"""
SHARED_SITES = frozenset(_SHARED_SITES.split())
"""Where anybody may have a page: such an address is nobody's identity."""
AT_A_TIME = 500


@dataclass(slots=True)
class Placed:
    """The first line about a company; `id` None until a new one is written."""

    line: Line
    name: str
    domains: tuple[str, ...]
    id: int | None
    parent: int | str | None = None
    """Id of a known company, or the folded name of one that is new in this file."""


class CompanyImport:
    """Matches a sheet against the register; `write` then writes what was found.

    A company that is new has the parent that the file tells ever since; one that was known has
    another than before from today on.
    """

    def __init__(self, session: Session, sheet: Sheet, report: Report, *, today: date) -> None:
        self._session = session
        self._today = today
        self._sheet = sheet
        self._report = report
        self._known = KnownCompanies.read(session)
        self._users = known.users(session)
        self._challenges = {
            fold(text): challenge.id
            for challenge in programme.challenges(session)
            for text in (challenge.key, challenge.name, str(challenge.number))
        }
        self._placed: list[Placed] = []
        self._by_domain: dict[str, Placed] = {}
        self._by_id: dict[int, Placed] = {}
        self._by_name: dict[str, list[Placed]] = defaultdict(list)
        self._changes: dict[int, dict[str, Change]] = {}
        self._parents: dict[int, tuple[int | None, int | str]] = {}
        self._new_domains: list[tuple[Placed, str]] = []
        self._new_challenges: list[tuple[Placed, int]] = []

    def match(self, tick: Tick) -> None:
        """Decide for every line what it is; faults and warnings go where they belong."""
        self._place(tick)
        self._check_references()
        self._compare()

    def write(self, *, by: Actor, now: datetime) -> None:
        session = self._session
        new = [placed for placed in self._placed if placed.id is None]
        rows = [{**self._row(placed.line), "domains": placed.domains} for placed in new]
        for placed, id_ in zip(new, bulk.add_companies(session, rows, by=by, now=now), strict=True):
            placed.id = id_
            if placed.parent is not None:
                self._parents[id_] = (None, placed.parent)
        fresh = {_id(placed) for placed in new}
        by_name = {fold(placed.name): _id(placed) for placed in new}
        bulk.change_companies(session, self._changes, by=by, now=now)
        bulk.set_parents(
            session,
            {
                id_: (before, by_name[after] if isinstance(after, str) else after)
                for id_, (before, after) in self._parents.items()
            },
            {id_: None if id_ in fresh else self._today for id_ in self._parents},
            by=by,
            now=now,
        )
        domains = [
            (placed.id, domain)
            for placed, domain in self._new_domains
            if placed.id is not None and placed.id not in fresh
        ]
        bulk.add_domains(session, domains, by=by, now=now)
        bulk.add_challenges(session, [(_id(placed), one) for placed, one in self._new_challenges])
        changed = self._changes.keys() | {id_ for id_, _ in domains}
        bulk.index(session, sorted(fresh | changed))

    def _place(self, tick: Tick) -> None:
        """Which company each line is about. Those with a domain first: they are sure."""
        likeness = Likeness(self._known.alike)
        sure = [(line, _domains(line)) for line in self._sheet.lines if line.get("name")]
        sure.sort(key=lambda pair: not pair[1])
        for done, (line, domains) in enumerate(sure, 1):
            try:
                placed = self._find(line, domains)
            except Unclear as unclear:
                self._sheet.fault(line, "name", str(unclear))
                continue
            if placed.line is not line:
                self._join(placed, line, domains)
            elif placed.id is None and (like := likeness.another(placed.name)) is not None:
                self._warn(line, "name", f"Much like “{like}”: perhaps the same company.")
            if not done % AT_A_TIME:
                tick(AT_A_TIME)
        tick(len(self._sheet.lines) % AT_A_TIME)

    def _find(self, line: Line, domains: tuple[str, ...]) -> Placed:
        """The company of a line above with this key; else one on record, else a new one."""
        name = line.values["name"]
        for domain in domains:
            if domain in self._by_domain:
                return self._by_domain[domain]
        id_ = self._known.find(name, domains, line.get("company_id"))
        if id_ is not None and id_ in self._by_id:
            return self._by_id[id_]
        new = self._by_name[fold(name)] if id_ is None and not domains else []
        if len(new) > 1:
            raise Unclear(f"Several companies here are called “{name}”; add the web domain.")
        if new:
            return new[0]
        placed = Placed(line, name, domains, id_)
        self._placed.append(placed)
        if id_ is None:
            self._by_name[fold(name)].append(placed)
        else:
            self._by_id[id_] = placed
        self._keep_domains(placed, domains)
        return placed

    def _join(self, placed: Placed, line: Line, domains: tuple[str, ...]) -> None:
        """One more line about a company: it adds what the first left open."""
        first = placed.line
        differing = []
        for name, value in line.values.items():
            if name == "challenges" and value:
                first.values[name] = (*(first.get(name) or ()), *value)
            elif first.get(name) is None:
                first.values[name] = value
            elif value not in (None, first.get(name)) and name != "domains":
                differing.append(self._sheet.headings[name])
        placed.domains = tuple(dict.fromkeys((*placed.domains, *domains)))
        self._keep_domains(placed, domains)
        stands = f"; {', '.join(differing)} left as there" if differing else ""
        self._warn(line, "name", f"This is the company of row {first.number} again{stands}.")

    def _keep_domains(self, placed: Placed, domains: tuple[str, ...]) -> None:
        for domain in domains:
            self._by_domain[domain] = placed
        if domains and placed.id is not None:
            self._known.with_domain.add(placed.id)

    def _check_references(self) -> None:
        """Owners, challenges and parents: an owner we don't know is left out, the others are
        faults."""
        in_file = {fold(placed.name) for placed in self._placed if placed.id is None}
        ownerless: dict[str, list[Line]] = defaultdict(list)
        for placed in self._placed:
            line = placed.line
            owner = line.get("owner")
            if owner and fold(owner) not in self._users:
                ownerless[owner].append(line)
            for challenge in line.get("challenges") or ():
                if fold(challenge) not in self._challenges:
                    self._sheet.fault(line, "challenges", f"There is no challenge “{challenge}”.")
            parent = line.get("parent")
            if parent:
                self._set_parent(placed, parent, in_file)
        for owner, lines in ownerless.items():
            more = f" (and {len(lines) - 1:,} more rows)" if len(lines) > 1 else ""
            self._warn(lines[0], "owner", f"“{owner}” has no account here: left out{more}.")

    def _set_parent(self, placed: Placed, parent: str, in_file: set[str]) -> None:
        if fold(parent) == fold(placed.name):
            self._sheet.fault(placed.line, "parent", "A company is not above itself.")
        elif fold(parent) in in_file:
            placed.parent = fold(parent)
        else:
            try:
                placed.parent = self._known.get(parent)
            except Unclear as unclear:
                self._sheet.fault(placed.line, "parent", str(unclear))

    def _compare(self) -> None:
        """What the lines say anew of companies that are known. An empty cell says nothing."""
        known_ids = [placed.id for placed in self._placed if placed.id is not None]
        rows, challenges = _rows(self._session, known_ids), _challenges(self._session, known_ids)
        for placed in self._placed:
            fresh = [one for one in placed.domains if one not in self._known.by_domain]
            self._new_domains += [(placed, domain) for domain in fresh]
            wanted = {self._challenges.get(fold(c)) for c in placed.line.get("challenges") or ()}
            lacking = wanted - challenges.get(placed.id or 0, set())
            self._new_challenges += [(placed, one) for one in lacking if one is not None]
            if placed.id is None:
                self._report.added += 1
                continue
            before = rows[placed.id]
            columns: dict[str, Change] = {
                name: (before[name], value)
                for name, value in self._told(placed).items()
                if before[name] != value
            }
            if columns:
                self._changes[placed.id] = columns
            moves = placed.parent is not None and placed.parent != before["parent_id"]
            if placed.parent is not None and moves:
                self._parents[placed.id] = (before["parent_id"], placed.parent)
            if columns or moves or fresh or lacking:
                self._report.changed += 1
            else:
                self._report.unchanged += 1
        self._refuse_circles()

    def _told(self, placed: Placed) -> dict[str, Any]:
        """The columns a line has something to say about."""
        return {name: value for name, value in self._row(placed.line).items() if value is not None}

    def _row(self, line: Line) -> dict[str, Any]:
        owner = line.get("owner")
        values = line.values
        row = {name: values.get(name) for name in OWN}
        return {**row, "owner_id": self._users.get(fold(owner)) if owner else None}

    def _refuse_circles(self) -> None:
        """No company may come out above itself, by what is known and what the file adds."""
        if not any(placed.parent for placed in self._placed):
            return
        stored = select(Company.id, Company.parent_id).where(Company.parent_id.is_not(None))
        above: dict[Any, Any] = dict(self._session.connection().execute(stored).all())
        told = {placed.id or fold(placed.name): placed for placed in self._placed if placed.parent}
        above |= {key: placed.parent for key, placed in told.items() if placed.parent is not None}
        for start, placed in told.items():
            at: int | str | None = above.get(start)
            steps = 0
            while at is not None and at != start and steps <= len(above):
                at, steps = above.get(at), steps + 1
            if at == start:
                self._sheet.fault(placed.line, "parent", "This would put a company above itself.")

    def _warn(self, line: Line, name: str, reason: str) -> None:
        self._report.warnings.append(Remark(line.number, self._sheet.headings.get(name), reason))


def _domains(line: Line) -> tuple[str, ...]:
    """The domains given, else that of the website if it is the company's own."""
    given: tuple[str, ...] = line.get("domains") or ()
    site = web_domain(line.get("website") or "")
    own = site is not None and site not in SHARED_SITES and not is_public_mail(site)
    return given or ((site,) if site is not None and own else ())


def _rows(session: Session, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    columns = [getattr(Company, name) for name in ("id", *LABELS)]
    for start in range(0, len(ids), AT_A_TIME):
        some = select(*columns).where(Company.id.in_(ids[start : start + AT_A_TIME]))
        for row in session.connection().execute(some).mappings():
            found[row["id"]] = dict(row)
    return found


def _challenges(session: Session, ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for start in range(0, len(ids), AT_A_TIME):
        some = select(CompanyChallenge.company_id, CompanyChallenge.challenge_id).where(
            CompanyChallenge.company_id.in_(ids[start : start + AT_A_TIME])
        )
        for company_id, challenge_id in session.connection().execute(some):
            found[company_id].add(challenge_id)
    return found


def _id(placed: Placed) -> int:
    assert placed.id is not None  # every new company is written by now
    return placed.id
