"""Money: whole minor units with their currency, so that no cent is lost to rounding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

#: ISO 4217 currencies whose minor unit is not a hundredth.
_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: places for places, codes in _CODES_BY_DIGITS.items() for code in codes.split()}
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_WRITTEN = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:(?P<mark>[, ])[0-9]{3}(?:(?P=mark)[0-9]{3})*))"
    r"(?:\.(?P<part>[0-9]+))?"
)
_LARGEST = 10**15


def digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: 2 for USD, 0 for JPY."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True)
class Money:
    """An amount in minor units (cents of USD) and the ISO code of its currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError("A currency is written as three capital letters, such as USD.")

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read `500,000` or `500000.00`: commas and spaces group thousands, a point marks decimals.

        Raises `ValueError`, in words for the person who typed it, for anything else.
        """
        nothing = cls(0, currency)
        typed = _SPACES.sub(" ", text).strip()
        for sign in (currency, "$") if currency.endswith("D") else (currency,):
            typed = typed.removeprefix(sign).removesuffix(sign).strip()
        if typed.startswith(("-", "\u2212", "(")):
            raise ValueError("The amount cannot be negative.")
        read = _WRITTEN.fullmatch(typed)
        if read is None:
            raise ValueError("Write the amount like 500,000 or 500000.00.")
        places = digits(currency)
        part = read["part"] or ""
        if len(part) > places:
            allowed = f"at most {places} decimals" if places else "no decimals"
            raise ValueError(f"An amount in {currency} has {allowed}, as in {plain(nothing)}.")
        whole = read["whole"].replace(",", "").replace(" ", "")
        if len(whole) + places > len(str(_LARGEST)):
            raise ValueError("The amount is too large.")
        return cls(int(whole + part.ljust(places, "0")), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-digits(self.currency))

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def split(self, parts: int) -> list[Money]:
        """Equal parts that sum to the whole; what remains goes to the first ones, a cent each."""
        if parts < 1:
            raise ValueError("Money is split into one part or more.")
        if self.minor < 0:
            return [-part for part in (-self).split(parts)]
        each, over = divmod(self.minor, parts)
        return [Money(each + (place < over), self.currency) for place in range(parts)]

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up.")


def plain(money: Money) -> str:
    """`100000.00`: for files and machines; pages show money in the reader's manner."""
    return f"{money.decimal:f}"


def told(money: Money) -> str:
    """`USD 100,000.00`: in a sentence, where no reader's manner is known."""
    return f"{money.currency} {grouped(money)}"


def grouped(money: Money) -> str:
    """`100,000.00`: for papers and letters, where the currency stands beside it."""
    return f"{money.decimal:,f}"
