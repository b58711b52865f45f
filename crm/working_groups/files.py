"""The files of a group."""

from __future__ import annotations

from datetime import date, datetime

from obstore.store import ObjectStore
from sqlalchemy.orm import Session

from crm.documents import operations as documents
from crm.documents.operations import NamedFile
from crm.kit.actors import Actor
from crm.working_groups.models import GroupFile, WorkingGroup
from crm.working_groups.operations import note, refuse_closed


def add(
    session: Session,
    store: ObjectStore,
    group: WorkingGroup,
    wanted: NamedFile,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> GroupFile:
    """One more file; earlier ones stay. Raises `documents.operations.UnfitFile`."""
    refuse_closed(group, today)
    added = documents.keep_with(
        session, store, GroupFile, wanted, by=by, now=now, today=today, group_id=group.id
    )
    note(session, group, "given a file", by=by, now=now)
    return added
