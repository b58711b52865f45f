"""To which company another belongs, from which day on."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries
from crm.companies.models import CompanyParent
from crm.companies.rules import Owned, above_itself, owned_from
from crm.kit.errors import RuleBroken
from crm.programme.models import Programme


class OwnAncestor(RuleBroken):
    """A company is not above itself."""


class NotYet(RuleBroken):
    """What is on record as a company's parent is so today."""


def check(
    session: Session, company_id: int, parent_id: int | None, *, since: date | None, today: date
) -> None:
    """Whether it may belong to another from a day on, or to none. Raises `NotFound`,
    `OwnAncestor`, `NotYet`, `KnownLater`."""
    if since is not None and since > today:
        raise NotYet(
            "That day is ahead. Say it when it has come: until then the company stays where it is.",
            field="parent_since",
        )
    # whoever changes another family waits: two changes at once could close a circle
    session.execute(select(Programme.id).with_for_update())
    owned_from([row.told for row in queries.parents_of(session, company_id)], parent_id, since)
    if parent_id is None:
        return
    queries.get(session, parent_id)
    owners: dict[int, list[Owned]] = defaultdict(list)
    for row in session.scalars(select(CompanyParent).where(CompanyParent.company_id != company_id)):
        owners[row.company_id].append(row.told)
    if above_itself(owners, company_id, parent_id, since):
        raise OwnAncestor(
            "That company is this one, or belongs to it on a day from then on: a company cannot be "
            "above itself.",
            field="parent",
        )


def keep(session: Session, company_id: int, parent_id: int | None, *, since: date | None) -> None:
    """Write down what the company belongs to from a day on; `Company.parent_id` says the same.

    Raises `KnownLater`.
    """
    known = {row.starts_on: row for row in queries.parents_of(session, company_id)}
    told = owned_from([row.told for row in known.values()], parent_id, since)
    starts = {owned.starts_on for owned in told}
    for starts_on, row in known.items():
        if starts_on not in starts:
            session.delete(row)
    session.flush()  # what goes makes room for what comes: two at a time are refused
    for owned in told:
        if owned.starts_on in known:
            row = known[owned.starts_on]
            row.parent_id, row.ends_before = owned.parent_id, owned.ends_before
    session.flush()
    session.add_all(
        CompanyParent(
            company_id=company_id,
            parent_id=owned.parent_id,
            starts_on=owned.starts_on,
            ends_before=owned.ends_before,
        )
        for owned in told
        if owned.starts_on not in known
    )
    session.flush()
