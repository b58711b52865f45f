"""What a triager fills in: a decision, an answer, an inquiry noted by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.validators import Optional
from wtforms.widgets import ListWidget, RadioInput

from crm.pipeline.intake import NewInquiry
from crm.pipeline.rules import Channel
from crm.pipeline.suggestions import Suggestion
from crm.web.forms import BaseForm, BooleanField, Checkboxes, choice, day, email, line, paragraph

NEW, OTHER = "new", "other"


class VersionedForm(BaseForm):
    version = HiddenField()

    @property
    def read_version(self) -> int:
        """The version the page was drawn from; 0, which none has, for what is no number."""
        sent = str(self.version.data or "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


class DecisionForm(VersionedForm):
    company = RadioField(
        "Whose inquiry is it?",
        [Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=RadioInput(),
    )
    new_name = line("Name of the new company")
    other = line("Another company")
    learn_domain = BooleanField("Their mail domain")
    modes = Checkboxes("Ways to engage")
    owner = choice("Owner", [])

    def offer(
        self,
        suggestions: Iterable[Suggestion],
        modes: Iterable[Any],
        owners: Iterable[Any],
        domain: str | None,
    ) -> None:
        known = [(str(one.company_id), _described(one)) for one in suggestions]
        self.company.choices = [
            *known,
            (NEW, "A new company, named below"),
            (OTHER, "Another one we know, chosen below"),
        ]
        self.modes.choices = [(str(mode.id), mode.name) for mode in modes]
        self.owner.choices = [("", "Nobody yet"), *((str(o.id), o.name) for o in owners)]
        self.learn_domain.label.text = f"{domain} is this company's mail domain"

    @property
    def owner_id(self) -> int | None:
        return int(self.owner.data) if self.owner.data else None

    @property
    def mode_ids(self) -> tuple[int, ...]:
        return tuple(int(key) for key in self.modes.data or ())


def _described(one: Suggestion) -> str:
    facts = [one.place, one.why, f"with {one.owner}" if one.owner else ""]
    archived = ["archived"] if one.archived else []
    return " · ".join([one.name, *(fact for fact in facts if fact), *archived])


class AnswerForm(VersionedForm):
    subject = line("Subject", needed="Give your letter a subject.")
    text = paragraph("Your answer", needed="Write what you want to tell them.", most=10_000)


class NotedForm(BaseForm):
    """An inquiry that came by telephone or in person. `token` makes two clicks one row."""

    token = HiddenField()
    company = line("Company")
    name = line("Name", needed="Who was it? A first name will do.")
    title = line("Position")
    email = email("E-mail")
    phone = line("Phone", most=60)
    on = day("Day", needed="On which day was it?")
    source = line("Where", description="A call, a fair, a symposium …")
    modes = Checkboxes("Ways to engage")
    challenges = Checkboxes("Challenges")
    message = paragraph("What they want", needed="Write what it is about.", most=20_000)
    owner = choice("Owner", [])
    answered = BooleanField("They had their answer already; nobody waits for one")
    consent = BooleanField("They asked for news and invitations")

    def offer(self, modes: Iterable[Any], challenges: Sequence[Any], owners: Iterable[Any]) -> None:
        self.modes.choices = [(mode.key, mode.name) for mode in modes]
        self.challenges.choices = [(one["key"], one["name"]) for one in challenges]
        self.owner.choices = [("", "Nobody yet"), *((str(o.id), o.name) for o in owners)]

    @property
    def owner_id(self) -> int | None:
        return int(self.owner.data) if self.owner.data else None

    def draft(self, token: str, now: datetime, notice_version: str) -> NewInquiry:
        typed = {name: value for name, value in self.data.items() if name != "token"}
        raw = {
            name: [str(item) for item in value] if isinstance(value, list) else [str(value)]
            for name, value in typed.items()
            if value not in (None, "", [], False)
        }
        return NewInquiry(
            channel=Channel.BY_HAND,
            token=token,
            shown_at=now,
            raw=raw,
            company_name=self.company.data or None,
            name=self.name.data or "",
            title=self.title.data or None,
            email=self.email.data or None,
            phone=self.phone.data or None,
            source=self.source.data or None,
            message=self.message.data or "",
            modes=tuple(self.modes.data or ()),
            challenges=tuple(self.challenges.data or ()),
            consent=self.consent.data,
            notice_version=notice_version if self.consent.data else None,
        )
