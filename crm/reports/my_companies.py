"""The companies somebody of the university has to do with, and who else has: before they collide.

No sums, no stages: faculty read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, desc, func, select, union
from sqlalchemy.orm import aliased

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities.models import Interest, Task, Touch
from crm.activities.queries import open_tasks, seen_by
from crm.companies.models import Company
from crm.companies.queries import runs_on
from crm.council.models import Place
from crm.partnerships.workspace_models import Partnership
from crm.partnerships.workspace_queries import partnerships_of
from crm.people.models import Person
from crm.pipeline.models import Mode, Opportunity

_OWNER, _LAST_BY = aliased(UserAccount), aliased(UserAccount)
_LAST, _MINE = aliased(Touch), aliased(Touch)


@dataclass(frozen=True, kw_only=True)
class MyCompanies:
    """Those a viewer looks after, has reported a contact with, pursues, meets in a working group,
    is convened for, or has an interest in; by name."""

    viewer: Viewer
    today: date
    latest: bool = False
    """Those first with which the viewer was in contact last."""

    def select(self) -> Select[Any]:
        """Company, its owner, the last contact anybody reported and by whom, the viewer's own
        last one, the modes that are open, and the next step."""
        found: Select[Any] = (
            select(  # type: ignore[assignment]
                Company.id,
                Company.name,
                Company.sector,
                _OWNER.name.label("owner"),
                _LAST.on.label("last_on"),
                _LAST.kind.label("last_kind"),
                _LAST_BY.name.label("last_by"),
                self._own_last().label("mine_on"),
                _open_modes().label("modes"),
                _next_step().label("step"),
            )
            .select_from(Company)
            .outerjoin(_OWNER, _OWNER.id == Company.owner_id)
            .outerjoin(_LAST, _LAST.id == self._latest())
            .outerjoin(_LAST_BY, _LAST_BY.id == _LAST.by_id)
            .where(self._among_theirs())
        )
        if self.latest:
            return found.order_by(desc("mine_on").nulls_last(), Company.name_key, Company.id)
        return found.order_by(Company.name_key, Company.id)

    def counted(self) -> Select[Any]:
        """The same companies, without what adorns them."""
        return select(Company.id).where(self._among_theirs())

    def _among_theirs(self) -> ColumnElement[bool]:
        theirs = self._theirs().subquery("theirs")
        return and_(Company.id.in_(select(theirs)), Company.archived_on.is_(None))

    def _theirs(self) -> Any:
        me = self.viewer.id
        own, own_person = aliased(Place), aliased(Person)
        return union(
            select(Company.id).where(Company.owner_id == me),
            select(Touch.company_id).where(Touch.by_id == me, Touch.struck_at.is_(None)),
            select(Opportunity.company_id).where(
                Opportunity.owner_id == me,
                Opportunity.won_on.is_(None),
                Opportunity.lost_on.is_(None),
            ),
            select(Place.company_id)
            .join(own, own.body_id == Place.body_id)
            .join(own_person, own_person.id == own.person_id)
            .where(
                own_person.user_id == me,
                Place.company_id.is_not(None),
                runs_on(Place, self.today),
                runs_on(own, self.today),
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
        .where(
            Opportunity.company_id == Company.id,
            Opportunity.won_on.is_(None),
            Opportunity.lost_on.is_(None),
        )
        .correlate(Company)
        .scalar_subquery()
    )


def _next_step() -> ScalarSelect[str]:
    return (
        select(Task.title)
        .where(Task.company_id == Company.id, open_tasks())
        .order_by(Task.due_on, Task.id)
        .limit(1)
        .correlate(Company)
        .scalar_subquery()
    )
