"""The workspace of a major partnership: opened, described, with NDA and IP, and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.companies.models import Affiliation
from crm.council import university
from crm.documents import operations as documents
from crm.documents.operations import NamedFile
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import workspace_rules as rules
from crm.partnerships.workspace_models import NdaFile, Partnership
from crm.partnerships.workspace_rules import Ip, NdaFacts


class NotTheirs(RuleBroken):
    """Who states the company's needs is at the company."""


class WorkspaceClosed(RuleBroken):
    """What is closed stays as it is until it is opened again."""


@dataclass(frozen=True, kw_only=True)
class NewPartnership:
    """What it is about, and who is behind it. Needs as the company stated them, when and who."""

    title: str
    needs_text: str | None = None
    needs_on: date | None = None
    needs_by_id: int | None = None
    lead_id: int | None = None
    relations_contact: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewNda:
    """The note is for who may read confidential ones."""

    facts: NdaFacts
    reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewIp:
    """Where intellectual property and publication stand since a day. The text is confidential."""

    state: Ip | None
    on: date | None = None
    text: str | None = None


LABELS: Mapping[str, str] = {
    "title": "Title",
    "needs_text": "Needs as stated",
    "needs_on": "Stated on",
    "needs_by_id": "Stated by",
    "lead_id": "Lead faculty",
    "relations_contact": "Contact at corporate relations",
}


