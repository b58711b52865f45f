"""projects

Calls, projects with their stages, who takes part, seats, milestones and outputs. The database
refuses a student's name without consent, one person twice at a time in a project, more seats taken
than offered, and changes to the stages that were.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

TABLES = (
    "project_call", "project", "project_challenge", "project_company", "project_faculty",
    "project_milestone", "project_output", "project_seats", "project_stage", "project_student",
)  # fmt: skip
KINDS = (
    "seed research project", "fellowship", "training programme", "student project", "internship",
    "recruiting event", "course",
)  # fmt: skip
STAGES = ("proposed", "selected", "not selected", "running", "finished", "dropped")
STAYS = (("project_stage_is_for_good", "UPDATE"), ("project_stage_stays", "DELETE"))
ONE_A_PERSON = "ex_project_faculty_one_a_person"
SEATS = "project_seats_no_more_than_offered"
OFFERED = "project_offers_no_less_than_taken"
TAKEN_BY_OTHERS = (
    "(SELECT coalesce(sum(seats), 0) FROM project_seats"
    " WHERE project_id = NEW.project_id AND company_id <> NEW.company_id)"
)
ON_OFFER = "(SELECT coalesce(seats_offered, 0) FROM project WHERE id = NEW.project_id)"
TAKEN = "(SELECT coalesce(sum(seats), 0) FROM project_seats WHERE project_id = NEW.id)"


def upgrade() -> None:
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    twice = (
        "EXISTS (SELECT 1 FROM project_faculty WHERE project_id = NEW.project_id"
        " AND person_id = NEW.person_id AND id IS NOT NEW.id"
        " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
        " AND (ends_before IS NULL OR NEW.starts_on < ends_before))"
    )
    for event in ("INSERT", "UPDATE"):
        _trigger(f"{ONE_A_PERSON}_{event.lower()}", event, "project_faculty", twice)
        beyond = f"NEW.seats + {TAKEN_BY_OTHERS} > {ON_OFFER}"
        _trigger(f"{SEATS}_{event.lower()}", event, "project_seats", beyond)
    for name, event in STAYS:
        _trigger(name, event, "project_stage", "1 = 1")
    _trigger(OFFERED, "UPDATE", "project", f"coalesce(NEW.seats_offered, 0) < {TAKEN}")


def _trigger(name: str, event: str, table: str, condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    )


def _refuse_on_postgresql() -> None:
    op.execute(
        f"ALTER TABLE project_faculty ADD CONSTRAINT {ONE_A_PERSON} EXCLUDE USING gist ("
        "int8range(project_id::int8, project_id::int8, '[]') WITH &&, "
        "int8range(person_id::int8, person_id::int8, '[]') WITH &&, "
        "daterange(starts_on, ends_before) WITH &&)"
    )
    for name, event in STAYS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON project_stage FOR EACH ROW "
            "EXECUTE FUNCTION refuse_change()"
        )
    # Whoever takes a seat waits for the project's row: only then is what others took all there.
    lock = "PERFORM 1 FROM project WHERE id = NEW.project_id FOR UPDATE; "
    for name, table, event, first, condition in (
        (SEATS, "project_seats", "INSERT OR UPDATE", lock,
         f"NEW.seats + {TAKEN_BY_OTHERS} > {ON_OFFER}"),
        (OFFERED, "project", "UPDATE OF seats_offered", "",
         f"coalesce(NEW.seats_offered, 0) < {TAKEN}"),
    ):  # fmt: skip
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {first}"
            f"IF {condition} THEN "
            "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
            "END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_{name}()"
        )


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind = 'project'")
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for name in (SEATS, OFFERED):
            op.execute(f"DROP FUNCTION refuse_{name}()")


def _make_tables() -> None:
    op.create_table(
        "project_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS,
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=20000), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_project_call_title_not_blank")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_project_call_order")),
        sa.CheckConstraint("length(text) <= 20000", name=op.f("ck_project_call_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_project_call_title_length")),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["ballot.id"], name=op.f("fk_project_call_ballot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_call")),
        sa.UniqueConstraint("ballot_id", name=op.f("uq_project_call_ballot_id")),
    )
    op.create_index(op.f("ix_project_call_closes_on"), "project_call", ["closes_on"])

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS,
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
                *STAGES,
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=20000), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "dues pool",
                "sponsored",
                "gift",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("seats_offered", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_project_title_not_blank")),
        sa.CheckConstraint(
            "(budget_minor IS NULL) = (currency IS NULL)",
            name=op.f("ck_project_budget_has_currency"),
        ),
        sa.CheckConstraint("budget_minor >= 0", name=op.f("ck_project_budget")),
        sa.CheckConstraint(
            "budget_minor IS NULL OR source IS NOT NULL", name=op.f("ck_project_budget_has_source")
        ),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_project_order")),
        sa.CheckConstraint("length(about) <= 20000", name=op.f("ck_project_about_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_project_currency_length")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_project_currency")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_project_title_length")),
        sa.CheckConstraint("seats_offered > 0", name=op.f("ck_project_seats")),
        sa.ForeignKeyConstraint(["call_id"], ["project_call.id"], name=op.f("fk_project_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_call_id"), "project", ["call_id"])
    op.create_index("ix_project_stage_starts_on", "project", ["stage", "starts_on"])

    op.create_table(
        "project_challenge",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_project_challenge_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_challenge_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", "challenge_id", name=op.f("pk_project_challenge")),
    )
    op.create_index(
        op.f("ix_project_challenge_challenge_id"), "project_challenge", ["challenge_id"]
    )

    op.create_table(
        "project_company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "host",
                "sponsor",
                "mentor",
                "participant",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_project_company_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_company_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_company")),
        sa.UniqueConstraint(
            "project_id",
            "company_id",
            "role",
            name=op.f("uq_project_company_project_id_company_id_role"),
        ),
    )
    op.create_index(op.f("ix_project_company_company_id"), "project_company", ["company_id"])

    op.create_table(
        "project_faculty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead", "member", name="role", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_project_faculty_order")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_project_faculty_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_faculty_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_faculty")),
    )
    op.create_index(op.f("ix_project_faculty_person_id"), "project_faculty", ["person_id"])
    op.create_index(
        "ix_project_faculty_project_id_starts_on", "project_faculty", ["project_id", "starts_on"]
    )

    op.create_table(
        "project_milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_project_milestone_title_not_blank")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_project_milestone_title_length")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_milestone_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_milestone")),
    )
    op.create_index(op.f("ix_project_milestone_project_id"), "project_milestone", ["project_id"])

    op.create_table(
        "project_output",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column(
            "readers",
            sa.Enum(
                "office",
                "members",
                "public",
                name="readers",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("came_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "substr(link, 1, 8) = 'https://'", name=op.f("ck_project_output_link_scheme")
        ),
        sa.CheckConstraint("trim(link) != ''", name=op.f("ck_project_output_link_not_blank")),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_project_output_title_not_blank")),
        sa.CheckConstraint("length(link) <= 300", name=op.f("ck_project_output_link_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_project_output_title_length")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_output_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_output")),
    )
    op.create_index(op.f("ix_project_output_project_id"), "project_output", ["project_id"])

    op.create_table(
        "project_seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_project_seats_by_name_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_project_seats_by_name_length")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_project_seats_seats")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_project_seats_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_seats_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_seats")),
        sa.UniqueConstraint(
            "project_id", "company_id", name=op.f("uq_project_seats_project_id_company_id")
        ),
    )
    op.create_index(op.f("ix_project_seats_company_id"), "project_seats", ["company_id"])

    op.create_table(
        "project_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                *STAGES,
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("ballot_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_project_stage_by_name_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_project_stage_by_name_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_project_stage_reason_length")),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["ballot.id"], name=op.f("fk_project_stage_ballot_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_stage_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_stage")),
    )
    op.create_index(op.f("ix_project_stage_ballot_id"), "project_stage", ["ballot_id"])
    op.create_index("ix_project_stage_project_id_on", "project_stage", ["project_id", "on"])

    op.create_table(
        "project_student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("initials", sa.String(length=12), nullable=False),
        sa.Column("studies", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("consent_recorded", sa.String(length=200), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "trim(initials) != ''", name=op.f("ck_project_student_initials_not_blank")
        ),
        sa.CheckConstraint(
            "(consented_on IS NULL) = (consent_recorded IS NULL)",
            name=op.f("ck_project_student_consent_recorded"),
        ),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_project_student_order")),
        sa.CheckConstraint(
            "length(consent_recorded) <= 200",
            name=op.f("ck_project_student_consent_recorded_length"),
        ),
        sa.CheckConstraint(
            "length(initials) <= 12", name=op.f("ck_project_student_initials_length")
        ),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_project_student_name_length")),
        sa.CheckConstraint(
            "length(studies) <= 100", name=op.f("ck_project_student_studies_length")
        ),
        sa.CheckConstraint(
            "name IS NULL OR consented_on IS NOT NULL",
            name=op.f("ck_project_student_name_by_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_student_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_student")),
    )
    op.create_index(op.f("ix_project_student_project_id"), "project_student", ["project_id"])
