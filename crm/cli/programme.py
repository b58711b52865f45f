from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from crm.kit.toml import BadFile
from crm.programme import rules
from crm.stewardship import programme as loading
from crm.web import clock
from crm.web import programme as current
from crm.web.database import db, writing

programme = AppGroup("programme", help="The programme's file.")


@programme.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
def load(file: Path | None) -> None:
    """Take over FILE (default: the setting PROGRAMME_FILE)."""
    source = file or Path(current_app.config["PROGRAMME_FILE"])
    try:
        facts = rules.parse(source.read_text(encoding="utf-8"))
    except BadFile as wrong:
        raise click.ClickException(str(wrong)) from None
    with writing():
        loaded = loading.load(db.session(), facts, now=clock.now(), today=current.today())
        db.session.commit()
    click.echo(f"{loaded.name}: loaded from {source.name}")
