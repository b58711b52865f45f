"""who sits again

A holding has a day at least. One that ended on the day it began was nobody's time on a seat, yet
stood in the chain of holders: such rows go, with the letters that were drafted about them; the
journal keeps that they were written.

A handover stands with the holding it opened: which one it closed, and when and why that one was
to end before. Whoever was handed over to before today's rows had a place for it is found by the
journal's word for the act. Letters name the seat and the person: one that went out stays when the
act that it told of is taken back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

VOID = "SELECT id FROM holding WHERE ends_before <= starts_on"
CLOSED = (
    "SELECT earlier.id FROM holding AS earlier WHERE earlier.seat_id = holding.seat_id"
    " AND earlier.role = holding.role AND earlier.ends_before = holding.starts_on"
)
HANDED_OVER = (
    "SELECT 1 FROM journal_entry AS entry WHERE entry.kind = 'holding'"
    " AND entry.record_id = holding.id AND entry.act LIKE 'handed over as %'"
)
TWO_IN_A_ROLE = (
    "SELECT 1 FROM holding WHERE seat_id = NEW.seat_id AND role = NEW.role"
    " AND id IS NOT NEW.id"
    " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
    " AND (ends_before IS NULL OR NEW.starts_on < ends_before)"
    " AND (ends_before IS NULL OR starts_on < ends_before)"
    " AND (NEW.ends_before IS NULL OR NEW.starts_on < NEW.ends_before)"
)


def upgrade() -> None:
    op.execute(f"DELETE FROM seat_letter WHERE holding_id IN ({VOID})")
    op.execute("DELETE FROM holding WHERE ends_before <= starts_on")
    with op.batch_alter_table("holding") as table:
        table.drop_constraint(op.f("ck_holding_order"), type_="check")
        table.create_check_constraint(op.f("ck_holding_order"), "ends_before > starts_on")
        table.add_column(sa.Column("closed_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("closed_ends_before", sa.Date(), nullable=True))
        table.add_column(sa.Column("closed_end_reason", sa.String(length=500), nullable=True))
        table.create_foreign_key(op.f("fk_holding_closed_id"), "holding", ["closed_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_holding_closed"), "closed_ends_before IS NULL OR closed_id IS NOT NULL"
        )
        table.create_check_constraint(
            op.f("ck_holding_closed_end_reason_length"), "length(closed_end_reason) <= 500"
        )
        table.create_index(op.f("ix_holding_closed_id"), ["closed_id"])
    _one_in_a_role()
    op.execute(f"UPDATE holding SET closed_id = ({CLOSED}) WHERE EXISTS ({HANDED_OVER})")
    _address_letters()


def _address_letters() -> None:
    with op.batch_alter_table("seat_letter") as table:
        table.alter_column("holding_id", existing_type=sa.Integer(), nullable=True)
        table.create_check_constraint(
            op.f("ck_seat_letter_outlives"), "holding_id IS NOT NULL OR released_at IS NOT NULL"
        )
        for whose in ("seat", "person"):
            column = f"{whose}_id"
            table.add_column(sa.Column(column, sa.Integer(), nullable=True))
            table.create_foreign_key(op.f(f"fk_seat_letter_{column}"), whose, [column], ["id"])
            table.create_index(op.f(f"ix_seat_letter_{column}"), [column])
    for column in ("seat_id", "person_id"):
        op.execute(
            f"UPDATE seat_letter SET {column} = "
            f"(SELECT {column} FROM holding WHERE holding.id = seat_letter.holding_id)"
        )
    with op.batch_alter_table("seat_letter") as table:
        for column in ("seat_id", "person_id"):
            table.alter_column(column, existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM seat_letter WHERE holding_id IS NULL")
    with op.batch_alter_table("seat_letter") as table:
        for column in ("seat_id", "person_id"):
            table.drop_index(op.f(f"ix_seat_letter_{column}"))
            table.drop_constraint(op.f(f"fk_seat_letter_{column}"), type_="foreignkey")
            table.drop_column(column)
        table.drop_constraint(op.f("ck_seat_letter_outlives"), type_="check")
        table.alter_column("holding_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("holding") as table:
        table.drop_index(op.f("ix_holding_closed_id"))
        table.drop_constraint(op.f("ck_holding_closed"), type_="check")
        table.drop_constraint(op.f("ck_holding_closed_end_reason_length"), type_="check")
        table.drop_constraint(op.f("fk_holding_closed_id"), type_="foreignkey")
        for column in ("closed_id", "closed_ends_before", "closed_end_reason"):
            table.drop_column(column)
        table.drop_constraint(op.f("ck_holding_order"), type_="check")
        table.create_check_constraint(op.f("ck_holding_order"), "ends_before >= starts_on")
    _one_in_a_role()


def _one_in_a_role() -> None:
    """SQLite's rule goes with the table that is rebuilt; PostgreSQL's stays with its own."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER holding_one_a_role_{event.lower()} BEFORE {event} ON holding "
            f"WHEN EXISTS ({TWO_IN_A_ROLE}) "
            "BEGIN SELECT RAISE(ABORT, 'ex_holding_one_a_role'); END"
        )
