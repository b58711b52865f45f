"""What happened with a company, newest first: inquiries, contacts, tasks done, stages, terms,
contributions, benefits used, what major partnerships came to, its projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, Select, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Touch, TouchPerson
from crm.benefits import company_benefits
from crm.kit.among import among
from crm.partnerships import company_engagements, company_workspaces
from crm.people.models import Person
from crm.pipeline.models import Inquiry
from crm.reports import company_projects
from crm.reports.acquaintances import people_of
from crm.reports.company_standing import TermLine
from crm.reports.timeline import parts
from crm.reports.timeline.events import Event, acts, told
from crm.reports.timeline.parts import ANSWERED, ASKED, THIS, TODAY


def of_company(
    session: Session,
    company_id: int,
    terms: Iterable[TermLine],
    *,
    viewer: Viewer,
    today: date,
    zone: ZoneInfo,
    limit: int,
) -> tuple[list[Event], bool]:
    """The latest events, and whether there are more. Two SELECTs; `terms` are the company's."""
    asked = {"company_id": company_id, "today": today}
    rows = session.execute(_latest(viewer, limit + 1), asked).all()
    rows = sorted(rows, key=lambda row: (row.on, row.id), reverse=True)
    met = _people(session, [row.id for row in rows[:limit] if row.what == "touch"], viewer, today)
    events = [told(row, met.get(row.id, ()), viewer, zone) for row in rows]
    if viewer.may(P.MEMBERSHIPS_READ):
        events += [e for term in terms for e in acts(term, viewer) if e.on <= today]
    events.sort(key=lambda event: event.on, reverse=True)
    return events[:limit], len(events) > limit


@lru_cache(maxsize=256)
def _latest(viewer: Viewer, limit: int) -> Executable:
    there = [parts.touches(viewer), parts.tasks()]
    if viewer.may(P.PIPELINE_READ):
        there.append(parts.stages())
    if viewer.may(P.INQUIRIES_READ):
        there.append(parts.inquiries(ASKED, Inquiry.received_at))
        there.append(parts.inquiries(ANSWERED, Inquiry.answered_at))
    if viewer.may(P.ENGAGEMENTS_READ):
        there.append(company_engagements.steps(THIS))
        there.append(company_workspaces.steps(THIS))
    if viewer.may(P.BENEFITS_READ):
        there.append(company_benefits.events(THIS, TODAY))
    if viewer.may(P.PROJECTS_READ):
        there.append(company_projects.events(THIS, TODAY, viewer))
    latest = [select(part.limit(limit).subquery()) for part in there]
    return latest[0].union_all(*latest[1:])


def _people(
    session: Session, touch_ids: Sequence[int], viewer: Viewer, today: date
) -> dict[int, list[tuple[int, str]]]:
    """Who took part, of those the viewer may know."""
    met: dict[int, list[tuple[int, str]]] = defaultdict(list)
    there = session.execute(_taking_part(viewer, today), {"touches": touch_ids}).all()
    for row in sorted(there, key=attrgetter("name_key", "id")):
        met[row.touch_id].append((row.id, row.name))
    return met


@lru_cache(maxsize=256)
def _taking_part(viewer: Viewer, today: date) -> Select[Any]:
    found: Select[Any] = (
        select(TouchPerson.touch_id, Person.id, Person.name, Person.name_key)  # type: ignore[assignment]
        .join(Person, Person.id == TouchPerson.person_id)
        .where(among(TouchPerson.touch_id, "touches"))
    )
    scope = people_of(viewer, today)
    if scope is not None:  # who took part in a contact shown as such is not told
        found = found.join(Touch, Touch.id == TouchPerson.touch_id)
        found = found.where(Person.id.in_(scope), activities.read_by(viewer))
    return found
