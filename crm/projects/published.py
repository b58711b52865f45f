"""What strangers read of projects: outputs for everybody, once they are out."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select

from crm.projects.models import Project
from crm.projects.people_models import ProjectOutput
from crm.projects.rules import Readers


@lru_cache(maxsize=64)
def for_everybody(day: date) -> Select[Any]:
    """The latest first: title, link and day, with the project's title and kind. Nobody's name."""
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            ProjectOutput.id,
            ProjectOutput.title,
            ProjectOutput.link,
            ProjectOutput.came_on,
            Project.title.label("project"),
            Project.kind,
        )
        .join(ProjectOutput.project)
        .where(ProjectOutput.readers == Readers.PUBLIC, ProjectOutput.came_on <= day)
    )
    return found.order_by(ProjectOutput.came_on.desc(), ProjectOutput.id.desc())
