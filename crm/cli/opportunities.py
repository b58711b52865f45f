from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

opportunities = AppGroup("opportunities", help="Opportunities, many at once.")


@opportunities.command("import")
@imports.of_a_file
@imports.with_days
def import_(file: Path, dry_run: bool, day_first: bool) -> None:
    """Take over opportunities from a CSV file, open and over; whole or not at all.

    One is known by its company, mode and the day it was opened; known ones stay as they are.
    """
    imports.run(file, operations.import_opportunities, dry_run=dry_run, day_first=day_first)
