"""seats and nominations

A seat may have a title in place of a company: the one that associates elect a holder to, those of
a committee. A proposal for a seat is a row of its own, one open at a time for seat and role; what
was decided stays. A body has one chair at a time. Letters wait until a person releases them. An
agreement may give a company a seat of its own beside a related company's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ROLES = ("representative", "alternate")
LETTERS = ("welcome", "handover", "thanks")
TERM = (
    "company_id", "tier_id", "founding", "starts_on", "ends_before", "fee_minor", "currency",
    "dues_frequency", "company_signed_on", "programme_signed_on", "withdrawn_on", "grace_days",
    "grace_votes", "agreement_number", "notice_days", "logo_permission", "covered_affiliates",
    "renewal_terms", "benefits_version", "drafted_on", "released_on", "withdrawal_reason",
    "predecessor_id", "created_at",
)  # fmt: skip
SIGNED = "OLD.company_signed_on IS NOT NULL AND OLD.programme_signed_on IS NOT NULL"
TWO_CHAIRS = (
    "SELECT 1 FROM chair WHERE body_id = NEW.body_id AND id IS NOT NEW.id"
    " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
    " AND (ends_before IS NULL OR NEW.starts_on < ends_before)"
)


def upgrade() -> None:
    _give_seats_titles()
    _make_tables()
    _refuse("nomination_is_decided", "nomination", "OLD.decided_on IS NOT NULL")
    _one_chair()
    op.add_column("membership", sa.Column("own_seat", sa.Boolean(), nullable=True))
    _drop("membership_is_signed", "membership")
    _refuse_change_of_signed(*TERM, "own_seat")


def downgrade() -> None:
    _drop("membership_is_signed", "membership")
    op.drop_column("membership", "own_seat")
    _refuse_change_of_signed(*TERM)
    for table in ("seat_letter", "chair", "nomination"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM holding WHERE seat_id IN (SELECT id FROM seat WHERE company_id IS NULL)"
    )
    op.execute("DELETE FROM seat WHERE company_id IS NULL")
    with op.batch_alter_table("seat") as table:
        table.drop_constraint(op.f("ck_seat_company_or_title"), type_="check")
        table.drop_constraint(op.f("ck_seat_retired"), type_="check")
        table.drop_constraint(op.f("ck_seat_title_length"), type_="check")
        table.drop_constraint(op.f("uq_seat_body_id_title"), type_="unique")
        table.drop_column("title")
        table.drop_column("retired_on")
        table.alter_column("company_id", existing_type=sa.Integer(), nullable=False)


def _give_seats_titles() -> None:
    with op.batch_alter_table("seat") as table:
        table.add_column(sa.Column("title", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("retired_on", sa.Date(), nullable=True))
        table.alter_column("company_id", existing_type=sa.Integer(), nullable=True)
        table.create_unique_constraint(op.f("uq_seat_body_id_title"), ["body_id", "title"])
        table.create_check_constraint(op.f("ck_seat_title_length"), "length(title) <= 200")
        table.create_check_constraint(
            op.f("ck_seat_company_or_title"), "(company_id IS NULL) <> (title IS NULL)"
        )
        table.create_check_constraint(
            op.f("ck_seat_retired"), "company_id IS NULL OR retired_on IS NULL"
        )


def _make_tables() -> None:
    op.create_table(
        "nomination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        _word("role", ROLES, "role"),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("declined_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "declined_reason IS NULL OR decided_on IS NOT NULL",
            name=op.f("ck_nomination_declined"),
        ),
        sa.CheckConstraint(
            "(decided_on IS NULL) = (decided_by IS NULL)", name=op.f("ck_nomination_decided")
        ),
        *_texts(
            "nomination",
            proposed_by=200, note=2000, by_name=200, decided_by=200, declined_reason=500,
        ),
        *_not_blank("nomination", "proposed_by", "by_name"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_nomination_seat_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_nomination_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination")),
    )  # fmt: skip
    op.create_index("ix_nomination_seat_id", "nomination", ["seat_id"])
    op.create_index(op.f("ix_nomination_person_id"), "nomination", ["person_id"])
    is_open = sa.text("decided_on IS NULL")
    op.create_index(
        "uq_nomination_open", "nomination", ["seat_id", "role"],
        unique=True, sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip
    op.create_table(
        "chair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_chair_order")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_chair_body_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_chair_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chair")),
    )
    op.create_index("ix_chair_body_id_starts_on", "chair", ["body_id", "starts_on"])
    op.create_index(op.f("ix_chair_person_id"), "chair", ["person_id"])
    op.create_table(
        "seat_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holding_id", sa.Integer(), nullable=False),
        _word("kind", LETTERS, "letter_kind"),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "released_at IS NULL OR dropped_at IS NULL", name=op.f("ck_seat_letter_one_end")
        ),
        *_texts("seat_letter", released_by=200),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["holding.id"], name=op.f("fk_seat_letter_holding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_letter")),
        sa.UniqueConstraint("holding_id", "kind", name=op.f("uq_seat_letter_holding_id_kind")),
    )


def _word(column: str, words: tuple[str, ...], name: str) -> sa.Column[str]:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)


def _texts(table: str, **lengths: int) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"length({column}) <= {most}", name=op.f(f"ck_{table}_{column}_length"))
        for column, most in lengths.items()
    ]


def _not_blank(table: str, *columns: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"trim({column}) != ''", name=op.f(f"ck_{table}_{column}_not_blank"))
        for column in columns
    ]


def _one_chair() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "ALTER TABLE chair ADD CONSTRAINT ex_chair_one EXCLUDE USING gist ("
            "int8range(body_id::int8, body_id::int8, '[]') WITH &&, "
            "daterange(starts_on, ends_before) WITH &&)"
        )
        return
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER chair_one_{event.lower()} BEFORE {event} ON chair "
            f"WHEN EXISTS ({TWO_CHAIRS}) BEGIN SELECT RAISE(ABORT, 'ex_chair_one'); END"
        )


def _refuse_change_of_signed(*columns: str) -> None:
    differ = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns)
    _refuse("membership_is_signed", "membership", f"{SIGNED} AND ({differ})")


def _refuse(name: str, table: str, condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        said = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {said} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
    )


def _drop(name: str, table: str) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
