"""What the worker does once a night, however many workers there are: it checks the register, and
deletes files that no row names.

A round is leased before it is made and noted in the journal when it is done: a worker that dies in
between loses nothing, another makes it when the lease has run out. See docs/decisions/0010.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm.accounts import rates
from crm.documents import sweeping
from crm.journal import operations as journal
from crm.kit.actors import SYSTEM
from crm.mail import operations as mail
from crm.reports import self_check as checks
from crm.web import clock, documents, links, programme
from crm.web.database import db, short_write, writing

log = logging.getLogger(__name__)

BEGINS_AT = time(2)
"""In the programme's zone; whoever was not there then makes up for it later in the day."""
LEASE = timedelta(minutes=15)
"""Longer than a round takes on the largest register."""


def self_check() -> None:
    """Make this night's round if it is time and nobody has. Tells the directors what is red."""
    try:
        if _is_due() and _leased():
            _make_round()
            _sweep_files()
    except (OperationalError, PoolTimeout):
        raise  # the database is away: the worker pauses and looks again
    except Exception:  # letters must go out, whatever a check stumbles over
        log.exception("the nightly self-check broke off")
        db.session.rollback()


def _sweep_files() -> None:
    try:
        gone = sweeping.sweep(db.session(), documents.store(), now=clock.now())
    except (OperationalError, PoolTimeout):
        raise
    except Exception:  # the next round tries again
        log.exception("files that no row names were not swept")
    else:
        log.info("files that no row names: %d deleted", gone)
    finally:
        db.session.rollback()


def _is_due() -> bool:
    now = clock.now().astimezone(ZoneInfo(programme.current().zone))
    if now.time() < BEGINS_AT:
        return False
    tonight = datetime.combine(now.date(), time(), now.tzinfo)
    last = checks.last_round(db.session())
    made = last is not None and last.at >= tonight
    db.session.rollback()
    return not made


def _leased() -> bool:
    with short_write() as connection:
        lease = rates.count_up(connection, checks.KIND, now=clock.now(), window=LEASE)
    return lease.times == 1


def _make_round() -> None:
    today = programme.today()
    made = checks.results(db.session(), today)
    db.session.rollback()  # what was read is read: nobody waits for it
    says = checks.in_words(made)
    with writing():
        told = checks.letters(
            db.session(),
            made,
            day=today,
            programme=programme.current().name,
            link=links.page("self_check.show"),
        )
        mail.post_all(db.session(), told, now=clock.now())
        journal.note(
            db.session(),
            "made",
            kind=checks.KIND,
            record_id=None,
            label=says,
            by=SYSTEM,
            now=clock.now(),
        )
        db.session.commit()
    log.log(logging.WARNING if checks.red(made) else logging.INFO, "self-check: %s", says)
