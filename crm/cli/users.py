from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from crm.accounts import access_links, operations
from crm.accounts.passwords import Chosen
from crm.accounts.rules import Role
from crm.kit.errors import CRMError, RuleBroken
from crm.web import account_links, clock
from crm.web.database import db, writing
from crm.web.filters import moment

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
                password=Chosen.of(password, email=email, name=name),
                now=clock.now(),
            )
            said = f"{user.email}: {', '.join(sorted(set(roles)))}"
            db.session.commit()
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(said)


@users.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a single-use link with which the owner of EMAIL chooses a password."""
    try:
        with writing():
            issued = access_links.issue_by_hand(
                db.session(), email, way=account_links.way(), now=clock.now()
            )
            db.session.commit()
    except CRMError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{issued.url}\nIt works once, until {moment(issued.until)}.")
