"""The page on which a file is added to a record: what it is called there, and the file."""

from __future__ import annotations

from collections.abc import Callable

from flask.typing import ResponseReturnValue

from crm.documents.operations import NamedFile, NewFile
from crm.documents.rules import LARGEST
from crm.office.acts import Act, carry_out
from crm.web import forms
from crm.web.forms import BaseForm


class FileForm(BaseForm):
    file = forms.upload("File", needed="Choose a PDF or a Word document.")
    title = forms.line("Title", needed="Say what it is.")

    def wanted(self) -> NamedFile:
        sent = self.file.data
        content = sent.stream.read(LARGEST + 1)
        return NamedFile(
            title=self.title.data or "", file=NewFile(name=sent.filename, content=content)
        )


def hand_in(act: Act, add: Callable[[NamedFile], object]) -> ResponseReturnValue:
    form = FileForm.of_request()
    return carry_out(act, form, lambda: add(form.wanted()))
