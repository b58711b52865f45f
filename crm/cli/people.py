from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

people = AppGroup("people", help="People, many at once.")


@people.command("import")
@imports.of_a_file
@imports.with_days
def import_(file: Path, dry_run: bool, day_first: bool) -> None:
    """Take over people from a CSV file, with where they work; whole or not at all.

    Somebody is known by any e-mail address, else by name at the same company. Companies are
    imported first; lines with one address are one person with several places of work.
    """
    imports.run(file, operations.import_people, dry_run=dry_run, day_first=day_first)
