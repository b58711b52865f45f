from __future__ import annotations

from flask import render_template, url_for

from crm.accounts.policy import Permission as P
from crm.reports import self_check
from crm.reports.checks.check import Fault
from crm.web import programme
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("self_check", __name__, url_prefix="/office/self-check")

MOST_SHOWN = 50
"""Rows of one check: whoever has mended these finds the next ones."""
PAGES = {
    "company": "/office/companies",
    "membership": "/office/memberships",
    "project": "/office/projects",
    "seat": "/office/council/seats",
}


@pages.get("", needs=P.MONEY_READ)
def show() -> str:
    made = self_check.results(db.session(), programme.today())
    return render_template(
        "office/self_check/show.html",
        made=made,
        red=self_check.red(made),
        says=self_check.in_words(made),
        last=self_check.last_round(db.session()),
        link=_link,
        most=MOST_SHOWN,
    )


def _link(fault: Fault) -> str:
    if fault.about is None:
        return ""
    kind, id_ = fault.about
    if kind == "invoice":  # by its number
        return url_for("invoices.show", number=id_)
    return f"{PAGES[kind]}/{id_}"
