from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from crm.kit.money import plain
from crm.reports import self_check
from crm.reports.checks.check import Result
from crm.web import programme
from crm.web.database import db

MOST_SHOWN = 20


@click.command()
@with_appcontext
def check() -> None:
    """Prove that the register holds: a line for each check, and exit code 1 if one is red.

    The rows that are wrong go to the error output.
    """
    made = self_check.results(db.session(), programme.today())
    for result in made:
        click.echo(_line(result))
        for fault in result.outcome.faults[:MOST_SHOWN]:
            click.echo(f"  {fault.label}: {fault.says}", err=True)
        if len(result.outcome.faults) > MOST_SHOWN:
            click.echo(f"  … and {len(result.outcome.faults) - MOST_SHOWN:,} more", err=True)
    if self_check.red(made):
        sys.exit(1)


def _line(result: Result) -> str:
    """`green  Schedules: 12 terms, 3750000.00 USD`."""
    sums = "".join(f", {plain(money)} {money.currency}" for money in result.outcome.sums)
    if result.green:
        return f"green  {result.check.name}: {result.counted}{sums}"
    return f"RED    {result.check.name}: {len(result.outcome.faults):,} wrong of {result.counted}"
