"""What no operation would write of a project, and the database does not take either."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.projects.models import ProjectStage
from crm.projects.rules import Stage
from tests.factories.projects import ProjectFactory


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ("seats_offered = 3", "seats_of_kind"),
        ("ends_before = '2026-01-01'", "starts_first"),
    ],
)
def test_a_project_that_cannot_be(session, values, refusal):
    ProjectFactory()
    with pytest.raises(IntegrityError, match=refusal), session.begin_nested():
        session.execute(text(f"UPDATE project SET {values}"))


def test_stages_come_one_after_the_other(session):
    project = ProjectFactory()  # proposed on 5 January
    on = date(2026, 1, 4)
    session.add(
        ProjectStage(project_id=project.id, stage=Stage.SELECTED, on=on, by_name="Sam Okafor")
    )
    with pytest.raises(IntegrityError, match="in_order"):
        session.flush()
    session.rollback()
