"""What strangers sent, and what became of it. Its letters count as delivered: none leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from sqlalchemy import select

from crm.companies.models import Company
from crm.mail import operations as mail
from crm.mail.models import OutgoingMail
from crm.pipeline import intake, triage
from crm.pipeline.intake import NewInquiry
from crm.pipeline.models import Inquiry, Opportunity
from crm.pipeline.rules import Channel
from crm.pipeline.senders import Acceptance
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

CHANNELS = {"join": Channel.JOIN, "contact": Channel.CONTACT}
UNHURRIED = 95
"""Seconds a person takes to fill in the form."""
SENT = (
    "company", "website", "name", "title", "email", "phone", "country", "source", "knows",
    "subject", "message", "modes", "challenges", "consent",
)  # fmt: skip


class Desk:
    """Where inquiries arrive."""

    def __init__(
        self,
        chronicle: Chronicle,
        *,
        link: Callable[[int], str],
        notice_version: str,
        contact: str,
    ) -> None:
        self.chronicle = chronicle
        self.session = chronicle.session
        self.link = link
        self.notice_version = notice_version
        self.contact = contact
        self._numbers = count(1)

    def story(self, facts: Facts) -> InquiryStory:
        return InquiryStory(self, facts, next(self._numbers))

    def deliver(self, moment: Moment) -> None:
        """The letters of this moment are told as sent."""
        self.session.flush()
        waiting = select(OutgoingMail).where(OutgoingMail.sent_at.is_(None))
        for letter in self.session.scalars(waiting):
            mail.mark_sent(self.session, letter, now=moment.now)


@dataclass
class InquiryStory:
    """One inquiry; with an `outcome`, somebody saw to it `after_hours`."""

    desk: Desk
    facts: Facts
    number: int
    inquiry: Inquiry | None = None

    def gather(self) -> None:
        chronicle, hours = self.desk.chronicle, self.facts["hours"]
        chronicle.add_at(chronicle.calendar.now - timedelta(hours=hours), None, self.arrive)
        if "outcome" in self.facts:
            after = timedelta(hours=hours - self.facts["after_hours"])
            chronicle.add_at(chronicle.calendar.now - after, "staff", self._decide)
        elif "owner" in self.facts:
            after = timedelta(hours=hours * 0.8)
            chronicle.add_at(chronicle.calendar.now - after, "director", self._assign)

    def arrive(self, moment: Moment) -> None:
        facts = self.facts
        draft = NewInquiry(
            channel=CHANNELS[facts["channel"]],
            token=f"demo-{self.number}",
            shown_at=moment.now - timedelta(seconds=facts.get("seconds", UNHURRIED)),
            raw={name: facts[name] for name in SENT if name in facts},
            company_name=facts.get("company") or None,
            name=facts["name"],
            message=facts["message"],
            modes=tuple(facts.get("modes", ())),
            challenges=tuple(facts.get("challenges", ())),
            consent=facts.get("consent", False),
            notice_version=self.desk.notice_version,
        )
        plain = ("website", "title", "email", "phone", "country", "source", "knows", "subject")
        draft = replace(draft, **{name: facts[name] for name in plain if name in facts})
        inquiry_id = intake.receive(
            self.desk.session, draft, notify_link=self.desk.link, now=moment.now
        )
        self.inquiry = self.desk.session.get_one(Inquiry, inquiry_id)
        self.desk.deliver(moment)

    def accepted(
        self, company_id: int, mode_id: int, owner_id: int | None, moment: Moment
    ) -> Opportunity:
        """Made an opportunity of a company we had written down, and answered by telephone."""
        inquiry = self._arrived
        decision = Acceptance(company_id=company_id, mode_ids=(mode_id,), owner_id=owner_id)
        [opportunity] = triage.accept(
            self.desk.session,
            inquiry,
            decision,
            version=inquiry.version,
            by=moment.by,
            today=moment.today,
            now=moment.now,
        )
        triage.answered_elsewhere(
            self.desk.session, inquiry, version=inquiry.version, by=moment.by, now=moment.now
        )
        return opportunity

    def _assign(self, moment: Moment) -> None:
        owner = self.desk.chronicle.actor(self.facts["owner"])
        triage.assign(self.desk.session, self._arrived, owner.id, version=self._arrived.version)

    def _decide(self, moment: Moment) -> None:
        session, inquiry = self.desk.session, self._arrived
        if self.facts["outcome"] == "spam":
            triage.file_as_spam(
                session, inquiry, version=inquiry.version, by=moment.by, now=moment.now
            )
        elif self.facts["outcome"] == "answered":
            triage.answer(
                session,
                inquiry,
                subject=f"Re: {self.facts['subject']}",
                text=self.facts["answer"],
                reply_to=self.desk.contact,
                version=inquiry.version,
                by=moment.by,
                now=moment.now,
            )
            self.desk.deliver(moment)
        else:
            known = select(Company.id).where(Company.name == self.facts["company"])
            triage.attach(
                session,
                inquiry,
                Acceptance(company_id=session.scalars(known).one()),
                version=inquiry.version,
                by=moment.by,
                now=moment.now,
            )

    @property
    def _arrived(self) -> Inquiry:
        assert self.inquiry is not None  # the chronicle tells what arrives before what follows
        return self.inquiry
