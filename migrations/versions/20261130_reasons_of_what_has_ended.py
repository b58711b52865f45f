"""a place has a reason for its end only with an end

Open places of open groups were given one by 0018, as it was at first: such reasons go.
"""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0022"
down_revision = "0021"

NAME = "ck_place_reason_of_an_end"
HOLDS = "end_reason IS NULL OR ends_before IS NOT NULL"


def upgrade() -> None:
    op.execute(f"UPDATE place SET end_reason = NULL WHERE NOT ({HOLDS})")
    _change(add=True)


def downgrade() -> None:
    _change(add=False)


def _change(*, add: bool) -> None:
    """On SQLite the table is built anew: what triggers hang on it, or read it, come back after."""
    triggers: list[Any] = []
    if op.get_bind().dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%place%'"
        triggers = list(op.get_bind().exec_driver_sql(asked).all())
        for name, _ in triggers:
            op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("place") as table:
        if add:
            table.create_check_constraint(op.f(NAME), HOLDS)
        else:
            table.drop_constraint(op.f(NAME), type_="check")
    for _, sql in triggers:
        op.execute(sql.replace(":", "\\:"))
