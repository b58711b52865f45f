"""Making a database ready to be served."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy import select

from crm.kit.toml import BadFile
from crm.programme import rules
from crm.programme.models import Programme
from crm.stewardship import programme as loading
from crm.web import clock
from crm.web.database import db, writing

site = AppGroup("site", help="The site as a whole.")


@site.command()
def prepare() -> None:
    """Migrate, and fill a new database with the programme and, unless DEMO=0, the demo.

    Prints what a person needs to know to sign in; what is being done goes to the error output.
    """
    upgrade()
    with writing():
        if db.session().scalar(select(Programme.id)) is None:
            _fill()
        db.session.commit()


def _fill() -> None:
    source = current_app.config["PROGRAMME_FILE"]
    click.echo(f"A new database: loading {source.name} …", err=True)
    try:
        facts = rules.parse(source.read_text(encoding="utf-8"))
    except BadFile as wrong:
        raise click.ClickException(str(wrong)) from None
    now = clock.now()
    today = now.astimezone(ZoneInfo(facts.time_zone)).date()
    loading.load(db.session(), facts, now=now, today=today)
