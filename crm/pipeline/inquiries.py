"""Reads of inquiries: the queue, and what a triager should know of one."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Role
from crm.companies.models import Affiliation, Company
from crm.kit.db import MAX_ID
from crm.kit.errors import NotFound
from crm.kit.pages import COUNT_UP_TO
from crm.kit.text import company_key
from crm.mail.models import OutgoingMail
from crm.people.models import Person
from crm.people.rules import name_key
from crm.pipeline.models import Inquiry, Mode, Opportunity
from crm.pipeline.queries import IS_OPEN
from crm.pipeline.rules import Outcome

_PICKED = re.compile(r"\(#([1-9][0-9]{0,9})\)\s*$")
OWNERS = (Role.DIRECTOR, Role.STAFF)


class Tab(StrEnum):
    """The parts of the queue."""

    NEW = "new"
    MINE = "mine"
    TO_ANSWER = "to-answer"
    SUSPECTED = "suspected"
    DONE = "done"


WAITING = and_(Inquiry.outcome.is_(None), Inquiry.suspected.is_(False))
UNANSWERED = and_(
    Inquiry.outcome.in_((Outcome.ACCEPTED, Outcome.ATTACHED)), Inquiry.answered_at.is_(None)
)


@dataclass(frozen=True, kw_only=True)
class InquirySearch:
    """Which inquiries, for whom. What waits longest comes first; what is done, last done first."""

    tab: Tab
    viewer_id: int
    q: str = ""

    def select(self) -> Select[Any]:
        return _queue(self)

    def counts(self, session: Session) -> dict[Tab, int]:
        """How many stand in each part, in one statement; none is counted beyond 10,000."""
        return dict(zip(Tab, session.execute(_counts(self.viewer_id)).one(), strict=True))


def of_tab(tab: Tab, viewer_id: int) -> ColumnElement[bool]:
    match tab:
        case Tab.NEW:
            return WAITING
        case Tab.MINE:
            return and_(Inquiry.owner_id == viewer_id, or_(WAITING, UNANSWERED))
        case Tab.TO_ANSWER:
            return UNANSWERED
        case Tab.SUSPECTED:
            return and_(Inquiry.outcome.is_(None), Inquiry.suspected.is_(True))
        case Tab.DONE:
            return Inquiry.triaged_at.is_not(None)


@lru_cache(maxsize=256)  # a statement takes longer to write down than to answer
def _queue(search: InquirySearch) -> Select[Any]:
    owner, company = aliased(UserAccount), aliased(Company)
    found = (
        select(
            Inquiry.id,
            Inquiry.received_at,
            Inquiry.company_name,
            Inquiry.name,
            Inquiry.title,
            Inquiry.subject,
            func.substr(Inquiry.message, 1, 160).label("message"),
            Inquiry.modes,
            Inquiry.suspected,
            Inquiry.outcome,
            Inquiry.answered_at,
            company.name.label("company"),
            owner.name.label("owner"),
        )
        .outerjoin(owner, owner.id == Inquiry.owner_id)
        .outerjoin(company, company.id == Inquiry.company_id)
        .where(of_tab(search.tab, search.viewer_id))
    )
    if search.q:
        like = f"%{_escaped(search.q)}%"
        searched = (
            Inquiry.company_name, Inquiry.name, Inquiry.email, Inquiry.subject, company.name
        )  # fmt: skip
        found = found.where(or_(*(column.ilike(like, escape="\\") for column in searched)))
    if search.tab is Tab.DONE:
        return found.order_by(Inquiry.triaged_at.desc(), Inquiry.id.desc())
    return found.order_by(Inquiry.received_at, Inquiry.id)


@lru_cache(maxsize=256)
def _counts(viewer_id: int) -> Select[Any]:
    counted = []
    for tab in Tab:
        found = select(literal(1)).select_from(Inquiry).where(of_tab(tab, viewer_id))
        some = found.limit(COUNT_UP_TO).subquery()
        counted.append(select(func.count()).select_from(some).scalar_subquery())
    return select(*counted)


def get(session: Session, inquiry_id: int) -> Inquiry:
    """With its owner and company. Raises `NotFound`."""
    found = session.scalar(
        select(Inquiry)
        .where(Inquiry.id == inquiry_id)
        .options(joinedload(Inquiry.owner), joinedload(Inquiry.company))
    )
    if found is None:
        raise NotFound("There is no such inquiry.")
    return found


def owners(session: Session) -> Sequence[Row[int, str]]:
    """Who may look after an inquiry: active directors and staff, by name."""
    may = select(UserRole.user_id).where(UserRole.role.in_(OWNERS))
    return session.execute(
        select(UserAccount.id, UserAccount.name)
        .where(UserAccount.disabled_at.is_(None), UserAccount.id.in_(may))
        .order_by(UserAccount.name, UserAccount.id)
    ).all()


def modes(session: Session) -> Sequence[Row[int, str, str]]:
    """Id, key and name of every way to engage that is still offered."""
    return session.execute(
        select(Mode.id, Mode.key, Mode.name)
        .where(Mode.retired_on.is_(None))
        .order_by(Mode.position, Mode.id)
    ).all()


def opportunities_from(session: Session, inquiry_id: int) -> Sequence[Opportunity]:
    """What was made of this inquiry."""
    return session.scalars(
        _with_parts().where(Opportunity.inquiry_id == inquiry_id).order_by(Opportunity.id)
    ).all()


def open_opportunities_of(session: Session, company_ids: Collection[int]) -> Sequence[Opportunity]:
    """The open ones of these companies, with their parts: so that nobody begins twice."""
    return session.scalars(
        _with_parts()
        .where(Opportunity.company_id.in_(company_ids), IS_OPEN)
        .order_by(Opportunity.id.desc())
        .limit(50)
    ).all()


def letters_about(session: Session, inquiry_id: int) -> Sequence[Any]:
    """What was written because of this inquiry, latest first."""
    return session.execute(
        select(
            OutgoingMail.id,
            OutgoingMail.letter,
            OutgoingMail.to,
            OutgoingMail.subject,
            OutgoingMail.body,
            OutgoingMail.posted_at,
            OutgoingMail.sent_at,
            OutgoingMail.failed_at,
        )
        .where(OutgoingMail.about_kind == "inquiry", OutgoingMail.about_id == inquiry_id)
        .order_by(OutgoingMail.id.desc())
        .limit(20)
    ).all()


def find_picked(session: Session, typed: str) -> Company | None:
    """The company meant by `Acme (#12)`, or by a name only one company has."""
    picked = _PICKED.search(typed)
    if picked is not None:
        number = int(picked.group(1))
        return session.get(Company, number) if number <= MAX_ID else None
    found = session.scalars(
        select(Company).where(Company.match_key == company_key(typed)).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def others_from_there(session: Session, inquiry: Inquiry) -> Sequence[Inquiry]:
    """Other inquiries of the same address, mail domain or company, latest first."""
    same = []
    if inquiry.email:
        same.append(Inquiry.email == inquiry.email)
    if inquiry.domain:
        same.append(Inquiry.domain == inquiry.domain)
    if inquiry.company_id:
        same.append(Inquiry.company_id == inquiry.company_id)
    if not same:
        return ()
    return session.scalars(
        select(Inquiry)
        .where(or_(*same), Inquiry.id != inquiry.id)
        .options(joinedload(Inquiry.owner))
        .order_by(Inquiry.received_at.desc(), Inquiry.id.desc())
        .limit(6)
    ).all()


def find_there(session: Session, company_id: int, name: str) -> Person | None:
    """Who of this name is at the company: how somebody without an address is known again."""
    return session.scalars(
        select(Person)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            Affiliation.ends_before.is_(None),
            Person.name_key == name_key(name),
        )
        .order_by(Person.id)
        .limit(1)
    ).first()


def _with_parts() -> Select[Opportunity]:
    return select(Opportunity).options(
        joinedload(Opportunity.mode),
        joinedload(Opportunity.stage),
        joinedload(Opportunity.owner),
        joinedload(Opportunity.company),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
