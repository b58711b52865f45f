"""Importing a file: read, match, then write all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Role
from crm.journal import operations as journal
from crm.kit import tables
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.stewardship.imports import (
    columns,
    companies,
    fields,
    invoices,
    memberships,
    opportunities,
    payments,
    people,
    touches,
)
from crm.stewardship.imports.acts import ActsImport, Rows
from crm.stewardship.imports.columns import Field, Sheet
from crm.stewardship.imports.report import Report, Tick


class Importing(Protocol):
    """One kind of record: `match` decides and complains, `write` writes."""

    def match(self, tick: Tick) -> None: ...

    def write(self, *, by: Actor, now: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Given:
    """What every import is told. Without `write` it only says what it would do.

    `day_first`: 03/04/2026 is the third of April.
    """

    data: bytes
    write: bool
    day_first: bool = False
    by: Actor
    now: datetime
    today: date
    tick: Tick


class NoAuthor(RuleBroken):
    """A contact report has an author with an account."""


def import_companies(session: Session, given: Given) -> Report:
    def make(session: Session, sheet: Sheet, report: Report) -> Importing:
        return companies.CompanyImport(session, sheet, report, today=given.today)

    return _import(session, given, "company", fields.COMPANIES, make)


def import_people(session: Session, given: Given) -> Report:
    told = fields.people(day_first=given.day_first)
    return _import(session, given, "person", told, people.PeopleImport)


def import_opportunities(session: Session, given: Given) -> Report:
    told = fields.opportunities(day_first=given.day_first)

    def make(session: Session, sheet: Sheet, report: Report) -> Importing:
        return opportunities.OpportunitiesImport(session, sheet, report, today=given.today)

    return _import(session, given, "opportunity", told, make)


def import_touches(session: Session, given: Given) -> Report:
    """Reports whose author has no account here are the actor's, else the first director's."""
    told = fields.touches(day_first=given.day_first)
    author_id = given.by.id or _first_director(session)

    def make(session: Session, sheet: Sheet, report: Report) -> Importing:
        return touches.TouchesImport(session, sheet, report, today=given.today, author_id=author_id)

    return _import(session, given, "touch", told, make)


def import_memberships(session: Session, given: Given) -> Report:
    told = fields.memberships(day_first=given.day_first)
    return _import_acts(session, given, "membership", told, memberships.MembershipsImport)


def import_invoices(session: Session, given: Given) -> Report:
    told = fields.invoices(day_first=given.day_first)
    return _import_acts(session, given, "invoice", told, invoices.InvoicesImport)


def import_payments(session: Session, given: Given) -> Report:
    told = fields.payments(day_first=given.day_first)
    return _import_acts(session, given, "payment", told, payments.PaymentsImport)


def _import_acts(
    session: Session,
    given: Given,
    kind: str,
    told: Sequence[Field],
    make: Callable[[Rows], ActsImport[Any]],
) -> Report:
    """Does what each row says. Without `write` it is done all the same, and taken back: so a dry
    run refuses whatever the import would. Raises `tables.Unreadable` or `Refused`."""

    def rows(session: Session, sheet: Sheet, report: Report) -> Importing:
        return make(Rows.read(session, sheet, report, today=given.today))

    if given.write:
        return _import(session, given, kind, told, rows)
    tried = session.begin_nested()
    try:
        return _import(session, replace(given, write=True), kind, told, rows)
    finally:
        tried.rollback()


def _import(
    session: Session,
    given: Given,
    kind: str,
    told: Sequence[Field],
    make: Callable[[Session, Sheet, Report], Importing],
) -> Report:
    """Raises `tables.Unreadable` or `Refused` before anything is written."""
    sheet = columns.read(tables.read(given.data), told, given.tick)
    report = Report(ignored=sheet.ignored)
    importing = make(session, sheet, report)
    importing.match(given.tick)
    sheet.refuse_faulty()
    report.warnings.sort(key=lambda warning: warning.row)
    if given.write and report.added + report.changed:
        importing.write(by=given.by, now=given.now)
        report.warnings.sort(key=lambda warning: warning.row)
        label = f"{report.added:,} added, {report.changed:,} changed"
        journal.note(
            session,
            "imported",
            kind=kind,
            record_id=None,
            label=label,
            by=given.by,
            now=given.now,
        )
    return report


def _first_director(session: Session) -> int:
    director = session.scalars(
        select(UserAccount.id)
        .join(UserRole, UserRole.user_id == UserAccount.id)
        .where(UserRole.role == Role.DIRECTOR, UserAccount.disabled_at.is_(None))
        .order_by(UserAccount.id)
        .limit(1)
    ).first()
    if director is None:
        raise NoAuthor("Contact reports need an author: add a director first (flask users add).")
    return director
