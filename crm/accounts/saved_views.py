"""Named address bars of list pages: private, or shared with everyone who may open the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from crm.accounts.models import SavedView, UserAccount
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken

MOST = 40
"""Views one user keeps for one page."""


class TooMany(RuleBroken):
    """Nobody finds anything among more."""


class NameTaken(RuleBroken):
    """A user's views of one page have different names."""


@dataclass(frozen=True)
class Shown:
    id: int
    name: str
    query: str
    shared: bool
    mine: bool


def of_page(session: Session, page: str, user_id: int) -> Sequence[Shown]:
    """Those a user sees on a page, their own first. One SELECT."""
    found = session.execute(_seen(), {"page": page, "user": user_id})
    views = [
        Shown(id_, name, query, shared, by == user_id) for id_, name, query, shared, by in found
    ]
    return sorted(views, key=lambda view: not view.mine)


@cache
def _seen() -> Select[int, str, str, bool, int]:
    return (
        select(SavedView.id, SavedView.name, SavedView.query, SavedView.shared, SavedView.owner_id)
        .where(
            SavedView.page == bindparam("page"),
            or_(SavedView.shared.is_(True), SavedView.owner_id == bindparam("user")),
        )
        .order_by(SavedView.name, SavedView.id)
        .limit(2 * MOST)
    )


def save(
    session: Session, *, page: str, name: str, query: str, shared: bool, by: Actor, now: datetime
) -> SavedView:
    """Keep a query under a name. Two clicks at once are told apart: the second waits."""
    account = select(UserAccount.id).where(UserAccount.id == by.id)
    session.execute(account.with_for_update(key_share=True))
    mine = (SavedView.page == page, SavedView.owner_id == by.id)
    if session.scalar(select(SavedView.id).where(*mine, SavedView.name == name).limit(1)):
        raise NameTaken(f"You have a view called “{name}” here. Choose another name, or remove it.")
    if (session.scalar(select(func.count()).where(*mine)) or 0) >= MOST:
        raise TooMany(f"You have {MOST} views of this page. Remove one first.")
    view = SavedView(
        owner_id=by.id, page=page, name=name, query=query, shared=shared, created_at=now
    )
    session.add(view)
    session.flush()
    return view


def remove(session: Session, view_id: int, *, by: Actor) -> SavedView:
    """One's own. Raises `NotFound`, also for somebody else's."""
    view = session.get(SavedView, view_id)
    if view is None or view.owner_id != by.id:
        raise NotFound("You have no such view.")
    session.delete(view)
    session.flush()
    return view
