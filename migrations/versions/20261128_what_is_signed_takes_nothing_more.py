"""what is signed takes nothing more, and nothing is settled before it is there

A signed term stays as it was signed in all but its end: extending, terminating and reinstating
write `extended_before`, `occupied_before`, `terminated_on` and its reason. Its years' fees come
before the signatures. An instalment takes no share beyond its amount, and none once it is billed
or reversed. Who issued an invoice and who recorded a payment stays, as the same hands may not do
both. A line let go by voiding is not taken again. What settles or takes back something is never
dated before it.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


TERM = (
    "company_id", "tier_id", "founding", "starts_on", "ends_before", "fee_minor", "currency",
    "dues_frequency", "company_signed_on", "programme_signed_on", "withdrawn_on",
)  # fmt: skip
PAPER = (
    "grace_days", "grace_votes", "agreement_number", "notice_days", "logo_permission",
    "covered_affiliates", "renewal_terms", "benefits_version", "drafted_on", "released_on",
    "withdrawal_reason", "predecessor_id", "created_at",
)  # fmt: skip
INVOICE = (
    "way", "company_id", "membership_id", "number", "issued_on", "due_on", "currency", "net_minor",
    "tax_minor", "tax_basis_points", "bill_to_name", "bill_to_address", "po_number", "note",
)  # fmt: skip
PAYMENT = ("company_id", "received_on", "amount_minor", "currency", "bank_import_id")
SIGNED = "OLD.company_signed_on IS NOT NULL AND OLD.programme_signed_on IS NOT NULL"
BY = ("created_at", "by_name")

# (name, table, when NEW/OLD …, and as it was): an update that one row is enough to refuse
CHANGED = (
    (
        "membership_is_signed",
        "membership",
        f"{SIGNED} AND {_differ(*TERM, *PAPER)}",
        f"{SIGNED} AND {_differ(*TERM)}",
    ),
    (
        "invoice_is_issued",
        "invoice",
        f"OLD.issued_on IS NOT NULL AND {_differ(*INVOICE, 'issued_by_id', *BY)}",
        f"OLD.issued_on IS NOT NULL AND {_differ(*INVOICE)}",
    ),
    (
        "payment_is_for_good",
        "payment",
        _differ(*PAYMENT, "recorded_by_id", *BY),
        _differ(*PAYMENT),
    ),
    ("invoice_line_is_let_go", "invoice_line", "OLD.released AND NOT NEW.released", None),
)
SIGNED_TERM = (
    "SELECT 1 FROM membership WHERE id = NEW.membership_id"
    " AND company_signed_on IS NOT NULL AND programme_signed_on IS NOT NULL"
)
FULL = (
    "SELECT 1 FROM instalment JOIN membership ON membership.id = instalment.membership_id"
    " WHERE instalment.id = NEW.instalment_id"
    " AND company_signed_on IS NOT NULL AND programme_signed_on IS NOT NULL"
    " AND (instalment.amount_minor < NEW.amount_minor + (SELECT coalesce(sum(amount_minor), 0)"
    " FROM instalment_share WHERE instalment_id = NEW.instalment_id)"
    " OR EXISTS (SELECT 1 FROM invoice_line"
    " WHERE instalment_id = NEW.instalment_id AND NOT released)"
    " OR EXISTS (SELECT 1 FROM instalment_reversal WHERE instalment_id = NEW.instalment_id))"
)
NOT_YET_RECEIVED = (
    "SELECT 1 FROM payment WHERE id = NEW.payment_id AND received_on > NEW.allocated_on"
)
NOT_YET_ISSUED = (
    "SELECT 1 FROM invoice WHERE id = NEW.invoice_id"
    " AND (issued_on IS NULL OR issued_on > NEW.{on})"
)
# (name, table, what is there): inserts that are refused
ADDED = (
    ("year_fee_of_signed_added", "year_fee", SIGNED_TERM),
    ("share_of_signed_added", "instalment_share", FULL),
    ("allocation_before_payment", "allocation", NOT_YET_RECEIVED),
    ("allocation_before_invoice", "allocation", NOT_YET_ISSUED.format(on="allocated_on")),
    ("credit_note_before_invoice", "credit_note", NOT_YET_ISSUED.format(on="issued_on")),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, condition, before in CHANGED:
        if before is not None:
            _drop(name, table)
        _refuse_update(name, table, condition)
    for name, table, there in ADDED:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN EXISTS ({there}) "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({there}) THEN "
            "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
            "END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_{name}()"
        )


def downgrade() -> None:
    for name, table, _ in ADDED:
        _drop(name, table)
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION refuse_{name}()")
    for name, table, _, before in CHANGED:
        _drop(name, table)
        if before is not None:
            _refuse_update(name, table, before)


def _refuse_update(name: str, table: str, condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        said = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {said} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
    )


def _drop(name: str, table: str) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
