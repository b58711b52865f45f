from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.mail import operations
from crm.web import clock, postman
from crm.web.database import db, writing

mail = AppGroup("mail", help="The outbox.")


@mail.command()
def deliver() -> None:
    """Hand over every letter that is due, once; the worker does so all the time."""
    if not postman.can_deliver():
        raise click.ClickException("MAIL_SERVER is not set: letters wait in the outbox.")
    with writing():
        sent = operations.deliver_due(db.session, postman.hand_over, clock=clock.now)
    click.echo("1 letter sent" if sent == 1 else f"{sent} letters sent")
