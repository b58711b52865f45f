from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.partnerships.models import Contribution
from crm.projects.models import Project


class ContributionUse(db.Base):
    """That a project, a course perhaps, uses a contribution, half-open in time.

    It begins once that is delivered, and ends with it whatever is written: a use without an end
    ends on the day of its return. The database refuses one project twice at a time.
    """

    __tablename__ = "contribution_use"
    __table_args__ = (CheckConstraint("ends_before > starts_on", name="order"),)
    __journal__ = "contribution_use"

    id: Mapped[db.pk]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(500))
    """What for; whoever reads engagements reads this."""
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    contribution: Mapped[Contribution] = relationship(lazy="raise_on_sql")
    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("contribution", self.contribution_id)
