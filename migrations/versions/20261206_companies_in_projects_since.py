"""companies are in projects since a day

Those that are in one came on the day on which that was last journalled, for SQLite gives the number
of a row that went to another; one that was never journalled, with its project.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

CAME = (
    "SELECT max(date(at)) FROM journal_entry WHERE kind = 'project_company' AND act = 'created'"
    " AND record_id = project_company.id"
)
PROPOSED = "SELECT date(created_at) FROM project WHERE id = project_company.project_id"


def upgrade() -> None:
    with op.batch_alter_table("project_company") as table:
        table.add_column(sa.Column("starts_on", sa.Date(), nullable=True))
    op.execute(f"UPDATE project_company SET starts_on = coalesce(({CAME}), ({PROPOSED}))")
    with op.batch_alter_table("project_company") as table:
        table.alter_column("starts_on", existing_type=sa.Date(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("project_company") as table:
        table.drop_column("starts_on")
