"""Fills a migrated database with companies by the thousand, as fast as its driver can."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import psycopg
from argon2 import PasswordHasher
from psycopg import sql
from sqlalchemy import make_url

from bench import names
from crm.accounts.rules import Kind, Role
from crm.activities.rules import Shown, TouchKind
from crm.companies.rules import Headcount
from crm.council.rules import HoldingRole, SeatKind
from crm.kit.text import company_key, fold
from crm.memberships.rules import DuesFrequency
from crm.pipeline.rules import Channel, Move
from crm.search.rules import words

TITLED = 1_000
"""Ids up to here are left to the seats of the programme's file."""
EMAIL, PASSWORD = "director@bench.example", "a password for measuring only"
MEMBERSHIPS, OPPORTUNITIES, INQUIRIES = 60, 500, 300
NEW = {"created_at": "2026-01-15 12:00:00.000000"}
EDITABLE = {**NEW, "version": 1}
SECTORS = ("aerospace", "automotive", "bioprocess", "chips", "machinery", "packaging", "energy")
COUNTRIES = ("US", "US", "US", "DE", "NO", "JP", "CA", "BR")
HEADCOUNTS = tuple(band.value for band in Headcount)
TOUCHES = tuple(kind.value for kind in TouchKind)
TODAY = date(2026, 1, 15)

Rows = Iterable[tuple[Any, ...]]


class Target(Protocol):
    """One of the two drivers, spoken to directly."""

    def copy(self, table: str, columns: str, rows: Rows, **same: Any) -> None:
        """Insert the rows; `same` are columns that are alike in all of them."""

    def ids(self, query: str) -> list[int]: ...


def seed(database_url: str, companies: int) -> None:
    """Three people and three contacts each; memberships, opportunities, inquiries as fixed."""
    with filled(database_url) as target:
        _fill(target, companies)


