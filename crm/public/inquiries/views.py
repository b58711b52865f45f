"""What a stranger writes to us. No session, no cookie: the form's own token does it all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from crm.accounts.policy import Permission as P
from crm.pipeline.intake import receive
from crm.pipeline.suspicion import QUICKEST
from crm.public.inquiries import tokens
from crm.public.inquiries.forms import ContactForm, JoinForm
from crm.web import clock, links, programme
from crm.web.access import Pages
from crm.web.database import db
from crm.web.limits import form_limit, limiter

pages = Pages("inquiry", __name__)

SEND_AGAIN = (
    "This form was open for very long, or did not come from this page. "
    "Everything you typed is still here: please press send once more."
)
SLOW_DOWN = (
    "Many forms came from your network in a short time. "
    "Everything you typed is still here: please wait a minute and press send again."
)
TEMPLATES = {"join": "public/inquiries/join.html", "contact": "public/inquiries/contact.html"}
FORMS: dict[str, type[JoinForm] | type[ContactForm]] = {"join": JoinForm, "contact": ContactForm}


def too_many(limit: RequestLimit) -> Response:
    """The form with all that was typed, and when to send it again."""
    which = "join" if request.path == "/join" else "contact"
    answer = _show(which, _form(which), status=429, notice=SLOW_DOWN)
    answer.headers["Retry-After"] = "60"
    return answer


limited = limiter.shared_limit(
    form_limit, scope="public forms", methods=["POST"], on_breach=too_many
)


@pages.form("/join", needs=P.EVERYONE)
@limited
def join() -> ResponseReturnValue:
    return _answer("join")


@pages.form("/contact", needs=P.EVERYONE)
@limited
def contact() -> ResponseReturnValue:
    return _answer("contact")


@pages.get("/join/thanks", needs=P.EVERYONE)
def join_thanks() -> ResponseReturnValue:
    return _thanks("join")


@pages.get("/contact/thanks", needs=P.EVERYONE)
def contact_thanks() -> ResponseReturnValue:
    return _thanks("contact")


def _answer(which: str) -> ResponseReturnValue:
    form = _form(which)
    if request.method != "POST":
        form.csrf_token.data = tokens.make(which)
        if which == "join":  # from a “Start a conversation” beside one way to engage
            form.modes.data = request.args.getlist("mode")
        return _show(which, form)
    token = tokens.read(which, form.csrf_token.data or "")
    if token is None:
        # Whoever sees this has typed already: pressing send at once must not look like a robot.
        form.csrf_token.data = tokens.make(which, shown_before=QUICKEST + timedelta(seconds=1))
        form.validate()
        return _show(which, form, status=400, notice=SEND_AGAIN)
    if not form.validate():
        return _show(which, form, status=422)
    facts = programme.current().facts
    receive(
        db.session(),
        form.draft(token, facts.get("privacy_version", "")),
        notify_link=links.absolute("inquiries.show", "inquiry_id"),
        now=clock.now(),
    )
    return redirect(url_for(f"inquiry.{which}_thanks"), 303)


def _form(which: str) -> Any:
    form = FORMS[which].of_request()
    if isinstance(form, JoinForm):
        facts = programme.current().facts
        form.offer(facts.get("modes", ()), facts.get("challenges", ()))
    return form


def _show(which: str, form: Any, *, status: int = 200, notice: str = "") -> Response:
    facts = programme.current().facts
    html = render_template(
        TEMPLATES[which],
        form=form,
        notice=notice,
        days=facts.get("answer_within_working_days", 2),
    )
    return make_response(html, status)


def _thanks(which: str) -> ResponseReturnValue:
    days = programme.current().facts.get("answer_within_working_days", 2)
    return render_template("public/inquiries/thanks.html", which=which, days=days)
