"""Taking over modes, stages and lost reasons from the programme's file."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.kit.reference import sync
from crm.pipeline.models import LostReason, Mode, Stage
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, today: date) -> None:
    modes = sync(
        session,
        Mode,
        [
            {
                "key": mode.key,
                "name": mode.name,
                "summary": mode.summary,
                "membership": mode.starts_membership,
                "position": position,
            }
            for position, mode in enumerate(file.modes, 1)
        ],
        today=today,
    )
    reasons: list[dict[str, Any]] = [
        {"key": reason.key, "name": reason.name, "mode_id": None} for reason in file.lost_reasons
    ]
    for row, mode in zip(modes, file.modes, strict=True):
        stages = [
            {
                "mode_id": row.id,
                "key": stage.key,
                "name": stage.name,
                "probability": stage.probability,
                "help": stage.help,
                "screened": stage.screened,
                "handed_off": stage.handed_off,
                "position": position,
            }
            for position, stage in enumerate(mode.stages, 1)
        ]
        sync(session, Stage, stages, today=today, within=Stage.mode_id == row.id)
        reasons += [
            {"key": f"{mode.key}.{reason.key}", "name": reason.name, "mode_id": row.id}
            for reason in mode.lost_reasons
        ]
    numbered = [{**reason, "position": place} for place, reason in enumerate(reasons, 1)]
    sync(session, LostReason, numbered, today=today)
