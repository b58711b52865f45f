"""whose people

An area names faculty who were convened in its own partnership, and a benefit was had by people who
were at the company on the day. Faculty of another partnership, whom no page ever offered, are taken
off their area; the journal keeps that they were named.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

WAS_THERE = "benefit_use_person_was_there"
AT_THE_COMPANY = (
    'SELECT 1 FROM benefit_use AS had JOIN affiliation AS work ON work.company_id = had.company_id'
    ' WHERE had.id = NEW.benefit_use_id AND work.person_id = NEW.person_id'
    ' AND (work.starts_on IS NULL OR work.starts_on <= had."on")'
    ' AND (work.ends_before IS NULL OR work.ends_before > had."on")'
)  # fmt: skip
OF_THE_SAME = (
    "SELECT 1 FROM area JOIN convened ON convened.partnership_id = area.partnership_id"
    " WHERE area.id = area_faculty.area_id AND convened.id = area_faculty.convened_id"
)


def upgrade() -> None:
    op.drop_index(op.f("ix_area_partnership_id"), "area")
    for name in ("area", "convened"):
        op.create_index(f"uq_{name}_partnership_id_id", name, ["partnership_id", "id"], unique=True)
    op.execute(f"DELETE FROM area_faculty WHERE NOT EXISTS ({OF_THE_SAME})")
    with op.batch_alter_table("area_faculty") as table:
        table.add_column(sa.Column("partnership_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE area_faculty SET partnership_id ="
        " (SELECT partnership_id FROM area WHERE area.id = area_faculty.area_id)"
    )
    with op.batch_alter_table("area_faculty") as table:
        table.alter_column("partnership_id", existing_type=sa.Integer(), nullable=False)
        for other in ("area", "convened"):
            table.drop_constraint(op.f(f"fk_area_faculty_{other}_id"), type_="foreignkey")
            table.create_foreign_key(
                op.f(f"fk_area_faculty_partnership_id_{other}_id"),
                other,
                ["partnership_id", f"{other}_id"],
                ["partnership_id", "id"],
            )
    _refuse_strangers()


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {WAS_THERE}" + ("" if on_sqlite else " ON benefit_use_person"))
    if not on_sqlite:
        op.execute(f"DROP FUNCTION refuse_{WAS_THERE}()")
    with op.batch_alter_table("area_faculty") as table:
        for other in ("area", "convened"):
            table.drop_constraint(
                op.f(f"fk_area_faculty_partnership_id_{other}_id"), type_="foreignkey"
            )
            table.create_foreign_key(
                op.f(f"fk_area_faculty_{other}_id"), other, [f"{other}_id"], ["id"]
            )
        table.drop_column("partnership_id")
    for name in ("area", "convened"):
        op.drop_index(f"uq_{name}_partnership_id_id", name)
    op.create_index(op.f("ix_area_partnership_id"), "area", ["partnership_id"])


def _refuse_strangers() -> None:
    """When somebody is named; whoever is found later to have left before stays named."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {WAS_THERE} BEFORE INSERT ON benefit_use_person "
            f"WHEN NOT EXISTS ({AT_THE_COMPANY}) BEGIN SELECT RAISE(ABORT, '{WAS_THERE}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION refuse_{WAS_THERE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS ({AT_THE_COMPANY}) THEN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_NAME; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {WAS_THERE} BEFORE INSERT ON benefit_use_person FOR EACH ROW "
        f"EXECUTE FUNCTION refuse_{WAS_THERE}()"
    )
