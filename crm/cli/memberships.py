from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click
from babel.numbers import is_currency
from flask.cli import AppGroup

from crm.enrolment import quotes
from crm.enrolment.quotes import Quote
from crm.invoices.rules import PlannedInstalment
from crm.kit.errors import RuleBroken
from crm.kit.money import Money, plain
from crm.memberships import queries
from crm.memberships.rules import MOST_YEARS, DuesFrequency
from crm.web import clock, programme

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FREQUENCIES = [word.value for word in DuesFrequency if word is not DuesFrequency.BY_HAND]

memberships = AppGroup("memberships", help="Terms and their dues.")


# Texts, not click's own types: those refuse with the usage and an empty line before the reason.
@memberships.command()
@click.option("--starts-on", required=True, metavar="DAY", help="As 2026-09-30.")
@click.option("--years", required=True, metavar="N", help=f"1 to {MOST_YEARS}.")
@click.option("--fee", required=True, metavar="AMOUNT", help="A year's, as 100000.00.")
@click.option("--currency", required=True, metavar="CODE", help="As USD.")
@click.option("--frequency", required=True, metavar="|".join(FREQUENCIES))
@click.option("--as-of", metavar="DAY", help="The day the status is told for; today if not given.")
def preview(
    starts_on: str, years: str, fee: str, currency: str, frequency: str, as_of: str | None
) -> None:
    """Print as JSON what such a term would be; nothing is written."""
    shown = programme.last_known()
    today = clock.now().astimezone(ZoneInfo(shown.zone)).date()
    asked_for = today if as_of is None else _day("--as-of", as_of)
    if frequency not in FREQUENCIES:
        raise _unfit("--frequency", frequency, f"one of {', '.join(FREQUENCIES)}")
    try:
        quote = quotes.quote(
            starts_on=_day("--starts-on", starts_on),
            years=_years(years),
            fee=_fee(fee, currency),
            frequency=DuesFrequency(frequency),
            grace_days=int(shown.facts.get("grace_days", queries.GRACE_DAYS)),
        )
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(json.dumps(_told(quote, asked_for), indent=2))


def _told(quote: Quote, as_of: date) -> dict[str, Any]:
    assert quote.term.last_day is not None  # a membership's term always ends
    assert quote.term.ends_before is not None
    return {
        "starts_on": quote.term.starts_on.isoformat(),
        "last_day": quote.term.last_day.isoformat(),
        "ends_before": quote.term.ends_before.isoformat(),
        "instalments": [_instalment(part, quote.frequency) for part in quote.instalments],
        "status": quote.status_on(as_of).value,
    }


def _instalment(part: PlannedInstalment, frequency: DuesFrequency) -> dict[str, Any]:
    told: dict[str, Any] = {
        "due_on": part.due_on.isoformat(),
        "amount": plain(part.amount),
        "membership_year": part.membership_year,
    }
    if frequency is DuesFrequency.IN_ADVANCE:
        told["allocation"] = [
            {"membership_year": year, "amount": plain(amount)} for year, amount in part.allocation
        ]
    return told


def _day(option: str, typed: str) -> date:
    try:
        if not DAY.fullmatch(typed):
            raise ValueError
        return date.fromisoformat(typed)
    except ValueError:
        raise _unfit(option, typed, "a day such as 2026-09-30") from None


def _years(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", typed):
        raise _unfit("--years", typed, f"a whole number from 1 to {MOST_YEARS}")
    return int(typed)


def _fee(typed: str, currency: str) -> Money:
    if not is_currency(currency):
        raise _unfit("--currency", currency, "the code of a currency, such as USD")
    try:
        return Money.parse(typed, currency)
    except ValueError as error:
        raise click.ClickException(f"--fee {typed[:60]!r}: {error}") from None


def _unfit(option: str, typed: str, wanted: str) -> click.ClickException:
    return click.ClickException(f"{option} {typed[:60]!r} is not {wanted}.")
