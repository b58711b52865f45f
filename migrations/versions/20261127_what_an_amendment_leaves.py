"""an amendment may leave the fees as they are

One that changes the tier alone has no fee of its own: fees that rise by year go on rising. What
was amended before carries a fee, and keeps it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# What revision 0005 refuses; SQLite loses them when the table is rebuilt.
REFUSED = (("amendment_is_for_good", "UPDATE"), ("amendment_stays", "DELETE"))
# A year's fee as it was just before: as amended, else as agreed for the year or for the term.
FEE_BEFORE = """
    UPDATE amendment SET fee_minor = COALESCE(
        (SELECT earlier.fee_minor FROM amendment AS earlier
         WHERE earlier.membership_id = amendment.membership_id AND earlier.fee_minor IS NOT NULL
           AND (earlier.from_on < amendment.from_on
                OR earlier.from_on = amendment.from_on AND earlier.id < amendment.id)
         ORDER BY earlier.from_on DESC, earlier.id DESC LIMIT 1),
        (SELECT year_fee.fee_minor FROM year_fee
         JOIN membership ON membership.id = year_fee.membership_id
         WHERE year_fee.membership_id = amendment.membership_id
           AND (year_fee.year = 1 OR year_fee.year <= {years_begun})
         ORDER BY year_fee.year DESC LIMIT 1),
        (SELECT membership.fee_minor FROM membership
         WHERE membership.id = amendment.membership_id))
    WHERE fee_minor IS NULL
"""
YEARS_BEGUN = {
    "sqlite": (
        "strftime('%Y', amendment.from_on) - strftime('%Y', membership.starts_on)"
        " + (strftime('%m%d', amendment.from_on) >= strftime('%m%d', membership.starts_on))"
    ),
    "postgresql": (
        "extract(year FROM amendment.from_on) - extract(year FROM membership.starts_on)"
        " + (to_char(amendment.from_on, 'MMDD') >= to_char(membership.starts_on, 'MMDD'))::int"
    ),
}


def upgrade() -> None:
    _set_nullable(True)
    if op.get_bind().dialect.name == "sqlite":
        _refuse_again()


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    fill = FEE_BEFORE.format(years_begun=YEARS_BEGUN[dialect])
    if dialect == "sqlite":
        op.execute("DROP TRIGGER amendment_is_for_good")
        op.execute(fill)
        _set_nullable(False)
        _refuse_again()
        return
    op.execute("ALTER TABLE amendment DISABLE TRIGGER amendment_is_for_good")
    op.execute(fill)
    op.execute("ALTER TABLE amendment ENABLE TRIGGER amendment_is_for_good")
    _set_nullable(False)


def _set_nullable(nullable: bool) -> None:
    with op.batch_alter_table("amendment") as batch_op:
        batch_op.alter_column("fee_minor", existing_type=sa.BigInteger(), nullable=nullable)


def _refuse_again() -> None:
    for name, event in REFUSED:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON amendment WHEN 1 = 1 "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
