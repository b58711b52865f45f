"""Letters of thanks: looked at, and let go out with one click."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.mail import operations as mail
from crm.office.engagements import scope
from crm.office.engagements.views import pages
from crm.partnerships import queries, thanks
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/letters/<id:thanks_id>", needs=P.MAIL_BODIES)
def letter(thanks_id: int) -> str:
    """As it would go out now; what went out is kept with the mail."""
    drafted = queries.get_letter(db.session(), thanks_id)
    to, subject, body, why_not = "", "", "", ""
    try:
        written = thanks.written(
            db.session(), drafted, by=the_viewer().actor, today=programme.today()
        )
    except thanks.NoLetter as refusal:
        why_not = str(refusal)
    else:
        to, (subject, body) = written.to, mail.preview(written)
    return render_template(
        "office/engagements/letter.html",
        letter=drafted,
        trail=scope.trail_of_contribution(drafted.contribution),
        to=to,
        subject=subject,
        body=body,
        why_not=why_not,
    )


@pages.post("/letters/<id:thanks_id>/release", needs=P.MAIL_RELEASE)
def release_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), thanks_id)
    thanks.release(db.session(), drafted, **scope.dated())
    flash("The letter goes out within seconds.", "success")
    return _back(drafted.contribution_id)


@pages.post("/letters/<id:thanks_id>/drop", needs=P.MAIL_RELEASE)
def drop_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), thanks_id)
    thanks.drop(db.session(), drafted, **scope.edge())
    flash("The letter is dropped.", "success")
    return _back(drafted.contribution_id)


def _back(contribution_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("engagements.contribution", contribution_id=contribution_id, _anchor="letters")
    )
