"""The terms of a workspace: its NDA with files, and where intellectual property stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from obstore.store import ObjectStore
from sqlalchemy.orm import Session

from crm.documents import operations as documents
from crm.documents.operations import NamedFile
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.partnerships import workspace_rules as rules
from crm.partnerships import workspaces
from crm.partnerships.workspace_models import NdaFile, Partnership
from crm.partnerships.workspace_rules import Ip, NdaFacts


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
    workspaces.claim(session, partnership)
    nda = partnership.nda_facts
    workspaces.refuse_stale(
        partnership, version, theirs=_nda_told(nda), yours=_nda_told(wanted.facts)
    )
    rules.refuse_nda(wanted.facts, today=today)
    partnership.nda = wanted.facts.state
    partnership.nda_signed_on = wanted.facts.signed_on
    partnership.nda_expires_on = wanted.facts.expires_on
    partnership.nda_reference = wanted.reference
    partnership.nda_note = wanted.note
    session.flush()
    if nda != wanted.facts:
        workspaces.note(session, partnership, "NDA set", by=by, now=now)


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
    workspaces.claim(session, partnership)
    return documents.keep_with(
        session, store, NdaFile, wanted, by=by, now=now, today=today, partnership_id=partnership.id
    )


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
    workspaces.claim(session, partnership)
    workspaces.refuse_stale(
        partnership,
        version,
        theirs={"State": partnership.ip, "Since": partnership.ip_on},
        yours={"State": wanted.state, "Since": wanted.on},
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
        workspaces.note(session, partnership, "IP set", by=by, now=now)


def _nda_told(nda: NdaFacts) -> dict[str, object]:
    return {"State": nda.state, "Signed on": nda.signed_on, "Last day": nda.expires_on}
