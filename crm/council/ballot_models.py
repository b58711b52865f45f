from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.council.ballot_rules import (
    BallotKind,
    BallotStatus,
    CountMethod,
    QuorumOf,
    ResultsShown,
    Threshold,
    Way,
    status_at,
)
from crm.council.models import Body
from crm.council.participants import Part
from crm.kit import db
from crm.people.models import Person

PERSONAL = {"personal": True}


class Ballot(db.Base):
    """A question put to a body. Draft → open (`opened_at`) → closed, by its closing moment alone;
    or withdrawn, with a reason. Once it is open the database lets nobody change its terms.
    """

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint("quorum_percent BETWEEN 0 AND 100", name="quorum"),
        CheckConstraint("opened_at < closes_at", name="order"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawal_reason"
        ),
        Index("ix_ballot_body_id_closes_at", "body_id", "closes_at"),
        Index("ix_ballot_closes_at", "closes_at"),
    )
    __journal__ = "ballot"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    title: Mapped[db.line]
    text: Mapped[db.text]
    kind: Mapped[BallotKind] = mapped_column(db.enum_by_value(BallotKind, "kind"))
    method: Mapped[CountMethod] = mapped_column(db.enum_by_value(CountMethod, "method"))
    threshold: Mapped[Threshold] = mapped_column(db.enum_by_value(Threshold, "threshold"))
    quorum_percent: Mapped[int]
    quorum_of: Mapped[QuorumOf] = mapped_column(db.enum_by_value(QuorumOf, "quorum_of"))
    recused_leave: Mapped[bool]
    """Whether who is recused leaves the base of quorum and threshold."""
    closes_at: Mapped[datetime]
    zone: Mapped[db.key]
    """In whose clock the closing moment was given."""
    results_shown: Mapped[ResultsShown] = mapped_column(
        db.enum_by_value(ResultsShown, "results_shown")
    )
    names_shown: Mapped[bool]
    """Whether who sees the results sees who voted what; else sums only."""
    opened_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    body: Mapped[Body] = relationship(lazy="raise_on_sql")

    def status_at(self, now: datetime) -> BallotStatus:
        return status_at(
            now,
            opened_at=self.opened_at,
            closes_at=self.closes_at,
            withdrawn_at=self.withdrawn_at,
        )


class BallotOption(db.Base):
    """One of the answers, in its place. A yes/no ballot has two: yes, then no."""

    __tablename__ = "ballot_option"
    __table_args__ = (UniqueConstraint("ballot_id", "position"),)
    __journal__ = "ballot option"

    id: Mapped[db.pk]
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"))
    position: Mapped[int]
    name: Mapped[db.line]
    note: Mapped[str | None] = mapped_column(String(1000))

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("ballot", self.ballot_id)


class Elector(db.Base):
    """One vote of a ballot, frozen when it opened: whose it is, who casts it, its weight.

    A company's, cast by its representative or else its alternate; or a person's own. A seat that
    changes hands later changes nothing here.
    """

    __tablename__ = "elector"
    __table_args__ = (
        UniqueConstraint("ballot_id", "company_id"),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("company_id IS NULL OR user_id IS NULL", name="account"),
        Index(
            "uq_elector_ballot_id_person",
            "ballot_id",
            "person_id",
            unique=True,
            sqlite_where=text("company_id IS NULL"),
            postgresql_where=text("company_id IS NULL"),
        ),
    )
    __journal__ = "elector"

    id: Mapped[db.pk]
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    company_name: Mapped[db.optional_line]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    person_name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    part: Mapped[Part] = mapped_column(db.enum_by_value(Part, "part"))
    weight: Mapped[int]
    user_id: Mapped[int | None]
    """Whose account was theirs then, as a number: only who still has it votes signed in."""

    ballot: Mapped[Ballot] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """Whose vote it is."""
        return self.company_name or self.person_name

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("ballot", self.ballot_id)

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("person", self.person_id)


class DeclaredInterest(db.Base):
    """A stake of an elector in what is decided: shown to whoever votes and reads the result."""

    __tablename__ = "declared_interest"
    __journal__ = "declared interest"

    id: Mapped[db.pk]
    elector_id: Mapped[int] = mapped_column(ForeignKey("elector.id"), index=True)
    what: Mapped[str] = mapped_column(String(500))
    noted_at: Mapped[datetime]
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("elector", self.elector_id)


class Recusal(db.Base):
    """An elector who takes no part in this ballot, and why. For good."""

    __tablename__ = "recusal"
    __journal__ = "recusal"

    id: Mapped[int] = mapped_column(
        "elector_id", ForeignKey("elector.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(String(500))
    noted_at: Mapped[datetime]
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("elector", self.id)


class BallotLink(db.Base):
    """A personal link to vote by. Only the SHA-256 of its secret is kept; it works once."""

    __tablename__ = "ballot_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    elector_id: Mapped[int] = mapped_column(ForeignKey("elector.id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Vote(db.Base):
    """What an elector cast: once, for good, and never journalled with what it says."""

    __tablename__ = "vote"

    id: Mapped[db.pk]
    elector_id: Mapped[int] = mapped_column(ForeignKey("elector.id"), unique=True)
    abstains: Mapped[bool]
    cast_at: Mapped[datetime]
    way: Mapped[Way] = mapped_column(db.enum_by_value(Way, "way"))

    choices: Mapped[list[VoteChoice]] = relationship(
        lazy="raise_on_sql", order_by="VoteChoice.place"
    )


class VoteChoice(db.Base):
    """An option in a vote and its place: the first, unless proposals are ranked."""

    __tablename__ = "vote_choice"
    __table_args__ = (
        UniqueConstraint("vote_id", "place"),
        CheckConstraint("place > 0", name="place"),
    )

    vote_id: Mapped[int] = mapped_column(ForeignKey("vote.id"), primary_key=True)
    option_id: Mapped[int] = mapped_column(ForeignKey("ballot_option.id"), primary_key=True)
    place: Mapped[int]
    comment: Mapped[str | None] = mapped_column(String(1000))
