"""Hands a letter to the SMTP server, through Flask-Mail."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.utils import formataddr
from types import TracebackType

from flask import Flask, current_app
from flask_mail import Connection, Mail, Message

from crm.mail.models import OutgoingMail
from crm.web import programme

TIME_LIMIT = 20.0
"""Seconds the server may be silent; far shorter than the outbox lease."""


class BoundedConnection(Connection):
    """Flask-Mail's own waits for ever, trusts any certificate, and takes a lost goodbye for a
    lost letter."""

    def configure_host(self) -> smtplib.SMTP:
        settings = self.mail
        host: smtplib.SMTP
        trusted = ssl.create_default_context()
        if settings.use_ssl:
            host = smtplib.SMTP_SSL(
                settings.server, settings.port, timeout=TIME_LIMIT, context=trusted
            )
        else:
            host = smtplib.SMTP(settings.server, settings.port, timeout=TIME_LIMIT)
        try:
            if settings.use_tls:
                host.starttls(context=trusted)
            if settings.username and settings.password:
                host.login(settings.username, settings.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.host is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.host.quit()
            self.host.close()


def init_app(app: Flask) -> None:
    Mail(app)


def can_deliver() -> bool:
    """Whether a server is named; without one letters stay in the outbox."""
    return bool(current_app.config["MAIL_SERVER"])


def hand_over(mail: OutgoingMail) -> None:
    """One letter, one connection. Whatever goes wrong is raised."""
    sender = current_app.config["MAIL_DEFAULT_SENDER"] or _programme()
    message = Message(
        mail.subject,
        recipients=[mail.to],
        body=mail.body,
        sender=sender,
        reply_to=mail.reply_to,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    for attached in mail.attachments:
        message.attach(attached.file_name, attached.media_type, attached.content)
    message.msgId = mail.message_id
    with BoundedConnection(current_app.extensions["mail"]) as connection:
        connection.send(message)


def _programme() -> str:
    """Its name and public address; quoted, for a name may hold an @."""
    shown = programme.current()
    return formataddr((shown.name, shown.contact_email))
