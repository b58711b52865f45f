"""terms change by acts; dues, invoices and payments; agreements as files

A year's fees and a term's extensions, amendments and interruptions are rows beside the term as it
was signed. What an instalment pays for which year is told by its shares: for those there are, all
of it for its year, or for a term paid in advance a year's fee each.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


FREQUENCIES = ("yearly", "half-yearly", "quarterly", "in-advance", "by-hand")
LENGTHS = {"covered_affiliates": 2000, "renewal_terms": 2000, "benefits_version": 60}


def _change_membership(
    frequencies: tuple[str, ...],
    *,
    add: tuple[sa.Column[Any], ...] = (),
    drop: tuple[str, ...] = (),
) -> None:
    """On SQLite the table is built anew: what triggers hang on it, or read it, come back after."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    triggers: list[Any] = []
    if sqlite:
        asked = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%membership%'"
        )
        triggers = list(op.get_bind().exec_driver_sql(asked).all())
        for name, _ in triggers:
            op.execute(f"DROP TRIGGER {name}")
    words = ", ".join(f"'{word}'" for word in frequencies)
    with op.batch_alter_table("membership") as table:
        table.drop_constraint(op.f("ck_membership_dues_frequency"), type_="check")
        table.create_check_constraint(
            op.f("ck_membership_dues_frequency"), f"dues_frequency IN ({words})"
        )
        for column in add:
            table.add_column(column)
            if column.name in LENGTHS:
                table.create_check_constraint(
                    op.f(f"ck_membership_{column.name}_length"),
                    f"length({column.name}) <= {LENGTHS[column.name]}",
                )
        for name in drop:
            if name in LENGTHS:
                table.drop_constraint(op.f(f"ck_membership_{name}_length"), type_="check")
            table.drop_column(name)
    for _, sql in triggers:
        op.execute(sql.replace(":", "\\:"))


def _share_known_instalments() -> None:
    op.execute(
        "INSERT INTO instalment_share (instalment_id, year, amount_minor) "
        "SELECT i.id, i.membership_year, i.amount_minor FROM instalment i "
        "JOIN membership m ON m.id = i.membership_id WHERE m.dues_frequency <> 'in-advance'"
    )
    for year in range(1, 11):
        op.execute(
            "INSERT INTO instalment_share (instalment_id, year, amount_minor) "
            f"SELECT i.id, {year}, m.fee_minor FROM instalment i "
            "JOIN membership m ON m.id = i.membership_id WHERE m.dues_frequency = 'in-advance' "
            f"AND m.fee_minor > 0 AND m.fee_minor * {year} <= i.amount_minor"
        )


