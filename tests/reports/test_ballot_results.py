"""Ballots are reported from the day of their close on, as the programme's clock has it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.reports import ballot_results
from tests.factories.ballots import BallotFactory, seated

DANA = Viewer(1, "Dana Whitfield", "dana@office.example", frozenset({Role.DIRECTOR}))


@pytest.mark.parametrize(
    ("zone", "closes_at", "day"),
    [
        # 00:30 on 19 June in Tokyo, 23:30 on 18 June in Honolulu: in Boston it is another day
        ("Asia/Tokyo", datetime(2026, 6, 18, 15, 30, tzinfo=UTC), date(2026, 6, 18)),
        ("Pacific/Honolulu", datetime(2026, 6, 19, 9, 30, tzinfo=UTC), date(2026, 6, 19)),
    ],
)
def test_a_ballot_of_another_zone_is_of_the_programme_s_day(
    session: Session, zone: str, closes_at: datetime, day: date
):
    seated("Aldous")
    ballot = BallotFactory(zone=zone, closes_at=closes_at, opened=True)
    after = closes_at + timedelta(minutes=1)
    for asked, lines in ((day, 2), (day - timedelta(days=1), 0)):
        rows = ballot_results.rows(session, day=asked, viewer=DANA, now=after)
        assert [row[0] for row in rows] == [ballot.title] * lines
