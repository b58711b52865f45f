"""factories: facilities, who takes part in them, and what companies contribute in kind

The database refuses the same part of a company twice at a time, a stage before the last one or
after the end, and changes to what was said of a stage; a contribution stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

TABLES = (
    "facility", "facility_step", "participation", "contribution", "contribution_step", "evidence",
    "thanks_letter",
)  # fmt: skip
KINDS = ("planning", "development", "operation")
STEP = ("contribution_id", "stage", '"on"', "reason", "by_name")


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


# (name, table, event, which rows)
REFUSED = (
    ("facility_step_is_for_good", "facility_step", "UPDATE", "1 = 1"),
    ("facility_step_stays", "facility_step", "DELETE", "1 = 1"),
    (
        "contribution_step_is_for_good",
        "contribution_step",
        "UPDATE",
        f"OLD.struck_at IS NOT NULL OR {_differ(*STEP)}",
    ),
    ("contribution_step_stays", "contribution_step", "DELETE", "1 = 1"),
    ("contribution_stays", "contribution", "DELETE", "1 = 1"),
    (
        "contribution_is_theirs",
        "contribution",
        "UPDATE",
        _differ("company_id", "created_at", "by_name"),
    ),
    ("evidence_is_for_good", "evidence", "UPDATE", "1 = 1"),
    ("evidence_stays", "evidence", "DELETE", "1 = 1"),
    ("thanks_letter_is_out", "thanks_letter", "UPDATE", "OLD.released_at IS NOT NULL"),
    ("thanks_letter_stays", "thanks_letter", "DELETE", "OLD.released_at IS NOT NULL"),
)
# (table, what is there): a step before the last one, or after the end
LATER = (
    (
        "facility_step",
        'SELECT 1 FROM facility_step WHERE facility_id = NEW.facility_id AND "on" > NEW."on"',
    ),
    (
        "contribution_step",
        "SELECT 1 FROM contribution_step WHERE contribution_id = NEW.contribution_id"
        " AND struck_at IS NULL AND (\"on\" > NEW.\"on\" OR stage IN ('returned', 'ended'))",
    ),
)


def upgrade() -> None:
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for name, table, event, condition in REFUSED:
        said = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
    for table, there in LATER:
        op.execute(
            f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} WHEN EXISTS ({there}) "
            f"BEGIN SELECT RAISE(ABORT, '{table}_in_order'); END"
        )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER ex_participation_once_{event.lower()} BEFORE {event} ON participation "
            "WHEN EXISTS (SELECT 1 FROM participation WHERE facility_id = NEW.facility_id"
            " AND company_id = NEW.company_id AND kind = NEW.kind AND id IS NOT NEW.id"
            " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
            " AND (ends_before IS NULL OR NEW.starts_on < ends_before)) "
            "BEGIN SELECT RAISE(ABORT, 'ex_participation_once'); END"
        )


def _refuse_on_postgresql() -> None:
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    for table, there in LATER:
        op.execute(
            f"CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({there}) THEN "
            "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
            "END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_{table}()"
        )
    shared = ", ".join(
        f"int8range({c}::int8, {c}::int8, '[]') WITH &&" for c in ("facility_id", "company_id")
    )
    for kind in KINDS:
        op.execute(
            f"ALTER TABLE participation ADD CONSTRAINT ex_participation_once_in_{kind} EXCLUDE "
            f"USING gist ({shared}, daterange(starts_on, ends_before) WITH &&) "
            f"WHERE (kind = '{kind}')"
        )


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind IN ('facility', 'contribution')")
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table, _ in LATER:
            op.execute(f"DROP FUNCTION refuse_{table}()")


def _make_tables() -> None:
    op.create_table(
        "facility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("about", sa.String(length=4000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(name) != ''", name=op.f("ck_facility_name_not_blank")),
        sa.CheckConstraint("length(about) <= 4000", name=op.f("ck_facility_about_length")),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_facility_name_length")),
        sa.CheckConstraint("length(place) <= 200", name=op.f("ck_facility_place_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("name", name=op.f("uq_facility_name")),
    )
    op.create_table(
        "facility_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "planning",
                "building",
                "operation",
                "closed",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_facility_step_by_name_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_facility_step_by_name_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_facility_step_reason_length")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_facility_step_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_step")),
    )
    with op.batch_alter_table("facility_step", schema=None) as batch_op:
        batch_op.create_index(
            "ix_facility_step_facility_id_on", ["facility_id", "on"], unique=False
        )

    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "money",
                "equipment",
                "software",
                "services",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "given",
            sa.Enum(
                "gift", "loan", name="given", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(length=2000), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("condition", sa.String(length=200), nullable=True),
        sa.Column("upkeep", sa.String(length=1000), nullable=True),
        sa.Column("property_tag", sa.String(length=60), nullable=True),
        sa.Column("gift_reference", sa.String(length=60), nullable=True),
        sa.Column("loan_ends_on", sa.Date(), nullable=True),
        sa.Column("licence_ends_on", sa.Date(), nullable=True),
        sa.Column("disposal_on", sa.Date(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "amount given",
                "list price less educational discount",
                "comparables",
                "lease value",
                "appraisal",
                "not countable",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column(
            "valuer",
            sa.Enum(
                "donor",
                "appraiser",
                name="valuer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("valued_by", sa.String(length=200), nullable=True),
        sa.Column("valued_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (basis IS NULL OR basis = 'not countable')",
            name=op.f("ck_contribution_amount_on_basis"),
        ),
        sa.CheckConstraint(
            "(kind = 'services') = (basis IS NOT NULL AND basis = 'not countable')",
            name=op.f("ck_contribution_not_countable"),
        ),
        sa.CheckConstraint(
            "basis <> 'appraisal' OR valuer = 'appraiser'", name=op.f("ck_contribution_appraised")
        ),
        sa.CheckConstraint(
            "basis IS NULL OR (basis <> 'lease value' OR given = 'loan')"
            " AND (basis NOT IN ('list price less educational discount', 'comparables')"
            " OR given = 'gift')",
            name=op.f("ck_contribution_basis_fits"),
        ),
        sa.CheckConstraint(
            "basis IS NULL OR basis = 'not countable'"
            " OR (kind = 'money') = (basis = 'amount given')",
            name=op.f("ck_contribution_face_value"),
        ),
        sa.CheckConstraint(
            "given = 'gift' OR disposal_on IS NULL", name=op.f("ck_contribution_disposal")
        ),
        sa.CheckConstraint(
            "given = 'gift' OR kind IN ('equipment', 'software')",
            name=op.f("ck_contribution_what_is_lent"),
        ),
        sa.CheckConstraint(
            "given = 'loan' OR loan_ends_on IS NULL", name=op.f("ck_contribution_loan_end")
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_contribution_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_contribution_title_not_blank")),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (currency IS NULL)",
            name=op.f("ck_contribution_amount_in_currency"),
        ),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (valuer IS NULL)"
            " AND (amount_minor IS NULL) = (valued_by IS NULL)"
            " AND (amount_minor IS NULL) = (valued_on IS NULL)",
            name=op.f("ck_contribution_valued_by_whom"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_contribution_amount")),
        sa.CheckConstraint("length(about) <= 2000", name=op.f("ck_contribution_about_length")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_contribution_by_name_length")),
        sa.CheckConstraint(
            "length(condition) <= 200", name=op.f("ck_contribution_condition_length")
        ),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_contribution_currency_length")),
        sa.CheckConstraint(
            "length(gift_reference) <= 60", name=op.f("ck_contribution_gift_reference_length")
        ),
        sa.CheckConstraint("length(location) <= 200", name=op.f("ck_contribution_location_length")),
        sa.CheckConstraint(
            "length(property_tag) <= 60", name=op.f("ck_contribution_property_tag_length")
        ),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_contribution_title_length")),
        sa.CheckConstraint("length(upkeep) <= 1000", name=op.f("ck_contribution_upkeep_length")),
        sa.CheckConstraint(
            "length(valued_by) <= 200", name=op.f("ck_contribution_valued_by_length")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_contribution_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["person.id"], name=op.f("fk_contribution_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_contribution_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["person.id"], name=op.f("fk_contribution_responsible_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contribution_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contribution_contact_id"), ["contact_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contribution_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contribution_responsible_id"), ["responsible_id"], unique=False
        )

    op.create_table(
        "participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "planning",
                "development",
                "operation",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_participation_by_name_not_blank")),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_participation_order")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_participation_by_name_length")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_participation_note_length")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_participation_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_participation_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_participation_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(
            "ix_participation_facility_id_starts_on", ["facility_id", "starts_on"], unique=False
        )

    op.create_table(
        "contribution_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "offered",
                "accepted",
                "delivered",
                "in use",
                "returned",
                "ended",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.String(length=500), nullable=True),
        sa.Column("struck_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "stage <> 'ended' OR reason IS NOT NULL", name=op.f("ck_contribution_step_ended_why")
        ),
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_contribution_step_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)"
            " AND (struck_at IS NULL) = (struck_by IS NULL)",
            name=op.f("ck_contribution_step_struck"),
        ),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_contribution_step_by_name_length")
        ),
        sa.CheckConstraint(
            "length(reason) <= 500", name=op.f("ck_contribution_step_reason_length")
        ),
        sa.CheckConstraint(
            "length(struck_by) <= 200", name=op.f("ck_contribution_step_struck_by_length")
        ),
        sa.CheckConstraint(
            "length(struck_reason) <= 500", name=op.f("ck_contribution_step_struck_reason_length")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_contribution_step_contribution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_step")),
    )
    with op.batch_alter_table("contribution_step", schema=None) as batch_op:
        batch_op.create_index(
            "uq_contribution_step_standing",
            ["contribution_id", "stage"],
            unique=True,
            sqlite_where=sa.text("struck_at IS NULL"),
            postgresql_where=sa.text("struck_at IS NULL"),
        )

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_evidence_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_evidence_title_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_evidence_by_name_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_evidence_title_length")),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_evidence_contribution_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_evidence_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("document_id", name=op.f("uq_evidence_document_id")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_contribution_id"), ["contribution_id"], unique=False
        )

    op.create_table(
        "thanks_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acceptance",
                "return",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name=op.f("ck_thanks_letter_released")
        ),
        sa.CheckConstraint(
            "length(released_by) <= 200", name=op.f("ck_thanks_letter_released_by_length")
        ),
        sa.CheckConstraint(
            "released_at IS NULL OR dropped_at IS NULL", name=op.f("ck_thanks_letter_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_thanks_letter_contribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks_letter")),
        sa.UniqueConstraint(
            "contribution_id", "kind", name=op.f("uq_thanks_letter_contribution_id_kind")
        ),
    )