def upgrade() -> None:
    op.create_table(
        "bank_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("undone_on", sa.Date(), nullable=True),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_bank_import_by_name_not_blank")),
        sa.CheckConstraint(
            "trim(file_name) != ''", name=op.f("ck_bank_import_file_name_not_blank")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_bank_import_by_name_length")),
        sa.CheckConstraint(
            "length(file_name) <= 200", name=op.f("ck_bank_import_file_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_import")),
    )
    op.create_table(
        "counter",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(series) != ''", name=op.f("ck_counter_series_not_blank")),
        sa.CheckConstraint("last >= 0", name=op.f("ck_counter_last")),
        sa.CheckConstraint("length(series) <= 20", name=op.f("ck_counter_series_length")),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_counter")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_document_by_name_not_blank")),
        sa.CheckConstraint("trim(file_name) != ''", name=op.f("ck_document_file_name_not_blank")),
        sa.CheckConstraint("trim(media_type) != ''", name=op.f("ck_document_media_type_not_blank")),
        sa.CheckConstraint("trim(sha256) != ''", name=op.f("ck_document_sha256_not_blank")),
        sa.CheckConstraint('length("key") <= 60', name=op.f("ck_document_key_length")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_document_by_name_length")),
        sa.CheckConstraint("length(file_name) <= 200", name=op.f("ck_document_file_name_length")),
        sa.CheckConstraint("length(media_type) <= 120", name=op.f("ck_document_media_type_length")),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_document_sha256_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
        sa.CheckConstraint("trim(\"key\") != ''", name=op.f("ck_document_key_not_blank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("key", name=op.f("uq_document_key")),
    )
    op.create_table(
        "finance_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_finance_statement_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "trim(file_name) != ''", name=op.f("ck_finance_statement_file_name_not_blank")
        ),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_finance_statement_by_name_length")
        ),
        sa.CheckConstraint(
            "length(file_name) <= 200", name=op.f("ck_finance_statement_file_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_statement")),
    )
    with op.batch_alter_table("finance_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_statement_month"), ["month"], unique=False)

    op.create_table(
        "finance_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("request_number", sa.String(length=40), nullable=True),
        sa.Column("finance_number", sa.String(length=60), nullable=True),
        sa.Column("company", sa.String(length=200), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("trim(currency) != ''", name=op.f("ck_finance_line_currency_not_blank")),
        sa.CheckConstraint("length(company) <= 200", name=op.f("ck_finance_line_company_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_finance_line_currency_length")),
        sa.CheckConstraint(
            "length(finance_number) <= 60", name=op.f("ck_finance_line_finance_number_length")
        ),
        sa.CheckConstraint(
            "length(request_number) <= 40", name=op.f("ck_finance_line_request_number_length")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["finance_statement.id"], name=op.f("fk_finance_line_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_line")),
        sa.UniqueConstraint("statement_id", "row", name=op.f("uq_finance_line_statement_id_row")),
    )
    op.create_table(
        "billing_profile",
        sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=1000), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("tax_number", sa.String(length=60), nullable=True),
        sa.Column("po_required", sa.Boolean(), nullable=False),
        sa.Column("po_number", sa.String(length=60), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("no_reminders_since", sa.Date(), nullable=True),
        sa.Column("no_reminders_reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(address) <= 1000", name=op.f("ck_billing_profile_address_length")
        ),
        sa.CheckConstraint("length(email) <= 320", name=op.f("ck_billing_profile_email_length")),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_billing_profile_name_length")),
        sa.CheckConstraint(
            "length(no_reminders_reason) <= 500",
            name=op.f("ck_billing_profile_no_reminders_reason_length"),
        ),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_billing_profile_note_length")),
        sa.CheckConstraint(
            "length(po_number) <= 60", name=op.f("ck_billing_profile_po_number_length")
        ),
        sa.CheckConstraint(
            "length(tax_number) <= 60", name=op.f("ck_billing_profile_tax_number_length")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_billing_profile_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_billing_profile")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("bank_import_id", sa.Integer(), nullable=True),
        sa.Column("bank_reference", sa.String(length=200), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_on", sa.Date(), nullable=True),
        sa.Column("struck_reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_payment_by_name_not_blank")),
        sa.CheckConstraint("trim(currency) != ''", name=op.f("ck_payment_currency_not_blank")),
        sa.CheckConstraint(
            "(struck_on IS NULL) = (struck_reason IS NULL)", name=op.f("ck_payment_struck_reason")
        ),
        sa.CheckConstraint(
            "allocated_minor >= 0 AND allocated_minor <= amount_minor",
            name=op.f("ck_payment_not_overspent"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint(
            "length(bank_reference) <= 200", name=op.f("ck_payment_bank_reference_length")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_payment_by_name_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_payment_currency_length")),
        sa.CheckConstraint("length(reference) <= 200", name=op.f("ck_payment_reference_length")),
        sa.CheckConstraint(
            "length(struck_reason) <= 500", name=op.f("ck_payment_struck_reason_length")
        ),
        sa.CheckConstraint(
            "struck_on IS NULL OR allocated_minor = 0", name=op.f("ck_payment_struck_is_free")
        ),
        sa.ForeignKeyConstraint(
            ["bank_import_id"], ["bank_import.id"], name=op.f("fk_payment_bank_import_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint(
            "bank_import_id",
            "bank_reference",
            name=op.f("uq_payment_bank_import_id_bank_reference"),
        ),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_company_id_received_on", ["company_id", "received_on"], unique=False
        )

    op.create_table(
        "refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_refund_by_name_not_blank")),
        sa.CheckConstraint("trim(currency) != ''", name=op.f("ck_refund_currency_not_blank")),
        sa.CheckConstraint("trim(reason) != ''", name=op.f("ck_refund_reason_not_blank")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_refund_by_name_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_refund_currency_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_refund_reason_length")),
        sa.CheckConstraint("length(reference) <= 200", name=op.f("ck_refund_reference_length")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_refund_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_company_id"), ["company_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("company_signatory", sa.String(length=200), nullable=True),
        sa.Column("programme_signatory", sa.String(length=200), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_agreement_by_name_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_agreement_by_name_length")),
        sa.CheckConstraint(
            "length(company_signatory) <= 200", name=op.f("ck_agreement_company_signatory_length")
        ),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_agreement_note_length")),
        sa.CheckConstraint(
            "length(programme_signatory) <= 200",
            name=op.f("ck_agreement_programme_signatory_length"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_agreement_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_agreement_membership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("document_id", name=op.f("uq_agreement_document_id")),
        sa.UniqueConstraint(
            "membership_id", "version", name=op.f("uq_agreement_membership_id_version")
        ),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("tier_id", sa.Integer(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("amended_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_amendment_by_name_not_blank")),
        sa.CheckConstraint("trim(reason) != ''", name=op.f("ck_amendment_reason_not_blank")),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_amendment_fee")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_amendment_by_name_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_amendment_reason_length")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_amendment_membership_id")
        ),
        sa.ForeignKeyConstraint(["tier_id"], ["tier.id"], name=op.f("fk_amendment_tier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_amendment_membership_id_from_on", ["membership_id", "from_on"], unique=False
        )

    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("extended_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_extension_by_name_not_blank")),
        sa.CheckConstraint("trim(reason) != ''", name=op.f("ck_extension_reason_not_blank")),
        sa.CheckConstraint("days >= 1", name=op.f("ck_extension_days")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_extension_by_name_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_extension_reason_length")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_extension_membership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_extension_membership_id"), ["membership_id"], unique=False
        )

    op.create_table(
        "interruption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("terminated_on", sa.Date(), nullable=False),
        sa.Column("termination_reason", sa.String(length=500), nullable=False),
        sa.Column("reinstated_on", sa.Date(), nullable=False),
        sa.Column("reinstatement_reason", sa.String(length=500), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_interruption_by_name_not_blank")),
        sa.CheckConstraint(
            "trim(reinstatement_reason) != ''",
            name=op.f("ck_interruption_reinstatement_reason_not_blank"),
        ),
        sa.CheckConstraint(
            "trim(termination_reason) != ''",
            name=op.f("ck_interruption_termination_reason_not_blank"),
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_interruption_by_name_length")),
        sa.CheckConstraint(
            "length(reinstatement_reason) <= 500",
            name=op.f("ck_interruption_reinstatement_reason_length"),
        ),
        sa.CheckConstraint(
            "length(termination_reason) <= 500",
            name=op.f("ck_interruption_termination_reason_length"),
        ),
        sa.CheckConstraint("reinstated_on > terminated_on", name=op.f("ck_interruption_order")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_interruption_membership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interruption")),
    )
    with op.batch_alter_table("interruption", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interruption_membership_id"), ["membership_id"], unique=False
        )

    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "central", "own", name="way", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_basis_points", sa.Integer(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("bill_to_name", sa.String(length=200), nullable=False),
        sa.Column("bill_to_address", sa.String(length=1000), nullable=True),
        sa.Column("bill_to_email", sa.String(length=320), nullable=True),
        sa.Column("po_number", sa.String(length=60), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("finance_number", sa.String(length=60), nullable=True),
        sa.Column("finance_invoiced_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column(
            "blocker",
            sa.Enum(
                "purchase order",
                "supplier onboarding",
                "tax form",
                "dispute",
                name="blocker",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("blocker_note", sa.String(length=500), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "trim(bill_to_name) != ''", name=op.f("ck_invoice_bill_to_name_not_blank")
        ),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_invoice_by_name_not_blank")),
        sa.CheckConstraint("trim(currency) != ''", name=op.f("ck_invoice_currency_not_blank")),
        sa.CheckConstraint(
            "(number IS NULL) = (issued_on IS NULL)", name=op.f("ck_invoice_issued_has_number")
        ),
        sa.CheckConstraint("currency = upper(currency)", name=op.f("ck_invoice_currency_upper")),
        sa.CheckConstraint(
            "length(bill_to_address) <= 1000", name=op.f("ck_invoice_bill_to_address_length")
        ),
        sa.CheckConstraint(
            "length(bill_to_email) <= 320", name=op.f("ck_invoice_bill_to_email_length")
        ),
        sa.CheckConstraint(
            "length(bill_to_name) <= 200", name=op.f("ck_invoice_bill_to_name_length")
        ),
        sa.CheckConstraint(
            "length(blocker_note) <= 500", name=op.f("ck_invoice_blocker_note_length")
        ),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_invoice_by_name_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_invoice_currency_length")),
        sa.CheckConstraint(
            "length(finance_number) <= 60", name=op.f("ck_invoice_finance_number_length")
        ),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_invoice_note_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_invoice_number_length")),
        sa.CheckConstraint("length(po_number) <= 60", name=op.f("ck_invoice_po_number_length")),
        sa.CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name=op.f("ck_invoice_sums")),
        sa.CheckConstraint(
            "paid_minor + credited_minor <= net_minor + tax_minor",
            name=op.f("ck_invoice_not_overpaid"),
        ),
        sa.CheckConstraint(
            "paid_minor >= 0 AND credited_minor >= 0", name=op.f("ck_invoice_settled_order")
        ),
        sa.CheckConstraint("tax_basis_points BETWEEN 0 AND 10000", name=op.f("ck_invoice_tax")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_company_id")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_invoice_membership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("finance_number", name=op.f("uq_invoice_finance_number")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoice_company_id_issued_on", ["company_id", "issued_on"], unique=False
        )
        batch_op.create_index("ix_invoice_issued_on_due_on", ["issued_on", "due_on"], unique=False)
        batch_op.create_index("ix_invoice_membership_id", ["membership_id"], unique=False)

    op.create_table(
        "year_fee",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_year_fee_fee")),
        sa.CheckConstraint("year >= 1", name=op.f("ck_year_fee_year")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_year_fee_membership_id")
        ),
        sa.PrimaryKeyConstraint("membership_id", "year", name=op.f("pk_year_fee")),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("refund_id", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("allocated_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_allocation_by_name_not_blank")),
        sa.CheckConstraint(
            "(invoice_id IS NULL) <> (refund_id IS NULL)", name=op.f("ck_allocation_one_target")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_allocation_amount")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_allocation_by_name_length")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_allocation_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_allocation_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index("ix_allocation_invoice_id", ["invoice_id"], unique=False)
        batch_op.create_index("ix_allocation_payment_id", ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocation_refund_id"), ["refund_id"], unique=False)

    op.create_table(
        "credit_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "credit",
                "void",
                "write-off",
                name="credit_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_credit_note_by_name_not_blank")),
        sa.CheckConstraint("trim(number) != ''", name=op.f("ck_credit_note_number_not_blank")),
        sa.CheckConstraint("trim(reason) != ''", name=op.f("ck_credit_note_reason_not_blank")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credit_note_amount")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_credit_note_by_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_credit_note_number_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_credit_note_reason_length")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_credit_note_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_note_number")),
    )
    with op.batch_alter_table("credit_note", schema=None) as batch_op:
        batch_op.create_index("ix_credit_note_invoice_id", ["invoice_id"], unique=False)

    op.create_table(
        "instalment_reversal",
        sa.Column("instalment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_instalment_reversal_by_name_not_blank")
        ),
        sa.CheckConstraint(
            "trim(reason) != ''", name=op.f("ck_instalment_reversal_reason_not_blank")
        ),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_instalment_reversal_by_name_length")
        ),
        sa.CheckConstraint(
            "length(reason) <= 500", name=op.f("ck_instalment_reversal_reason_length")
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"], ["instalment.id"], name=op.f("fk_instalment_reversal_instalment_id")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_instalment_reversal_membership_id")
        ),
        sa.PrimaryKeyConstraint("instalment_id", name=op.f("pk_instalment_reversal")),
    )
    with op.batch_alter_table("instalment_reversal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_instalment_reversal_membership_id"), ["membership_id"], unique=False
        )

    op.create_table(
        "instalment_share",
        sa.Column("instalment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_instalment_share_amount")),
        sa.CheckConstraint("year >= 1", name=op.f("ck_instalment_share_year")),
        sa.ForeignKeyConstraint(
            ["instalment_id"], ["instalment.id"], name=op.f("fk_instalment_share_instalment_id")
        ),
        sa.PrimaryKeyConstraint("instalment_id", "year", name=op.f("pk_instalment_share")),
    )
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("instalment_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "trim(description) != ''", name=op.f("ck_invoice_line_description_not_blank")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_invoice_line_amount")),
        sa.CheckConstraint(
            "length(description) <= 500", name=op.f("ck_invoice_line_description_length")
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"], ["instalment.id"], name=op.f("fk_invoice_line_instalment_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint(
            "invoice_id", "position", name=op.f("uq_invoice_line_invoice_id_position")
        ),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index(
            "uq_invoice_line_instalment",
            ["instalment_id"],
            unique=True,
            sqlite_where=sa.text("NOT released"),
            postgresql_where=sa.text("NOT released"),
        )

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("to", sa.String(length=320), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_reminder_by_name_not_blank")),
        sa.CheckConstraint('length("to") <= 320', name=op.f("ck_reminder_to_length")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_reminder_by_name_length")),
        sa.CheckConstraint("step >= 1", name=op.f("ck_reminder_step")),
        sa.CheckConstraint("trim(\"to\") != ''", name=op.f("ck_reminder_to_not_blank")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("invoice_id", "step", name=op.f("uq_reminder_invoice_id_step")),
    )
    _change_membership(
        FREQUENCIES,
        add=(
            sa.Column("extended_before", sa.Date(), nullable=True),
            sa.Column("notice_days", sa.Integer(), nullable=True),
            sa.Column("logo_permission", sa.Boolean(), nullable=True),
            sa.Column("covered_affiliates", sa.String(length=2000), nullable=True),
            sa.Column("renewal_terms", sa.String(length=2000), nullable=True),
            sa.Column("benefits_version", sa.String(length=60), nullable=True),
        ),
    )
    _share_known_instalments()


def downgrade() -> None:
    _change_membership(
        FREQUENCIES[:-1],
        drop=(
            "benefits_version",
            "renewal_terms",
            "covered_affiliates",
            "logo_permission",
            "notice_days",
            "extended_before",
        ),
    )

    op.drop_table("reminder")
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invoice_line_instalment",
            sqlite_where=sa.text("NOT released"),
            postgresql_where=sa.text("NOT released"),
        )

    op.drop_table("invoice_line")
    op.drop_table("instalment_share")
    with op.batch_alter_table("instalment_reversal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instalment_reversal_membership_id"))

    op.drop_table("instalment_reversal")
    with op.batch_alter_table("credit_note", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_note_invoice_id")

    op.drop_table("credit_note")
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allocation_refund_id"))
        batch_op.drop_index("ix_allocation_payment_id")
        batch_op.drop_index("ix_allocation_invoice_id")

    op.drop_table("allocation")
    op.drop_table("year_fee")
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_index("ix_invoice_membership_id")
        batch_op.drop_index("ix_invoice_issued_on_due_on")
        batch_op.drop_index("ix_invoice_company_id_issued_on")

    op.drop_table("invoice")
    with op.batch_alter_table("interruption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interruption_membership_id"))

    op.drop_table("interruption")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extension_membership_id"))

    op.drop_table("extension")
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index("ix_amendment_membership_id_from_on")

    op.drop_table("amendment")
    op.drop_table("agreement")
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_company_id"))

    op.drop_table("refund")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_company_id_received_on")

    op.drop_table("payment")
    op.drop_table("billing_profile")
    op.drop_table("finance_line")
    with op.batch_alter_table("finance_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_statement_month"))

    op.drop_table("finance_statement")
    op.drop_table("document")
    op.drop_table("counter")
    op.drop_table("bank_import")
