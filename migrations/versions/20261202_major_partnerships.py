"""major partnerships: workspaces, screenings, faculty, areas, scopes and hand-offs

What was screened, written as a scope or handed over stays as it was said; a mistake is struck. An
opportunity and its workspace are of one company. Stages learn whether they are for screened
companies alone when the programme's file is loaded again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

TABLES = (
    "partnership", "screening", "area", "convened", "convening", "nda_file", "scope",
    "area_challenge", "area_faculty", "handoff",
)  # fmt: skip
SCREENING = (
    "company_id", "screened_on", "screened_by", "service", "result", "valid_until", "note",
    "by_name", "recorded_at",
)  # fmt: skip
HANDOFF = ("partnership_id", "scope_id", '"on"', "to_whom", "by_name")


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


# (name, table, event, which rows)
REFUSED = (
    ("partnership_stays", "partnership", "DELETE", "1 = 1"),
    (
        "screening_is_for_good",
        "screening",
        "UPDATE",
        f"OLD.struck_at IS NOT NULL OR {_differ(*SCREENING)}",
    ),
    ("screening_stays", "screening", "DELETE", "1 = 1"),
    ("convened_stays", "convened", "DELETE", "1 = 1"),
    ("area_stays", "area", "DELETE", "1 = 1"),
    ("nda_file_is_for_good", "nda_file", "UPDATE", "1 = 1"),
    ("nda_file_stays", "nda_file", "DELETE", "1 = 1"),
    ("scope_is_for_good", "scope", "UPDATE", "1 = 1"),
    ("scope_stays", "scope", "DELETE", "1 = 1"),
    (
        "handoff_is_for_good",
        "handoff",
        "UPDATE",
        f"OLD.struck_at IS NOT NULL OR {_differ(*HANDOFF)}"
        " OR (OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference)",
    ),
    ("handoff_stays", "handoff", "DELETE", "1 = 1"),
)


def upgrade() -> None:
    _make_tables()
    with op.batch_alter_table("opportunity") as table:
        table.add_column(sa.Column("partnership_id", sa.Integer(), nullable=True))
        table.create_unique_constraint(op.f("uq_opportunity_partnership_id"), ["partnership_id"])
        table.create_foreign_key(
            op.f("fk_opportunity_company_id_partnership_id"),
            "partnership",
            ["company_id", "partnership_id"],
            ["company_id", "id"],
            onupdate="CASCADE",
        )
    with op.batch_alter_table("stage") as table:
        for flag in ("screened", "handed_off"):
            table.add_column(
                sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    with op.batch_alter_table("stage") as table:
        for flag in ("screened", "handed_off"):
            table.alter_column(flag, server_default=None)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table_name, event, condition in REFUSED:
        if sqlite:
            said = condition.replace("IS DISTINCT FROM", "IS NOT")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table_name} WHEN {said} "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table_name} FOR EACH ROW "
                f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind = 'partnership'")
    with op.batch_alter_table("stage") as table:
        for flag in ("screened", "handed_off"):
            table.drop_column(flag)
    with op.batch_alter_table("opportunity") as table:
        table.drop_constraint(op.f("fk_opportunity_company_id_partnership_id"), type_="foreignkey")
        table.drop_constraint(op.f("uq_opportunity_partnership_id"), type_="unique")
        table.drop_column("partnership_id")
    for name in reversed(TABLES):
        op.drop_table(name)


def _make_tables() -> None:
    op.create_table(
        "partnership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("needs_text", sa.String(length=8000), nullable=True),
        sa.Column("needs_on", sa.Date(), nullable=True),
        sa.Column("needs_by_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("relations_contact", sa.String(length=200), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_how", sa.String(length=500), nullable=True),
        sa.Column(
            "nda",
            sa.Enum(
                "none needed",
                "asked",
                "under negotiation",
                "signed",
                name="nda",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("nda_signed_on", sa.Date(), nullable=True),
        sa.Column("nda_expires_on", sa.Date(), nullable=True),
        sa.Column("nda_reference", sa.String(length=60), nullable=True),
        sa.Column("nda_note", sa.String(length=2000), nullable=True),
        sa.Column(
            "ip",
            sa.Enum(
                "under discussion",
                "agreed in principle",
                "agreed",
                name="ip",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ip_on", sa.Date(), nullable=True),
        sa.Column("ip_text", sa.String(length=4000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(nda IS NOT NULL AND nda = 'signed') = (nda_signed_on IS NOT NULL)",
            name=op.f("ck_partnership_nda_signed"),
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_partnership_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_partnership_title_not_blank")),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (closed_how IS NULL)", name=op.f("ck_partnership_closed_how")
        ),
        sa.CheckConstraint("(ip IS NULL) = (ip_on IS NULL)", name=op.f("ck_partnership_ip_on")),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_partnership_order")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_partnership_by_name_length")),
        sa.CheckConstraint(
            "length(closed_how) <= 500", name=op.f("ck_partnership_closed_how_length")
        ),
        sa.CheckConstraint("length(ip_text) <= 4000", name=op.f("ck_partnership_ip_text_length")),
        sa.CheckConstraint("length(nda_note) <= 2000", name=op.f("ck_partnership_nda_note_length")),
        sa.CheckConstraint(
            "length(nda_reference) <= 60", name=op.f("ck_partnership_nda_reference_length")
        ),
        sa.CheckConstraint(
            "length(needs_text) <= 8000", name=op.f("ck_partnership_needs_text_length")
        ),
        sa.CheckConstraint(
            "length(relations_contact) <= 200", name=op.f("ck_partnership_relations_contact_length")
        ),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_partnership_title_length")),
        sa.CheckConstraint(
            "nda_expires_on >= nda_signed_on", name=op.f("ck_partnership_nda_order")
        ),
        sa.CheckConstraint(
            "nda_expires_on IS NULL OR nda_signed_on IS NOT NULL",
            name=op.f("ck_partnership_nda_end"),
        ),
        sa.CheckConstraint(
            "needs_text IS NOT NULL OR (needs_on IS NULL AND needs_by_id IS NULL)",
            name=op.f("ck_partnership_needs"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_partnership_company_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_partnership_lead_id")),
        sa.ForeignKeyConstraint(
            ["needs_by_id"], ["person.id"], name=op.f("fk_partnership_needs_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_partnership_company_id_id")),
    )
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partnership_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partnership_nda_expires_on"), ["nda_expires_on"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partnership_needs_by_id"), ["needs_by_id"], unique=False
        )

    op.create_table(
        "screening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=False),
        sa.Column("screened_by", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "clear",
                "possible match",
                "denied",
                name="result",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.String(length=500), nullable=True),
        sa.Column("struck_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_screening_by_name_not_blank")),
        sa.CheckConstraint(
            "trim(screened_by) != ''", name=op.f("ck_screening_screened_by_not_blank")
        ),
        sa.CheckConstraint("trim(service) != ''", name=op.f("ck_screening_service_not_blank")),
        sa.CheckConstraint(
            "valid_until IS NULL OR result = 'clear'", name=op.f("ck_screening_validity")
        ),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)"
            " AND (struck_at IS NULL) = (struck_by IS NULL)",
            name=op.f("ck_screening_struck"),
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_screening_by_name_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_screening_note_length")),
        sa.CheckConstraint(
            "length(screened_by) <= 200", name=op.f("ck_screening_screened_by_length")
        ),
        sa.CheckConstraint("length(service) <= 200", name=op.f("ck_screening_service_length")),
        sa.CheckConstraint("length(struck_by) <= 200", name=op.f("ck_screening_struck_by_length")),
        sa.CheckConstraint(
            "length(struck_reason) <= 500", name=op.f("ck_screening_struck_reason_length")
        ),
        sa.CheckConstraint("valid_until >= screened_on", name=op.f("ck_screening_order")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_screening_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    with op.batch_alter_table("screening", schema=None) as batch_op:
        batch_op.create_index(
            "ix_screening_company_id_screened_on", ["company_id", "screened_on", "id"], unique=False
        )

    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column(
            "company_interest",
            sa.Enum(
                "none yet",
                "interested",
                "strong",
                "declined",
                name="company_interest",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("company_by", sa.String(length=200), nullable=True),
        sa.Column("company_on", sa.Date(), nullable=True),
        sa.Column(
            "university_interest",
            sa.Enum(
                "none yet",
                "interested",
                "strong",
                "declined",
                name="university_interest",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("university_by", sa.String(length=200), nullable=True),
        sa.Column("university_on", sa.Date(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("drop_reason", sa.String(length=500), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(company_interest = 'none yet') = (company_on IS NULL)",
            name=op.f("ck_area_company_on"),
        ),
        sa.CheckConstraint(
            "(university_interest = 'none yet') = (university_on IS NULL)",
            name=op.f("ck_area_university_on"),
        ),
        sa.CheckConstraint(
            "agreed_on IS NULL OR (company_interest IN ('interested', 'strong')"
            " AND university_interest IN ('interested', 'strong'))",
            name=op.f("ck_area_both_sides"),
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_area_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_area_title_not_blank")),
        sa.CheckConstraint(
            "(dropped_on IS NULL) = (drop_reason IS NULL)", name=op.f("ck_area_dropped_why")
        ),
        sa.CheckConstraint("agreed_on >= proposed_on", name=op.f("ck_area_order")),
        sa.CheckConstraint("agreed_on IS NULL OR dropped_on IS NULL", name=op.f("ck_area_one_end")),
        sa.CheckConstraint("dropped_on >= proposed_on", name=op.f("ck_area_dropped_after")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_area_by_name_length")),
        sa.CheckConstraint("length(company_by) <= 200", name=op.f("ck_area_company_by_length")),
        sa.CheckConstraint("length(drop_reason) <= 500", name=op.f("ck_area_drop_reason_length")),
        sa.CheckConstraint("length(text) <= 4000", name=op.f("ck_area_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_area_title_length")),
        sa.CheckConstraint(
            "length(university_by) <= 200", name=op.f("ck_area_university_by_length")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_area_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_area_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "convened",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=500), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "asked",
                "interested",
                "declined",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answer = 'asked') = (answered_on IS NULL)", name=op.f("ck_convened_answered")
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_convened_by_name_not_blank")),
        sa.CheckConstraint("answered_on >= asked_on", name=op.f("ck_convened_order")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_convened_by_name_length")),
        sa.CheckConstraint("length(field) <= 500", name=op.f("ck_convened_field_length")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_convened_partnership_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_convened_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convened")),
        sa.UniqueConstraint(
            "partnership_id", "person_id", name=op.f("uq_convened_partnership_id_person_id")
        ),
    )
    with op.batch_alter_table("convened", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_convened_person_id"), ["person_id"], unique=False)

    op.create_table(
        "convening",
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("touch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_convening_partnership_id")
        ),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name=op.f("fk_convening_touch_id")),
        sa.PrimaryKeyConstraint("partnership_id", "touch_id", name=op.f("pk_convening")),
        sa.UniqueConstraint("touch_id", name=op.f("uq_convening_touch_id")),
    )
    op.create_table(
        "nda_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_nda_file_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_nda_file_title_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_nda_file_by_name_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_nda_file_title_length")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_nda_file_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_nda_file_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nda_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_nda_file_document_id")),
    )
    with op.batch_alter_table("nda_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_nda_file_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "scope",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=8000), nullable=False),
        sa.Column("deliverables", sa.String(length=4000), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("estimate_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_scope_by_name_not_blank")),
        sa.CheckConstraint("trim(text) != ''", name=op.f("ck_scope_text_not_blank")),
        sa.CheckConstraint(
            "(estimate_minor IS NULL) = (currency IS NULL)", name=op.f("ck_scope_in_currency")
        ),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_scope_order")),
        sa.CheckConstraint(
            "ends_before IS NULL OR starts_on IS NOT NULL", name=op.f("ck_scope_begins")
        ),
        sa.CheckConstraint("estimate_minor > 0", name=op.f("ck_scope_estimate")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_scope_by_name_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_scope_currency_length")),
        sa.CheckConstraint(
            "length(deliverables) <= 4000", name=op.f("ck_scope_deliverables_length")
        ),
        sa.CheckConstraint("length(text) <= 8000", name=op.f("ck_scope_text_length")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_scope_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("partnership_id", "id", name=op.f("uq_scope_partnership_id_id")),
        sa.UniqueConstraint(
            "partnership_id", "number", name=op.f("uq_scope_partnership_id_number")
        ),
    )
    op.create_table(
        "area_challenge",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_challenge_area_id")),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_area_challenge_challenge_id")
        ),
        sa.PrimaryKeyConstraint("area_id", "challenge_id", name=op.f("pk_area_challenge")),
    )
    with op.batch_alter_table("area_challenge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_area_challenge_challenge_id"), ["challenge_id"], unique=False
        )

    op.create_table(
        "area_faculty",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("convened_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_faculty_area_id")),
        sa.ForeignKeyConstraint(
            ["convened_id"], ["convened.id"], name=op.f("fk_area_faculty_convened_id")
        ),
        sa.PrimaryKeyConstraint("area_id", "convened_id", name=op.f("pk_area_faculty")),
    )
    with op.batch_alter_table("area_faculty", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_area_faculty_convened_id"), ["convened_id"], unique=False
        )

    op.create_table(
        "handoff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("to_whom", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.String(length=500), nullable=True),
        sa.Column("struck_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_handoff_by_name_not_blank")),
        sa.CheckConstraint("trim(to_whom) != ''", name=op.f("ck_handoff_to_whom_not_blank")),
        sa.CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)"
            " AND (struck_at IS NULL) = (struck_by IS NULL)",
            name=op.f("ck_handoff_struck"),
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_handoff_by_name_length")),
        sa.CheckConstraint("length(reference) <= 60", name=op.f("ck_handoff_reference_length")),
        sa.CheckConstraint("length(struck_by) <= 200", name=op.f("ck_handoff_struck_by_length")),
        sa.CheckConstraint(
            "length(struck_reason) <= 500", name=op.f("ck_handoff_struck_reason_length")
        ),
        sa.CheckConstraint("length(to_whom) <= 200", name=op.f("ck_handoff_to_whom_length")),
        sa.ForeignKeyConstraint(
            ["partnership_id", "scope_id"],
            ["scope.partnership_id", "scope.id"],
            name=op.f("fk_handoff_partnership_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_handoff_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index(
            "ix_handoff_partnership_id_scope_id", ["partnership_id", "scope_id"], unique=False
        )
        batch_op.create_index(
            "uq_handoff_standing",
            ["partnership_id"],
            unique=True,
            sqlite_where=sa.text("struck_at IS NULL"),
            postgresql_where=sa.text("struck_at IS NULL"),
        )
