from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Interest
from crm.programme.models import Challenge

WANTED = "('interested', 'strong')"


def _dated(side: str) -> str:
    """Interest, once there is any word of it, has its day."""
    return f"({side}_interest = 'none yet') = ({side}_on IS NULL)"


class Area(db.Base):
    """An area of collaboration that is proposed: agreed once both sides want it, or dropped."""

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint(_dated("company"), name="company_on"),
        CheckConstraint(_dated("university"), name="university_on"),
        CheckConstraint(
            f"agreed_on IS NULL OR (company_interest IN {WANTED}"
            f" AND university_interest IN {WANTED})",
            name="both_sides",
        ),
        CheckConstraint("agreed_on >= proposed_on", name="order"),
        CheckConstraint("dropped_on >= proposed_on", name="dropped_after"),
        CheckConstraint("agreed_on IS NULL OR dropped_on IS NULL", name="one_end"),
        CheckConstraint("(dropped_on IS NULL) = (drop_reason IS NULL)", name="dropped_why"),
        Index("uq_area_partnership_id_id", "partnership_id", "id", unique=True),
    )
    __journal__ = "area"

    id: Mapped[db.pk]
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    title: Mapped[db.line]
    text: Mapped[str | None] = mapped_column(String(4000))
    """Faculty read it: no sums."""
    proposed_on: Mapped[db.day]
    company_interest: Mapped[Interest] = mapped_column(
        db.enum_by_value(Interest, "company_interest"), default=Interest.NONE
    )
    company_by: Mapped[db.optional_line]
    """Who of the company said so."""
    company_on: Mapped[date | None]
    university_interest: Mapped[Interest] = mapped_column(
        db.enum_by_value(Interest, "university_interest"), default=Interest.NONE
    )
    university_by: Mapped[db.optional_line]
    university_on: Mapped[date | None]
    agreed_on: Mapped[date | None]
    dropped_on: Mapped[date | None]
    drop_reason: Mapped[str | None] = mapped_column(String(500))
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    partnership: Mapped[Partnership] = relationship(lazy="raise_on_sql")
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="area_challenge", lazy="raise_on_sql", order_by="Challenge.number", viewonly=True
    )
    faculty: Mapped[list[Convened]] = relationship(
        secondary="area_faculty", lazy="raise_on_sql", order_by="Convened.id", viewonly=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("partnership", self.partnership_id)


class AreaChallenge(db.Base):
    """A grand challenge that an area is about."""

    __tablename__ = "area_challenge"
    __journal__ = "area_challenge"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("area", self.area_id)


class AreaFaculty(db.Base):
    """One of the convened of its partnership who is interested in an area."""

    __tablename__ = "area_faculty"
    __table_args__ = (
        ForeignKeyConstraint(["partnership_id", "area_id"], ["area.partnership_id", "area.id"]),
        ForeignKeyConstraint(
            ["partnership_id", "convened_id"], ["convened.partnership_id", "convened.id"]
        ),
    )
    __journal__ = "area_faculty"

    area_id: Mapped[int] = mapped_column(primary_key=True)
    convened_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    partnership_id: Mapped[int] = mapped_column(info={"unjournalled": True})
    """Of both: the area says it, and the database that it is one."""

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("area", self.area_id)
