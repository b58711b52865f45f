"""the factories' ledger: days and companies put right, and where a contribution came from

A stage lies between those beside it, and no use began before what it uses was delivered; no loan
and no licence is over before it is offered. An offer changes its company while nothing hangs on
that.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

ON = '"on"'
BEFORE = ("contribution_id", "stage", ON, "reason", "by_name")
STANDING = "SELECT 1 FROM contribution_step WHERE contribution_id = {id} AND struck_at IS NULL AND "
OF_STEP, OF_CONTRIBUTION = STANDING.format(id="NEW.contribution_id"), STANDING.format(id="NEW.id")


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


FOR_GOOD = ("contribution_step_is_for_good", "contribution_step")
THEIRS = ("contribution_is_theirs", "contribution")
THEIRS_BEFORE = _differ("company_id", "created_at", "by_name")
STEP = "contribution WHERE id = NEW.contribution_id"
# (name, table, event, what is refused, the row that others wait for)
REFUSED = (
    (
        "contribution_step_between",
        "contribution_step",
        "UPDATE",
        f"{_differ(ON)} AND (EXISTS ({OF_STEP}(id < NEW.id AND {ON} > NEW.{ON}"
        f" OR id > NEW.id AND {ON} < NEW.{ON})) OR (NEW.stage = 'delivered' AND EXISTS"
        " (SELECT 1 FROM contribution_use WHERE contribution_id = NEW.contribution_id"
        f" AND starts_on < NEW.{ON})))",
        STEP,
    ),
    *(
        (
            f"contribution_offered_in_time_{event.lower()}",
            "contribution_step",
            event,
            "NEW.stage = 'offered' AND EXISTS (SELECT 1 FROM contribution"
            " WHERE id = NEW.contribution_id"
            f" AND (loan_ends_on < NEW.{ON} OR licence_ends_on < NEW.{ON}))",
            STEP,
        )
        for event in ("INSERT", "UPDATE")
    ),
    (
        "contribution_ends_in_time",
        "contribution",
        "UPDATE",
        f"{_differ('loan_ends_on', 'licence_ends_on')} AND EXISTS ({OF_CONTRIBUTION}"
        f"stage = 'offered' AND ({ON} > NEW.loan_ends_on OR {ON} > NEW.licence_ends_on))",
        "",
    ),
    (
        *THEIRS,
        "UPDATE",
        f"{_differ('created_at', 'by_name')} OR ({_differ('company_id')}"
        f" AND (NEW.contact_id IS NOT NULL OR EXISTS ({OF_CONTRIBUTION}stage <> 'offered')"
        " OR EXISTS (SELECT 1 FROM thanks_letter WHERE contribution_id = NEW.id"
        " AND dropped_at IS NULL)))",
        "",
    ),
)


ORIGIN = "opportunity_contribution"
ENDS = ("contribution", "opportunity")


def upgrade() -> None:
    _make_table()
    for name, table in (FOR_GOOD, THEIRS):
        _drop(name, table)
    _for_good(tuple(column for column in BEFORE if column != ON))
    for one in REFUSED:
        _refuse(*one)


def downgrade() -> None:
    for name, table, *_ in REFUSED:
        _drop(name, table)
        if not _on_sqlite():
            op.execute(f"DROP FUNCTION refuse_{name}()")
    _drop(*FOR_GOOD)
    _for_good(BEFORE)
    _when(*THEIRS, THEIRS_BEFORE)
    op.drop_table(ORIGIN)
    for table in ENDS:
        op.drop_index(f"uq_{table}_company_id_id", table)


def _make_table() -> None:
    """Both ends are of one company: each is known by its own id together with that."""
    for table in ENDS:
        op.create_index(f"uq_{table}_company_id_id", table, ["company_id", "id"], unique=True)
    op.create_table(
        ORIGIN,
        sa.Column("contribution_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", f"{table}_id"],
                [f"{table}.company_id", f"{table}.id"],
                name=op.f(f"fk_{ORIGIN}_company_id_{table}_id"),
            )
            for table in ENDS
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f(f"pk_{ORIGIN}")),
    )
    op.create_index(f"ix_{ORIGIN}_opportunity_id", ORIGIN, ["opportunity_id"])


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _for_good(columns: tuple[str, ...]) -> None:
    _when(*FOR_GOOD, f"OLD.struck_at IS NOT NULL OR {_differ(*columns)}")


def _when(name: str, table: str, condition: str) -> None:
    """Refuse an UPDATE that two versions of the row tell."""
    if _on_sqlite():
        _on_row(name, table, "UPDATE", condition)
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
    )


def _refuse(name: str, table: str, event: str, condition: str, waits: str) -> None:
    """On PostgreSQL whoever changes a stage waits for its contribution: only then is what others
    wrote all there."""
    if _on_sqlite():
        _on_row(name, table, event, condition)
        return
    lock = f"PERFORM 1 FROM {waits} FOR UPDATE; " if waits else ""
    op.execute(
        f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
        f"IF {condition} THEN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION refuse_{name}()"
    )


def _on_row(name: str, table: str, event: str, condition: str) -> None:
    said = condition.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    )


def _drop(trigger: str, table: str) -> None:
    on = "" if _on_sqlite() else f" ON {table}"
    op.execute(f"DROP TRIGGER {trigger}{on}")
