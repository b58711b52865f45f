from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from crm.accounts import passwords
from crm.kit.errors import CRMError
from crm.programme import queries
from crm.stewardship.demo import operations, removal, stories
from crm.web import clock, documents
from crm.web.database import db, writing

demo = AppGroup("demo", help="An invented alliance, three years in.")


@demo.command()
def load() -> None:
    """Fill an empty register with the demo, with dates relative to today."""
    password = demo_password()
    kept = passwords.hashed(password)  # slow on purpose, so before the transaction
    try:
        with writing():
            facts = queries.get(db.session()).facts
            fill(facts, password_hash=kept)
            db.session.commit()
    except CRMError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"The demo is loaded.\n{sign_ins(password)}", nl=False)


@demo.command()
@click.option("--all", "everything", is_flag=True, help="Also what people entered into it.")
def remove(everything: bool) -> None:
    """Leave an empty register: the programme's facts, and accounts that are not of the demo."""
    try:
        with writing():
            removed = removal.remove(db.session(), even_if_worked_in=everything)
            db.session.commit()
    except CRMError as refusal:
        raise click.ClickException(str(refusal)) from None
    for table, rows in removed.items():
        click.echo(f"{rows:>7,}  {table.replace('_', ' ')}")
    click.echo("The demo is removed, its sign-ins with it. Add your own: flask users add")


def fill(facts: Mapping[str, Any], *, password_hash: str) -> None:
    """Load the demo within the caller's transaction. `facts` are the programme's, as loaded."""
    now = clock.now()
    address = current_app.config["BASE_URL"]
    operations.load(
        db.session(),
        documents.store(),
        zone=ZoneInfo(facts["time_zone"]),
        privacy_version=facts["privacy_version"],
        contact=facts["contact"],
        password_hash=password_hash,
        inquiry_link=lambda inquiry_id: f"{address}/office/inquiries/{inquiry_id}",
        now=now,
    )


def demo_password() -> str:
    """CRM_DEMO_PASSWORD, or one made once and kept in the data folder."""
    given: str | None = current_app.config["DEMO_PASSWORD"]
    if given:
        return given
    kept = current_app.config["DATA_DIR"] / "demo-password"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(9))
    except FileExistsError:
        pass  # made at an earlier start
    return str(kept.read_text().strip())


def sign_ins(password: str) -> str:
    """Who can sign in, and with what, as lines for the terminal."""
    addresses = [user["email"] for user in stories.read().users]
    return f"Sign in as {', '.join(addresses)}\nwith the password {password}\n"
