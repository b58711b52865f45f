"""benefits: what tiers give a year, what signed terms were promised, and what was used

A promise stays as it was made, and what was agreed otherwise as it was agreed. A use stays as it
was entered: it is struck once, with a reason, or it counts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

USED_BY = ("record", "training-seats", "course-places", "recruiting-events", "student-projects")
USE = ("benefit_id", '"on"', "number", "by_name", "created_at")
DIFFERS = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in USE)
# (name, table, event, which rows)
REFUSED = (
    ("promised_benefit_is_for_good", "promised_benefit", "UPDATE", "1 = 1"),
    ("promised_benefit_stays", "promised_benefit", "DELETE", "1 = 1"),
    ("agreed_benefit_is_for_good", "agreed_benefit", "UPDATE", "1 = 1"),
    ("agreed_benefit_stays", "agreed_benefit", "DELETE", "1 = 1"),
    (
        "benefit_use_is_for_good",
        "benefit_use",
        "UPDATE",
        f"OLD.struck_at IS NOT NULL OR {DIFFERS}",
    ),
    ("benefit_use_stays", "benefit_use", "DELETE", "1 = 1"),
)


def upgrade() -> None:
    _make_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition in REFUSED:
        if sqlite:
            said = condition.replace("IS DISTINCT FROM", "IS NOT")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    for table in (
        "benefit_use_person", "benefit_use", "agreed_benefit", "promised_benefit", "tier_benefit",
        "benefit",
    ):  # fmt: skip
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("units", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=500), nullable=False),
        sa.Column(
            "used_by",
            sa.Enum(*USED_BY, name="used_by", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(about) <= 500", name=op.f("ck_benefit_about_length")),
        *(
            check
            for column, most in (("key", 60), ("name", 200), ("unit", 40), ("units", 40))
            for check in (
                sa.CheckConstraint(
                    f"length({column}) <= {most}", name=op.f(f"ck_benefit_{column}_length")
                ),
                sa.CheckConstraint(
                    f"trim({column}) != ''", name=op.f(f"ck_benefit_{column}_not_blank")
                ),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
        sa.UniqueConstraint("key", name=op.f("uq_benefit_key")),
    )
    op.create_table(
        "tier_benefit",
        sa.Column("tier_id", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("a_year", sa.Integer(), nullable=True),
        sa.CheckConstraint("a_year > 0", name=op.f("ck_tier_benefit_a_year")),
        sa.ForeignKeyConstraint(["tier_id"], ["tier.id"], name=op.f("fk_tier_benefit_tier_id")),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_tier_benefit_benefit_id")
        ),
        sa.PrimaryKeyConstraint("tier_id", "benefit_id", name=op.f("pk_tier_benefit")),
    )
    op.create_index(op.f("ix_tier_benefit_benefit_id"), "tier_benefit", ["benefit_id"])
    op.create_table(
        "promised_benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("a_year", sa.Integer(), nullable=True),
        sa.CheckConstraint("a_year >= 0", name=op.f("ck_promised_benefit_a_year")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_promised_benefit_membership_id")
        ),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_promised_benefit_amendment_id")
        ),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_promised_benefit_benefit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promised_benefit")),
        sa.UniqueConstraint(
            "amendment_id", "benefit_id", name=op.f("uq_promised_benefit_amendment_id_benefit_id")
        ),
    )
    as_signed = sa.text("amendment_id IS NULL")
    op.create_index(
        "uq_promised_benefit_as_signed",
        "promised_benefit",
        ["membership_id", "benefit_id"],
        unique=True,
        sqlite_where=as_signed,
        postgresql_where=as_signed,
    )
    for column in ("membership_id", "benefit_id"):
        op.create_index(op.f(f"ix_promised_benefit_{column}"), "promised_benefit", [column])
    op.create_table(
        "agreed_benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("from_year", sa.Integer(), nullable=False),
        sa.Column("a_year", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("a_year >= 0", name=op.f("ck_agreed_benefit_a_year")),
        sa.CheckConstraint("from_year >= 1", name=op.f("ck_agreed_benefit_from_year")),
        *(
            check
            for column, most in (("reason", 500), ("by_name", 200))
            for check in (
                sa.CheckConstraint(
                    f"length({column}) <= {most}", name=op.f(f"ck_agreed_benefit_{column}_length")
                ),
                sa.CheckConstraint(
                    f"trim({column}) != ''", name=op.f(f"ck_agreed_benefit_{column}_not_blank")
                ),
            )
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_agreed_benefit_membership_id")
        ),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_agreed_benefit_benefit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_benefit")),
    )
    for column in ("membership_id", "benefit_id"):
        op.create_index(op.f(f"ix_agreed_benefit_{column}"), "agreed_benefit", [column])
    op.create_table(
        "benefit_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.String(length=500), nullable=True),
        sa.Column("struck_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 9999", name=op.f("ck_benefit_use_number")),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)",
            name=op.f("ck_benefit_use_struck_with_reason"),
        ),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_by IS NULL)",
            name=op.f("ck_benefit_use_struck_by_somebody"),
        ),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_benefit_use_note_length")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_benefit_use_by_name_length")),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_benefit_use_by_name_not_blank")),
        sa.CheckConstraint(
            "length(struck_reason) <= 500", name=op.f("ck_benefit_use_struck_reason_length")
        ),
        sa.CheckConstraint(
            "length(struck_by) <= 200", name=op.f("ck_benefit_use_struck_by_length")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_benefit_use_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_benefit_use_benefit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_use")),
    )
    op.create_index(op.f("ix_benefit_use_benefit_id"), "benefit_use", ["benefit_id"])
    op.create_index("ix_benefit_use_company_id_on", "benefit_use", ["company_id", "on", "id"])
    op.create_table(
        "benefit_use_person",
        sa.Column("benefit_use_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["benefit_use_id"],
            ["benefit_use.id"],
            name=op.f("fk_benefit_use_person_benefit_use_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_benefit_use_person_person_id")
        ),
        sa.PrimaryKeyConstraint("benefit_use_id", "person_id", name=op.f("pk_benefit_use_person")),
    )
    op.create_index(op.f("ix_benefit_use_person_person_id"), "benefit_use_person", ["person_id"])
