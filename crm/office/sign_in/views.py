"""The one way in for everybody with an account, and the way out."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.sign_in.forms import SignInForm
from crm.web import clock, credentials, form_tokens, session
from crm.web.access import Pages
from crm.web.application import check_csrf
from crm.web.destinations import own_path
from crm.web.filters import moment

pages = Pages("sign_in", __name__)

HOME = "/office/"
NO = "E-mail address and password do not go together. Check both, or have the password set anew."
OLD_FORM = "This page was open for long. Please enter your password once more."


@pages.get("/sign-in", needs=P.EVERYONE)
def sign_in() -> ResponseReturnValue:
    asked_for = own_path(request.args.get("next"), HOME)
    if session.viewer() is not None:
        return redirect(asked_for)
    return _page(SignInForm(data={"next": asked_for}))


@pages.post("/sign-in", needs=P.EVERYONE, writes=False)
def enter() -> ResponseReturnValue:
    """Writes on short connections of its own: a slow hash must not hold the database."""
    form = SignInForm.of_request()
    valid = form.validate()
    if form_tokens.read("sign-in", request.form.get(form_tokens.FIELD, "")) is None:
        form.form_errors.append(OLD_FORM)
        valid = False
    if not valid:
        return _page(form), 422
    try:
        viewer = credentials.check(form.email.data, form.password.data)
    except credentials.Paused as pause:
        wait = int((pause.until - clock.now()).total_seconds()) + 1
        form.form_errors.append(
            "Too many attempts have failed for this account or from where you are. "
            f"Signing in is paused until {moment(pause.until)}."
        )
        return _page(form), 429, {"Retry-After": str(wait)}
    if viewer is None:
        form.form_errors.append(NO)
        return _page(form), 422
    session.sign_in(viewer)
    return redirect(own_path(form.next.data, HOME))


@pages.get("/sign-out", needs=P.EVERYONE)
def leaving() -> ResponseReturnValue:
    if session.viewer() is None:
        return redirect(url_for("sign_in.sign_in"))
    return render_template("office/sign_in/sign_out.html")


@pages.post("/sign-out", needs=P.EVERYONE, writes=False)
def leave() -> ResponseReturnValue:
    """Also for whoever is out already: a second click must not end in a refusal."""
    if session.viewer() is not None:
        check_csrf()
        session.sign_out()
    return redirect(url_for("sign_in.sign_in"))


def _page(form: SignInForm) -> str:
    return render_template(
        "office/sign_in/sign_in.html",
        form=form,
        form_token=form_tokens.issue("sign-in"),
        password_set=request.args.get("set") == "1",
    )
