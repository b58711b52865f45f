"""A letter that waits for a person to let it out, in their words: as its page shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wtforms.widgets import HiddenInput

from crm.accounts.policy import Permission as P
from crm.mail import operations as mail
from crm.mail.drafts import Drafted, NoLetter, Wording, as_typed, mark
from crm.mail.letters import Letter
from crm.mail.models import OutgoingMail
from crm.web import forms
from crm.web.filters import moment
from crm.web.forms import BaseForm
from crm.web.session import the_viewer


class WordingForm(BaseForm):
    text = forms.paragraph("Text", needed="Write what the letter says.", most=10_000)
    to = forms.line("To", needed="Open this page anew.", most=320, widget=HiddenInput())
    seen = forms.line("As it was", needed="Open this page anew.", most=64, widget=HiddenInput())

    def wording(self) -> Wording:
        text, to, seen = (field.data or "" for field in (self.text, self.to, self.seen))
        return Wording(text=text, to=to, seen=seen)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`why_not`: why it cannot be released; `how_far`: where it is since it was."""

    to: str = ""
    subject: str = ""
    body: str = ""
    why_not: str = ""
    how_far: str = ""


def shown(
    released_at: datetime | None,
    posted: Callable[[], OutgoingMail | None],
    written: Callable[[], Letter],
) -> Shown:
    """As it was posted; before that, as it would go out now."""
    if released_at is not None:
        kept = posted()
        if kept is None:
            return Shown(how_far="No longer in the outbox")
        return Shown(to=kept.to, subject=kept.subject, body=kept.body, how_far=_how_far(kept))
    try:
        letter = written()
    except NoLetter as refusal:
        return Shown(why_not=str(refusal))
    subject, body = mail.preview(letter)
    return Shown(to=letter.to, subject=subject, body=body)


def worded(drafted: Drafted, shown: Shown, sent: WordingForm | None) -> WordingForm | None:
    """The form with which who may lets it out: as it was sent, or with what would go out now."""
    waits = drafted.released_at is None and drafted.dropped_at is None
    if not waits or shown.why_not or not the_viewer().may(P.MAIL_RELEASE):
        return None
    if sent is not None:
        return sent
    written = {"text": as_typed(shown.body), "to": shown.to, "seen": mark(shown.body)}
    return WordingForm(None, data=written)


def _how_far(posted: OutgoingMail) -> str:
    if posted.sent_at is not None:
        return f"Went out {moment(posted.sent_at)}"
    if posted.failed_at is not None:
        return "Could not be delivered"
    return "Being sent" if posted.lease is not None else "Waits in the outbox"
