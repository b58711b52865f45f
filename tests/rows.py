"""The rows of a PostgreSQL database, kept in a schema beside them and put back."""

from __future__ import annotations

import psycopg
from psycopg import sql

KEEP = sql.SQL("CREATE TABLE {0} AS TABLE {1}")
EMPTY = sql.SQL("DELETE FROM {0}")
REFILL = sql.SQL("INSERT INTO {0} ({2}) OVERRIDING SYSTEM VALUE SELECT {2} FROM {1}")
REWIND = sql.SQL("SELECT setval({}::regclass, {}, {})")


def keep_a_copy(connection: psycopg.Connection, schema: str) -> None:
    """Keep the rows of every table in a schema of this name."""
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for table in _tables(connection, "public"):
        kept, real = sql.Identifier(schema, table), sql.Identifier("public", table)
        connection.execute(KEEP.format(kept, real))


def restoration(connection: psycopg.Connection, schema: str) -> sql.Composed:
    """The statements that put every row, kept in this schema, and every sequence back.

    `session_replication_role = replica` keeps foreign keys and triggers silent, so that DELETE
    does: TRUNCATE makes new files for each table and takes thirty times as long.
    """
    statements: list[sql.Composable] = [
        sql.SQL("SET lock_timeout = '5s'"),  # a test that left a transaction open is to be told
        sql.SQL("SET session_replication_role = replica"),
    ]
    for table in _tables(connection, "public"):
        kept, real = sql.Identifier(schema, table), sql.Identifier("public", table)
        statements.append(EMPTY.format(real))
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(kept)).fetchone():
            columns = sql.SQL(", ").join(map(sql.Identifier, _columns(connection, table)))
            statements.append(REFILL.format(real, kept, columns))
    sequences = connection.execute(
        "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    for name, last, start in sequences:
        statements.append(REWIND.format(f'public."{name}"', last or start, last is not None))
    return sql.SQL("; ").join(statements)


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]
    )
    return [name for (name,) in rows]


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    """The columns that are stored and not computed."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in rows]
