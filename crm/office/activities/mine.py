"""My companies: those I have to do with, and who else has."""

from __future__ import annotations

from flask import render_template

from crm.accounts.policy import Permission as P
from crm.kit.pages import page_of
from crm.office.activities.views import pages
from crm.reports.my_companies import MyCompanies
from crm.web import programme, query
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/my-companies", needs=P.TOUCHES_LOG)
def my_companies() -> str:
    search = MyCompanies(viewer=the_viewer(), today=programme.today())
    return render_template(
        "office/activities/my_companies.html",
        page=page_of(db.session(), search.select(), number=query.page(), counted=search.counted()),
    )
