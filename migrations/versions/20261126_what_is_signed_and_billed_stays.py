"""what is signed and billed stays

Acts on a term, issued invoices, credit notes, payments and what they settle: the database itself
refuses to change or delete them. What may still be told of an issued invoice (its number at the
finance office, what blocks it, how much of it is settled) is left open; so is what erasing a
person empties.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


APPENDED = (
    "extension", "amendment", "interruption", "instalment_reversal", "credit_note", "refund",
    "allocation", "finance_line",
)  # fmt: skip
INVOICE = (
    "way", "company_id", "membership_id", "number", "issued_on", "due_on", "currency", "net_minor",
    "tax_minor", "tax_basis_points", "bill_to_name", "bill_to_address", "po_number", "note",
)  # fmt: skip
PAYMENT = ("company_id", "received_on", "amount_minor", "currency", "bank_import_id")
AGREEMENT = ("membership_id", "version", "signed", "document_id", "added_on")
LINE = ("invoice_id", "position", "instalment_id", "description", "amount_minor")

# (name, table, event, when NEW/OLD ...): no other table is asked
REFUSED = (
    *((f"{table}_is_for_good", table, "UPDATE", "1 = 1") for table in APPENDED),
    *((f"{table}_stays", table, "DELETE", "1 = 1") for table in APPENDED),
    (
        "invoice_is_issued",
        "invoice",
        "UPDATE",
        f"OLD.issued_on IS NOT NULL AND {_differ(*INVOICE)}",
    ),
    ("invoice_stays", "invoice", "DELETE", "OLD.issued_on IS NOT NULL"),
    ("payment_is_for_good", "payment", "UPDATE", _differ(*PAYMENT)),
    (
        "payment_is_struck",
        "payment",
        "UPDATE",
        "OLD.struck_on IS NOT NULL AND NEW.struck_on IS NULL",
    ),
    ("payment_stays", "payment", "DELETE", "1 = 1"),
    ("agreement_is_for_good", "agreement", "UPDATE", _differ(*AGREEMENT)),
    ("agreement_stays", "agreement", "DELETE", "1 = 1"),
    ("counter_counts", "counter", "UPDATE", "NEW.last <> OLD.last + 1"),
    ("counter_stays", "counter", "DELETE", "1 = 1"),
)
ISSUED = "SELECT 1 FROM invoice WHERE id = {row}.invoice_id AND issued_on IS NOT NULL"
SIGNED = (
    "SELECT 1 FROM membership WHERE id = {row}.membership_id"
    " AND company_signed_on IS NOT NULL AND programme_signed_on IS NOT NULL"
)
SHARED = (
    "SELECT 1 FROM instalment JOIN membership ON membership.id = instalment.membership_id"
    " WHERE instalment.id = {row}.instalment_id"
    " AND company_signed_on IS NOT NULL AND programme_signed_on IS NOT NULL"
)
# (name, table, event, what is there, and when)
ASKING = (
    ("invoice_line_added", "invoice_line", "INSERT", ISSUED.format(row="NEW"), "1 = 1"),
    ("invoice_line_changed", "invoice_line", "UPDATE", ISSUED.format(row="OLD"), _differ(*LINE)),
    ("invoice_line_gone", "invoice_line", "DELETE", ISSUED.format(row="OLD"), "1 = 1"),
    ("year_fee_of_signed_changed", "year_fee", "UPDATE", SIGNED.format(row="OLD"), "1 = 1"),
    ("year_fee_of_signed_gone", "year_fee", "DELETE", SIGNED.format(row="OLD"), "1 = 1"),
    ("share_of_signed_changed", "instalment_share", "UPDATE", SHARED.format(row="OLD"), "1 = 1"),
    ("share_of_signed_gone", "instalment_share", "DELETE", SHARED.format(row="OLD"), "1 = 1"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, event, condition in REFUSED:
            _on_sqlite(name, table, event, condition)
        for name, table, event, there, condition in ASKING:
            _on_sqlite(name, table, event, f"EXISTS ({there}) AND {condition}")
        return
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    for name, table, event, there, condition in ASKING:
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({there}) THEN "
            "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
            "END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_{name}()"
        )


def _on_sqlite(name: str, table: str, event: str, condition: str) -> None:
    said = condition.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {said} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in (*REFUSED, *ASKING):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        for name, *_ in ASKING:
            op.execute(f"DROP FUNCTION refuse_{name}()")
