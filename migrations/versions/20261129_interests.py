"""interests: who has declared a stake in which company, from–to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

STAKES = (
    "founder", "shares or options", "seat on a board", "paid advice", "research funded by it",
    "someone close works there", "other",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "stake",
            sa.Enum(*STAKES, name="stake", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_interest_order")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_interest_by_name_length")),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_interest_by_name_not_blank")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_interest_note_length")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_interest_company_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    op.create_index(op.f("ix_interest_company_id"), "interest", ["company_id"])
    op.create_index(op.f("ix_interest_person_id"), "interest", ["person_id"])


def downgrade() -> None:
    op.drop_table("interest")
