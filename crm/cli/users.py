from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from crm.accounts import operations
from crm.accounts.rules import Role
from crm.kit.errors import RuleBroken
from crm.web import clock
from crm.web.database import db, writing

users = AppGroup("users", help="Accounts of the office.")


@users.command()
@click.argument("email")
@click.option("--name", required=True, help="As colleagues will see it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def add(email: str, name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add an account for EMAIL."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with writing():
            user = operations.add(
                db.session(),
                email=email,
                name=name,
                roles=[Role(role) for role in roles],
                password=password,
                now=clock.now(),
            )
            said = f"{user.email}: {', '.join(sorted(set(roles)))}"
            db.session.commit()
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(said)
