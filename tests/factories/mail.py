from __future__ import annotations

import factory

from crm.mail.models import OutgoingMail
from tests.conftest import NOW
from tests.factories.base import Factory


class OutgoingMailFactory(Factory):
    """A letter that waits for the postman."""

    class Meta:
        model = OutgoingMail

    letter = "inquiry-received"
    message_id = factory.Sequence(lambda number: f"<letter-{number}@alliance-crm.invalid>")
    to = factory.Sequence(lambda number: f"reader{number}@elsewhere.example")
    subject = "Thank you for writing"
    body = "We answer within two working days."
    posted_at = NOW
    due_at = NOW
