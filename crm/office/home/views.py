from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.money import Money
from crm.reports.home import home
from crm.web import clock, programme, session
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("home", __name__, url_prefix="/office")


@pages.get("/", needs=P.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What needs me today? Each line leads to where it is settled."""
    who = session.viewer()
    assert who is not None  # signed in, or the page would not open
    today = programme.today()
    shown = home(db.session(), who, today=today, now=clock.now(), facts=programme.current().facts)
    return render_template(
        "office/home/index.html",
        home=shown,
        owed=[Money(line.balance_minor, line.currency) for line in shown.overdue.lines]
        if shown.overdue
        else [],
        today=today,
        now=clock.now(),
        first=who.name.split()[0],
    )
