"""The page of one act on one record: a form, its refusals, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from crm.kit.errors import RuleBroken
from crm.web.forms import BaseForm


@dataclass(frozen=True, kw_only=True)
class Act:
    """What the page says. `trail`: (label, address) of where it lies; `done` is said afterwards;
    `companies`: the fields in which a company is typed, with suggestions; `people`: those in
    which a person is, with among whom: `company=12`, `of=university`, or empty."""

    title: str
    says: tuple[str, ...]
    submit: str
    done: str
    url: str
    back: str
    trail: tuple[tuple[str, str], ...]
    kind: str = "primary"
    companies: tuple[str, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)


def carry_out(act: Act, form: BaseForm, do: Callable[[], object]) -> ResponseReturnValue:
    """Show the form; on a valid POST do it and go back, or show beside the fields why not."""
    if request.method == "POST" and accepted(form, do):
        flash(act.done, "success")
        return redirect(act.back)
    page = render_template("office/act.html", act=act, form=form)
    return page, 422 if request.method == "POST" else 200


def accepted(form: BaseForm, do: Callable[[], object]) -> bool:
    """Whether the form was valid and the domain did not refuse; else the form says why."""
    if not form.validate():
        return False
    try:
        do()
    except RuleBroken as refusal:
        form.refuse(refusal)
        return False
    return True
