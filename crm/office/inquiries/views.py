from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound
from crm.pipeline.models import Inquiry
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("inquiries", __name__, url_prefix="/office/inquiries")


@pages.get("/<id:inquiry_id>", needs=P.INQUIRIES_READ)
def show(inquiry_id: int) -> ResponseReturnValue:
    inquiry = db.session.get(Inquiry, inquiry_id)
    if inquiry is None:
        raise NotFound("There is no such inquiry.")
    return render_template("office/inquiries/show.html", inquiry=inquiry)
