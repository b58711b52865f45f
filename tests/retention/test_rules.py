"""Where a term stands on the board, and what came of those that ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.retention.rules import Ended, Lane, cohorts, lane_on
from tests.conftest import TODAY

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("left", "lane"),
    [
        (541, None), (540, Lane.D540), (366, Lane.D540), (365, Lane.D365), (271, Lane.D365),
        (270, Lane.D270), (181, Lane.D270), (180, Lane.D180), (91, Lane.D180), (90, Lane.D90),
        (31, Lane.D90), (30, Lane.D30), (1, Lane.D30), (0, Lane.GRACE), (-59, Lane.GRACE),
        (-60, Lane.LAPSED), (-789, Lane.LAPSED), (-790, None),
    ],
)  # fmt: skip
def test_a_term_moves_on_at_each_mark(left, lane):
    ends = TODAY + left * DAY
    assert lane_on(TODAY, ends_before=ends, grace_ends_before=ends + 60 * DAY) is lane


def test_without_grace_it_lapses_with_its_end():
    assert lane_on(TODAY, ends_before=TODAY, grace_ends_before=TODAY) is Lane.LAPSED


def ended(year, *, next_after=None, days_ago=100, fee=100, currency="USD", grace=60):
    end = TODAY - days_ago * DAY
    return Ended(
        started_on=date(year, 3, 1),
        ended_on=end,
        grace_ends_before=end + grace * DAY,
        next_starts_on=None if next_after is None else end + next_after * DAY,
        fee_minor=fee,
        currency=currency,
    )


def test_rates_count_what_is_decided():
    (row,) = cohorts(
        [
            ended(2023, next_after=0, fee=500),
            ended(2023, next_after=0),
            ended(2023, next_after=30),
            ended(2023),
            ended(2023, days_ago=20),  # in grace
            ended(2023, days_ago=-20),  # has not ended
        ],
        TODAY,
    )
    terms, fees = row.terms, row.fees
    assert (terms.ended, terms.in_time, terms.after_gap, terms.left, terms.open) == (5, 2, 1, 1, 1)
    assert (terms.renewal_rate, terms.attrition_rate) == (75, 25)
    assert (fees.ended, fees.in_time, fees.left, fees.renewal_rate) == (900, 600, 100, 88)


def test_currencies_and_years_stand_apart_and_what_is_open_has_no_rate():
    rows = cohorts(
        [ended(2022), ended(2023, currency="EUR"), ended(2023, days_ago=1), ended(2022)], TODAY
    )
    assert [(row.year, row.currency, row.terms.ended) for row in rows] == [
        (2022, "USD", 2), (2023, "EUR", 1), (2023, "USD", 1),
    ]  # fmt: skip
    assert [row.terms.renewal_rate for row in rows] == [0, 0, None]
    assert rows[2].terms.attrition_rate is None
