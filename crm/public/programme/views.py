"""The programme as strangers meet it: what it is, who it is, what it keeps about them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.people.directory import public_directory
from crm.web import programme
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("programme", __name__)


@pages.get("/", needs=P.EVERYONE)
def home() -> ResponseReturnValue:
    facts = programme.current().facts
    return render_template(
        "public/programme/home.html",
        alliance=facts.get("alliance", "Industry Alliance"),
        summary=facts.get("summary", ""),
        modes=facts.get("modes", ()),
        challenges=facts.get("challenges", ()),
        fields=facts.get("research_fields", ()),
        areas=facts.get("focus_areas", ()),
        founding=facts.get("founding"),
    )


@pages.get("/people", needs=P.EVERYONE)
def people() -> ResponseReturnValue:
    return render_template("public/programme/people.html", groups=public_directory(db.session()))


@pages.get("/privacy", needs=P.EVERYONE)
def privacy() -> ResponseReturnValue:
    facts = programme.current().facts
    return render_template(
        "public/programme/privacy.html",
        version=facts.get("privacy_version", ""),
        university=facts.get("university") or programme.current().name,
    )
