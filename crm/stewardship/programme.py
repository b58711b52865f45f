"""Loading the programme's file: every room takes over its own part, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import loading as council
from crm.council.models import Body
from crm.memberships import loading as memberships
from crm.memberships.benefit_models import Benefit
from crm.memberships.models import Tier
from crm.people import operations as people
from crm.people.models import DirectoryEntry
from crm.pipeline import loading as pipeline
from crm.pipeline.models import LostReason, Mode, Stage
from crm.programme import operations as programme
from crm.programme.models import Challenge, FocusArea, Programme
from crm.programme.rules import ProgrammeFile


@dataclass(frozen=True, kw_only=True)
class Retired:
    kind: str
    name: str
    retired_on: date


def load(session: Session, file: ProgrammeFile, *, now: datetime, today: date) -> Programme:
    """Update what is known, add what is new, retire what is gone; loading twice changes nothing."""
    loaded = programme.load(session, file, now=now, today=today)
    memberships.load(session, file, today=today)
    pipeline.load(session, file, today=today)
    council.load(session, file, now=now, today=today)
    people.load_directory(session, file.directory, today=today)
    return loaded


def retired(session: Session) -> list[Retired]:
    """What the file once listed and no longer does; records that refer to it keep it."""
    listed: tuple[tuple[str, type[Any]], ...] = (
        ("Challenge", Challenge),
        ("Focus area", FocusArea),
        ("Engagement mode", Mode),
        ("Stage", Stage),
        ("Lost reason", LostReason),
        ("Tier", Tier),
        ("Benefit", Benefit),
        ("Body", Body),
        ("Directory", DirectoryEntry),
    )
    return [
        Retired(kind=kind, name=row.name, retired_on=row.retired_on)
        for kind, model in listed
        for row in session.execute(
            select(model.name, model.retired_on)
            .where(model.retired_on.is_not(None))
            .order_by(model.retired_on.desc(), model.id)
        )
    ]
