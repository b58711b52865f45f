"""Cells as values. Each reader raises `ValueError` with words for whoever keeps the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from babel import Locale
from email_validator import EmailNotValidError, validate_email

from crm.companies.rules import Headcount, is_public_mail
from crm.kit.text import fold, one_line, web_address, web_domain

_HEADS = re.compile(r"([0-9][0-9.,' ]*)(?:\s*(?:[-–—+]|to\b|or more).*)?", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})(?:[T ,]+[0-9: ]+.*)?")
_BETWEEN = re.compile(r"[;,\s|]+")
_ALSO = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "holland": "NL", "the netherlands": "NL", "korea": "KR", "south korea": "KR",
    "republic of korea": "KR", "czech republic": "CZ", "russian federation": "RU",
    "viet nam": "VN", "turkey": "TR", "taiwan, province of china": "TW", "prc": "CN",
    "deutschland": "DE", "osterreich": "AT", "schweiz": "CH", "norge": "NO", "sverige": "SE",
}  # fmt: skip
#: The upper ends of the bands, exclusive.
_BANDS = (
    (50, Headcount.MICRO),
    (500, Headcount.SMALL),
    (5_000, Headcount.MEDIUM),
    (20_000, Headcount.LARGE),
)
_BANDS_BY_NAME = {fold(band.value): band for band in Headcount}
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


def line(most: int = 200) -> Callable[[str], str]:
    """A text on one line, no longer than its column."""

    def read(cell: str) -> str:
        text = one_line(cell)
        if len(text) > most:
            raise ValueError(f"At most {most} characters; these are {len(text)}.")
        return text

    return read


def paragraph(most: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > most:
            raise ValueError(f"At most {most:,} characters; these are {len(cell):,}.")
        return cell.replace("\r\n", "\n")

    return read


def website(cell: str) -> str:
    address = web_address(cell)
    if address is None:
        raise ValueError("This is no web address, such as https://acme.example.")
    return address


def domains(cell: str) -> tuple[str, ...]:
    found = []
    for part in filter(None, _BETWEEN.split(cell)):
        domain = web_domain(part)
        if domain is None:
            raise ValueError(f"“{part[:60]}” is no web domain, such as acme.example.")
        if is_public_mail(domain):
            raise ValueError(f"{domain} is where anybody has mail; it is nobody's own domain.")
        found.append(domain)
    return tuple(dict.fromkeys(found))


@cache
def email(cell: str) -> str:
    """As written, if it is an address. Reserved domains such as `.example` pass."""
    try:
        return validate_email(cell, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError("This is no e-mail address.") from None


def emails(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(email(part) for part in _BETWEEN.split(cell) if part))


@cache
def country(cell: str) -> str:
    found = _countries().get(fold(cell))
    if found is None:
        raise ValueError("This country is not known; write its English name or two-letter code.")
    return found


@cache
def _countries() -> dict[str, str]:
    territories = Locale("en").territories
    real = {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    codes = {fold(code): code for code in real}
    return codes | {fold(name): code for code, name in real.items()} | _ALSO


@cache
def headcount(cell: str) -> Headcount:
    """A band, or the band a number of people falls in (of a range, its lower end)."""
    band = _BANDS_BY_NAME.get(fold(cell))
    if band is not None:
        return band
    found = _HEADS.fullmatch(cell)
    if found is None:
        raise ValueError("This is no number of people, such as 3300 or 500–4,999.")
    digits = re.sub(r"[.,]0+$", "", found[1].strip()) if "." in found[1][-3:] else found[1]
    heads = int(re.sub(r"[^0-9]", "", digits) or 0)
    return next((band for below, band in _BANDS if heads < below), Headcount.GLOBAL)


def day(*, day_first: bool) -> Callable[[str], date]:
    """2024-03-31, 31.03.2024, or with slashes: month first as in America, unless told."""

    @cache
    def read(cell: str) -> date:
        found = _DAY.fullmatch(cell)
        if found is None:
            raise ValueError("This is no day; write it like 2024-03-31.")
        first, mark, second, third = found[1], found[2], found[3], found[4]
        if len(first) == 4:
            parts = (first, second, third)
        elif mark == "/" and not day_first:
            parts = (third, first, second)
        else:
            parts = (third, second, first)
        if len(parts[0]) != 4:
            raise ValueError("The year needs four digits; write the day like 2024-03-31.")
        try:
            read_day = date(*map(int, parts))
        except ValueError:
            hint = "" if day_first or mark != "/" else ", or say --day-first"
            raise ValueError(f"There is no such day; write it like 2024-03-31{hint}.") from None
        if not EARLIEST <= read_day <= LATEST:
            raise ValueError("The day lies outside 1900 to 2100.")
        return read_day

    return read


def number(cell: str) -> int | None:
    """An id of ours, if it may be one; other systems have other ids under the same heading."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else None


def flag(cell: str) -> bool:
    word = fold(cell)
    if word in {"yes", "y", "true", "1", "x", "ja"}:
        return True
    if word in {"no", "n", "false", "0", "-", "nein"}:
        return False
    raise ValueError("Write yes or no.")


def names(cell: str) -> tuple[str, ...]:
    """Several of something, with `;` between them (or `|`, or line ends)."""
    return tuple(part.strip() for part in re.split(r"[;|\n]", cell) if part.strip())


def instalments(*, day_first: bool) -> Callable[[str], tuple[tuple[date, str], ...]]:
    """`2026-10-01 100000.00; 2027-04-01 150000.00`: days and amounts, still as text."""
    read_day = day(day_first=day_first)

    def read(cell: str) -> tuple[tuple[date, str], ...]:
        found = []
        for part in names(cell):
            due_on, _, amount = part.partition(" ")
            if not amount.strip():
                raise ValueError(
                    "Write each instalment as day and amount, such as 2026-10-01 100000.00, with "
                    "“;” between them."
                )
            found.append((read_day(due_on), amount.strip()))
        return tuple(found)

    return read
