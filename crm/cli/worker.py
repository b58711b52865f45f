"""The process beside the web server: it delivers letters, drafts what falls due, clears what has
run out, and checks the register every night.

There is no queue to lose work from. Work lies in tables, the worker looks again and again, and
any number of workers may look at once: a letter is leased before it is sent.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm.accounts import expired
from crm.cli import nightly, sweep
from crm.mail import operations as mail
from crm.mail import queries as letters
from crm.web import clock, postman
from crm.web.database import db, writing

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks when all is well."""
LONGEST_PAUSE = 30.0
"""Seconds between two looks while the database is away."""
CLEAR_EVERY = timedelta(hours=6)
CHECK_EVERY = timedelta(minutes=5)
"""Between two looks whether this night's round was made."""
DRAFT_EVERY = timedelta(hours=1)


@click.command()
@with_appcontext
def worker() -> None:
    """Deliver letters, draft what falls due, clear what has run out, check the register nightly."""
    ending = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda number, frame: ending.set())
    cleared_at: datetime | None = None
    checked_at: datetime | None = None
    drafted_at: datetime | None = None
    pause = LOOK_EVERY
    while not ending.is_set():
        try:
            deliver(stopped=ending.is_set)
            if cleared_at is None or clock.now() - cleared_at > CLEAR_EVERY:
                clear()
                cleared_at = clock.now()
            if checked_at is None or clock.now() - checked_at > CHECK_EVERY:
                nightly.self_check()
                checked_at = clock.now()
            if drafted_at is None or clock.now() - drafted_at > DRAFT_EVERY:
                sweep.draft_what_falls_due()
                drafted_at = clock.now()
            pause = LOOK_EVERY
        except (OperationalError, PoolTimeout) as error:
            pause = min(pause * 2, LONGEST_PAUSE)
            log.warning("database not available, next look in %.0f s: %s", pause, error)
        finally:
            db.session.remove()
        ending.wait(pause)


def deliver(*, stopped: Callable[[], bool] = lambda: False) -> None:
    """Hand over what is due, if there is a server to hand it to."""
    if not postman.can_deliver():
        return
    waiting = letters.anything_waiting(db.session(), now=clock.now())
    db.session.rollback()  # on SQLite what has begun to read cannot write, here or in what follows
    if not waiting:
        return
    with writing():
        mail.deliver_due(db.session, postman.hand_over, clock=clock.now, stopped=stopped)


def clear() -> None:
    with writing():
        expired.clear(db.session(), now=clock.now())
        db.session.commit()
