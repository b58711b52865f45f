"""What the office may ask of the list of memberships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, select
from sqlalchemy.orm import join

from crm.companies.models import Company
from crm.kit.text import fold
from crm.memberships import queries
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import Status

SORTS = ("company", "tier", "status", "starts", "ends")


@dataclass(frozen=True, kw_only=True)
class MembershipSearch:
    """Filters of the list; the same object serves page and count.

    `status` None: all; `in_force` narrows to those that count. `money`: whether the viewer may
    see fees. `sort` is a name of `SORTS`, with a leading `-` for the other direction.
    """

    as_of: date
    text: str = ""
    status: Status | None = None
    in_force: bool = False
    tier_id: int | None = None
    sort: str = "company"
    money: bool = False

    def select(self) -> Select[Any]:
        return _selected(self)

    def _built(self) -> Select[Any]:
        status = queries.status_on(self.as_of).label("status")
        found: Select[Any] = (
            select(  # type: ignore[assignment]
                Membership.id,
                Membership.company_id,
                Company.name.label("company"),
                Tier.name.label("tier"),
                queries.founding_on(self.as_of).label("founding"),
                status,
                Membership.starts_on,
                queries.RUNS_BEFORE.label("ends_before"),
            )
            # Joined as one, so that it can be counted without its columns.
            .select_from(
                join(Membership, Company, Membership.company).join(
                    Tier, Tier.id == queries.tier_id_on(self.as_of)
                )
            )
        )
        if self.money:
            found = found.add_columns(
                queries.fee_minor_on(self.as_of).label("fee_minor"), Membership.currency
            )
        if self.text:
            found = found.where(Company.name_key.contains(fold(self.text), autoescape=True))
        if self.status is not None:
            found = found.where(status == self.status.value)
        if self.in_force:
            found = found.where(queries.in_force_on(self.as_of))
        if self.tier_id is not None:
            found = found.where(Tier.id == self.tier_id)
        return found.order_by(*self._order(status))

    def _order(self, status: ColumnElement[str]) -> list[SQLColumnExpression[Any]]:
        name = self.sort.removeprefix("-")
        first: SQLColumnExpression[Any] = {
            "tier": Tier.position,
            "status": status,
            "starts": Membership.starts_on,
            "ends": queries.RUNS_BEFORE,
        }.get(name, Company.name_key)
        turned = first.desc() if self.sort.startswith("-") else first.asc()
        return [turned, Company.name_key.asc(), Membership.id.asc()]


@lru_cache(maxsize=256)
def _selected(search: MembershipSearch) -> Select[Any]:
    """Built once for each question: a statement is a value."""
    return search._built()
