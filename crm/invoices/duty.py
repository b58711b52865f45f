"""What is to be billed: the instalments that fall due, and drafts of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import billing, queries
from crm.invoices.instalment_models import Instalment
from crm.invoices.lines import NotBillable
from crm.invoices.models import Invoice
from crm.kit.actors import Actor
from crm.kit.errors import NotFound
from crm.kit.text import fold
from crm.memberships.models import Membership, Tier

MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class ToBill:
    """Filters of the page: what falls due before a day and is on no invoice."""

    before: date
    text: str = ""

    def select(self) -> Select[Any]:
        return _to_bill(self)


@lru_cache(maxsize=64)
def _to_bill(asked: ToBill) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Instalment.id,
            Instalment.due_on,
            Instalment.amount_minor,
            Instalment.currency,
            Instalment.number,
            Instalment.membership_id,
            Membership.company_id,
            Company.name.label("company"),
            Tier.name.label("tier"),
        )
        .select_from(Instalment)
        .join(Membership, Membership.id == Instalment.membership_id)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == Membership.tier_id)
        .where(is_due(), Instalment.due_on < asked.before)
    )
    if asked.text:
        found = found.where(Company.name_key.contains(fold(asked.text), autoescape=True))
    return found.order_by(Instalment.due_on, Instalment.id)


def is_due() -> Any:
    """The enclosing `Instalment` of a joined, signed `Membership` is to be billed some day: not
    where the term was terminated before.
    """
    return and_(
        Instalment.amount_minor > 0,
        Membership.company_signed_on.is_not(None),
        Membership.programme_signed_on.is_not(None),
        or_(Membership.terminated_on.is_(None), Instalment.due_on < Membership.terminated_on),
        queries.stands(),
        ~queries.is_billed(),
    )


def bill_each(
    session: Session, instalment_ids: Sequence[int], *, by: Actor, now: datetime, today: date
) -> list[Invoice]:
    """Drafts of these instalments: one for each membership they belong to.

    Raises `NotFound` if one of them is not there, and what `billing.bill` raises.
    """
    if not instalment_ids:
        raise NotBillable("Choose at least one instalment.")
    if len(instalment_ids) > MOST_AT_ONCE:
        raise NotBillable(f"Choose at most {MOST_AT_ONCE} instalments at once.")
    by_membership: dict[int, list[int]] = defaultdict(list)
    for id_, membership_id in session.execute(
        select(Instalment.id, Instalment.membership_id)
        .where(Instalment.id.in_(instalment_ids))
        .order_by(Instalment.membership_id, Instalment.due_on, Instalment.id)
    ):
        by_membership[membership_id].append(id_)
    if sum(map(len, by_membership.values())) != len(set(instalment_ids)):
        raise NotFound("There is no such instalment.")
    return [
        billing.bill(session, ids, by=by, now=now, today=today) for ids in by_membership.values()
    ]


def to_be_drafted(session: Session, *, today: date, days: int) -> list[list[int]]:
    """Instalments due within so many days, or since as many: those of one membership and day
    together. What fell due before that was left to people, and stays so."""
    rows = session.execute(
        select(Instalment.id, Instalment.membership_id, Instalment.due_on)
        .join(Instalment.membership)
        .where(
            is_due(),
            Instalment.due_on >= today - timedelta(days=days),
            Instalment.due_on <= today + timedelta(days=days),
        )
        .order_by(Instalment.due_on, Instalment.membership_id, Instalment.id)
    )
    found: dict[tuple[date, int], list[int]] = defaultdict(list)
    for id_, membership_id, due_on in rows:
        found[due_on, membership_id].append(id_)
    return list(found.values())
