"""meetings: agenda, who is invited and came, minutes, decisions, action items

Once its minutes are approved, what a meeting was stays: its time, agenda, attendance, decisions
and what was taken on. Persons and companies may still be merged, and personal values erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


MEETING = (
    "body_id", "title", "starts_local", "ends_local", "zone", "starts_second", "ends_second",
    "place", "link", "cancelled_on", "cancel_reason", "uid", "sequence",
)  # fmt: skip
# what belongs to a meeting, and which of its columns stay once the minutes are approved
KEPT = {
    "agenda_item": ("meeting_id", "position", "title", "minutes", "presenter", "text"),
    "attendee": ("meeting_id", "part", "told", "answer", "answered_on", "presence"),
    "decision": ("meeting_id", "body_id", "year", "number", "text"),
    "action_item": ("meeting_id", "task_id"),
}
TABLES = ("meeting", "agenda_item", "attendee", "minutes", "decision", "action_item")
APPROVED = "SELECT 1 FROM minutes WHERE approved_on IS NOT NULL AND meeting_id"


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_local", sa.DateTime(), nullable=False),
        sa.Column("ends_local", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts_second", sa.Boolean(), nullable=False),
        sa.Column("ends_second", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_meeting_title_not_blank")),
        sa.CheckConstraint("trim(uid) != ''", name=op.f("ck_meeting_uid_not_blank")),
        sa.CheckConstraint("trim(zone) != ''", name=op.f("ck_meeting_zone_not_blank")),
        sa.CheckConstraint(
            "(cancelled_on IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_meeting_reason")
        ),
        sa.CheckConstraint(
            "ends_local > starts_local OR (ends_second AND NOT starts_second)",
            name=op.f("ck_meeting_order"),
        ),
        sa.CheckConstraint(
            "length(cancel_reason) <= 500", name=op.f("ck_meeting_cancel_reason_length")
        ),
        sa.CheckConstraint("length(link) <= 500", name=op.f("ck_meeting_link_length")),
        sa.CheckConstraint("length(place) <= 200", name=op.f("ck_meeting_place_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_meeting_title_length")),
        sa.CheckConstraint("length(uid) <= 120", name=op.f("ck_meeting_uid_length")),
        sa.CheckConstraint("length(zone) <= 60", name=op.f("ck_meeting_zone_length")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_meeting_sequence")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_meeting_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("uid", name=op.f("uq_meeting_uid")),
    )
    op.create_index("ix_meeting_body_id_starts_local", "meeting", ["body_id", "starts_local"])
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("presenter", sa.String(length=200), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_agenda_item_title_not_blank")),
        sa.CheckConstraint(
            "length(presenter) <= 200", name=op.f("ck_agenda_item_presenter_length")
        ),
        sa.CheckConstraint("length(text) <= 4000", name=op.f("ck_agenda_item_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_agenda_item_title_length")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_agenda_item_minutes")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index("ix_agenda_item_meeting_id_position", "agenda_item", ["meeting_id", "position"])
    op.create_table(
        "attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("guest_name", sa.String(length=200), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column(
            "part",
            sa.Enum(
                "chair",
                "co-chair",
                "representative",
                "alternate",
                "member",
                "observer",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                "tentative",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column(
            "presence",
            sa.Enum(
                "present",
                "absent",
                "excused",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)", name=op.f("ck_attendee_answered")
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) = (guest_name IS NOT NULL)",
            name=op.f("ck_attendee_guest_has_name"),
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) = (part IS NULL)", name=op.f("ck_attendee_invited_or_guest")
        ),
        sa.CheckConstraint("length(email) <= 320", name=op.f("ck_attendee_email_length")),
        sa.CheckConstraint("length(guest_name) <= 200", name=op.f("ck_attendee_guest_name_length")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_attendee_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_attendee_meeting_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendee_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint(
            "meeting_id", "person_id", name=op.f("uq_attendee_meeting_id_person_id")
        ),
    )
    op.create_index(op.f("ix_attendee_company_id"), "attendee", ["company_id"])
    op.create_index(op.f("ix_attendee_person_id"), "attendee", ["person_id"])
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(text) != ''", name=op.f("ck_decision_text_not_blank")),
        sa.CheckConstraint("length(text) <= 4000", name=op.f("ck_decision_text_length")),
        sa.CheckConstraint("number > 0", name=op.f("ck_decision_number")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_decision_body_id")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_decision_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "body_id", "year", "number", name=op.f("uq_decision_body_id_year_number")
        ),
    )
    op.create_index("ix_decision_meeting_id", "decision", ["meeting_id"])
    op.create_table(
        "minutes",
        sa.Column("meeting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=60000), nullable=False),
        sa.Column("written_by_name", sa.String(length=200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approved_by_name", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(text) != ''", name=op.f("ck_minutes_text_not_blank")),
        sa.CheckConstraint(
            "trim(written_by_name) != ''", name=op.f("ck_minutes_written_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "(approved_on IS NULL) = (approved_by_name IS NULL)", name=op.f("ck_minutes_approved")
        ),
        sa.CheckConstraint(
            "length(approved_by_name) <= 200", name=op.f("ck_minutes_approved_by_name_length")
        ),
        sa.CheckConstraint("length(text) <= 60000", name=op.f("ck_minutes_text_length")),
        sa.CheckConstraint(
            "length(written_by_name) <= 200", name=op.f("ck_minutes_written_by_name_length")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_minutes")),
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_action_item_meeting_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_action_item_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
        sa.UniqueConstraint("task_id", name=op.f("uq_action_item_task_id")),
    )
    op.create_index("ix_action_item_meeting_id", "action_item", ["meeting_id"])

    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def downgrade() -> None:
    for table in reversed(TABLES):  # their triggers go with them
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_minuted()")
        op.execute("DROP FUNCTION refuse_minuted_meeting()")


def _on_sqlite() -> None:
    def refuse(name: str, table: str, event: str, condition: str) -> None:
        said = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )

    approved = "OLD.approved_on IS NOT NULL"
    refuse("minutes_are_approved", "minutes", "UPDATE", approved)
    refuse("minutes_are_kept", "minutes", "DELETE", approved)
    there = f"EXISTS ({APPROVED} = OLD.id)"
    refuse("meeting_is_minuted", "meeting", "UPDATE", f"{_differ(*MEETING)} AND {there}")
    for table, columns in KEPT.items():
        old, new = (f"EXISTS ({APPROVED} = {row}.meeting_id)" for row in ("OLD", "NEW"))
        changed = f"{_differ(*columns)} AND ({old} OR {new})"
        refuse(f"{table}_is_minuted", table, "UPDATE", changed)
        refuse(f"{table}_after_minutes", table, "INSERT", new)
        refuse(f"{table}_minuted_is_kept", table, "DELETE", old)


def _on_postgresql() -> None:
    refusal = "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME;"
    op.execute(
        "CREATE FUNCTION refuse_minuted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' AND EXISTS ({APPROVED} = OLD.meeting_id) THEN {refusal} END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF EXISTS ({APPROVED} = NEW.meeting_id) THEN {refusal} END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_minuted_meeting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS ({APPROVED} = OLD.id) THEN {refusal} END IF; RETURN NEW; END $$"
    )

    def refuse(name: str, table: str, event: str, condition: str, function: str) -> None:
        when = f"WHEN ({condition}) " if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"{when}EXECUTE FUNCTION {function}()"
        )

    approved = "OLD.approved_on IS NOT NULL"
    refuse("minutes_are_approved", "minutes", "UPDATE", approved, "refuse_change")
    refuse("minutes_are_kept", "minutes", "DELETE", approved, "refuse_change")
    changed = _differ(*MEETING)
    refuse("meeting_is_minuted", "meeting", "UPDATE", changed, "refuse_minuted_meeting")
    for table, columns in KEPT.items():
        changed = _differ(*columns)
        refuse(f"{table}_is_minuted", table, "UPDATE", changed, "refuse_minuted")
        refuse(f"{table}_after_minutes", table, "INSERT", "", "refuse_minuted")
        refuse(f"{table}_minuted_is_kept", table, "DELETE", "", "refuse_minuted")
