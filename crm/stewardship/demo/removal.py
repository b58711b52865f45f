"""Removing the demo: every table but the programme's own is emptied, the demo sign-ins go.

What may never be deleted one by one (journal, memberships, dues) is emptied as a whole here, in
a register that is known to hold a demo: `docs/decisions/0013-the-demo-goes-as-a-whole.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from crm.accounts.models import AccountToken, SavedView, UserAccount, UserRole, UserSession
from crm.council.models import Body, Seat
from crm.council.rules import BodyKind
from crm.journal.models import JournalEntry
from crm.kit.db import Base
from crm.kit.errors import RuleBroken
from crm.memberships.benefit_models import Benefit, TierBenefit
from crm.memberships.models import Tier
from crm.people.models import DirectoryEntry
from crm.pipeline.models import LostReason, Mode, Stage
from crm.programme.models import Challenge, FocusArea, Programme

REFERENCE = (
    Programme, Challenge, FocusArea, Mode, Stage, LostReason, Tier, Benefit, TierBenefit, Body,
    DirectoryEntry,
)  # fmt: skip
OF_ACCOUNTS = (
    SavedView.owner_id, AccountToken.user_id, UserSession.user_id, UserRole.user_id
)  # fmt: skip
ACCOUNT_KINDS = ("user", "user_role")


class NoDemo(RuleBroken):
    """This register was never a demo; emptying it would destroy what is meant."""


class WorkedIn(RuleBroken):
    """Somebody who is not of the demo has written into it."""


def remove(session: Session, *, even_if_worked_in: bool = False) -> dict[str, int]:
    """Leave the programme's reference data and the accounts that are not of the demo.

    Returns how many rows of which table went. Raises `NoDemo`, or `WorkedIn` while records of
    people with an account of their own are in it.
    """
    programme = session.scalars(select(Programme)).first()
    if programme is None or programme.demo_since is None:
        raise NoDemo("There is no demo here: nothing was removed.")
    written = _written_by_others(session)
    if written and not even_if_worked_in:
        raise WorkedIn(
            f"{written:,} changes in this register were made by people who are not of the demo. "
            "They would go with it. If that is meant, say --all."
        )
    session.expire_all()
    connection = session.connection()
    kept = {_table(model) for model in (*REFERENCE, UserAccount)}
    kept |= {_table(owner.parent.class_) for owner in OF_ACCOUNTS}
    tables = [table for table in Base.metadata.sorted_tables if table not in kept]
    removed = {table.name: _count(connection, table) for table in tables}
    titled = connection.execute(_titled_seats()).mappings().all()
    _empty(connection, tables)
    if titled:
        connection.execute(insert(Seat), [dict(seat) for seat in titled])
        removed["seat"] -= len(titled)
    groups = connection.execute(delete(Body).where(Body.kind == BodyKind.GROUP))
    removed["body"] = groups.rowcount
    demo = select(UserAccount.id).where(UserAccount.demo)
    for owner in OF_ACCOUNTS:
        gone = connection.execute(delete(owner.parent.class_).where(owner.in_(demo)))
        removed[owner.parent.class_.__tablename__] = gone.rowcount
    removed["user_account"] = connection.execute(
        delete(UserAccount).where(UserAccount.demo)
    ).rowcount
    connection.execute(update(Programme).values(demo_since=None))
    return {name: rows for name, rows in removed.items() if rows}


def _titled_seats() -> Select[Any]:
    """Those of the programme's file, without their ids: which seat has which is the demo's."""
    columns = [column for column in _table(Seat).columns if column.name != "id"]
    return select(*columns).where(Seat.company_id.is_(None)).order_by(Seat.id)


def _written_by_others(session: Session) -> int:
    """Changes of records by accounts that are not of the demo; those of accounts stay."""
    others = select(UserAccount.id).where(~UserAccount.demo)
    found = select(func.count()).where(
        JournalEntry.actor_id.in_(others),
        JournalEntry.act == "created",
        JournalEntry.kind.not_in(ACCOUNT_KINDS),
    )
    return session.scalar(found) or 0


def _empty(connection: Connection, tables: Iterable[Table]) -> None:
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        return
    refusing = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'")
    ).all()
    for name, _ in refusing:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for table in reversed(list(tables)):
        connection.execute(delete(table))
    for _, definition in refusing:
        connection.exec_driver_sql(definition)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