@contextmanager
def filled(database_url: str) -> Iterator[Target]:
    """A database to fill in one go; afterwards it knows how its rows are spread."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous = OFF")
            raw.execute("BEGIN IMMEDIATE")
            yield SQLite(raw)
            raw.execute("COMMIT")
            raw.execute("ANALYZE")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET session_replication_role = replica")
        yield PostgreSQL(connection)
        connection.execute("VACUUM ANALYZE")


class SQLite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def copy(self, table: str, columns: str, rows: Rows, **same: Any) -> None:
        listed = [*columns.split(), *same]
        quoted, places = ", ".join(f'"{name}"' for name in listed), ", ".join("?" for _ in listed)
        statement = f"INSERT INTO {table} ({quoted}) VALUES ({places})"
        end = tuple(same.values())
        self._connection.executemany(statement, (row + end for row in rows))

    def ids(self, query: str) -> list[int]:
        return [row[0] for row in self._connection.execute(query)]


class PostgreSQL:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def copy(self, table: str, columns: str, rows: Rows, **same: Any) -> None:
        listed = [*columns.split(), *same]
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, listed))
        )
        end = tuple(same.values())
        with self._connection.cursor() as cursor:
            with cursor.copy(statement) as out:
                for row in rows:
                    out.write_row(row + end)
            if listed[0] == "id":
                count_on = "SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}"
                cursor.execute(sql.SQL(count_on).format(table, sql.Identifier(table)))

    def ids(self, query: str) -> list[int]:
        return [row[0] for row in self._connection.execute(query.encode())]


def _fill(target: Target, companies: int) -> None:
    _account(target)
    _companies(target, companies)
    _people(target, companies * 3)
    _search(target, companies)
    _memberships(target)
    _pipeline(target)
    _inquiries(target)


def _account(target: Target) -> None:
    hashed = PasswordHasher().hash(PASSWORD)
    account = (1, Kind.OFFICE.value, EMAIL, "Dana Whitfield", hashed, True, False)
    columns = "id kind email name password_hash inquiry_notices demo"
    target.copy("user_account", columns, [account], **EDITABLE)
    target.copy("user_role", "user_id role", [(1, Role.DIRECTOR.value), (1, Role.STAFF.value)])


def _companies(target: Target, companies: int) -> None:
    numbers = range(1, companies + 1)
    target.copy(
        "company",
        "id name name_key match_key website sector headcount country owner_id",
        (
            (
                *(n, name, fold(name), company_key(name), f"https://c{n}.example"),
                *(SECTORS[n % 7], HEADCOUNTS[n % 5], COUNTRIES[n % 8], 1 if n % 3 else None),
            )
            for n, name in ((n, names.company(n)) for n in numbers)
        ),
        city="Springfield",
        region="Ohio",
        about="Makes what others need.",
        **EDITABLE,
    )
    domains = ((n, n, f"c{n}.example") for n in numbers)
    target.copy("company_domain", "id company_id domain", domains, verified=True)
    challenges = target.ids("SELECT id FROM challenge ORDER BY id")
    cares = ((n, challenges[n % len(challenges)]) for n in numbers)
    target.copy("company_challenge", "company_id challenge_id", cares)


def _people(target: Target, people: int) -> None:
    numbers = range(1, people + 1)
    target.copy(
        "person",
        "id name name_key",
        (
            (n, name, fold(" ".join(reversed(name.split()))))
            for n, name in ((n, names.person(n)) for n in numbers)
        ),
        **EDITABLE,
    )
    addresses = ((n, n, _address(n), _address(n)) for n in numbers)
    target.copy("person_address", "id person_id email email_key", addresses, is_primary=True)
    target.copy(
        "affiliation",
        "id person_id company_id champion main_contact billing",
        ((n, n, _at(n), n % 3 == 1, n % 3 == 1, n % 3 == 2) for n in numbers),
        title="Head of operations",
        starts_on="2023-03-01",
        version=1,
    )
    target.copy(
        "touch",
        "id company_id kind on",
        (
            (n, _at(n), TOUCHES[n % len(TOUCHES)], str(TODAY - timedelta(days=n % 900)))
            for n in numbers
        ),
        text="Call, 25 min: likes the lean group; legal balks at the publication clause.",
        shown=Shown.IN_FULL.value,
        confidential=False,
        by_id=1,
        **EDITABLE,
    )
    target.copy("touch_person", "touch_id person_id", ((n, n) for n in numbers))


def _search(target: Target, companies: int) -> None:
    found_companies = (
        (n, "company", n, name, "Springfield, Ohio", _words(name, f"c{n}.example", SECTORS[n % 7]))
        for n, name in ((n, names.company(n)) for n in range(1, companies + 1))
    )
    found_people = (
        (companies + n, "person", n, name, names.company(_at(n)), _words(name, _address(n)))
        for n, name in ((n, names.person(n)) for n in range(1, companies * 3 + 1))
    )
    target.copy(
        "search_entry",
        "id kind record_id title subtitle folded",
        itertools.chain(found_companies, found_people),
        archived=False,
    )


def _words(*texts: str) -> str:
    return " ".join(word for text in texts for word in words(text))


def _memberships(target: Target) -> None:
    (tier,) = target.ids("SELECT id FROM tier WHERE founding ORDER BY id LIMIT 1")
    (body,) = target.ids("SELECT id FROM body ORDER BY id LIMIT 1")
    numbers = range(1, MEMBERSHIPS + 1)
    fee = {"currency": "USD"}
    term = {"starts_on": "2025-07-01", "ends_before": "2028-07-01", "occupied_before": "2028-07-01"}
    acts = {"drafted_on": "2025-05-01", "released_on": "2025-05-02"}
    signed = {"company_signed_on": "2025-05-20", "programme_signed_on": "2025-05-28"}
    grace = {"grace_days": 60, "grace_votes": False}
    target.copy(
        "membership",
        "id company_id tier_id",
        ((n, n, tier) for n in numbers),
        founding=True,
        fee_minor=50_000_000,
        dues_frequency=DuesFrequency.YEARLY.value,
        **{**fee, **term, **acts, **signed, **grace, **EDITABLE},
    )
    target.copy(
        "instalment",
        "id membership_id number membership_year due_on",
        ((n * 3 + y, n, y, y, f"{2024 + y}-07-01") for n in numbers for y in (1, 2, 3)),
        amount_minor=50_000_000,
        **fee,
    )
    target.copy(
        "seat",
        "id company_id",
        ((TITLED + n, n) for n in numbers),
        body_id=body,
        kind=SeatKind.OWN.value,
        **NEW,
    )
    target.copy(
        "holding",
        "id seat_id person_id",
        ((n, TITLED + n, n * 3) for n in numbers),
        role=HoldingRole.REPRESENTATIVE.value,
        starts_on="2025-07-01",
        **NEW,
    )


def _pipeline(target: Target) -> None:
    chance = random.Random(8000)
    stages = target.ids("SELECT id FROM stage ORDER BY id")
    modes = dict(zip(stages, target.ids("SELECT mode_id FROM stage ORDER BY id"), strict=True))
    numbers = range(1, OPPORTUNITIES + 1)
    at = {n: chance.choice(stages) for n in numbers}
    since = {n: str(TODAY - timedelta(days=chance.randrange(200))) for n in numbers}
    value = {n: chance.randrange(1, 150) * 1_000_000 for n in numbers}
    target.copy(
        "opportunity",
        "id company_id mode_id stage_id stage_since value_minor opened_on",
        ((n, MEMBERSHIPS + n, modes[at[n]], at[n], since[n], value[n], since[n]) for n in numbers),
        owner_id=1,
        currency="USD",
        **EDITABLE,
    )
    target.copy(
        "stage_change",
        "id opportunity_id to_stage_id on",
        ((n, n, at[n], since[n]) for n in numbers),
        move=Move.OPENED.value,
        at=NEW["created_at"],
        by_id=1,
        by_name="Dana Whitfield",
    )
    target.copy(
        "task",
        "id company_id due_on",
        ((n, MEMBERSHIPS + n, str(TODAY + timedelta(days=n % 60))) for n in numbers),
        title="Send the prospectus",
        owner_id=1,
        **EDITABLE,
    )
    target.copy("opportunity_task", "opportunity_id task_id", ((n, n) for n in numbers))


def _inquiries(target: Target) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    target.copy(
        "inquiry",
        "id token received_at company_name name email company_id",
        (
            (
                *(n, f"bench-{n}", f"{first + timedelta(hours=n)}.000000"),
                *(names.company(n), names.person(n), _address(n), n),
            )
            for n in range(1, INQUIRIES + 1)
        ),
        channel=Channel.JOIN.value,
        raw="{}",
        message="Is founding still open? Our budget locks on 30 September.",
        modes="[]",
        challenges="[]",
        suspicions="[]",
        consent=False,
        suspected=False,
        version=1,
    )


def _at(person: int) -> int:
    """The company of the person, or contact, with this number: three in a row share one."""
    return (person + 2) // 3


def _address(person: int) -> str:
    return f"p{person}@c{_at(person)}.example"
