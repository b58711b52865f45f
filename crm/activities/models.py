from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import UserAccount
from crm.activities.rules import Shown, Stake, TouchKind
from crm.companies.models import Company
from crm.kit import db
from crm.kit.periods import Period
from crm.people.models import Person


class Touch(db.Base):
    """A contact report: a meeting, call, mail, visit or note with a company, by whom, when.

    Visible to everyone with an account, so that no two approach a company unaware of each
    other. Confidential ones are for their author, directors and staff. A mistaken one is
    struck out (`struck_at`), not deleted.
    """

    __tablename__ = "touch"
    __table_args__ = (
        Index("ix_touch_company_id_on", "company_id", "on", "id"),
        Index("ix_touch_by_id_on", "by_id", "on"),
    )
    __journal__ = "touch"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    kind: Mapped[TouchKind] = mapped_column(db.enum_by_value(TouchKind, "kind"))
    on: Mapped[db.day]
    text: Mapped[str] = mapped_column(String(20_000), info={"personal": True})
    shown: Mapped[Shown] = mapped_column(db.enum_by_value(Shown, "shown"), default=Shown.IN_FULL)
    confidential: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    by: Mapped[UserAccount] = relationship(lazy="raise_on_sql")
    people: Mapped[list[Person]] = relationship(
        secondary="touch_person", lazy="raise_on_sql", order_by="Person.name_key"
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("touch", self.id)


class TouchPerson(db.Base):
    """A person of the company who took part in a contact."""

    __tablename__ = "touch_person"

    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class Task(db.Base):
    """A next step with a day and an owner. Open → done (`done_on`) or dropped (`dropped_on`)."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("done_on IS NULL OR dropped_on IS NULL", name="one_end"),
        Index("ix_task_owner_id_due_on", "owner_id", "done_on", "due_on"),
        Index("ix_task_company_id", "company_id", "done_on"),
    )
    __journal__ = "task"

    id: Mapped[db.pk]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    title: Mapped[db.line]
    due_on: Mapped[db.day]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str | None] = mapped_column(String(4000))
    done_on: Mapped[date | None]
    dropped_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")
    owner: Mapped[UserAccount] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int] | None:
        return None if self.company_id is None else ("company", self.company_id)


class Clearance(db.Base):
    """Leave from the central corporate-relations office to approach a company, until a day."""

    __tablename__ = "clearance"
    __table_args__ = (CheckConstraint("ends_before >= starts_on", name="order"),)
    __journal__ = "clearance"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    granted_by: Mapped[db.line]
    purpose: Mapped[db.line]
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(4000))
    created_at: Mapped[datetime]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Interest(db.Base):
    """A stake of a person in a company, declared, from–to: shown where its matters are decided.

    Somebody's at the university, mostly; of a company's people, one in another company.
    """

    __tablename__ = "interest"
    __table_args__ = (CheckConstraint("ends_before > starts_on", name="order"),)
    __journal__ = "interest"

    id: Mapped[db.pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    stake: Mapped[Stake] = mapped_column(db.enum_by_value(Stake, "stake"))
    note: Mapped[str | None] = mapped_column(String(1000), info={"personal": True})
    """In the words of whoever declares it, such as the share. For who keeps the records."""
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    declared_on: Mapped[db.day]
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("person", self.person_id)
