"""what the database itself refuses

Overlapping terms of a company, two people in one role on a seat at a time, changes to journal
entries, to stage changes and to what was signed: by the database, so that no two simultaneous
clicks and no mistake of ours gets round it. PostgreSQL has exclusion constraints, SQLite
triggers; both raise an IntegrityError that names the rule.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

SIGNED = (
    "company_id", "tier_id", "founding", "starts_on", "ends_before", "fee_minor", "currency",
    "dues_frequency", "company_signed_on", "programme_signed_on", "withdrawn_on",
)  # fmt: skip
HELD = ("representative", "alternate")

# (name, table, event, when NEW/OLD …) refused alike on both databases
REFUSED = (
    ("journal_entry_is_for_good", "journal_entry", "UPDATE", "1 = 1"),
    ("journal_entry_stays", "journal_entry", "DELETE", "1 = 1"),
    ("stage_change_is_for_good", "stage_change", "UPDATE", "1 = 1"),
    ("membership_stays", "membership", "DELETE", "1 = 1"),
    (
        "membership_is_signed",
        "membership",
        "UPDATE",
        "OLD.company_signed_on IS NOT NULL AND OLD.programme_signed_on IS NOT NULL AND ("
        + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in SIGNED)
        + ")",
    ),
)
DUES_OF_SIGNED = (
    "SELECT 1 FROM membership WHERE id = OLD.membership_id"
    " AND company_signed_on IS NOT NULL AND programme_signed_on IS NOT NULL"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for name, table, event, condition in REFUSED:
        said = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER instalment_of_signed_{event.lower()} BEFORE {event} ON instalment "
            f"WHEN EXISTS ({DUES_OF_SIGNED}) "
            "BEGIN SELECT RAISE(ABORT, 'instalment_of_signed'); END"
        )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER membership_terms_{event.lower()} BEFORE {event} ON membership "
            "WHEN NEW.withdrawn_on IS NULL AND EXISTS ("
            "SELECT 1 FROM membership WHERE company_id = NEW.company_id AND withdrawn_on IS NULL"
            " AND id IS NOT NEW.id AND starts_on < NEW.occupied_before"
            " AND NEW.starts_on < occupied_before AND starts_on < occupied_before"
            " AND NEW.starts_on < NEW.occupied_before) "
            "BEGIN SELECT RAISE(ABORT, 'ex_membership_terms'); END"
        )
        op.execute(
            f"CREATE TRIGGER holding_one_a_role_{event.lower()} BEFORE {event} ON holding "
            "WHEN EXISTS (SELECT 1 FROM holding WHERE seat_id = NEW.seat_id AND role = NEW.role"
            " AND id IS NOT NEW.id"
            " AND (NEW.ends_before IS NULL OR starts_on < NEW.ends_before)"
            " AND (ends_before IS NULL OR NEW.starts_on < ends_before)"
            " AND (ends_before IS NULL OR starts_on < ends_before)"
            " AND (NEW.ends_before IS NULL OR NEW.starts_on < NEW.ends_before)) "
            "BEGIN SELECT RAISE(ABORT, 'ex_holding_one_a_role'); END"
        )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
        "END $$"
    )
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_signed_dues() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS ({DUES_OF_SIGNED}) THEN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        "MESSAGE = 'instalment_of_signed'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER instalment_of_signed BEFORE UPDATE OR DELETE ON instalment "
        "FOR EACH ROW EXECUTE FUNCTION refuse_signed_dues()"
    )
    op.execute(
        "ALTER TABLE membership ADD CONSTRAINT ex_membership_terms EXCLUDE USING gist ("
        "int8range(company_id::int8, company_id::int8, '[]') WITH &&, "
        "daterange(starts_on, occupied_before) WITH &&) WHERE (withdrawn_on IS NULL)"
    )
    for role in HELD:
        op.execute(
            f"ALTER TABLE holding ADD CONSTRAINT ex_holding_one_{role} EXCLUDE USING gist ("
            "int8range(seat_id::int8, seat_id::int8, '[]') WITH &&, "
            f"daterange(starts_on, ends_before) WITH &&) WHERE (role = '{role}')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        names = [name for name, *_ in REFUSED]
        for stem in ("membership_terms", "holding_one_a_role"):
            names += [f"{stem}_insert", f"{stem}_update"]
        names += ["instalment_of_signed_update", "instalment_of_signed_delete"]
        for name in names:
            op.execute(f"DROP TRIGGER {name}")
        return
    for role in HELD:
        op.execute(f"ALTER TABLE holding DROP CONSTRAINT ex_holding_one_{role}")
    op.execute("ALTER TABLE membership DROP CONSTRAINT ex_membership_terms")
    op.execute("DROP TRIGGER instalment_of_signed ON instalment")
    for name, table, *_ in REFUSED:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION refuse_signed_dues()")
    op.execute("DROP FUNCTION refuse_change()")
