"""The programme's reference rows by the keys that stories use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.memberships.models import Tier
from crm.pipeline.models import LostReason, Mode, Stage
from crm.programme.models import Challenge


@dataclass(frozen=True)
class Words:
    challenges: dict[str, int]
    tiers: dict[str, Tier]
    modes: dict[str, Mode]
    stages: dict[str, list[int]]
    """Of a mode's key, in order."""
    lost_reasons: dict[str, int]
    """A mode's own as `alliance.fee`."""

    def lost_reason(self, mode: str, key: str) -> int:
        own = f"{mode}.{key}"
        return self.lost_reasons[own if own in self.lost_reasons else key]


def read(session: Session) -> Words:
    modes = {mode.key: mode for mode in session.scalars(select(Mode))}
    stages = session.scalars(
        select(Stage).where(Stage.retired_on.is_(None)).order_by(Stage.position, Stage.id)
    ).all()
    return Words(
        challenges={row.key: row.id for row in session.scalars(select(Challenge))},
        tiers={row.key: row for row in session.scalars(select(Tier))},
        modes=modes,
        stages={
            key: [stage.id for stage in stages if stage.mode_id == mode.id]
            for key, mode in modes.items()
        },
        lost_reasons={row.key: row.id for row in session.scalars(select(LostReason))},
    )
