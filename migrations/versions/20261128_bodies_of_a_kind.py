"""bodies are of a kind

A council, on which companies have seats by their tier; a committee of people; a working group.
Those there were are councils.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KINDS = ("council", "committee", "working group")


def upgrade() -> None:
    words = ", ".join(f"'{kind}'" for kind in KINDS)
    with op.batch_alter_table("body") as table:
        table.add_column(
            sa.Column("kind", sa.String(length=40), nullable=False, server_default="council")
        )
        table.create_check_constraint(op.f("ck_body_kind"), f"kind IN ({words})")
    with op.batch_alter_table("body") as table:
        table.alter_column("kind", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM body WHERE kind <> 'council'")
    with op.batch_alter_table("body") as table:
        table.drop_constraint(op.f("ck_body_kind"), type_="check")
        table.drop_column("kind")
