"""Loading the programme's file: every room takes over its own part, in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import loading as council
from crm.memberships import loading as memberships
from crm.people import operations as people
from crm.pipeline import loading as pipeline
from crm.programme import operations as programme
from crm.programme.models import Programme
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, now: datetime, today: date) -> Programme:
    """Update what is known, add what is new, retire what is gone; loading twice changes nothing."""
    loaded = programme.load(session, file, now=now, today=today)
    memberships.load(session, file, today=today)
    pipeline.load(session, file, today=today)
    council.load(session, file, today=today)
    people.load_directory(session, file.directory, today=today)
    return loaded
