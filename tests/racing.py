"""Many at once: each racer in a thread, a session and a committed transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy.orm import Session

from crm.kit.errors import CRMError
from crm.web.database import db, writing

Act = Callable[[Session], object]


def race(app: Flask, acts: Sequence[Act]) -> list[CRMError | None]:
    """Run the acts at once; None for each that was committed, else how it was refused."""
    start = Barrier(len(acts))

    def run(act: Act) -> CRMError | None:
        with app.app_context(), writing():
            start.wait()
            try:
                act(db.session())
                db.session.commit()
            except CRMError as refusal:
                db.session.rollback()
                return refusal
            finally:
                db.session.remove()
        return None

    with ThreadPoolExecutor(len(acts)) as racers:
        return list(racers.map(run, acts))
