"""Who may do what with a group: faculty those they chair, directors and staff all."""

from __future__ import annotations

from typing import Any

from flask import url_for

from crm.council import rights
from crm.council.models import Body
from crm.council.rights import Reserved
from crm.kit.errors import NotFound
from crm.office.acts import Act
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import queries
from crm.working_groups.models import WorkingGroup


def may_edit(body: Body) -> bool:
    return rights.may_edit(db.session(), the_viewer(), body, programme.today())


def may_release(body: Body) -> bool:
    return rights.may_release(db.session(), the_viewer(), body, programme.today())


def reserved(group_id: int) -> Reserved:
    return rights.reserved_places(db.session(), the_viewer(), group_id)


def to_edit(group_id: int) -> WorkingGroup:
    """The group, for whoever may change it; to others it is as if it were not there."""
    group = queries.get(db.session(), group_id)
    if not may_edit(group.body):
        raise NotFound("There is no such working group, or it is not yours to change.")
    return group


def act_on(group: WorkingGroup, url: str, *, anchor: str = "", **words: Any) -> Act:
    back = url_for("working_groups.show", group_id=group.id, _anchor=anchor or None)
    return Act(url=url, back=back, trail=trail(group), **words)


def trail(group: WorkingGroup) -> tuple[tuple[str, str], ...]:
    return (
        ("Working groups", url_for("working_groups.index")),
        (group.body.name, url_for("working_groups.show", group_id=group.id)),
    )


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}


def dated() -> dict[str, Any]:
    return {**edge(), "today": programme.today()}
