"""ballots

What is put to a body, and who votes. Once a ballot is open, its terms, options and electors stay;
a vote is cast once, by who is not recused, before the close, and stays as it was cast.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def _differ(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


TERMS = (
    "body_id", "title", "text", "kind", "method", "threshold", "quorum_percent", "quorum_of",
    "recused_leave", "closes_at", "zone", "results_shown", "names_shown", "opened_at", "created_at",
)  # fmt: skip
# (name, table, event, when NEW/OLD ...): no other table is asked. What erasing a person empties
# (names, addresses, comments) may still be emptied.
REFUSED = (
    ("ballot_is_open", "ballot", "UPDATE", f"OLD.opened_at IS NOT NULL AND {_differ(*TERMS)}"),
    ("ballot_stays", "ballot", "DELETE", "OLD.opened_at IS NOT NULL"),
    (
        "ballot_is_withdrawn",
        "ballot",
        "UPDATE",
        "OLD.withdrawn_at IS NOT NULL"
        f" AND {_differ('withdrawn_at', 'withdrawal_reason', 'opened_at')}",
    ),
    (
        "ballot_is_closed",
        "ballot",
        "UPDATE",
        "OLD.opened_at IS NOT NULL AND OLD.withdrawn_at IS NULL"
        " AND NEW.withdrawn_at >= OLD.closes_at",
    ),
    (
        "elector_is_frozen",
        "elector",
        "UPDATE",
        _differ("ballot_id", "company_id", "company_name", "person_id", "part", "weight")
        + f" OR ({_differ('person_name', 'email')} AND NEW.email IS NOT NULL)",
    ),
    ("recusal_is_for_good", "recusal", "UPDATE", _differ("elector_id", "noted_at", "by_name")),
    ("recusal_stays", "recusal", "DELETE", "1 = 1"),
    ("declared_interest_stays", "declared_interest", "DELETE", "1 = 1"),
    ("ballot_link_is_used", "ballot_link", "UPDATE", "OLD.used_at IS NOT NULL"),
    ("vote_is_cast", "vote", "UPDATE", "1 = 1"),
    ("vote_stays", "vote", "DELETE", "1 = 1"),
    (
        "vote_choice_is_cast",
        "vote_choice",
        "UPDATE",
        f"{_differ('vote_id', 'option_id', 'place')}"
        " OR (NEW.comment IS DISTINCT FROM OLD.comment AND NEW.comment IS NOT NULL)",
    ),
    ("vote_choice_stays", "vote_choice", "DELETE", "1 = 1"),
)
OPENED = "SELECT 1 FROM ballot WHERE id = {row}.ballot_id AND opened_at IS NOT NULL"
NOT_OPEN = (
    "SELECT 1 FROM elector JOIN ballot ON ballot.id = elector.ballot_id"
    " WHERE elector.id = NEW.elector_id AND (opened_at IS NULL OR withdrawn_at IS NOT NULL"
    " OR NEW.{at} < opened_at OR NEW.{at} >= closes_at OR EXISTS ({who}))"
)
RECUSED = "SELECT 1 FROM recusal WHERE recusal.elector_id = NEW.elector_id"
VOTED = "SELECT 1 FROM vote WHERE vote.elector_id = NEW.elector_id"
NO_FIT = (
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vote"
    " JOIN elector ON elector.id = vote.elector_id"
    " JOIN ballot ON ballot.id = elector.ballot_id"
    " JOIN ballot_option ON ballot_option.ballot_id = ballot.id"
    " WHERE vote.id = NEW.vote_id AND ballot_option.id = NEW.option_id AND NOT vote.abstains"
    " AND (ballot.kind = 'rank proposals' OR NEW.place = 1))"
)
# (name, table, event, what is there)
ASKING = (
    ("ballot_option_added", "ballot_option", "INSERT", OPENED.format(row="NEW")),
    ("ballot_option_changed", "ballot_option", "UPDATE", OPENED.format(row="OLD")),
    ("ballot_option_gone", "ballot_option", "DELETE", OPENED.format(row="OLD")),
    ("elector_added", "elector", "INSERT", OPENED.format(row="NEW")),
    ("elector_gone", "elector", "DELETE", OPENED.format(row="OLD")),
    ("vote_not_open", "vote", "INSERT", NOT_OPEN.format(at="cast_at", who=RECUSED)),
    ("vote_choice_does_not_fit", "vote_choice", "INSERT", NO_FIT),
    ("recusal_too_late", "recusal", "INSERT", NOT_OPEN.format(at="noted_at", who=VOTED)),
)


def upgrade() -> None:
    op.create_table(
        "ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=20000), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "yes or no",
                "choose one",
                "rank proposals",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "yes against no",
                "most votes",
                "Borda points",
                "pairwise, else Borda points",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "threshold",
            sa.Enum(
                "the most votes",
                "more than half of the votes cast",
                "two thirds of the votes cast",
                "more than half of all electors",
                name="threshold",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quorum_percent", sa.Integer(), nullable=False),
        sa.Column(
            "quorum_of",
            sa.Enum(
                "electors",
                "weight",
                name="quorum_of",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recused_leave", sa.Boolean(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column(
            "results_shown",
            sa.Enum(
                "as votes come in",
                "after the close",
                "to the office only",
                name="results_shown",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("names_shown", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("trim(title) != ''", name=op.f("ck_ballot_title_not_blank")),
        sa.CheckConstraint("trim(zone) != ''", name=op.f("ck_ballot_zone_not_blank")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
            name=op.f("ck_ballot_withdrawal_reason"),
        ),
        sa.CheckConstraint("length(text) <= 20000", name=op.f("ck_ballot_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_ballot_title_length")),
        sa.CheckConstraint(
            "length(withdrawal_reason) <= 500", name=op.f("ck_ballot_withdrawal_reason_length")
        ),
        sa.CheckConstraint("length(zone) <= 60", name=op.f("ck_ballot_zone_length")),
        sa.CheckConstraint("opened_at < closes_at", name=op.f("ck_ballot_order")),
        sa.CheckConstraint("quorum_percent BETWEEN 0 AND 100", name=op.f("ck_ballot_quorum")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_ballot_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
    )
    op.create_index("ix_ballot_body_id_closes_at", "ballot", ["body_id", "closes_at"])
    op.create_index("ix_ballot_closes_at", "ballot", ["closes_at"])

    op.create_table(
        "ballot_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.CheckConstraint("trim(name) != ''", name=op.f("ck_ballot_option_name_not_blank")),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_ballot_option_name_length")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_ballot_option_note_length")),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_option_ballot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_option")),
        sa.UniqueConstraint(
            "ballot_id", "position", name=op.f("uq_ballot_option_ballot_id_position")
        ),
    )
    op.create_table(
        "elector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("company_name", sa.String(length=200), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
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
            nullable=False,
        ),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "trim(person_name) != ''", name=op.f("ck_elector_person_name_not_blank")
        ),
        sa.CheckConstraint(
            "length(company_name) <= 200", name=op.f("ck_elector_company_name_length")
        ),
        sa.CheckConstraint("length(email) <= 320", name=op.f("ck_elector_email_length")),
        sa.CheckConstraint(
            "length(person_name) <= 200", name=op.f("ck_elector_person_name_length")
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_elector_weight")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_elector_ballot_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_elector_company_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_elector_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elector")),
        sa.UniqueConstraint(
            "ballot_id", "company_id", name=op.f("uq_elector_ballot_id_company_id")
        ),
    )
    op.create_index(op.f("ix_elector_company_id"), "elector", ["company_id"])
    op.create_index(op.f("ix_elector_person_id"), "elector", ["person_id"])
    op.create_index(
        "uq_elector_ballot_id_person",
        "elector",
        ["ballot_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("company_id IS NULL"),
        postgresql_where=sa.text("company_id IS NULL"),
    )

    op.create_table(
        "ballot_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("elector_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "trim(token_hash) != ''", name=op.f("ck_ballot_link_token_hash_not_blank")
        ),
        sa.CheckConstraint(
            "length(token_hash) <= 64", name=op.f("ck_ballot_link_token_hash_length")
        ),
        sa.ForeignKeyConstraint(
            ["elector_id"], ["elector.id"], name=op.f("fk_ballot_link_elector_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_ballot_link")),
    )
    op.create_index(op.f("ix_ballot_link_elector_id"), "ballot_link", ["elector_id"])

    op.create_table(
        "declared_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elector_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "trim(by_name) != ''", name=op.f("ck_declared_interest_by_name_not_blank")
        ),
        sa.CheckConstraint("trim(what) != ''", name=op.f("ck_declared_interest_what_not_blank")),
        sa.CheckConstraint(
            "length(by_name) <= 200", name=op.f("ck_declared_interest_by_name_length")
        ),
        sa.CheckConstraint("length(what) <= 500", name=op.f("ck_declared_interest_what_length")),
        sa.ForeignKeyConstraint(
            ["elector_id"], ["elector.id"], name=op.f("fk_declared_interest_elector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_interest")),
    )
    op.create_index(op.f("ix_declared_interest_elector_id"), "declared_interest", ["elector_id"])

    op.create_table(
        "recusal",
        sa.Column("elector_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("trim(by_name) != ''", name=op.f("ck_recusal_by_name_not_blank")),
        sa.CheckConstraint("trim(reason) != ''", name=op.f("ck_recusal_reason_not_blank")),
        sa.CheckConstraint("length(by_name) <= 200", name=op.f("ck_recusal_by_name_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_recusal_reason_length")),
        sa.ForeignKeyConstraint(["elector_id"], ["elector.id"], name=op.f("fk_recusal_elector_id")),
        sa.PrimaryKeyConstraint("elector_id", name=op.f("pk_recusal")),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elector_id", sa.Integer(), nullable=False),
        sa.Column("abstains", sa.Boolean(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "personal link",
                "signed in",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["elector_id"], ["elector.id"], name=op.f("fk_vote_elector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("elector_id", name=op.f("uq_vote_elector_id")),
    )
    op.create_table(
        "vote_choice",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=1000), nullable=True),
        sa.CheckConstraint("length(comment) <= 1000", name=op.f("ck_vote_choice_comment_length")),
        sa.CheckConstraint("place > 0", name=op.f("ck_vote_choice_place")),
        sa.ForeignKeyConstraint(
            ["option_id"], ["ballot_option.id"], name=op.f("fk_vote_choice_option_id")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_vote_choice_vote_id")),
        sa.PrimaryKeyConstraint("vote_id", "option_id", name=op.f("pk_vote_choice")),
        sa.UniqueConstraint("vote_id", "place", name=op.f("uq_vote_choice_vote_id_place")),
    )

    _refuse()


def _refuse() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, event, condition in REFUSED:
            _on_sqlite(name, table, event, condition)
        for name, table, event, there in ASKING:
            _on_sqlite(name, table, event, f"EXISTS ({there})")
        return
    for name, table, event, condition in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    for name, table, event, there in ASKING:
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({there}) THEN "
            "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
            "END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_{name}()"
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
    for table in (
        "vote_choice", "vote", "recusal", "declared_interest", "ballot_link", "elector",
        "ballot_option", "ballot",
    ):  # fmt: skip
        op.drop_table(table)
