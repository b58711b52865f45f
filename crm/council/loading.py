"""Taking over bodies from the programme's file."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.council import queries
from crm.council.models import Body
from crm.council.rules import BodyKind
from crm.kit.reference import sync
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, today: date) -> None:
    """Working groups stay as they are: they are not the file's."""
    sync(
        session,
        Body,
        [
            {
                "key": body.key,
                "name": body.name,
                "kind": BodyKind.COUNCIL if body.key == queries.COUNCIL else BodyKind.COMMITTEE,
            }
            for body in file.bodies
        ],
        today=today,
        within=Body.kind != BodyKind.GROUP,
    )
