from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.journal import operations as journal
from crm.kit.actors import SYSTEM
from crm.reports import files, registry
from crm.reports.columns import Asked
from crm.web import clock
from crm.web import programme as current
from crm.web.database import db, writing

reports = AppGroup("reports", help="Reports as files.")


@reports.command()
@click.argument("name", type=click.Choice(list(registry.REPORTS)))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day it answers for, as 2026-09-30; today if none is given.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tell changes since this day, where the report does.",
)
@click.option(
    "--format", "ending", type=click.Choice(list(files.FORMATS)), default="csv", show_default=True
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; standard output if none is given.",
)
def export(
    name: str,
    as_of: datetime | None,
    since: datetime | None,
    ending: str,
    output: Path | None,
) -> None:
    """Write the report NAME, with every column, as its page has them."""
    if ending != "csv" and output is None:
        raise click.UsageError(f"Say where the {ending} goes: --output FILE.")
    shown = current.current()
    made = files.make(
        registry.get(name),
        db.session(),
        asked=Asked(
            day=as_of.date() if as_of else current.today(),
            viewer=Viewer(0, SYSTEM.name, "", frozenset({Role.DIRECTOR})),
            since=since.date() if since else None,
        ),
        programme=shown.name,
        run_at=clock.now().astimezone(ZoneInfo(shown.zone)),
    )
    content = files.FORMATS[ending](made)
    db.session.rollback()  # what was read is read; the entry is a transaction of its own
    with writing():
        journal.note(
            db.session(),
            "exported",
            kind="export",
            record_id=None,
            label=f"{name}.{ending}",
            by=SYSTEM,
            now=clock.now(),
        )
        db.session.commit()
    if output is None:
        click.echo(content, nl=False)
        return
    output.write_bytes(content)
    click.echo(f"{made.report.title} as of {made.day}: {len(made.rows)} rows in {output}")
