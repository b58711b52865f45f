"""The files of a project: proposals, reports, posters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.documents import operations as documents
from crm.documents.operations import NamedFile
from crm.kit.actors import Actor
from crm.kit.errors import NotFound
from crm.projects.models import Project
from crm.projects.operations import note
from crm.projects.people_models import ProjectFile


def add(
    session: Session,
    store: ObjectStore,
    project: Project,
    wanted: NamedFile,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> ProjectFile:
    """One more file; earlier ones stay. Raises `documents.operations.UnfitFile`."""
    added = documents.keep_with(
        session, store, ProjectFile, wanted, by=by, now=now, today=today, project_id=project.id
    )
    note(session, project, "given a file", by=by, now=now)
    return added


def of_project(session: Session, project_id: int) -> Sequence[ProjectFile]:
    """With their documents, the latest first."""
    found = select(ProjectFile).where(ProjectFile.project_id == project_id)
    return session.scalars(
        found.options(joinedload(ProjectFile.document)).order_by(ProjectFile.id.desc())
    ).all()


def get(session: Session, file_id: int) -> ProjectFile:
    """With its document. Raises `NotFound`."""
    found = session.get(ProjectFile, file_id, options=[joinedload(ProjectFile.document)])
    if found is None:
        raise NotFound("There is no such file.")
    return found
