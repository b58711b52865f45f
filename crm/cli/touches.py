from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

touches = AppGroup("touches", help="Contact reports, many at once.")


@touches.command("import")
@imports.of_a_file
@imports.with_days
def import_(file: Path, dry_run: bool, day_first: bool) -> None:
    """Take over contact reports from a CSV file, whole or not at all.

    One is known by its company, day, kind and text. Authors without an account here are named
    in the text.
    """
    imports.run(file, operations.import_touches, dry_run=dry_run, day_first=day_first)
