"""A real mail server that the app under test delivers to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_mail import Mail

from tests.mailserver import Mailbox, mail_server


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server() as (mailbox, settings):
        monkeypatch.setitem(app.config, "MAIL_SERVER", settings["MAIL_SERVER"])
        monkeypatch.setitem(app.config, "MAIL_PORT", int(settings["MAIL_PORT"]))
        monkeypatch.setitem(app.extensions, "mail", Mail(app).state)
        yield mailbox
