"""Saving and removing named filters of the list pages."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from crm.accounts import saved_views
from crm.accounts.policy import Permission as P
from crm.office.saved_views.bar import NEEDS, PATHS
from crm.web import clock, forms
from crm.web.access import Pages
from crm.web.database import db
from crm.web.forms import BaseForm, BooleanField
from crm.web.session import the_viewer

pages = Pages("saved_views", __name__, url_prefix="/office/saved-views")


class SavedViewForm(BaseForm):
    name = forms.line("Name of this view", needed="Give the view a name.", most=60)
    shared = BooleanField("Show it to my colleagues")


@pages.post("/<page>", needs=P.VIEWS_SAVE)
def save(page: str) -> ResponseReturnValue:
    if page not in PATHS or not the_viewer().may(NEEDS[page]):
        abort(404)
    form = SavedViewForm.of_request()
    asked = clean(request.form.get("query", ""))
    if form.validate() and asked is not None:
        saved_views.save(
            db.session(),
            page=page,
            name=form.name.data,
            query=asked,
            shared=bool(form.shared.data),
            by=the_viewer().actor,
            now=clock.now(),
        )
        flash(f"Saved as “{form.name.data}”.", "success")
    else:
        said = next((error for errors in form.errors.values() for error in errors), None)
        flash(said or "These filters are too long to be saved.", "danger")
    return redirect(address(page, asked or ""))


@pages.post("/<id:view_id>/remove", needs=P.VIEWS_SAVE)
def remove(view_id: int) -> ResponseReturnValue:
    view = saved_views.remove(db.session(), view_id, by=the_viewer().actor)
    flash(f"Removed the view “{view.name}”.", "success")
    return redirect(address(view.page, ""))


def address(page: str, query: str) -> str:
    """The path is ours, the query was written by us: nothing leads elsewhere."""
    return f"{PATHS[page]}?{query}" if query else PATHS[page]


def clean(query: str) -> str | None:
    """The filters alone, written anew; None if they are longer than a view may be."""
    pairs = parse_qsl(query[:4000], max_num_fields=None)
    asked = urlencode(
        [(key, value) for key, value in pairs if key != "page" and "\x00" not in value]
    )
    return asked if len(asked) <= 2000 else None
