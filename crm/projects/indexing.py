"""What is found of projects: the title, what it is about, and the challenges it works on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from crm.programme.models import Challenge
from crm.projects.models import Project, ProjectChallenge
from crm.projects.rules import OVER
from crm.search.operations import Entry, Source
from crm.search.rules import Kind


def projects(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    about: dict[int, list[str]] = defaultdict(list)
    challenges = (
        select(ProjectChallenge.project_id, Challenge.name)
        .join(Challenge, Challenge.id == ProjectChallenge.challenge_id)
        .where(ProjectChallenge.project_id.in_(ids))
        .order_by(Challenge.number)
    )
    for project_id, name in connection.execute(challenges):
        about[project_id].append(name)
    rows = connection.execute(
        select(Project.id, Project.title, Project.kind, Project.stage, Project.about).where(
            Project.id.in_(ids)
        )
    )
    for id_, title, kind, stage, text in rows:
        yield Entry(
            record_id=id_,
            title=title,
            subtitle=f"{kind.capitalize()}, {stage}",
            texts=(kind, text, *about[id_]),
            archived=stage in OVER,
        )


SOURCES = (
    Source(
        kind=Kind.PROJECT,
        entries=projects,
        concerned={
            Project: lambda project: (project.id,),
            ProjectChallenge: lambda row: (row.project_id,),
        },
    ),
)
