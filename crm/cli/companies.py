from __future__ import annotations

from pathlib import Path

from flask.cli import AppGroup

from crm.cli import imports
from crm.stewardship.imports import operations

companies = AppGroup("companies", help="Companies, many at once.")


@companies.command("import")
@imports.of_a_file
def import_(file: Path, dry_run: bool) -> None:
    """Take over companies from a CSV file, whole or not at all.

    A company is known by its web domain, else by its exact name. What the file says is updated,
    empty cells say nothing; importing a file again changes nothing.
    """
    imports.run(file, operations.import_companies, dry_run=dry_run)
