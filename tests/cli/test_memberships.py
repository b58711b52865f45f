from __future__ import annotations

import json
from datetime import date

import pytest

ASKED = {
    "--starts-on": "2026-01-31",
    "--years": "2",
    "--fee": "100000.03",
    "--currency": "USD",
    "--frequency": "half-yearly",
}


@pytest.fixture
def preview(app):
    """Run the command, as asked for above but for what is said otherwise."""

    def preview(**changed):
        options = ASKED | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
        words = [word for pair in options.items() for word in pair]
        return app.test_cli_runner().invoke(args=["memberships", "preview", *words])

    return preview


def test_the_json_alone_is_what_such_a_term_would_be(preview):
    result = preview(as_of="2026-01-30")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "starts_on": "2026-01-31",
        "last_day": "2028-01-30",
        "ends_before": "2028-01-31",
        "instalments": [
            {"due_on": "2026-01-31", "amount": "50000.02", "membership_year": 1},
            {"due_on": "2026-07-31", "amount": "50000.01", "membership_year": 1},
            {"due_on": "2027-01-31", "amount": "50000.02", "membership_year": 2},
            {"due_on": "2027-07-31", "amount": "50000.01", "membership_year": 2},
        ],
        "status": "upcoming",
    }


@pytest.mark.parametrize("years", ["1", "3"])
def test_in_advance_is_one_instalment_with_its_years(preview, years):
    (only,) = json.loads(preview(frequency="in-advance", years=years).stdout)["instalments"]
    assert only["membership_year"] == 1
    assert only["allocation"] == [
        {"membership_year": year, "amount": "100000.03"} for year in range(1, int(years) + 1)
    ]
    assert only["amount"] == {"1": "100000.03", "3": "300000.09"}[years]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("1999-12-31", "upcoming"),
        ("2026-01-30", "upcoming"),
        ("2026-01-31", "active"),
        (None, "active"),
        ("2028-01-30", "active"),
        ("2028-01-31", "grace"),
        ("2028-03-30", "grace"),
        ("2028-03-31", "lapsed"),
    ],
)
def test_its_standing_is_told_for_a_day_today_if_none_is_given(preview, day, status):
    asked = {} if day is None else {"as_of": day}
    assert json.loads(preview(**asked).stdout)["status"] == status


def test_a_leap_day_ends_on_an_anniversary(preview):
    told = json.loads(preview(starts_on="2024-02-29", years="3").stdout)
    assert (told["last_day"], told["ends_before"]) == ("2027-02-28", "2027-03-01")
    assert json.loads(preview(starts_on="2024-02-29", years="4").stdout)["ends_before"] == (
        date(2028, 2, 29).isoformat()
    )


def test_a_waived_fee_leaves_nothing_due(preview):
    assert json.loads(preview(fee="0").stdout)["instalments"] == []


def test_a_currency_without_cents_has_none(preview):
    told = json.loads(preview(fee="1001", currency="JPY", frequency="quarterly").stdout)
    assert [part["amount"] for part in told["instalments"]][:4] == ["251", "250", "250", "250"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"starts_on": "2025-02-29"}, "--starts-on '2025-02-29' is not a day"),
        ({"starts_on": "20260131"}, "is not a day such as 2026-09-30"),
        ({"starts_on": "1989-12-31"}, "between 1990 and 2100"),
        ({"as_of": "soon"}, "--as-of 'soon' is not a day"),
        ({"years": "0"}, "between 1 and 10 years"),
        ({"years": "11"}, "between 1 and 10 years"),
        ({"years": "2.5"}, "not a whole number"),
        ({"fee": "-1"}, "cannot be negative"),
        ({"fee": "1.234,50"}, "Write the amount like"),
        ({"fee": "1.005"}, "at most 2 decimals"),
        ({"fee": "NaN"}, "Write the amount like"),
        ({"fee": "9" * 400}, "too large"),
        ({"currency": "usd"}, "not the code of a currency"),
        ({"currency": "ZZZ"}, "not the code of a currency"),
        ({"frequency": "by-hand"}, "not one of yearly, half-yearly, quarterly, in-advance"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(preview, changed, why):
    result = preview(**changed)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert why in result.stderr
    assert result.stderr.count("\n") == 1
