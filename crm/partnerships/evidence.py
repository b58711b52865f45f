"""The files on which a value stands."""

from __future__ import annotations

from datetime import date, datetime

from obstore.store import ObjectStore
from sqlalchemy.orm import Session

from crm.documents import operations as documents
from crm.documents.operations import NamedFile
from crm.kit.actors import Actor
from crm.partnerships.models import Contribution, Evidence


def add(
    session: Session,
    store: ObjectStore,
    contribution: Contribution,
    wanted: NamedFile,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Evidence:
    """One more file; earlier ones stay. Raises `documents.operations.UnfitFile`."""
    return documents.keep_with(
        session,
        store,
        Evidence,
        wanted,
        by=by,
        now=now,
        today=today,
        contribution_id=contribution.id,
    )
