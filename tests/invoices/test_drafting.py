"""What the worker drafts by itself, and that two workers draft it once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.cli import sweep
from crm.invoices.models import Invoice
from crm.web.database import db
from tests.cast import told
from tests.conftest import TODAY
from tests.office.test_invoices import due

HOW_MANY = select(func.count()).select_from(Invoice)
DAYS = timedelta(days=30)
A_DAY = timedelta(days=1)


def test_what_falls_due_within_the_days_of_the_file_is_drafted_once(
    app: Flask, session: Session
) -> None:
    soon = [due(session, on=day).id for day in (TODAY, TODAY + DAYS, TODAY - DAYS)]
    due(session, on=TODAY + DAYS + A_DAY)
    due(session, on=TODAY - DAYS - A_DAY)
    due(session, unsigned=True)
    due(session, minor=0)
    session.commit()
    with app.app_context():
        assert sweep.draft_what_falls_due() == len(soon)
        assert sweep.draft_what_falls_due() == 0
    assert told(session, HOW_MANY) == len(soon)
    assert told(session, select(Invoice.by_name).limit(1)) == "Alliance CRM"
    assert told(session, select(Invoice.number).where(Invoice.number.is_not(None))) is None


def test_two_workers_at_once_draft_it_once(app: Flask, session: Session) -> None:
    for place in range(6):
        due(session, on=date(2026, 7, 1 + place))
    session.commit()
    start = Barrier(2)

    def work(_: int) -> int:
        with app.app_context():
            start.wait()
            try:
                return sweep.draft_what_falls_due()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as workers:
        made = list(workers.map(work, range(2)))
    assert sum(made) == 6
    assert told(session, HOW_MANY) == 6
