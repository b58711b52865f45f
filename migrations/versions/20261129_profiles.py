"""profiles: what people of the university work on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=2000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(about) <= 2000", name=op.f("ck_profile_about_length")),
        sa.CheckConstraint("length(field) <= 200", name=op.f("ck_profile_field_length")),
        sa.CheckConstraint("trim(field) != ''", name=op.f("ck_profile_field_not_blank")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "profile_challenge",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_profile_challenge_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["profile.person_id"], name=op.f("fk_profile_challenge_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "challenge_id", name=op.f("pk_profile_challenge")),
    )
    op.create_index(
        op.f("ix_profile_challenge_challenge_id"), "profile_challenge", ["challenge_id"]
    )


def downgrade() -> None:
    op.drop_table("profile_challenge")
    op.drop_table("profile")
