"""Whether something runs on a day: the SQL twin answers as the rule does."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from crm.companies.models import Affiliation
from crm.kit.days import lasts_beyond, runs_on
from crm.kit.periods import runs
from tests.factories.companies import AffiliationFactory

BEGINS, ENDS = date(2026, 3, 1), date(2026, 6, 1)
A_DAY = timedelta(days=1)


def test_on_the_day_before_on_and_after_every_edge(session):
    for starts_on in (None, BEGINS):
        for ends_before in (None, BEGINS, ENDS):
            AffiliationFactory(starts_on=starts_on, ends_before=ends_before)
    jobs = session.scalars(select(Affiliation)).all()
    for day in (edge + off * A_DAY for edge in (BEGINS, ENDS) for off in (-1, 0, 1)):
        running = set(session.scalars(select(Affiliation.id).where(runs_on(Affiliation, day))))
        assert running == {job.id for job in jobs if runs(job.starts_on, job.ends_before, on=day)}
        lasting = set(session.scalars(select(Affiliation.id).where(lasts_beyond(Affiliation, day))))
        assert lasting == {j.id for j in jobs if j.ends_before is None or j.ends_before > day}
