"""What major partnerships came to: needs stated, areas agreed, scopes, hand-offs.

No sum, and no word of a screening or of who stands where on intellectual property: that is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.partnerships.area_models import Area, AreaChallenge, AreaFaculty
from crm.partnerships.workspace_models import Convened, Handoff, Partnership, Scope
from crm.people.models import Person
from crm.reports.engagement.lines import Asked, Line, Sort, challenge_names, joined


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    yield from _needs(session, asked)
    yield from _areas(session, asked)
    yield from _scopes(session, asked)
    yield from _handoffs(session, asked)


def _of(asked: Asked, on: Any, *more: Any) -> Select[Any]:
    """`company_id`, `partnership_id`, `title` and `on`, of what happened within the days."""
    found: Select[Any] = select(
        Partnership.company_id,
        Partnership.id.label("partnership_id"),
        Partnership.title,
        on.label("on"),
        *more,
    )
    return found.where(asked.of(Partnership.company_id), asked.within(on))


def _line(row: Any, what: str, id_: int, **more: Any) -> Line:
    return Line(
        company_id=row.company_id,
        on=row.on,
        sort=Sort.PARTNERSHIP,
        what=what,
        id=id_,
        url=f"/office/engagements/partnerships/{row.partnership_id}",
        **more,
    )


def _needs(session: Session, asked: Asked) -> Iterable[Line]:
    for row in session.execute(_of(asked, Partnership.needs_on)):
        yield _line(row, row.title, row.partnership_id, outcome="Needs stated")


def _areas(session: Session, asked: Asked) -> Iterable[Line]:
    """Agreed on, with whoever of the faculty is interested."""
    found = _of(asked, Area.agreed_on, Area.id, Area.title.label("area"))
    rows = session.execute(found.join(Area, Area.partnership_id == Partnership.id)).all()
    ids = {row.id for row in rows}
    names = (
        select(AreaFaculty.area_id, Person.name)
        .join(Convened, Convened.id == AreaFaculty.convened_id)
        .join(Person, Person.id == Convened.person_id)
        .where(AreaFaculty.area_id.in_(ids))
        .order_by(AreaFaculty.area_id, Person.name_key, Person.id)
    )
    faculty = joined(session.execute(names)) if ids else {}
    challenges = challenge_names(session, AreaChallenge, AreaChallenge.area_id, ids) if ids else {}
    for row in rows:
        yield _line(
            row,
            row.area,
            row.id,
            university_people=faculty.get(row.id, ""),
            challenges=challenges.get(row.id, ""),
            outcome=f"Area agreed, {row.title}",
        )


def _scopes(session: Session, asked: Asked) -> Iterable[Line]:
    found = _of(asked, Scope.written_on, Scope.id, Scope.number)
    for row in session.execute(found.join(Scope, Scope.partnership_id == Partnership.id)):
        yield _line(row, row.title, row.id, outcome=f"Scope written, version {row.number}")


def _handoffs(session: Session, asked: Asked) -> Iterable[Line]:
    found = _of(asked, Handoff.on, Handoff.id, Handoff.to_whom, Handoff.reference)
    standing = found.join(Handoff, Handoff.partnership_id == Partnership.id).where(
        Handoff.struck_at.is_(None)
    )
    for row in session.execute(standing):
        number = f", number {row.reference}" if row.reference else ""
        yield _line(
            row,
            row.title,
            row.id,
            university_people=row.to_whom,
            outcome=f"Handed to the research office{number}",
        )
