"""How days, moments and sums are shown: in the reader's manner, ISO only in files."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency
from flask import Flask

from crm.kit.money import Money, digits
from crm.web import programme
from crm.web.markdown import markdown

LOCALE = "en_US"


@lru_cache(maxsize=4096)
def day(value: date | None) -> str:
    """`Nov 23, 2026`"""
    return "" if value is None else format_date(value, "MMM d, y", locale=LOCALE)


@lru_cache(maxsize=512)
def month(value: date) -> str:
    """`November 2026`"""
    return format_date(value, "MMMM y", locale=LOCALE)


@lru_cache(maxsize=4096)
def money(value: Money | None) -> str:
    """`$500,000`, with cents only where there are any; the code for other currencies."""
    if value is None:
        return ""
    whole = value.minor % (10 ** digits(value.currency)) == 0
    pattern = "¤#,##0" if whole else None
    return format_currency(
        value.decimal, value.currency, pattern, locale=LOCALE, currency_digits=pattern is None
    )


def moment(value: datetime | None) -> str:
    """`Nov 23, 2026, 14:05 EST`: the programme's zone, named."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(programme.current().zone))
    return f"{day(local.date())}, {local:%H:%M %Z}"


def ago(days: int) -> str:
    """Whole days as words: today, yesterday, 3 days ago, in 5 days."""
    if days in (0, 1, -1):
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[days]
    return f"{days} days ago" if days > 0 else f"in {-days} days"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day, month=month, money=money, moment=moment, ago=ago, markdown=markdown
    )
