"""What strangers sent to the demo. Its letters count as delivered: none leaves the house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from crm.mail import operations as mail
from crm.mail.models import OutgoingMail
from crm.pipeline import intake
from crm.pipeline.intake import NewInquiry
from crm.pipeline.rules import Channel
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

CHANNELS = {"join": Channel.JOIN, "contact": Channel.CONTACT}
UNHURRIED = 95
"""Seconds a person takes to fill in the form."""
FIELDS = (
    "website", "title", "email", "phone", "country", "source", "knows", "subject"
)  # fmt: skip


class InquiryStory:
    def __init__(
        self,
        chronicle: Chronicle,
        facts: Facts,
        *,
        number: int,
        link: Callable[[int], str],
        notice_version: str,
    ) -> None:
        self._chronicle = chronicle
        self._session = chronicle.session
        self._facts = facts
        self._number = number
        self._link = link
        self._notice_version = notice_version

    def gather(self) -> None:
        at = self._chronicle.calendar.now - timedelta(hours=self._facts["hours"])
        self._chronicle.add_at(at, None, self._arrive)

    def _arrive(self, moment: Moment) -> None:
        facts = self._facts
        told = ("hours", "channel", "seconds")
        draft = NewInquiry(
            channel=CHANNELS[facts["channel"]],
            token=f"demo-{self._number}",
            shown_at=moment.now - timedelta(seconds=facts.get("seconds", UNHURRIED)),
            raw={key: value for key, value in facts.items() if key not in told},
            company_name=facts.get("company") or None,
            name=facts["name"],
            message=facts["message"],
            modes=tuple(facts.get("modes", ())),
            challenges=tuple(facts.get("challenges", ())),
            consent=facts.get("consent", False),
            notice_version=self._notice_version,
        )
        draft = replace(draft, **{name: facts[name] for name in FIELDS if name in facts})
        intake.receive(self._session, draft, notify_link=self._link, now=moment.now)
        self._session.flush()
        for letter in self._session.scalars(
            select(OutgoingMail).where(OutgoingMail.sent_at.is_(None))
        ):
            mail.mark_sent(self._session, letter, now=moment.now)
