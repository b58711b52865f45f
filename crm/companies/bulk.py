"""Writing about many companies at once, journalled and found like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import (
    Affiliation,
    Company,
    CompanyChallenge,
    CompanyDomain,
    CompanyParent,
)
from crm.companies.operations import AT_A_TIME, LABELS
from crm.companies.parents import keep
from crm.journal import many
from crm.journal.operations import Change
from crm.kit.actors import Actor
from crm.kit.inserts import insert_many
from crm.kit.text import company_key, fold
from crm.search.operations import reindex
from crm.search.rules import Kind

Row = Mapping[str, Any]


def add_companies(session: Session, rows: Sequence[Row], *, by: Actor, now: datetime) -> list[int]:
    """`rows` say what `operations.NewCompany` says, by column, but for the parent; `domains` are
    taken as verified, and told in the entry of their company. Returns ids in their order."""
    own: list[Row] = [
        {
            **{name: row.get(name) for name in LABELS},
            "name_key": fold(row["name"])[:200] or row["name"],
            "match_key": company_key(row["name"])[:200],
            "created_at": now,
        }
        for row in rows
    ]
    beside: list[Mapping[str, Change]] = [
        {"domains": (None, ", ".join(row["domains"]))} if row.get("domains") else {} for row in rows
    ]
    ids = many.add(session, Company, own, beside=beside, by=by, now=now)
    domains = [
        {"company_id": id_, "domain": domain, "verified": True}
        for id_, row in zip(ids, rows, strict=True)
        for domain in row.get("domains", ())
    ]
    insert_many(session.connection(), CompanyDomain, domains)
    return ids


def change_companies(
    session: Session, changes: Mapping[int, Mapping[str, Change]], *, by: Actor, now: datetime
) -> None:
    """Before and after, by company and column, but for the parent. A name brings its keys along."""
    complete: dict[int, Mapping[str, Change]] = {}
    for company_id, columns in changes.items():
        complete[company_id] = columns
        if "name" in columns:
            name = columns["name"][1]
            keys = {"name_key": fold(name)[:200] or name, "match_key": company_key(name)[:200]}
            complete[company_id] = {**columns, **{key: (None, new) for key, new in keys.items()}}
    many.change(session, Company, complete, by=by, now=now)


def set_parents(
    session: Session,
    parents: Mapping[int, tuple[int | None, int]],
    since: Mapping[int, date | None],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """To which company each belongs: before and after; since when, None: ever since."""
    changes = {id_: {"parent_id": change} for id_, change in parents.items()}
    many.change(session, Company, changes, by=by, now=now)
    ids = list(parents)
    known: set[int] = set()
    for start in range(0, len(ids), AT_A_TIME):
        some = CompanyParent.company_id.in_(ids[start : start + AT_A_TIME])
        known.update(session.scalars(select(CompanyParent.company_id).where(some)))
    for id_ in sorted(known):
        keep(session, id_, parents[id_][1], since=since[id_])
    rows = [
        {"company_id": id_, "parent_id": after, "starts_on": since[id_], "ends_before": None}
        for id_, (_, after) in parents.items()
        if id_ not in known
    ]
    many.add(session, CompanyParent, rows, parent=_company, by=by, now=now)


def add_domains(
    session: Session, domains: Sequence[tuple[int, str]], *, by: Actor, now: datetime
) -> None:
    """(company, domain) pairs, taken as verified."""
    rows = [{"company_id": id_, "domain": domain, "verified": True} for id_, domain in domains]
    many.add(session, CompanyDomain, rows, parent=_company, by=by, now=now)


def add_challenges(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """(company, challenge) pairs that are not there yet."""
    if pairs:
        rows = [{"company_id": company, "challenge_id": challenge} for company, challenge in pairs]
        insert_many(session.connection(), CompanyChallenge, rows)


def add_affiliations(
    session: Session, rows: Sequence[Row], *, by: Actor, now: datetime
) -> list[int]:
    return many.add(session, Affiliation, rows, parent=_company, by=by, now=now)


def change_affiliations(
    session: Session,
    changes: Mapping[int, Mapping[str, Change]],
    companies: Mapping[int, int],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """`companies` names each affiliation's company."""
    many.change(
        session,
        Affiliation,
        changes,
        parent=lambda affiliation_id: ("company", companies[affiliation_id]),
        by=by,
        now=now,
    )


def index(session: Session, company_ids: Sequence[int]) -> None:
    """Let the search find these companies as they are now."""
    reindex(session, Kind.COMPANY, company_ids)


def _company(row: Row, id_: int) -> tuple[str, int]:
    return ("company", row["company_id"])
