"""letters carry files; a line of the bank stands once

What goes with a letter is kept beside it until it is delivered, and after. A payment read from a
bank's list stands once, however often and by however many the list is read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "outgoing_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(content) <= 10485760", name=op.f("ck_outgoing_attachment_size")),
        sa.CheckConstraint(
            "length(file_name) <= 200", name=op.f("ck_outgoing_attachment_file_name_length")
        ),
        sa.CheckConstraint(
            "trim(file_name) != ''", name=op.f("ck_outgoing_attachment_file_name_not_blank")
        ),
        sa.CheckConstraint(
            "length(media_type) <= 120", name=op.f("ck_outgoing_attachment_media_type_length")
        ),
        sa.CheckConstraint(
            "trim(media_type) != ''", name=op.f("ck_outgoing_attachment_media_type_not_blank")
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outgoing_mail.id"], name=op.f("fk_outgoing_attachment_mail_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_attachment")),
    )
    op.create_index("ix_outgoing_attachment_mail_id", "outgoing_attachment", ["mail_id"])
    op.create_index("ix_invoice_due_on", "invoice", ["due_on"])
    op.create_index(
        "uq_payment_bank_reference",
        "payment",
        ["bank_reference"],
        unique=True,
        sqlite_where=sa.text("struck_on IS NULL"),
        postgresql_where=sa.text("struck_on IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_payment_bank_reference", table_name="payment")
    op.drop_index("ix_invoice_due_on", table_name="invoice")
    op.drop_index("ix_outgoing_attachment_mail_id", table_name="outgoing_attachment")
    op.drop_table("outgoing_attachment")
