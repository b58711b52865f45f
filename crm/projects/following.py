"""What is to be reached in a project, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy.orm import Session

from crm.kit import db
from crm.kit.errors import RuleBroken, Stale
from crm.kit.text import web_address
from crm.projects import rules
from crm.projects.models import Project, ProjectMilestone
from crm.projects.people_models import ProjectOutput
from crm.projects.rules import Readers


@dataclass(frozen=True, kw_only=True)
class NewMilestone:
    title: str
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class NewOutput:
    """`came_on`: the day from which it can be read."""

    title: str
    link: str
    readers: Readers
    came_on: date


def plan(
    session: Session, project: Project, draft: NewMilestone, *, today: date
) -> ProjectMilestone:
    _check(draft, today)
    made = ProjectMilestone(project_id=project.id, **asdict(draft))
    session.add(made)
    session.flush()
    return made


def change(
    session: Session, milestone: ProjectMilestone, draft: NewMilestone, *, version: int, today: date
) -> None:
    """Another day, another wording, or that it is reached. Raises `Stale`."""
    _check(draft, today)
    _write(session, milestone, asdict(draft), version=version)


def publish(session: Session, project: Project, draft: NewOutput) -> ProjectOutput:
    made = ProjectOutput(project_id=project.id, **_checked(draft))
    session.add(made)
    session.flush()
    return made


def republish(session: Session, output: ProjectOutput, draft: NewOutput, *, version: int) -> None:
    """Raises `Stale`."""
    _write(session, output, _checked(draft), version=version)


def _write(
    session: Session,
    row: ProjectMilestone | ProjectOutput,
    values: dict[str, object],
    *,
    version: int,
) -> None:
    db.lock(session, row)
    if row.version != version:
        shown = [name for name in values if getattr(row, name) != values[name]]
        words = {name: name.removesuffix("_on").capitalize() for name in shown}
        raise Stale(
            f"“{row.title}”",
            theirs={words[name]: str(getattr(row, name) or "") for name in shown},
            yours={words[name]: str(values[name] or "") for name in shown},
        )
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    session.flush()


def _check(draft: NewMilestone, today: date) -> None:
    if draft.done_on is not None and draft.done_on > today:
        raise RuleBroken("It is done once it is done: that day is still ahead.", field="done_on")


def _checked(draft: NewOutput) -> dict[str, object]:
    link = web_address(draft.link)
    if link is None or not rules.is_https(link):
        raise RuleBroken(
            "Give an address that begins with https://, such as https://www.acme.example/paper.",
            field="link",
        )
    return {**asdict(draft), "link": link}
