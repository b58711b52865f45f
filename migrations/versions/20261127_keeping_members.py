"""keeping members; finding what is owed

Renewal plans, onboarding, goals, reviews and budget months. Indexes answer what was owed on a
day: over the invoices that are open, over what was settled after it, over what is billed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OPEN = sa.text("paid_minor + credited_minor < net_minor + tax_minor")


def upgrade() -> None:
    op.create_table(
        "company_budget",
        sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_company_budget_note_length")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_company_budget_month")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_company_budget_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company_budget")),
    )
    op.create_table(
        "goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "reached",
                "given up",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (closed_on IS NULL)", name=op.f("ck_goal_closed_has_day")
        ),
        sa.CheckConstraint("trim(text) != ''", name=op.f("ck_goal_text_not_blank")),
        sa.CheckConstraint("length(text) <= 500", name=op.f("ck_goal_text_length")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_goal_company_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_goal_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    op.create_index(op.f("ix_goal_company_id"), "goal", ["company_id"])

    op.create_table(
        "onboarding_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.CheckConstraint('length("key") <= 60', name=op.f("ck_onboarding_item_key_length")),
        sa.CheckConstraint("trim(\"key\") != ''", name=op.f("ck_onboarding_item_key_not_blank")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_onboarding_item_membership_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_onboarding_item_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_item")),
        sa.UniqueConstraint(
            "membership_id", "key", name=op.f("uq_onboarding_item_membership_id_key")
        ),
        sa.UniqueConstraint("task_id", name=op.f("uq_onboarding_item_task_id")),
    )
    op.create_table(
        "renewal_plan",
        sa.Column("membership_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("proposed_tier_id", sa.Integer(), nullable=True),
        sa.Column("proposed_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_renewal_plan_note_length")),
        sa.CheckConstraint("likelihood BETWEEN 0 AND 100", name=op.f("ck_renewal_plan_likelihood")),
        sa.CheckConstraint("proposed_fee_minor >= 0", name=op.f("ck_renewal_plan_fee")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_renewal_plan_membership_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_tier_id"], ["tier.id"], name=op.f("fk_renewal_plan_proposed_tier_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_renewal_plan_task_id")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_renewal_plan")),
        sa.UniqueConstraint("task_id", name=op.f("uq_renewal_plan_task_id")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "annual review",
                "exit interview",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("said", sa.String(length=8000), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'exit interview') = (year = 0)", name=op.f("ck_review_year")),
        sa.CheckConstraint(
            "said IS NULL OR held_on IS NOT NULL", name=op.f("ck_review_said_when_held")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_review_by_name_length")),
        sa.CheckConstraint("length(outcome) <= 1000", name=op.f("ck_review_outcome_length")),
        sa.CheckConstraint("length(said) <= 8000", name=op.f("ck_review_said_length")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_review_membership_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_review_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "membership_id", "kind", "year", name=op.f("uq_review_membership_id_kind_year")
        ),
        sa.UniqueConstraint("task_id", name=op.f("uq_review_task_id")),
    )
    op.create_index("ix_allocation_allocated_on", "allocation", ["allocated_on"])
    op.create_index("ix_credit_note_issued_on", "credit_note", ["issued_on"])
    op.create_index(
        "ix_invoice_line_instalment_id", "invoice_line", ["instalment_id", "released", "invoice_id"]
    )

    op.create_index(
        "ix_invoice_open", "invoice", ["issued_on"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_open", table_name="invoice")

    op.drop_index("ix_invoice_line_instalment_id", table_name="invoice_line")
    op.drop_index("ix_credit_note_issued_on", table_name="credit_note")
    op.drop_index("ix_allocation_allocated_on", table_name="allocation")

    op.drop_table("review")
    op.drop_table("renewal_plan")
    op.drop_table("onboarding_item")
    op.drop_index(op.f("ix_goal_company_id"), table_name="goal")

    op.drop_table("goal")
    op.drop_table("company_budget")
