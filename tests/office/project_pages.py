"""What the tests of projects' pages share."""

from __future__ import annotations

from typing import Any

from crm.projects.rules import FacultyRole
from tests.conftest import TODAY
from tests.factories.companies import (
    PersonFactory,
)
from tests.factories.projects import (
    FacultyFactory,
    ProjectFactory,
)

PROJECTS = "/office/projects"
DAY = TODAY.isoformat()


def led_by(who: Any, session: Any, role: FacultyRole = FacultyRole.LEAD) -> int:
    """The id of a project that runs."""
    project = ProjectFactory(title="Reading castings", running=True)
    person = PersonFactory(name="Fay of the faculty", user_id=who.user_id)
    FacultyFactory(project_id=project.id, person=person, role=role)
    id_ = project.id
    session.commit()
    return id_
