"""Taking over the programme's own words from its file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.reference import sync
from crm.programme.models import Challenge, FocusArea, Programme
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, now: datetime, today: date) -> Programme:
    """Keep what the file says of the programme itself, its challenges and its areas."""
    facts = as_json(file)
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    programme = session.scalar(select(Programme))
    if programme is None:
        programme = Programme(name=file.name, facts=facts, digest=digest, loaded_at=now)
        session.add(programme)
    elif programme.digest != digest:
        programme.name, programme.facts, programme.digest = file.name, facts, digest
        programme.loaded_at = now
    challenges = ({"key": c.key, "name": c.name, "number": c.number} for c in file.challenges)
    sync(session, Challenge, challenges, today=today)
    areas = [
        {"key": area.key, "name": area.name, "position": position, "research": research}
        for research, listed in ((False, file.focus_areas), (True, file.research_fields))
        for position, area in enumerate(listed, 1)
    ]
    sync(session, FocusArea, areas, today=today, key=("research", "key"))
    return programme


def mark_demo(session: Session, *, since: datetime | None) -> None:
    """Note that the register holds the demo, or no longer does."""
    programme = session.scalars(select(Programme)).one()
    programme.demo_since = since
    session.flush()


def as_json(file: ProgrammeFile) -> dict[str, Any]:
    """The file's facts as JSON holds them: days ISO, fees `{"minor": …, "currency": …}`."""
    facts: dict[str, Any] = json.loads(json.dumps(asdict(file), default=_iso))
    return facts


def _iso(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
