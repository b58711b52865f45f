"""What every form does to what is typed."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from crm.web import forms
from crm.web.forms import BaseForm


class AForm(BaseForm):
    name = forms.line("Name")
    note = forms.paragraph("Note")
    email = forms.email("E-mail")
    word = forms.secret("Password", needed="Needed.")


def test_a_field_of_one_line_holds_one_line():
    sent = {
        "name": " Acme \r\n\r\nBcc: all@example.org\u2028=1+1\n",
        "note": " One\r\ntwo\n",
        "word": " a\nb ",
    }
    form = AForm(MultiDict(sent))
    assert form.name.data == "Acme Bcc: all@example.org =1+1"
    assert form.note.data == "One\ntwo"
    assert form.word.data == " a\nb "


def test_what_is_far_too_long_for_an_address_is_not_read_as_one(monkeypatch):
    read = []
    monkeypatch.setattr(forms, "validate_email", lambda text, **how: read.append(text))
    long = AForm(MultiDict({"email": "a." * 500_000 + "@acme.example", "word": "x"}))
    assert not long.validate()
    assert long.email.errors == ["Please keep this to 320 characters."]
    assert AForm(MultiDict({"email": "a@acme.example", "word": "x"})).validate()
    assert read == ["a@acme.example"]
