"""uses of contributions, files of projects, and refusals that only the operations knew

A contribution goes from stage to stage and back only by its last; a facility closes when nobody
takes part in it; seats are of what has some. A letter of thanks that is stopped in the outbox goes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

WITH_SEATS = "'training programme', 'course', 'recruiting event'"
CHECKS = (
    ("ck_project_seats_of_kind", f"seats_offered IS NULL OR kind IN ({WITH_SEATS})"),
    ("ck_project_starts_first", "ends_before IS NULL OR starts_on IS NOT NULL"),
)
STANDING = "SELECT 1 FROM contribution_step WHERE contribution_id = {id} AND struck_at IS NULL AND "
BEFORE = (
    "CASE NEW.stage WHEN 'accepted' THEN 'offered' WHEN 'delivered' THEN 'accepted'"
    " WHEN 'in use' THEN 'delivered' WHEN 'returned' THEN 'delivered' ELSE 'offered' END"
)
OF_NEW = STANDING.format(id="NEW.contribution_id")
ON = '"on"'
ENDS_AFTER = "(NEW.ends_before IS NULL OR NEW.ends_before > {on})"
GIVEN = "SELECT 1 FROM contribution WHERE id = NEW.contribution_id AND given <> 'loan'"
# (name, table, events, what is refused, the row that others wait for)
REFUSED: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    (
        "contribution_step_follows",
        "contribution_step",
        ("INSERT",),
        f"(NEW.stage <> 'offered' AND NOT EXISTS ({OF_NEW}stage = {BEFORE}))"
        f" OR (NEW.stage = 'returned' AND EXISTS ({GIVEN}))",
        "contribution WHERE id = NEW.contribution_id",
    ),
    (
        "contribution_step_last_first",
        "contribution_step",
        ("UPDATE",),
        "OLD.struck_at IS NULL AND NEW.struck_at IS NOT NULL AND (OLD.stage = 'offered'"
        f" OR EXISTS ({OF_NEW}id > OLD.id) OR (OLD.stage = 'delivered' AND EXISTS"
        " (SELECT 1 FROM contribution_use WHERE contribution_id = NEW.contribution_id)))",
        "contribution WHERE id = NEW.contribution_id",
    ),
    (
        "contribution_went_back",
        "contribution",
        ("UPDATE",),
        f"NEW.given <> 'loan' AND EXISTS ({STANDING.format(id='NEW.id')}stage = 'returned')",
        "",
    ),
    (
        "participation_while_open",
        "participation",
        ("INSERT", "UPDATE"),
        "EXISTS (SELECT 1 FROM facility_step AS last WHERE last.facility_id = NEW.facility_id"
        " AND last.stage = 'closed' AND last.id = (SELECT max(id) FROM facility_step"
        f" WHERE facility_id = NEW.facility_id) AND {ENDS_AFTER.format(on=f'last.{ON}')})",
        "facility WHERE id = NEW.facility_id",
    ),
    (
        "facility_closes_empty",
        "facility_step",
        ("INSERT",),
        "NEW.stage = 'closed' AND EXISTS (SELECT 1 FROM participation"
        " WHERE facility_id = NEW.facility_id"
        f" AND (ends_before IS NULL OR ends_before > NEW.{ON}))",
        "facility WHERE id = NEW.facility_id",
    ),
    (
        "contribution_use_while_here",
        "contribution_use",
        ("INSERT", "UPDATE"),
        f"NOT EXISTS ({OF_NEW}stage = 'delivered' AND {ON} <= NEW.starts_on)"
        f" OR EXISTS ({OF_NEW}stage IN ('returned', 'ended') AND {ENDS_AFTER.format(on=ON)})",
        "contribution WHERE id = NEW.contribution_id",
    ),
    (
        "project_stage_in_order",
        "project_stage",
        ("INSERT",),
        f"EXISTS (SELECT 1 FROM project_stage WHERE project_id = NEW.project_id"
        f" AND {ON} > NEW.{ON})",
        "",
    ),
)
FILE_KEPT = (("project_file_is_for_good", "UPDATE"), ("project_file_stays", "DELETE"))
LETTER = "thanks_letter_stays"
POSTED = (
    "OLD.released_at IS NOT NULL AND EXISTS (SELECT 1 FROM outgoing_mail WHERE dedupe_key ="
    " 'contribution-' || OLD.contribution_id || '-' || OLD.kind)"
)
ONCE = "ex_contribution_use_once"
TWICE = (
    "EXISTS (SELECT 1 FROM contribution_use WHERE contribution_id = NEW.contribution_id"
    " AND project_id = NEW.project_id AND id IS NOT NEW.id"
    " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
    " AND (ends_before IS NULL OR NEW.starts_on < ends_before))"
)


def upgrade() -> None:
    _make_tables()
    for name, holds in CHECKS:
        _check_projects(name, holds, add=True)
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, events, _, _ in REFUSED:
        for event in events:
            _drop(f"{name}_{event.lower()}", table)
        if not on_sqlite:
            op.execute(f"DROP FUNCTION refuse_{name}()")
    _drop(LETTER, "thanks_letter")
    if on_sqlite:
        op.execute(
            f"CREATE TRIGGER {LETTER} BEFORE DELETE ON thanks_letter "
            f"WHEN OLD.released_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{LETTER}'); END"
        )
    else:
        op.execute("DROP FUNCTION refuse_thanks_letter_posted()")
        op.execute(
            f"CREATE TRIGGER {LETTER} BEFORE DELETE ON thanks_letter FOR EACH ROW "
            "WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION refuse_change()"
        )
    op.drop_table("project_file")
    op.drop_table("contribution_use")
    for name, holds in CHECKS:
        _check_projects(name, holds, add=False)


def _drop(trigger: str, table: str) -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
    op.execute(f"DROP TRIGGER {trigger}{on}")


def _refuse_on_sqlite() -> None:
    def refuse(name: str, event: str, table: str, condition: str, says: str) -> None:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )

    for name, table, events, condition, _ in REFUSED:
        for event in events:
            refuse(f"{name}_{event.lower()}", event, table, condition, name)
    for event in ("INSERT", "UPDATE"):
        refuse(f"{ONCE}_{event.lower()}", event, "contribution_use", TWICE, ONCE)
    for name, event in FILE_KEPT:
        refuse(name, event, "project_file", "1 = 1", name)
    _drop(LETTER, "thanks_letter")
    refuse(LETTER, "DELETE", "thanks_letter", POSTED, LETTER)


def _refuse_on_postgresql() -> None:
    """Whoever adds to a record waits for its row: only then is what others wrote all there."""
    for name, table, events, condition, waits in REFUSED:
        lock = f"PERFORM 1 FROM {waits} FOR UPDATE; " if waits else ""
        _function(name, lock, condition, "NEW")
        for event in events:
            op.execute(
                f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION refuse_{name}()"
            )
    op.execute(
        f"ALTER TABLE contribution_use ADD CONSTRAINT {ONCE} EXCLUDE USING gist ("
        "int8range(contribution_id::int8, contribution_id::int8, '[]') WITH &&, "
        "int8range(project_id::int8, project_id::int8, '[]') WITH &&, "
        "daterange(starts_on, ends_before) WITH &&)"
    )
    for name, event in FILE_KEPT:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON project_file FOR EACH ROW "
            "EXECUTE FUNCTION refuse_change()"
        )
    _drop(LETTER, "thanks_letter")
    _function("thanks_letter_posted", "", POSTED, "OLD")
    op.execute(
        f"CREATE TRIGGER {LETTER} BEFORE DELETE ON thanks_letter FOR EACH ROW "
        "EXECUTE FUNCTION refuse_thanks_letter_posted()"
    )


def _function(name: str, lock: str, condition: str, row: str) -> None:
    op.execute(
        f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
        f"IF {condition} THEN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
        f"END IF; RETURN {row}; END $$"
    )


def _check_projects(name: str, holds: str, *, add: bool) -> None:
    """On SQLite the table is built anew: what triggers hang on it, or read it, come back after."""
    triggers: list[Any] = []
    if op.get_bind().dialect.name == "sqlite":
        asked = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%project%'"
        )
        triggers = list(op.get_bind().exec_driver_sql(asked).all())
        for trigger, _ in triggers:
            op.execute(f"DROP TRIGGER {trigger}")
    with op.batch_alter_table("project") as table:
        if add:
            table.create_check_constraint(op.f(name), holds)
        else:
            table.drop_constraint(op.f(name), type_="check")
    for _, sql in triggers:
        op.execute(sql.replace(":", "\\:"))


def _make_tables() -> None:
    op.create_table(
        "contribution_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_contribution_use_order")),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_contribution_use_note_length")),
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_contribution_use_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_contribution_use_by_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_contribution_use_contribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_contribution_use_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_use")),
    )
    op.create_index(
        op.f("ix_contribution_use_contribution_id"), "contribution_use", ["contribution_id"]
    )
    op.create_index(op.f("ix_contribution_use_project_id"), "contribution_use", ["project_id"])
    op.create_table(
        "project_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_project_file_title_not_blank")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_project_file_title_length")),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_project_file_by_name_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_project_file_by_name_length")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_project_file_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_file_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_project_file_document_id")),
    )
    op.create_index(op.f("ix_project_file_project_id"), "project_file", ["project_id"])
