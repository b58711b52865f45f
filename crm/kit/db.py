"""The declarative base, the column vocabulary, and how each database is opened."""

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import StrEnum
from time import monotonic, sleep
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from crm.kit.errors import NotFound

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

MAX_ID = 2**31 - 1
"""The largest id a column can hold; beyond it both drivers raise, so the edge refuses first."""

WRITES: ContextVar[bool] = ContextVar("WRITES", default=False)
"""Whether transactions begun now will write: SQLite then takes its write lock at BEGIN."""


PATIENCE = 5
"""Seconds a writer waits for SQLite's lock before it is told that the database is busy."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC whatever the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UTCDateTime}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '')}>"


@event.listens_for(Table, "after_parent_attach")
def _bound_texts(table: Table, parent: MetaData) -> None:
    """SQLite ignores VARCHAR lengths: a named CHECK says them on both databases.

    A text that must be there must also say something: NOT NULL strings are not blank,
    unless the column allows it with `info={"blank": True}`. Only for our own metadata: a
    migration's tables are what they were.
    """
    if parent is not Base.metadata:
        return
    for column in table.columns:
        if not isinstance(column.type, String) or isinstance(column.type, Enum):
            continue
        if column.type.length is not None:
            table.append_constraint(
                CheckConstraint(
                    func.length(column) <= column.type.length, name=f"{column.name}_length"
                )
            )
        if not column.nullable and not column.info.get("blank"):
            table.append_constraint(
                CheckConstraint(func.trim(column) != "", name=f"{column.name}_not_blank")
            )


pk = Annotated[int, mapped_column(primary_key=True)]
key = Annotated[str, mapped_column(String(60))]
line = Annotated[str, mapped_column(String(200))]
optional_line = Annotated[str | None, mapped_column(String(200))]
email = Annotated[str, mapped_column(String(320))]
text = Annotated[str, mapped_column(String(20_000), info={"blank": True}, default="")]
minor = Annotated[int, mapped_column(BigInteger)]
currency = Annotated[str, mapped_column(String(3))]
country = Annotated[str | None, mapped_column(String(2))]
day = Annotated[date, mapped_column()]


def enum_by_value(cls: type[StrEnum], name: str) -> Enum:
    """Store an enum's value (a word we chose), never its Python name; a CHECK holds it."""
    return Enum(
        cls,
        values_callable=lambda members: [m.value for m in members],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
        validate_strings=True,
    )


def open_sqlite_properly(engine: Engine) -> None:
    """WAL, full durability, foreign keys, patience; BEGIN IMMEDIATE where we will write, and
    no writing at all where nobody said so.

    The driver's own transaction handling begins too late and cannot begin immediately,
    so it is switched off and SQLAlchemy's begin event speaks for it.
    """

    @event.listens_for(engine, "connect")
    def configure(raw: Any, record: object) -> None:
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={PATIENCE * 1000}",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        raw = connection.connection.driver_connection
        if WRITES.get():
            raw.execute("PRAGMA query_only=OFF")
            _begin_immediate(connection)
        else:
            raw.execute("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")


def open_postgresql_properly(engine: Engine) -> None:
    """A transaction that did not declare to write is READ ONLY, whatever statement it sends."""

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.connection.driver_connection.read_only = not WRITES.get()


def _begin_immediate(connection: Any) -> None:
    """Take SQLite's write lock as soon as it is free.

    SQLite itself looks again after 1, 2, 5 … and soon only every 100 ms, so that under load the
    lock lies idle most of the time; a millisecond costs a waiting thread next to nothing.
    """
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        give_up_at = monotonic() + PATIENCE
        while monotonic() < give_up_at:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
            sleep(0.0005)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what the rest of the house knows
    finally:
        raw.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")


def renew(session: Session, row: Any, *, seen: int) -> None:
    """See to it that the row has another version than was `seen`: what belongs to it was changed,
    though perhaps none of its columns, and whoever edits it as it was must be told."""
    session.flush()
    if row.version != seen:
        return
    kind = type(row)
    found = select(kind.id).where(kind.id == row.id, kind.version == seen)
    if session.scalar(found.with_for_update(key_share=True)) is None:
        raise StaleDataError(f"{row!r} was changed at the same moment")
    session.connection().execute(
        update(kind).where(kind.id == row.id).values(version=kind.version + 1)
    )
    session.refresh(row, ["version"])


def lock(session: Session, row: Any, *, shared: bool = False) -> None:
    """Read the row's columns anew and keep others from writing it until the transaction ends.

    `shared`: beside others who only keep it so. What it refers to stays as it was loaded. Raises
    `NotFound` where the row is gone meanwhile.
    """
    columns = inspect(type(row)).column_attrs.keys()
    try:
        session.refresh(row, columns, with_for_update={"of": type(row), "read": shared})
    except InvalidRequestError:
        if row not in session:
            raise  # it never was in the database
        raise NotFound("Somebody has removed this just now.") from None
