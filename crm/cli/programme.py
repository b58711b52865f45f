from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from crm.kit.toml import BadFile
from crm.programme import rules
from crm.programme.rules import ProgrammeFile
from crm.stewardship import programme as loading
from crm.web import clock, lately
from crm.web import programme as current
from crm.web.database import db, writing

FILE = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
programme = AppGroup("programme", help="The programme's file.")


@programme.command()
@FILE
def check(file: Path | None) -> None:
    """Say whether FILE (default: the setting PROGRAMME_FILE) is right; change nothing."""
    source = _source(file)
    facts = read(source)
    counts = (
        f"{len(facts.modes)} modes, {len(facts.tiers)} tiers, {len(facts.challenges)} challenges"
    )
    click.echo(f"{source.name} is right: {facts.name}, {counts}")


@programme.command()
@FILE
def load(file: Path | None) -> None:
    """Take over FILE (default: the setting PROGRAMME_FILE); loading twice changes nothing."""
    source = _source(file)
    facts = read(source)
    with writing():
        loaded = loading.load(db.session(), facts, now=clock.now(), today=current.today())
        db.session.commit()
    lately.forget()
    click.echo(f"{loaded.name}: loaded from {source.name}")


def _source(file: Path | None) -> Path:
    return file or Path(current_app.config["PROGRAMME_FILE"])


def read(source: Path) -> ProgrammeFile:
    """The facts of the file, or one line on stderr for each fault in it."""
    try:
        return rules.parse(source.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = source.read_bytes().count(b"\n", 0, error.start) + 1
        raise click.ClickException(f"{source.name}, line {line}: not UTF-8 text") from None
    except OSError as error:
        raise click.ClickException(f"{source}: {error.strerror}") from None
    except BadFile as wrong:
        said = "\n".join(f"{source.name}, {problem}" for problem in wrong.problems)
        raise click.ClickException(f"{source.name} is not taken over.\n{said}") from None
