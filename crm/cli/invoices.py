from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

invoices = AppGroup("invoices", help="Invoices, many at once.")


@invoices.command("import")
@imports.of_a_file
@imports.with_days
def import_(file: Path, dry_run: bool, day_first: bool) -> None:
    """Take over invoices that were issued before, from a CSV file; whole or not at all.

    One is known by its number, which it keeps; our own numbers go on after it. It bills the dues
    of its amount that fall due nearest to it.
    """
    imports.run(file, operations.import_invoices, dry_run=dry_run, day_first=day_first, tries=True)
