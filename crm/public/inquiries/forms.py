"""What a company fills in: the interest form and the general one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from wtforms import HiddenField, SelectField, StringField

from crm.kit.countries import code_of, names
from crm.pipeline.intake import NewInquiry
from crm.pipeline.rules import Channel
from crm.public.inquiries.tokens import FormToken
from crm.web.forms import BaseForm, BooleanField, Checkboxes, email, line, paragraph

MESSAGE_MOST = 20_000
NEWS = "Send me news of the alliance and invitations now and then"


class CountryField(SelectField):
    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = code_of(typed) or typed or None

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class JoinForm(BaseForm):
    csrf_token = HiddenField()
    company = line("Company", needed="Please tell us which company you write for.")
    website = line("Website", most=300)
    name = line("Your name", needed="Please tell us your name.")
    title = line("Your position")
    email = email("Work e-mail", needed="Please leave an e-mail address, so that we can answer.")
    phone = line("Phone", most=60)
    country = CountryField("Country")
    modes = Checkboxes("How might you take part?")
    challenges = Checkboxes("Which challenges matter to you?")
    message = paragraph("What would you like to achieve?", most=MESSAGE_MOST)
    source = line("How did you hear of us?")
    knows = line("Whom do you know here?")
    consent = BooleanField(NEWS)
    reference_line = StringField("Leave this empty")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.country.choices = [("", "Choose a country"), *names().items()]

    def offer(self, modes: Iterable[Mapping[str, Any]], challenges: Iterable[Any]) -> None:
        self.modes.choices = [(mode["key"], mode["name"]) for mode in modes]
        self.challenges.choices = [(one["key"], one["name"]) for one in challenges]

    def draft(self, token: FormToken, notice_version: str) -> NewInquiry:
        return NewInquiry(
            channel=Channel.JOIN,
            token=token.nonce,
            shown_at=token.shown_at,
            trapped=bool(self.reference_line.data),
            raw=raw(),
            company_name=self.company.data,
            website=self.website.data or None,
            name=self.name.data or "",
            title=self.title.data or None,
            email=self.email.data,
            phone=self.phone.data or None,
            country=self.country.data or None,
            source=self.source.data or None,
            knows=self.knows.data or None,
            message=self.message.data or "",
            modes=tuple(dict.fromkeys(self.modes.data or ())),
            challenges=tuple(dict.fromkeys(self.challenges.data or ())),
            consent=self.consent.data,
            notice_version=notice_version,
        )


class ContactForm(BaseForm):
    csrf_token = HiddenField()
    name = line("Your name", needed="Please tell us your name.")
    email = email("E-mail", needed="Please leave an e-mail address, so that we can answer.")
    company = line("Company or organisation")
    subject = line("Subject")
    message = paragraph("Message", needed="Please write what it is about.", most=MESSAGE_MOST)
    consent = BooleanField(NEWS)
    reference_line = StringField("Leave this empty")

    def draft(self, token: FormToken, notice_version: str) -> NewInquiry:
        return NewInquiry(
            channel=Channel.CONTACT,
            token=token.nonce,
            shown_at=token.shown_at,
            trapped=bool(self.reference_line.data),
            raw=raw(),
            company_name=self.company.data or None,
            name=self.name.data or "",
            email=self.email.data,
            subject=self.subject.data or None,
            message=self.message.data or "",
            consent=self.consent.data,
            notice_version=notice_version,
        )


def raw() -> dict[str, list[str]]:
    """Every field as it came, but the token."""
    return {name: values for name, values in request.form.lists() if name != "csrf_token"}
