"""What the import commands share: reading, a progress bar, words at the end."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.kit.actors import SYSTEM
from crm.kit.errors import RuleBroken
from crm.kit.tables import Unreadable
from crm.stewardship.imports.operations import Given
from crm.stewardship.imports.report import Refused, Report
from crm.web import clock, programme
from crm.web.database import db, writing

MOST_SHOWN = 100
Command = TypeVar("Command", bound=Callable[..., Any])


Import = Callable[[Session, Given], Report]


def of_a_file(command: Command) -> Command:
    """The argument and the option that every import has."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    checked = click.option(
        "--dry-run", is_flag=True, help="Check and match the file; write nothing."
    )(command)
    return click.argument("file", type=path)(checked)


def with_days(command: Command) -> Command:
    """The option of imports that read days."""
    return click.option(
        "--day-first", is_flag=True, help="03/04/2026 is the third of April, not March the fourth."
    )(command)


def run(
    file: Path, importing: Import, *, dry_run: bool, day_first: bool = False, tries: bool = False
) -> None:
    """One file, one transaction. Refusals go to stderr by row and column, and fail the command.

    `tries`: a dry run writes, too, and takes it back.
    """
    data = file.read_bytes()
    twice = 2 * data.count(b"\n")  # once read, once matched
    bar: Any = click.progressbar(length=twice, label=file.name, file=sys.stderr)
    try:
        with bar, ExitStack() as stack:
            stack.enter_context(_without_collecting())
            if tries or not dry_run:
                stack.enter_context(writing())
            given = Given(
                data=data,
                write=not dry_run,
                day_first=day_first,
                by=SYSTEM,
                now=clock.now(),
                today=programme.today(),
                tick=bar.update,
            )
            report = importing(db.session(), given)
            if dry_run:
                db.session.rollback()
            else:
                db.session.commit()
    except Refused as refusal:
        _say(file, refusal.problems)
        raise click.ClickException(
            f"{file.name} was not imported: {_counted(len(refusal.problems), 'fault')}."
        ) from None
    except IntegrityError:
        db.session.rollback()
        raise click.ClickException(
            f"{file.name} was not imported: somebody wrote the same records just now. Try again."
        ) from None
    except (Unreadable, RuleBroken) as refusal:
        raise click.ClickException(f"{file.name} was not imported. {refusal}") from None
    _tell(file, report, dry_run=dry_run)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A hundred thousand rows in memory hold no circles; looking for them takes a fifth."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _tell(file: Path, report: Report, *, dry_run: bool) -> None:
    _say(file, report.warnings)
    if report.ignored:
        click.echo(f"{file.name}: left aside: {', '.join(report.ignored)}", err=True)
    said = f"{report.added:,} added, {report.changed:,} changed, {report.unchanged:,} unchanged"
    if report.warnings:
        said += f"; {_counted(len(report.warnings), 'warning')}"
    click.echo(f"{file.name}: {said}{' (dry run: nothing was written)' if dry_run else ''}")


def _say(file: Path, remarks: Any) -> None:
    for remark in remarks[:MOST_SHOWN]:
        click.echo(f"{file.name}: {remark}", err=True)
    if len(remarks) > MOST_SHOWN:
        click.echo(f"{file.name}: … and {len(remarks) - MOST_SHOWN:,} more", err=True)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
