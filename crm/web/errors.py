"""Every refusal becomes a page that says what happened and what to do."""

from __future__ import annotations

import logging
import re

from flask import Flask, make_response, render_template, request
from flask.wrappers import Response
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from crm.kit.errors import NotFound, RuleBroken, Stale

log = logging.getLogger(__name__)

RECORD = re.compile(
    r"/office/(?:ballots|companies|council/seats|inquiries|invoices/drafts|memberships|opportunities"
    r"|payments|people|users|working-groups)/[0-9]+|/office/invoices/[A-Z]+-[0-9-]+(?![^/])"
)
"""Where a record's page is, at the start of the address of whatever is done with it."""

WHAT_TO_DO = {
    400: (
        "That did not arrive as it should",
        "The address or the form sent something we cannot read.",
        "Go back, check what you typed, and send it again.",
    ),
    401: (
        "Please sign in",
        "You are not signed in, or were signed out.",
        "Sign in, and you come back to the page you asked for.",
    ),
    403: (
        "Not open to you",
        "Your role does not include this.",
        "If your work needs it, ask the administrator to extend your role.",
    ),
    404: (
        "Nothing here",
        "There is nothing at this address, or nothing that you may see.",
        "Check the address, or look for it with the search.",
    ),
    405: (
        "Not like that",
        "This address does not take that kind of request.",
        "Open the page again and use its buttons.",
    ),
    409: (
        "That does not go together",
        "The record's state does not allow this, or someone changed it meanwhile.",
        "Look at the record as it is now; make your change again if it is still needed.",
    ),
    413: (
        "Too large",
        "What you sent is larger than we take.",
        "Shorten the text or send a smaller file; what you typed is still there when you go back.",
    ),
    422: (
        "Something is not right",
        "Something in the form is missing or cannot be understood.",
        "Go back, correct what is marked, and send it again.",
    ),
    429: (
        "One moment, please",
        "There were many requests from your address in a short time.",
        "Wait a few minutes and try again. What was confirmed to you is kept.",
    ),
    500: (
        "Something broke",
        "It was our fault and is in our log. Nothing you sent was half-kept.",
        "Try again. If it happens again, tell us what you were doing.",
    ),
    503: (
        "Back in a moment",
        "The database is busy or away. Nothing that was confirmed is lost.",
        "Wait a few seconds and load the page again.",
    ),
}


def page(code: int, message: str | None = None, **more: object) -> Response:
    title, happened, advice = WHAT_TO_DO.get(code, WHAT_TO_DO[400 if code < 500 else 500])
    shown = {"theirs": {}, "yours": {}, "record": _record(code), **more}
    html = render_template(
        "errors/error.html",
        code=code,
        heading=title,
        message=message or happened,
        advice=advice,
        **shown,
    )
    response = make_response(html, code)
    if code in (429, 503):
        response.headers.setdefault("Retry-After", "5")
    return response


def _record(code: int) -> str:
    """After a conflict: the record's page, to look at it as it is now."""
    found = RECORD.match(request.path) if code == 409 else None
    return found[0] if found else ""


def init_app(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response  # whoever refused has drawn the page already
        # What fails outside the view, as reading or keeping the session does, comes wrapped.
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, OperationalError | PoolTimeout):
            return away(cause)
        code = error.code or 500
        said = (
            error.description if code == 400 and type(error).__module__.startswith("crm") else None
        )
        response = page(code, said)
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "location"):
                response.headers[name] = value
        return response

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> Response:
        return page(404, str(error) or None)

    @app.errorhandler(RuleBroken)
    def broken(error: RuleBroken) -> Response:
        return page(409, str(error))

    @app.errorhandler(Stale)
    def stale(error: Stale) -> Response:
        return page(409, str(error), theirs=error.theirs, yours=error.yours)

    @app.errorhandler(StaleDataError)
    def overtaken(error: StaleDataError) -> Response:
        return page(409, "Someone else changed this record at the same moment. Look at it again.")

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def away(error: Exception) -> Response:
        log.warning("database not available: %s", error)
        return page(503)

    @app.errorhandler(IntegrityError)
    def conflicts(error: IntegrityError) -> Response:
        """A constraint no operation foresaw: mostly two who did the same at one moment."""
        told = getattr(error.orig, "diag", None)  # PostgreSQL's own words hold the values
        said = told.message_primary if told else error.orig
        log.error("constraint at %s %s: %s", request.method, request.url_rule, said)
        return page(409, "Something was saved meanwhile that does not go together with this.")

    @app.errorhandler(StatementError)
    def unstorable(error: StatementError) -> Response:
        if isinstance(error, DataError) or "NUL" in str(error.orig):
            return page(400, "A value is too large or holds a character that cannot be stored.")
        return broke(error)

    @app.errorhandler(Exception)
    def broke(error: Exception) -> Response:
        log.exception("unforeseen at %s %s", request.method, request.url_rule, exc_info=error)
        return page(500)
