from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

payments = AppGroup("payments", help="Payments, many at once.")


@payments.command("import")
@imports.of_a_file
@imports.with_days
def import_(file: Path, dry_run: bool, day_first: bool) -> None:
    """Take over payments from a CSV file, and what they settle; whole or not at all.

    One is known by its company, day, amount and reference.
    """
    imports.run(file, operations.import_payments, dry_run=dry_run, day_first=day_first, tries=True)
