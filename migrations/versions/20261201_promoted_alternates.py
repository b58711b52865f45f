"""promoted alternates

Whoever takes a seat over having been its alternate gives that up in the same act. Which holding
that was, and when and why it was to end before, stands with the one that the act opened.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TWO_IN_A_ROLE = (
    "SELECT 1 FROM holding WHERE seat_id = NEW.seat_id AND role = NEW.role"
    " AND id IS NOT NEW.id"
    " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
    " AND (ends_before IS NULL OR NEW.starts_on < ends_before)"
    " AND (ends_before IS NULL OR starts_on < ends_before)"
    " AND (NEW.ends_before IS NULL OR NEW.starts_on < NEW.ends_before)"
)


def upgrade() -> None:
    with op.batch_alter_table("holding") as table:
        table.add_column(sa.Column("promoted_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("promoted_ends_before", sa.Date(), nullable=True))
        table.add_column(sa.Column("promoted_end_reason", sa.String(length=500), nullable=True))
        table.create_foreign_key(op.f("fk_holding_promoted_id"), "holding", ["promoted_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_holding_promoted"), "promoted_ends_before IS NULL OR promoted_id IS NOT NULL"
        )
        table.create_check_constraint(
            op.f("ck_holding_promoted_end_reason_length"), "length(promoted_end_reason) <= 500"
        )
        table.create_index(op.f("ix_holding_promoted_id"), ["promoted_id"])
    _one_in_a_role()


def downgrade() -> None:
    with op.batch_alter_table("holding") as table:
        table.drop_index(op.f("ix_holding_promoted_id"))
        table.drop_constraint(op.f("ck_holding_promoted"), type_="check")
        table.drop_constraint(op.f("ck_holding_promoted_end_reason_length"), type_="check")
        table.drop_constraint(op.f("fk_holding_promoted_id"), type_="foreignkey")
        for column in ("promoted_id", "promoted_ends_before", "promoted_end_reason"):
            table.drop_column(column)
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
