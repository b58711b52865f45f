"""since when a company has its parent, and for which seat somebody is on the list of a meeting

What is known of parents holds ever since. A company has one at a time: the database refuses two.
Who was invited before is given the seat that they held on the day, else their company's own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ONE = "ex_company_parent_one_at_a_time"
HELD = """
    UPDATE attendee SET seat_id = (
        SELECT min(seat.id) FROM meeting
        JOIN seat ON seat.body_id = meeting.body_id
        JOIN holding ON holding.seat_id = seat.id
        WHERE meeting.id = attendee.meeting_id AND holding.person_id = attendee.person_id
          AND holding.starts_on <= date(meeting.starts_local)
          AND (holding.ends_before IS NULL OR holding.ends_before > date(meeting.starts_local))
    ) WHERE person_id IS NOT NULL
"""
OWN = """
    UPDATE attendee SET seat_id = (
        SELECT seat.id FROM meeting JOIN seat ON seat.body_id = meeting.body_id
        WHERE meeting.id = attendee.meeting_id AND seat.company_id = attendee.company_id
    ) WHERE person_id IS NOT NULL AND seat_id IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "company_parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_before > starts_on", name=op.f("ck_company_parent_order")),
        sa.CheckConstraint(
            "parent_id <> company_id", name=op.f("ck_company_parent_not_its_own_parent")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_company_parent_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["company.id"], name=op.f("fk_company_parent_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_parent")),
    )
    op.create_index(op.f("ix_company_parent_company_id"), "company_parent", ["company_id"])
    op.create_index(op.f("ix_company_parent_parent_id"), "company_parent", ["parent_id"])
    op.execute(
        "INSERT INTO company_parent (company_id, parent_id) "
        "SELECT id, parent_id FROM company WHERE parent_id IS NOT NULL ORDER BY id"
    )
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()
    op.create_index(op.f("ix_attendee_seat_id"), "attendee", ["seat_id"])
    op.execute(HELD)
    op.execute(OWN)


def _on_sqlite() -> None:
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER {ONE}_{event.lower()} BEFORE {event} ON company_parent "
            "WHEN EXISTS (SELECT 1 FROM company_parent WHERE company_id = NEW.company_id"
            " AND id IS NOT NEW.id AND coalesce(starts_on < NEW.ends_before, 1)"
            " AND coalesce(NEW.starts_on < ends_before, 1)) "
            f"BEGIN SELECT RAISE(ABORT, '{ONE}'); END"
        )
    # a table that is rebuilt would lose its triggers
    op.execute(
        "ALTER TABLE attendee ADD COLUMN seat_id INTEGER "
        "CONSTRAINT fk_attendee_seat_id REFERENCES seat (id)"
    )


def _on_postgresql() -> None:
    op.execute(
        f"ALTER TABLE company_parent ADD CONSTRAINT {ONE} EXCLUDE USING gist "
        "(int8range(company_id::int8, company_id::int8, '[]') WITH &&, "
        "daterange(starts_on, ends_before) WITH &&)"
    )
    op.add_column("attendee", sa.Column("seat_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_attendee_seat_id"), "attendee", "seat", ["seat_id"], ["id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_attendee_seat_id"), "attendee")
    op.execute("ALTER TABLE attendee DROP COLUMN seat_id")
    op.drop_table("company_parent")
