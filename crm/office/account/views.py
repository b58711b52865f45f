"""Passwords: chosen by a single-use link, asked for anew, changed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts import access_links, operations, queries
from crm.accounts.access_links import Opened
from crm.accounts.passwords import Chosen
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.accounts.rules import SHORTEST_PASSWORD
from crm.kit.errors import RuleBroken
from crm.office.account.forms import ChangeForm, ChooseForm, ForgottenForm
from crm.web import clock, credentials, form_tokens, session
from crm.web.access import Pages
from crm.web.account_links import way
from crm.web.database import db, read_connection
from crm.web.filters import moment

pages = Pages("account", __name__)

HELP = f"At least {SHORTEST_PASSWORD} characters; a few words in a row are easy to remember."
OLD_FORM = "This page was open for long. Please send it once more."
WRONG = "This is not your present password."


@pages.form("/password/forgotten", needs=P.EVERYONE)
def forgotten() -> ResponseReturnValue:
    """Says the same whether or not there is such an account."""
    form = ForgottenForm.of_request()
    if request.method != "POST":
        return _forgotten(form)
    if not _has_token("password", form) or not form.validate():
        return _forgotten(form), 422
    if credentials.may_ask(form.email.data):
        access_links.ask_for_password(db.session(), form.email.data, way=way(), now=clock.now())
    return redirect(url_for("account.asked"))


@pages.get("/password/asked", needs=P.EVERYONE)
def asked() -> ResponseReturnValue:
    return render_template("office/account/asked.html")


@pages.form("/password/link/<secret>", needs=P.EVERYONE)
def choose(secret: str) -> ResponseReturnValue:
    """Opening the link changes nothing: mail filters open links. Choosing uses it up."""
    with read_connection() as connection:
        opened = access_links.find(connection, secret, now=clock.now())
    form = ChooseForm.of_request()
    if request.method != "POST":
        return _choose(form, opened)
    if not _has_token("password", form) or not form.validate():
        return _choose(form, opened), 422
    try:
        chosen = Chosen.of(form.password.data, email=opened.email, name=opened.name)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return _choose(form, opened), 422
    access_links.choose_password(db.session(), secret, chosen, now=clock.now())
    return redirect(url_for("sign_in.sign_in", set="1"))


@pages.form("/password", needs=P.SIGNED_IN)
def change() -> ResponseReturnValue:
    form = ChangeForm.of_request()
    if request.method != "POST":
        return _change(form)
    viewer = session.viewer()
    assert viewer is not None
    chosen = _checked(form, viewer) if form.validate() else None
    if chosen is None:
        return _change(form), 422
    user = queries.get(db.session(), viewer.id)
    operations.change_password(db.session(), user, chosen, by=viewer.actor, now=clock.now())
    session.sign_in(viewer)
    flash("Your password is changed. Wherever else you were signed in, you no longer are.")
    return redirect("/office/")


def _checked(form: ChangeForm, viewer: Viewer) -> Chosen | None:
    """The new password, if the present one is right. Slow: before the transaction."""
    try:
        if credentials.check(viewer.email, form.current.data or "", entering=False) is None:
            raise RuleBroken(WRONG, field="current")
        return Chosen.of(form.password.data or "", email=viewer.email, name=viewer.name)
    except credentials.Paused as pause:
        until = f"Too many attempts have failed. Try again after {moment(pause.until)}."
        form.refuse(RuleBroken(until, field="current"))
    except RuleBroken as refusal:
        form.refuse(refusal)
    return None


def _has_token(name: str, form: ForgottenForm | ChooseForm) -> bool:
    if form_tokens.read(name, request.form.get(form_tokens.FIELD, "")) is not None:
        return True
    form.form_errors.append(OLD_FORM)
    return False


def _forgotten(form: ForgottenForm) -> str:
    return render_template(
        "office/account/forgotten.html", form=form, form_token=form_tokens.issue("password")
    )


def _choose(form: ChooseForm, opened: Opened) -> str:
    return render_template(
        "office/account/choose.html",
        form=form,
        opened=opened,
        help=HELP,
        action=request.path,
        form_token=form_tokens.issue("password"),
    )


def _change(form: ChangeForm) -> str:
    return render_template("office/account/change.html", form=form, help=HELP)