def open_(
    session: Session,
    company_id: int,
    draft: NewPartnership,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Partnership:
    """Only the workspace: `pipeline.partnering` opens it together with its opportunity.

    Raises `CompanyArchived` beside what `edit` does.
    """
    companies.refuse_archived(session, company_id)
    if on > today:
        raise RuleBroken("It is opened today, or was on a day before.", field="on")
    _refuse(session, company_id, draft, today)
    made = Partnership(company_id=company_id, opened_on=on, created_at=now, by_name=by.name)
    _write(made, draft)
    session.add(made)
    session.flush()
    note(session, made, "opened", by=by, now=now)
    return made


def edit(
    session: Session,
    partnership: Partnership,
    draft: NewPartnership,
    *,
    version: int,
    today: date,
) -> None:
    """Raises `Stale`, `WorkspaceClosed`, `NotTheirs` or `NotOfTheUniversity`."""
    claim(session, partnership)
    shown = [n for n in LABELS if getattr(partnership, n) != getattr(draft, n)]
    _refuse_stale(
        partnership,
        version,
        theirs={LABELS[name]: _said(getattr(partnership, name)) for name in shown},
        yours={LABELS[name]: _said(getattr(draft, name)) for name in shown},
    )
    _refuse(session, partnership.company_id, draft, today)
    _write(partnership, draft)
    session.flush()


def set_nda(
    session: Session,
    partnership: Partnership,
    wanted: NewNda,
    *,
    version: int,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Where it stands, with its days. Raises `Stale`, `WorkspaceClosed` or `WrongNda`."""
    claim(session, partnership)
    nda = partnership.nda_facts
    _refuse_stale(partnership, version, theirs=_nda_said(nda), yours=_nda_said(wanted.facts))
    rules.refuse_nda(wanted.facts, today=today)
    partnership.nda = wanted.facts.state
    partnership.nda_signed_on = wanted.facts.signed_on
    partnership.nda_expires_on = wanted.facts.expires_on
    partnership.nda_reference = wanted.reference
    partnership.nda_note = wanted.note
    session.flush()
    if nda != wanted.facts:
        note(session, partnership, "NDA set", by=by, now=now)


def add_nda_file(
    session: Session,
    store: ObjectStore,
    partnership: Partnership,
    wanted: NamedFile,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> NdaFile:
    """One more file; earlier ones stay. Raises `documents.operations.UnfitFile`."""
    claim(session, partnership)
    document = documents.keep(session, store, wanted.file, by=by, now=now)
    added = NdaFile(
        partnership_id=partnership.id,
        document=document,
        title=wanted.title,
        added_on=today,
        by_name=by.name,
    )
    session.add(added)
    session.flush()
    return added


def set_ip(
    session: Session,
    partnership: Partnership,
    wanted: NewIp,
    *,
    version: int,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Where the two sides are, since which day. Raises `Stale` or `WorkspaceClosed`."""
    claim(session, partnership)
    _refuse_stale(
        partnership,
        version,
        theirs={"State": partnership.ip or "", "Since": _said(partnership.ip_on)},
        yours={"State": wanted.state or "", "Since": _said(wanted.on)},
    )
    if (wanted.state is None) is not (wanted.on is None):
        raise RuleBroken("Give a state and its day, or neither.", field="on")
    if wanted.on is not None and wanted.on > today:
        raise RuleBroken("It is so since today, or a day before.", field="on")
    before = partnership.ip
    partnership.ip, partnership.ip_on = wanted.state, wanted.on
    partnership.ip_text = wanted.text
    session.flush()
    if before is not wanted.state:
        note(session, partnership, "IP set", by=by, now=now)


def close(
    session: Session,
    partnership: Partnership,
    *,
    on: date,
    how: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Nothing more is written into it. `pipeline.partnering` sees to it that its opportunity has
    ended before."""
    claim(session, partnership)
    if on > today or on < partnership.opened_on:
        opened = in_words(partnership.opened_on)
        raise RuleBroken(f"The day lies between its opening, {opened}, and today.", field="on")
    partnership.closed_on, partnership.closed_how = on, how
    session.flush()
    note(session, partnership, "closed", by=by, now=now)


def reopen(session: Session, partnership: Partnership, *, by: Actor, now: datetime) -> None:
    db.lock(session, partnership)
    if partnership.closed_on is None:
        raise WorkspaceClosed("It is open.")
    partnership.closed_on = partnership.closed_how = None
    session.flush()
    note(session, partnership, "opened again", by=by, now=now)


def claim(session: Session, partnership: Partnership) -> None:
    """Read it anew and keep others off it until this transaction ends. Raises
    `WorkspaceClosed`."""
    db.lock(session, partnership)
    if partnership.closed_on is not None:
        raise WorkspaceClosed(
            f"This workspace was closed on {in_words(partnership.closed_on)}. Open it again first."
        )


def note(session: Session, made: Partnership, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="partnership",
        record_id=made.id,
        label=made.title,
        parent=("company", made.company_id),
        by=by,
        now=now,
    )


def _refuse(session: Session, company_id: int, draft: NewPartnership, today: date) -> None:
    if draft.needs_text is None and (draft.needs_on or draft.needs_by_id):
        raise RuleBroken("Write down the needs that were stated.", field="needs_text")
    if draft.needs_on is not None and draft.needs_on > today:
        raise RuleBroken("They were stated today, or on a day before.", field="needs_on")
    if draft.needs_by_id is not None:
        there = select(Affiliation.id).where(
            Affiliation.person_id == draft.needs_by_id, Affiliation.company_id == company_id
        )
        if session.scalar(there.limit(1)) is None:
            raise NotTheirs("This person is not at the company.", field="needs_by")
    if draft.lead_id is not None:
        try:
            university.check(session, draft.lead_id, today)
        except university.NotOfTheUniversity:
            raise university.NotOfTheUniversity(
                "Who leads it is of the university: this person works at a company.", field="lead"
            ) from None


def _write(partnership: Partnership, draft: NewPartnership) -> None:
    for name in LABELS:
        if getattr(partnership, name) != getattr(draft, name):
            setattr(partnership, name, getattr(draft, name))


def _refuse_stale(
    partnership: Partnership, version: int, *, theirs: dict[str, str], yours: dict[str, str]
) -> None:
    if partnership.version != version:
        raise Stale(partnership.title, theirs=theirs, yours=yours)


def _nda_said(nda: NdaFacts) -> dict[str, str]:
    return {
        "State": nda.state or "",
        "Signed on": _said(nda.signed_on),
        "Last day": _said(nda.expires_on),
    }


def _said(value: Any) -> str:
    return in_words(value) if isinstance(value, date) else str(value or "")
