"""A real SMTP server that keeps what it is sent, and can misbehave on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port


class Mailbox:
    """What arrived, in order. `answer` is what the server replies to the next letters."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 OK"
        self.cut_before_reply = False
        self.seconds_of_thought = 0.0
        self.thinking = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its caller's name
        self.thinking = True
        await asyncio.sleep(self.seconds_of_thought)
        self.thinking = False
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            letter = message_from_bytes(content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        if self.cut_before_reply and server.transport is not None:
            server.transport.close()
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """The letters for an address."""
        return [letter for letter in self.letters if address in str(letter["To"])]


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """The mailbox, and the settings that make the program send to it."""
    mailbox = Mailbox()
    port = free_port()
    controller: Any = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port)}
    finally:
        controller.stop()
