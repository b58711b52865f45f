"""groups close once, and who votes signed in is frozen

The first day without a group is told by its body alone. The database lets no place reach beyond
it, and no group be founded after it. Whose account an elector's is, is kept as the ballot opens.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

OF_ELECTORS = ("ballot_id", "company_id", "company_name", "person_id", "part", "weight")
CLOSES = "NEW.retired_on IS NOT NULL"
# (name, table, events, when, which rows there must not be): on PostgreSQL the body is read with a
# lock, so that a place and a closing that do not see each other yet wait for each other.
ASKING = (
    (
        "place_within_group",
        "place",
        ("INSERT", "UPDATE"),
        "1 = 1",
        "SELECT 1 FROM body WHERE id = NEW.body_id AND retired_on IS NOT NULL"
        " AND (NEW.ends_before IS NULL OR NEW.ends_before > retired_on)",
    ),
    (
        "group_outlives_places",
        "body",
        ("UPDATE",),
        CLOSES,
        "SELECT 1 FROM place WHERE body_id = NEW.id"
        " AND (ends_before IS NULL OR ends_before > NEW.retired_on)",
    ),
    (
        "group_closes_after_founding",
        "body",
        ("UPDATE",),
        CLOSES,
        "SELECT 1 FROM working_group WHERE id = NEW.id AND founded_on > NEW.retired_on",
    ),
    (
        "group_founded_before_closing",
        "working_group",
        ("INSERT", "UPDATE"),
        "1 = 1",
        "SELECT 1 FROM body WHERE id = NEW.id AND retired_on < NEW.founded_on",
    ),
)


def upgrade() -> None:
    op.execute(
        "UPDATE body SET retired_on = (SELECT closed_on FROM working_group g WHERE g.id = body.id)"
        " WHERE id IN (SELECT id FROM working_group)"
    )
    op.execute(f"DELETE FROM place WHERE EXISTS ({_beyond('starts_on >= retired_on')})")
    op.execute(
        "UPDATE place SET end_reason = 'The group is closed',"
        " ends_before = (SELECT retired_on FROM body WHERE body.id = place.body_id)"
        f" WHERE EXISTS ({_beyond('(ends_before IS NULL OR ends_before > retired_on)')})"
    )
    with op.batch_alter_table("working_group") as table:
        table.drop_constraint(op.f("ck_working_group_order"), type_="check")
        table.drop_column("closed_on")
    op.execute(
        "ALTER TABLE elector ADD COLUMN user_id INTEGER"
        " CONSTRAINT ck_elector_account CHECK (company_id IS NULL OR user_id IS NULL)"
    )
    op.execute(
        "UPDATE elector SET user_id = (SELECT user_id FROM person p WHERE p.id = elector.person_id)"
        " WHERE company_id IS NULL"
    )
    _drop("elector_is_frozen", "elector")
    _freeze_electors(*OF_ELECTORS, "user_id")
    for name, table_name, events, when, there in ASKING:
        _refuse(name, table_name, events, when, there)


def downgrade() -> None:
    for name, table_name, events, *_ in ASKING:
        if _on_sqlite():
            for event in events:
                op.execute(f"DROP TRIGGER {name}_{event.lower()}")
        else:
            _drop(name, table_name)
            op.execute(f"DROP FUNCTION refuse_{name}()")
    _drop("elector_is_frozen", "elector")
    op.drop_column("elector", "user_id")
    _freeze_electors(*OF_ELECTORS)
    with op.batch_alter_table("working_group") as table:
        table.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE working_group SET closed_on ="
        " (SELECT retired_on FROM body WHERE body.id = working_group.id)"
    )
    with op.batch_alter_table("working_group") as table:
        table.create_check_constraint(op.f("ck_working_group_order"), "closed_on >= founded_on")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _beyond(condition: str) -> str:
    """Of a place whose group closes."""
    closes = "body.id = place.body_id AND body.retired_on IS NOT NULL"
    return f"SELECT 1 FROM body WHERE {closes} AND {condition}"


def _drop(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON {table}")


def _freeze_electors(*columns: str) -> None:
    """What erasing a person empties may still be emptied."""

    def differ(*names: str) -> str:
        word = "IS NOT" if _on_sqlite() else "IS DISTINCT FROM"
        return "(" + " OR ".join(f"NEW.{name} {word} OLD.{name}" for name in names) + ")"

    when = f"{differ(*columns)} OR ({differ('person_name', 'email')} AND NEW.email IS NOT NULL)"
    if _on_sqlite():
        op.execute(
            f"CREATE TRIGGER elector_is_frozen BEFORE UPDATE ON elector WHEN {when} "
            "BEGIN SELECT RAISE(ABORT, 'elector_is_frozen'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER elector_is_frozen BEFORE UPDATE ON elector FOR EACH ROW "
            f"WHEN ({when}) EXECUTE FUNCTION refuse_change()"
        )


def _refuse(name: str, table: str, events: tuple[str, ...], when: str, there: str) -> None:
    if _on_sqlite():
        for event in events:
            op.execute(
                f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} "
                f"WHEN {when} AND EXISTS ({there}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
        return
    waits = "PERFORM 1 FROM body WHERE id = NEW.body_id FOR SHARE; " if table == "place" else ""
    op.execute(
        f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {waits}"
        f"IF EXISTS ({there}) THEN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {' OR '.join(events)} ON {table} FOR EACH ROW "
        f"WHEN ({when}) EXECUTE FUNCTION refuse_{name}()"
    )
