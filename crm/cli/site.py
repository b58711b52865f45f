"""Making a database ready to be served."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy import select

from crm.accounts.models import UserAccount
from crm.accounts.passwords import hashed
from crm.cli import demo, programme
from crm.programme.models import Programme
from crm.stewardship import programme as loading
from crm.stewardship.demo import operations
from crm.web import clock
from crm.web.database import db, writing

site = AppGroup("site", help="The site as a whole.")

FIRST_ACCOUNT = """Nobody can sign in yet. Make the first account, with the same settings, by
  .venv/bin/flask users add you@example.edu --name "Your Name" --role director
"""


@site.command()
def prepare() -> None:
    """Migrate, and fill a new database with the programme and, unless DEMO=0, the demo.

    Templates are compiled here, so that the server need not: they take it most of a second.
    Prints what a person needs to know to sign in; what is being done goes to the error output.
    """
    upgrade()
    password = demo.demo_password()
    with writing():
        loaded = db.session().scalar(select(Programme.id)) is not None
        if not loaded:
            _fill(with_demo=current_app.config["DEMO"], password=password)
        else:
            # One may have been set since, or the kept one lost with its folder.
            operations.set_passwords(db.session(), password=password)
        holds_demo = db.session().scalar(select(Programme.demo_since)) is not None
        somebody = db.session().scalar(select(UserAccount.id).limit(1)) is not None
        db.session.commit()
    app: Any = current_app
    app.load_templates()
    if holds_demo:
        click.echo(demo.sign_ins(password), nl=False)
    elif not somebody:
        click.echo(FIRST_ACCOUNT, nl=False)


def _fill(*, with_demo: bool, password: str) -> None:
    source = current_app.config["PROGRAMME_FILE"]
    click.echo(f"A new database: loading {source.name} …", err=True)
    facts = programme.read(source)
    now = clock.now()
    today = now.astimezone(ZoneInfo(facts.time_zone)).date()
    loaded = loading.load(db.session(), facts, now=now, today=today)
    if with_demo:
        click.echo("Loading the demo …", err=True)
        demo.fill(loaded.facts, password_hash=hashed(password))
