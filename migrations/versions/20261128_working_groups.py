"""working groups

Their charter and challenges, who has a place in them and who asks for one, letters to their
members, files and deliverables. The database refuses a place beyond those of its company, one
person twice in a group and two chairs at a time, and changes to what is out or was said.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TABLES = (
    "working_group", "group_asking", "group_file", "group_mailing", "place",
    "working_group_challenge", "deliverable", "deliverable_author", "deliverable_challenge",
    "deliverable_stage",
)  # fmt: skip
# (name, what two rows must not share at a time, which rows are meant)
ONE_AT_A_TIME = (
    ("ex_place_one_a_slot", ("body_id", "company_id", "slot"), "company_id IS NOT NULL"),
    ("ex_place_one_a_person", ("body_id", "person_id"), "1 = 1"),
    ("ex_place_one_chair", ("body_id",), "role = 'chair'"),
)
# (name, table, event, which rows)
REFUSED = (
    ("group_mailing_is_out", "group_mailing", "UPDATE", "OLD.released_at IS NOT NULL"),
    ("group_mailing_stays", "group_mailing", "DELETE", "OLD.released_at IS NOT NULL"),
    ("deliverable_stage_is_for_good", "deliverable_stage", "UPDATE", "1 = 1"),
    ("deliverable_stage_stays", "deliverable_stage", "DELETE", "1 = 1"),
)


def upgrade() -> None:
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
    for name, shared, meant in ONE_AT_A_TIME:
        same = " AND ".join(f"{column} = NEW.{column}" for column in shared)
        column, _, rest = meant.partition(" ")
        new = meant if meant == "1 = 1" else f"NEW.{column} {rest}"
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON place "
                f"WHEN {new} AND EXISTS (SELECT 1 FROM place WHERE {same} AND {meant}"
                " AND id IS NOT NEW.id"
                " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
                " AND (ends_before IS NULL OR NEW.starts_on < ends_before)) "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )


def _refuse_on_postgresql() -> None:
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    for name, shared, meant in ONE_AT_A_TIME:
        same = ", ".join(f"int8range({c}::int8, {c}::int8, '[]') WITH &&" for c in shared)
        op.execute(
            f"ALTER TABLE place ADD CONSTRAINT {name} EXCLUDE USING gist ({same}, "
            f"daterange(starts_on, ends_before) WITH &&) WHERE ({meant})"
        )


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind = 'working group'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "working_group",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("charter", sa.String(length=20000), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=True),
        sa.Column(
            "join_policy",
            sa.Enum(
                "open to members",
                "by invitation",
                "by application",
                name="join_policy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("closed_on >= founded_on", name=op.f("ck_working_group_order")),
        sa.CheckConstraint(
            "length(charter) <= 20000", name=op.f("ck_working_group_charter_length")
        ),
        sa.CheckConstraint(
            "length(close_reason) <= 500", name=op.f("ck_working_group_close_reason_length")
        ),
        sa.CheckConstraint("length(summary) <= 2000", name=op.f("ck_working_group_summary_length")),
        sa.ForeignKeyConstraint(["id"], ["body.id"], name=op.f("fk_working_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_group")),
    )
    op.create_table(
        "group_asking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "application",
                "invitation",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "refused",
                "withdrawn",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "answer IS NULL OR answer <> 'refused' OR reason IS NOT NULL",
            name=op.f("ck_group_asking_refused_why"),
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_group_asking_by_name_not_blank")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)", name=op.f("ck_group_asking_answered")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_group_asking_by_name_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_group_asking_note_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_group_asking_reason_length")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_group_asking_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_group_asking_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_asking_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_asking")),
    )
    op.create_index(op.f("ix_group_asking_company_id"), "group_asking", ["company_id"])
    op.create_index(op.f("ix_group_asking_group_id"), "group_asking", ["group_id"])
    op.create_index(op.f("ix_group_asking_person_id"), "group_asking", ["person_id"])
    op.create_index(
        "uq_group_asking_open",
        "group_asking",
        ["group_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )

    op.create_table(
        "group_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_group_file_by_name_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_group_file_title_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_group_file_by_name_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_group_file_title_length")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_group_file_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_group_file_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_group_file_document_id")),
    )
    op.create_index(op.f("ix_group_file_group_id"), "group_file", ["group_id"])

    op.create_table(
        "group_mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=8000), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_group_mailing_by_name_not_blank")),
        sa.CheckConstraint("trim(subject) != ''", name=op.f("ck_group_mailing_subject_not_blank")),
        sa.CheckConstraint("trim(text) != ''", name=op.f("ck_group_mailing_text_not_blank")),
        sa.CheckConstraint(
            "(released_at IS NULL) = (recipients IS NULL)", name=op.f("ck_group_mailing_recipients")
        ),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name=op.f("ck_group_mailing_released")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_group_mailing_by_name_length")),
        sa.CheckConstraint(
            "length(released_by) <= 200", name=op.f("ck_group_mailing_released_by_length")
        ),
        sa.CheckConstraint("length(subject) <= 200", name=op.f("ck_group_mailing_subject_length")),
        sa.CheckConstraint("length(text) <= 8000", name=op.f("ck_group_mailing_text_length")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_group_mailing_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_mailing")),
    )
    op.create_index(op.f("ix_group_mailing_group_id"), "group_mailing", ["group_id"])

    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "chair",
                "co-chair",
                "member",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(company_id IS NULL) = (slot IS NULL)", name=op.f("ck_place_slot_of_company")
        ),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_place_order")),
        sa.CheckConstraint("length(end_reason) <= 500", name=op.f("ck_place_end_reason_length")),
        sa.CheckConstraint("slot >= 1", name=op.f("ck_place_slot")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_place_body_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_place_company_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_place_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index("ix_place_body_id_starts_on", "place", ["body_id", "starts_on"])
    op.create_index(op.f("ix_place_company_id"), "place", ["company_id"])
    op.create_index(op.f("ix_place_person_id"), "place", ["person_id"])

    op.create_table(
        "working_group_challenge",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_working_group_challenge_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_working_group_challenge_group_id")
        ),
        sa.PrimaryKeyConstraint(
            "group_id", "challenge_id", name=op.f("pk_working_group_challenge")
        ),
    )
    op.create_index(
        op.f("ix_working_group_challenge_challenge_id"), "working_group_challenge", ["challenge_id"]
    )

    op.create_table(
        "deliverable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "roadmap",
                "case study",
                "white paper",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "planned",
                "drafting",
                "review",
                "published",
                "dropped",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(length=4000), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column(
            "readers",
            sa.Enum(
                "members",
                "public",
                name="readers",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage <> 'published' OR link IS NOT NULL OR file_id IS NOT NULL",
            name=op.f("ck_deliverable_published_is_found"),
        ),
        sa.CheckConstraint(
            "substr(link, 1, 7) = 'http://' OR substr(link, 1, 8) = 'https://'",
            name=op.f("ck_deliverable_link_scheme"),
        ),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_deliverable_title_not_blank")),
        sa.CheckConstraint("length(about) <= 4000", name=op.f("ck_deliverable_about_length")),
        sa.CheckConstraint("length(link) <= 300", name=op.f("ck_deliverable_link_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_deliverable_title_length")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["group_file.id"], name=op.f("fk_deliverable_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_deliverable_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
    )
    op.create_index(op.f("ix_deliverable_file_id"), "deliverable", ["file_id"])
    op.create_index(op.f("ix_deliverable_group_id"), "deliverable", ["group_id"])
    op.create_index("ix_deliverable_stage_due_on", "deliverable", ["stage", "due_on"])

    op.create_table(
        "deliverable_author",
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["deliverable.id"],
            name=op.f("fk_deliverable_author_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_deliverable_author_person_id")
        ),
        sa.PrimaryKeyConstraint("deliverable_id", "person_id", name=op.f("pk_deliverable_author")),
    )
    op.create_index(op.f("ix_deliverable_author_person_id"), "deliverable_author", ["person_id"])

    op.create_table(
        "deliverable_challenge",
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_deliverable_challenge_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["deliverable.id"],
            name=op.f("fk_deliverable_challenge_deliverable_id"),
        ),
        sa.PrimaryKeyConstraint(
            "deliverable_id", "challenge_id", name=op.f("pk_deliverable_challenge")
        ),
    )
    op.create_index(
        op.f("ix_deliverable_challenge_challenge_id"), "deliverable_challenge", ["challenge_id"]
    )

    op.create_table(
        "deliverable_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "planned",
                "drafting",
                "review",
                "published",
                "dropped",
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
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_deliverable_stage_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_deliverable_stage_by_name_length")
        ),
        sa.CheckConstraint(
            "length(reason) <= 500", name=op.f("ck_deliverable_stage_reason_length")
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id"], ["deliverable.id"], name=op.f("fk_deliverable_stage_deliverable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable_stage")),
    )
    op.create_index(
        "ix_deliverable_stage_deliverable_id_on", "deliverable_stage", ["deliverable_id", "on"]
    )
