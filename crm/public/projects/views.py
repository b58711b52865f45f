from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.pages import page_of
from crm.projects import published
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("results", __name__, url_prefix="/results")


@pages.get("", needs=P.EVERYONE)
def index() -> ResponseReturnValue:
    found = published.for_everybody(programme.today())
    page = page_of(db.session(), found, number=query.page(), size=25)
    return render_template("public/projects/index.html", page=page)
