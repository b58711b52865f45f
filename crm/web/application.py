"""A Flask application where one request is one transaction, opened only after its check."""

from __future__ import annotations

import secrets
from itertools import chain
from urllib.parse import urlsplit

import flask
from flask import Flask, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, Forbidden

from crm.accounts.policy import Permission
from crm.web import sent_forms
from crm.web import session as sessions
from crm.web.access import SAFE, Access, access_of
from crm.web.database import db, writing

TRIES = 3
GIVE_WAY = frozenset({"40001", "40P01"})
"""PostgreSQL's words for two transactions that cannot both go on: one begins anew."""


UNCLAIMED = frozenset({Permission.EVERYONE, Permission.SIGNED_IN})
"""Forms open to strangers have a token of their own; those that check a password count its tries
on other connections meanwhile, which a claim would keep waiting on SQLite."""


class FormExpired(BadRequest):
    description = "This form was open for too long, or you signed in anew. Go back and send again."


class FromElsewhere(Forbidden):
    description = "This form was sent from another site."


class Application(Flask):
    def load_templates(self) -> None:
        """Every page's template: compiled, or as compiled before and kept."""
        for name in self.jinja_env.list_templates(extensions=["html"]):
            self.jinja_env.get_template(name)

    def dispatch_request(self) -> ResponseReturnValue:
        """Check, then run the view in one transaction.

        Kept when the view returns below 400; undone when it raises or refuses.
        """
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        sessions.check_read()
        access = access_of(self, request.endpoint, request.method)
        turned_away = self._refuse(access)
        if turned_away is not None:
            return turned_away
        viewer = sessions.viewer()
        if viewer is not None:
            db.session().info["actor"] = viewer.actor
        try:
            if not access.writes:
                return self.make_response(super().dispatch_request())
            with writing():
                return self._written(access)
        except BaseException:
            db.session.rollback()  # before any error page reads anything
            raise

    def _written(self, access: Access) -> Response:
        """Run the view and keep what it wrote; anew when the database chose us to give way."""
        browser = dict(flask.session)
        sent = None if access.needs in UNCLAIMED else sent_forms.key_of_request()
        for tries_left in reversed(range(TRIES)):
            try:
                led_to = sent_forms.claim(db.session(), sent) if sent else None
                if led_to is not None:
                    db.session.rollback()
                    flash("That was sent twice, and is kept once.", "info")
                    return self.make_response(redirect(led_to))
                answer: Response = self.make_response(super().dispatch_request())
                if answer.status_code < 400:
                    if sent:
                        sent_forms.remember(db.session(), sent, answer.headers.get("Location"))
                    db.session.commit()
                else:
                    db.session.rollback()
                return answer
            except OperationalError as fault:
                if getattr(fault.orig, "sqlstate", None) not in GIVE_WAY or not tries_left:
                    raise
                db.session.rollback()
                db.session.expunge_all()
                flask.session.clear()
                flask.session.update(browser)
                for file in chain(*request.files.listvalues()):
                    file.stream.seek(0)  # the view has read it
        raise AssertionError  # the last try returns or raises

    def _refuse(self, access: Access) -> ResponseReturnValue | None:
        if request.method not in SAFE:
            check_origin()
        if access.needs is Permission.EVERYONE:
            return None  # a public form carries its own signed token
        viewer = sessions.viewer()
        if viewer is None:
            if request.method in SAFE and request.headers.get("HX-Request") != "true":
                return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
            abort(401)
        if access.takes is not None and viewer.may(access.needs):
            request.max_content_length = access.takes  # before its form is read
        if request.method not in SAFE:
            check_csrf()
        if not viewer.may(access.needs):
            abort(403)
        return None


def check_origin() -> None:
    """Refuse a form another site sent; programs that say nothing of their origin pass."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise FromElsewhere
    origin = request.headers.get("Origin")
    if origin is None:
        return
    ours = {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}
    if urlsplit(origin).netloc not in ours:
        raise FromElsewhere


def check_csrf() -> None:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not secrets.compare_digest(sent.encode(), sessions.csrf_token().encode()):
        raise FormExpired
