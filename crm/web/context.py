"""What every template may ask for. Templates decide nothing: it is worked out here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.web import programme
from crm.web.assets import asset
from crm.web.fragments import drawn
from crm.web.here import here, initials
from crm.web.sent_forms import form_token
from crm.web.session import csrf_token, viewer


@dataclass(frozen=True)
class Place:
    """A line of the office's navigation, shown to whoever may open it."""

    label: str
    url: str
    icon: str
    needs: P
    also: str = ""
    """Where its records stand, if elsewhere."""


NAVIGATION: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place("Home", "/office/", "home", P.SIGNED_IN),
            Place("Inquiries", "/office/inquiries", "inbox", P.INQUIRIES_READ),
            Place(
                "Pipeline", "/office/pipeline", "pipeline", P.PIPELINE_READ, "/office/opportunities"
            ),
            Place("Tasks", "/office/tasks", "task", P.TASKS_EDIT),
        ),
    ),
    (
        "Who",
        (
            Place("Companies", "/office/companies", "company", P.COMPANIES_READ),
            Place("My companies", "/office/my-companies", "note", P.TOUCHES_LOG),
            Place("People", "/office/people", "person", P.PEOPLE_READ),
        ),
    ),
    (
        "Alliance",
        (
            Place("Memberships", "/office/memberships", "membership", P.MEMBERSHIPS_READ),
            Place("Renewals", "/office/renewals", "history", P.MEMBERSHIPS_READ),
            Place("Receivables", "/office/receivables", "deal", P.MONEY_READ),
            Place("Invoices", "/office/invoices", "document", P.INVOICES_READ),
            Place("Payments", "/office/payments", "download", P.INVOICES_READ),
            Place("Council", "/office/council", "council", P.COUNCIL_READ, "/office/meetings"),
            Place("Ballots", "/office/ballots", "check", P.COUNCIL_READ),
            Place("Working groups", "/office/working-groups", "people", P.COUNCIL_READ),
            Place("Challenge map", "/office/challenges", "tag", P.COMPANIES_READ),
            Place("Projects", "/office/projects", "flag", P.PROJECTS_READ),
            Place("Engagements", "/office/engagements", "link", P.ENGAGEMENTS_READ),
            Place("Reports", "/office/reports", "report", P.REPORTS_READ),
        ),
    ),
    (
        "Office",
        (
            Place("Mail", "/office/mail", "mail", P.MAIL_READ),
            Place("Journal", "/office/journal", "journal", P.JOURNAL_READ),
            Place("Users", "/office/users", "users", P.USERS_READ),
            Place("Self-check", "/office/self-check", "shield", P.MONEY_READ),
            Place("Settings", "/office/settings", "settings", P.SETTINGS_READ),
        ),
    ),
)
PUBLIC = (
    ("The alliance", "/"),
    ("Groups", "/groups"),
    ("People", "/people"),
    ("Contact", "/contact"),
    ("Join", "/join"),
)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        csrf_token=csrf_token, asset=asset, here=here, drawn=drawn, form_token=form_token
    )
    app.jinja_env.filters["initials"] = initials

    @app.context_processor
    def for_every_page() -> dict[str, Any]:
        who = viewer()
        shown = programme.last_known()
        return {
            "viewer": who,
            "programme": shown,
            "nav": navigation(who, request.path),
            "public_nav": tuple((label, url, url == request.path) for label, url in PUBLIC),
            "banners": banners(who),
        }


def navigation(who: Viewer | None, path: str) -> tuple[Any, ...]:
    """Groups of (label, url, active, count, icon) this viewer may open."""
    if who is None:
        return ()
    return tuple(
        (heading, tuple((p.label, p.url, _here(p, path), None, p.icon) for p in open_places))
        for heading, places in NAVIGATION
        if (open_places := [place for place in places if who.may(place.needs)])
    )


def banners(who: Viewer | None) -> tuple[Any, ...]:
    if who is not None and who.may(P.MAIL_READ) and not current_app.config.get("MAIL_SERVER"):
        text = "No mail server is set: letters are written, and wait in the outbox."
        return (("warning", text, "/office/mail", "See the letters"),)
    return ()


def _here(place: Place, path: str) -> bool:
    beneath = tuple(f"{url}/" for url in (place.url, place.also) if url and url != "/office/")
    return path == place.url or path.startswith(beneath)
