"""forms of the office that were sent, so that a second click adds nothing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=2000), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(location) <= 2000", name=op.f("ck_sent_form_location_length")),
        sa.CheckConstraint('length("key") <= 64', name=op.f("ck_sent_form_key_length")),
        sa.CheckConstraint("trim(\"key\") != ''", name=op.f("ck_sent_form_key_not_blank")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_form")),
    )
    op.create_index("ix_sent_form_sent_at", "sent_form", ["sent_at"])


def downgrade() -> None:
    op.drop_table("sent_form")
