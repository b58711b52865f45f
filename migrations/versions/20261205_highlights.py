"""highlights: the outcomes on the first page of a company's dossier"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "highlight",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("record", sa.String(length=200), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_highlight_by_name_length")),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_highlight_by_name_not_blank")),
        sa.CheckConstraint("length(record) <= 200", name=op.f("ck_highlight_record_length")),
        sa.CheckConstraint("length(text) <= 300", name=op.f("ck_highlight_text_length")),
        sa.CheckConstraint("substr(record, 1, 8) = '/office/'", name=op.f("ck_highlight_record")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_highlight_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_highlight")),
    )
    op.create_index(op.f("ix_highlight_company_id_on"), "highlight", ["company_id", "on"])


def downgrade() -> None:
    op.drop_table("highlight")
