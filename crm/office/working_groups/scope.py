"""Who may do what with a group: faculty those they chair, directors and staff all."""

from __future__ import annotations

from typing import Any

from flask import url_for

from crm.accounts.policy import Permission as P
from crm.council import place_queries
from crm.kit.errors import NotFound
from crm.office.acts import Act
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import queries
from crm.working_groups.models import WorkingGroup


def may_edit(group_id: int) -> bool:
    return the_viewer().may(P.COUNCIL_EDIT) or _chairs(group_id)


def may_release(group_id: int) -> bool:
    """Whether they let letters to the group's members out."""
    return the_viewer().may(P.MAIL_RELEASE) or _chairs(group_id)


def _chairs(group_id: int) -> bool:
    viewer = the_viewer()
    return viewer.may(P.GROUPS_EDIT) and place_queries.chairs_on(
        db.session(), group_id, viewer.id, programme.today()
    )


def to_edit(group_id: int) -> WorkingGroup:
    """The group, for whoever may change it; to others it is as if it were not there."""
    group = queries.get(db.session(), group_id)
    if not may_edit(group_id):
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
