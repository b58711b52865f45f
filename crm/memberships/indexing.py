"""What is found of memberships: the company's name, the tier and the term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from crm.companies.models import Company
from crm.kit.periods import Period, in_words
from crm.memberships.models import Membership, Tier
from crm.memberships.queries import RUNS_BEFORE
from crm.search.operations import Entry, Source
from crm.search.rules import Kind


def memberships(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    rows = connection.execute(
        select(
            Membership.id,
            Company.name,
            Tier.name,
            Membership.starts_on,
            RUNS_BEFORE,
            Membership.agreement_number,
            Membership.withdrawn_on,
        )
        .join(Membership.company)
        .join(Membership.tier)
        .where(Membership.id.in_(ids))
    )
    for id_, company, tier, starts_on, ends_before, number, withdrawn_on in rows:
        last_day = Period(starts_on, ends_before).last_day
        assert last_day is not None  # a membership's term always ends
        yield Entry(
            record_id=id_,
            title=company,
            subtitle=f"{tier} tier, {in_words(starts_on)} to {in_words(last_day)}",
            texts=(tier, number),
            archived=withdrawn_on is not None,
        )


def _of_company(company: Company) -> Select[Any]:
    return select(Membership.id).where(Membership.company_id == company.id)


SOURCES = (
    Source(
        kind=Kind.MEMBERSHIP,
        entries=memberships,
        concerned={Membership: lambda membership: (membership.id,), Company: _of_company},
    ),
)
