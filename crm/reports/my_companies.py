"""The companies somebody of the university has to do with, and who else has: before they collide.

No sums, no stages: faculty read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, select, union
from sqlalchemy.orm import aliased

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities.models import Interest, Task, Touch
from crm.activities.queries import kind_for, open_tasks, seen_by
from crm.companies.models import Company
from crm.council.models import Place
from crm.kit.days import runs_on
from crm.partnerships.workspace_models import Partnership
from crm.partnerships.workspace_queries import partnerships_of
from crm.people.models import Person
from crm.pipeline.models import Mode, Opportunity
from crm.pipeline.queries import IS_OPEN
from crm.projects.models import Project
from crm.projects.people_models import ProjectCompany, ProjectFaculty
from crm.projects.rules import OVER
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked

SORTS = ("name", "last", "mine")
MOST_MATCHES = 500

_OWNER, _LAST_BY = aliased(UserAccount), aliased(UserAccount)
_LAST, _MINE = aliased(Touch), aliased(Touch)


@dataclass(frozen=True, kw_only=True)
class MyCompanies:
    """Those a viewer looks after, has reported a contact with, pursues, meets in a working group
    or in a project that goes on, is convened for, or has an interest in; `sort` is one of `SORTS`,
    `-` before it downwards."""

    viewer: Viewer
    today: date
    q: str = ""
    sort: str = "name"

    def select(self) -> Select[Any]:
        """Company, its owner, the last contact anybody reported and by whom, the viewer's own
        last one, the modes that are open, and the next step."""
        found: Select[Any] = (
            select(
                Company.id,
                Company.name,
                Company.sector,
                _OWNER.name.label("owner"),
                _LAST.on.label("last_on"),
                kind_for(self.viewer, _LAST).label("last_kind"),
                _LAST_BY.name.label("last_by"),
                self._own_last().label("mine_on"),
                _open_modes().label("modes"),
                _next_step(Task.title).label("step"),
                _next_step(Task.due_on).label("step_on"),
            )
            .select_from(Company)
            .outerjoin(_OWNER, _OWNER.id == Company.owner_id)
            .outerjoin(_LAST, _LAST.id == self._latest())
            .outerjoin(_LAST_BY, _LAST_BY.id == _LAST.by_id)
            .where(self._among_theirs())
        )
        return found.order_by(*self._order())

    def _order(self) -> Sequence[Any]:
        """Without a contact it comes last either way."""
        down, key = self.sort.startswith("-"), self.sort.removeprefix("-")
        if key == "name":
            return (Company.name_key.desc() if down else Company.name_key, Company.id)
        by: Any = _LAST.on if key == "last" else self._own_last()
        return by.is_(None), by.desc() if down else by, Company.name_key, Company.id

    def counted(self) -> Select[Any]:
        """The same companies, without what adorns them."""
        return select(Company.id).where(self._among_theirs())

    def _among_theirs(self) -> ColumnElement[bool]:
        theirs = self._theirs().subquery("theirs")
        among = and_(Company.id.in_(select(theirs)), Company.archived_on.is_(None))
        if words := asked(self.q):
            found: ColumnElement[bool] = Company.id.op("IN")(
                matching_ids(Kind.COMPANY, words, MOST_MATCHES)
            )
            return and_(among, found)
        return among if not self.q else and_(among, false())

    def _theirs(self) -> Any:
        me = self.viewer.id
        own, own_person = aliased(Place), aliased(Person)
        return union(
            select(Company.id).where(Company.owner_id == me),
            select(Touch.company_id).where(Touch.by_id == me, Touch.struck_at.is_(None)),
            select(Opportunity.company_id).where(Opportunity.owner_id == me, IS_OPEN),
            select(Place.company_id)
            .join(own, own.body_id == Place.body_id)
            .join(own_person, own_person.id == own.person_id)
            .where(
                own_person.user_id == me,
                Place.company_id.is_not(None),
                runs_on(Place, self.today),
                runs_on(own, self.today),
            ),
            select(ProjectCompany.company_id)
            .join(Project, Project.id == ProjectCompany.project_id)
            .join(ProjectFaculty, ProjectFaculty.project_id == Project.id)
            .join(ProjectFaculty.person)
            .where(
                Person.user_id == me,
                runs_on(ProjectFaculty, self.today),
                Project.stage.not_in(OVER),
            ),
            select(Interest.company_id)
            .join(Interest.person)
            .where(Person.user_id == me, runs_on(Interest, self.today)),
            select(Partnership.company_id).where(
                Partnership.closed_on.is_(None), Partnership.id.in_(partnerships_of(me))
            ),
        )

    def _latest(self) -> ScalarSelect[int]:
        """The last contact the viewer may know of."""
        return (
            select(Touch.id)
            .where(Touch.company_id == Company.id, Touch.struck_at.is_(None), seen_by(self.viewer))
            .order_by(Touch.on.desc(), Touch.id.desc())
            .limit(1)
            .correlate(Company)
            .scalar_subquery()
        )

    def _own_last(self) -> ScalarSelect[date]:
        return (
            select(func.max(_MINE.on))
            .where(
                _MINE.company_id == Company.id,
                _MINE.by_id == self.viewer.id,
                _MINE.struck_at.is_(None),
            )
            .correlate(Company)
            .scalar_subquery()
        )


def _open_modes() -> ScalarSelect[str]:
    """The names of the modes it is talked to about, one after another."""
    return (
        select(func.aggregate_strings(Mode.name, ", "))
        .join(Opportunity, Opportunity.mode_id == Mode.id)
        .where(Opportunity.company_id == Company.id, IS_OPEN)
        .correlate(Company)
        .scalar_subquery()
    )


def _next_step(column: Any) -> ScalarSelect[Any]:
    return (
        select(column)
        .where(Task.company_id == Company.id, open_tasks())
        .order_by(Task.due_on, Task.id)
        .limit(1)
        .correlate(Company)
        .scalar_subquery()
    )
