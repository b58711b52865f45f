from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.money import Money, digits, plain

amounts = st.integers(0, 10**14)
currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("500,000", 50_000_000),
        ("500000.00", 50_000_000),
        ("$500,000.5", 50_000_050),
        ("USD 1 000 000", 100_000_000),
        ("1\u202f000.25", 100_025),
        (" 0 ", 0),
    ],
)
def test_reads_what_people_type(typed: str, minor: int) -> None:
    assert Money.parse(typed, "USD") == Money(minor, "USD")


@pytest.mark.parametrize(
    "typed",
    ["", "500,00", "1.000,00", "1,0000", "1,000 000", "12,34,567", "1.005", "-1", "\u22125", "1e5",
     "٣", "five", "1.", ".5", "$", "\x00", "NaN", "9" * 40, "EUR 5", "1,,000"],
)  # fmt: skip
def test_refuses_what_could_mean_two_things(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z0]\.$"):
        Money.parse(typed, "USD")


def test_a_yen_has_no_decimals() -> None:
    assert Money.parse("1,500", "JPY") == Money(1500, "JPY")
    with pytest.raises(ValueError, match="no decimals"):
        Money.parse("1500.0", "JPY")


@given(amounts, currencies)
def test_plain_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(plain(money), currency) == money
    assert money.decimal * 10 ** digits(currency) == Decimal(minor)
    assert "E" not in plain(money)


def test_plain_shows_every_decimal() -> None:
    assert plain(Money(10_000_000, "USD")) == "100000.00"
    assert plain(Money(0, "USD")) == "0.00"


@given(st.integers(-(10**12), 10**12), st.integers(1, 120))
def test_a_split_sums_exactly_and_favours_the_first(minor: int, parts: int) -> None:
    shares = [share.minor for share in Money(minor, "USD").split(parts)]
    assert sum(shares) == minor
    assert len(shares) == parts
    assert shares == sorted(shares, key=abs, reverse=True)
    assert max(shares) - min(shares) <= 1


def test_the_remainder_goes_to_the_first_a_cent_each() -> None:
    shares = Money.parse("100.03", "USD").split(4)
    assert [plain(share) for share in shares] == ["25.01", "25.01", "25.01", "25.00"]


def test_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="USD and EUR"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="three capital letters"):
        Money(1, "usd")
    assert Money(5, "USD") - Money(7, "USD") == -Money(1, "USD") * 2
