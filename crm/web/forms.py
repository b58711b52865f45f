"""The base of all forms: shape and wording, never the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import request
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from crm.accounts.rules import LONGEST_PASSWORD
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.web import attributes

_BREAKS = re.compile(r"\r\n?")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

LONGEST_NUMBER = 9
LONGEST_EMAIL = 320

Validators = Sequence[Callable[..., None]]


attributes.install()


def _stripped(value: object) -> object:
    return _BREAKS.sub("\n", value).strip() if isinstance(value, str) else value


def _on_one_line(value: object) -> object:
    """No browser sends a break from a field of one line; who does so reaches past it."""
    if not isinstance(value, str):
        return value
    return " ".join(part for line in value.splitlines() if (part := line.strip()))


def storable(form: Form, field: Any) -> None:
    """NUL and its like fit in no database of ours."""
    values = field.data if isinstance(field.data, list) else [field.data]
    if any(isinstance(value, str) and _FORBIDDEN.search(value) for value in values):
        raise ValidationError("This holds a character that cannot be stored. Please retype it.")


class BaseForm(Form):
    """Every text arrives storable, no longer than its column, and, but for passwords, stripped."""

    class Meta:
        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            own = unbound_field.kwargs.get("filters", ())
            kind = unbound_field.field_class
            verbatim = issubclass(kind, PasswordField)
            shown = _stripped if issubclass(kind, TextAreaField) else _on_one_line
            filters = [*own] if verbatim else [shown, *own]
            return unbound_field.bind(form=form, filters=filters, **options)

    @classmethod
    def of_request(cls, **defaults: Any) -> Any:
        """The form as sent, or showing `defaults` on a GET."""
        sent: Any = None
        if request.method == "POST":
            sent = CombinedMultiDict([request.files, request.form])
        return cls(sent, data=defaults or None)

    def validate(self, extra_validators: Any = None) -> bool:
        for field in self:
            field.validators = [*field.validators, storable]
        return bool(super().validate(extra_validators))

    def refuse(self, error: RuleBroken) -> None:
        """Put a refusal of the domain beside its field, or on top of the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


class Needed(InputRequired):
    """Spaces alone are no answer, be it to a question for a text, a day or a number."""

    def __call__(self, form: Any, field: Any) -> None:
        answered = any(str(value).strip() for value in field.raw_data or ())
        if field.data is None and field.errors and answered:
            raise StopValidation  # with something that cannot be read, and that is said already
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            field.errors[:] = []
            raise StopValidation(self.message or "")
        super().__call__(form, field)


def required(message: str) -> InputRequired:
    return Needed(message)


def line(label: str, *, needed: str | None = None, most: int = 200, **more: Any) -> StringField:
    """One line of text. `needed` is what to say when it is missing."""
    first: Validators = [required(needed)] if needed else [Optional()]
    limit = Length(max=most, message=f"Please keep this to {most} characters.")
    return StringField(label, [*first, limit, *more.pop("validators", ())], **more)


def paragraph(
    label: str, *, needed: str | None = None, most: int = 4000, **more: Any
) -> TextAreaField:
    first: Validators = [required(needed)] if needed else [Optional()]
    limit = Length(max=most, message=f"Please keep this to {most:,} characters.")
    return TextAreaField(label, [*first, limit], **more)


def email(label: str, *, needed: str | None = None, **more: Any) -> StringField:
    return line(label, needed=needed, most=LONGEST_EMAIL, validators=[is_email], **more)


def secret(label: str, *, needed: str, **more: Any) -> PasswordField:
    """A password, as typed to the last space."""
    limit = Length(max=LONGEST_PASSWORD, message=f"Use at most {LONGEST_PASSWORD} characters.")
    return PasswordField(label, [required(needed), limit], **more)


def is_email(form: Form, field: Any) -> None:
    if not field.data or len(field.data) > LONGEST_EMAIL:
        return  # that it is too long is said already: reading a mebibyte takes seconds
    try:
        validate_email(field.data, check_deliverability=False, test_environment=False)
    except EmailNotValidError:
        raise ValidationError(
            "This does not look like an e-mail address, such as name@company.com."
        ) from None


def day(label: str, *, needed: str | None = None, **more: Any) -> DateField:
    """A calendar day between 1900 and 2200."""
    return DayField(label, [required(needed) if needed else Optional(), in_reach], **more)


class DayField(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            self.data = None
            raise ValueError("Write the day as year-month-day, such as 2026-09-30.") from None


def in_reach(form: Form, field: Any) -> None:
    if field.data is not None and not 1900 <= field.data.year <= 2200:
        raise ValidationError("This day is too far from today.")


class TimeField(Field):
    """A time of day, `14:30`."""

    widget = TimeInput()
    data: time | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            told = time.fromisoformat(valuelist[0].strip())
        except ValueError:
            raise ValueError("Write the time as hours and minutes, such as 14:30.") from None
        if told.tzinfo is not None:
            raise ValueError("The zone has a field of its own.")
        self.data = told.replace(second=0, microsecond=0)


class WholeNumberField(IntegerField):
    """No more digits than a column holds. Empty is none: `required` says where one is needed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            if valuelist and len(valuelist[0].strip()) > LONGEST_NUMBER:
                raise ValueError
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("Write a whole number, such as 3.") from None


class MoneyField(StringField):
    """An amount in one currency; `data` is Money or None."""

    def __init__(
        self, label: str, validators: Any = (), currency: str = "USD", **more: Any
    ) -> None:
        super().__init__(label, validators or [Optional()], **more)
        self.currency = currency
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return f"{self.data.decimal:,.2f}" if isinstance(self.data, Money) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        typed = self.typed.strip()
        self.data: Any = Money.parse(typed, self.currency) if typed else None


class UploadField(FileField):
    """A file that was chosen; `data` is None for none, and for a text sent in its place."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        chosen = (sent for sent in valuelist if isinstance(sent, FileStorage) and sent.filename)
        self.data = next(chosen, None)


def upload(label: str, *, needed: str, **more: Any) -> UploadField:
    return UploadField(label, [DataRequired(needed)], **more)


def choice(label: str, choices: Sequence[tuple[str, str]], **more: Any) -> SelectField:
    """One of a few. An empty first value reads as none."""
    validators: list[Any] = more.pop("validators", [Optional()])
    return SelectField(
        label,
        validators,
        choices=dict(choices),
        filters=[lambda v: v or None],
        validate_choice=True,
        **more,
    )


class Checkboxes(SelectMultipleField):
    """Several of a few, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


__all__ = [
    "BaseForm", "BooleanField", "Checkboxes", "HiddenField", "MoneyField",
    "WholeNumberField", "choice", "day", "email", "line", "paragraph", "required", "secret",
    "upload",
]  # fmt: skip
