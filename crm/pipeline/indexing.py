"""What is found of opportunities: the company's name, the mode, where it stands. No notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from crm.companies.models import Company
from crm.pipeline.models import Mode, Opportunity, Stage
from crm.search.operations import Entry, Source
from crm.search.rules import Kind


def opportunities(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    rows = connection.execute(
        select(
            Opportunity.id,
            Company.name,
            Mode.name,
            Stage.name,
            Opportunity.won_on,
            Opportunity.lost_on,
        )
        .join(Opportunity.company)
        .join(Opportunity.mode)
        .join(Opportunity.stage)
        .where(Opportunity.id.in_(ids))
    )
    for id_, company, mode, stage, won_on, lost_on in rows:
        standing = "won" if won_on else "lost" if lost_on else stage
        yield Entry(
            record_id=id_,
            title=company,
            subtitle=f"{mode}: {standing}",
            texts=(mode,),
            archived=lost_on is not None,
        )


def _of_company(company: Company) -> Select[Any]:
    return select(Opportunity.id).where(Opportunity.company_id == company.id)


SOURCES = (
    Source(
        kind=Kind.OPPORTUNITY,
        entries=opportunities,
        concerned={Opportunity: lambda opportunity: (opportunity.id,), Company: _of_company},
    ),
)
