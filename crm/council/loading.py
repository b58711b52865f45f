"""Taking over bodies from the programme's file."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.council.models import Body
from crm.kit.reference import sync
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, today: date) -> None:
    sync(session, Body, [{"key": body.key, "name": body.name} for body in file.bodies], today=today)
