"""What the worker does by itself with what falls due: drafts, which a person issues."""

from __future__ import annotations

import logging

from sqlalchemy.exc import IntegrityError

from crm.invoices import billing, duty, settings
from crm.kit.actors import SYSTEM
from crm.kit.errors import CRMError
from crm.web import clock, programme
from crm.web.database import db, writing

log = logging.getLogger(__name__)


def draft_what_falls_due() -> int:
    """Draft what falls due within the days the programme's file says; how many drafts that made.

    Each in a transaction of its own. Any number of workers may do it at once: the database lets
    an instalment stand on one invoice only, and who comes second makes nothing.
    """
    days, today = settings.current(db.session()).bill_days_before, programme.today()
    due = duty.to_be_drafted(db.session(), today=today, days=days)
    db.session.rollback()
    made = 0
    for ids in due:
        with writing():
            try:
                billing.bill(db.session(), ids, by=SYSTEM, now=clock.now(), today=today)
                db.session.commit()
                made += 1
            except (CRMError, IntegrityError) as refusal:
                db.session.rollback()
                log.info("instalments %s are not drafted: %s", ids, refusal)
    if made:
        log.info("%d drafts of what falls due", made)
    return made
