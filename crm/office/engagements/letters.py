"""Letters of thanks: looked at, and let go out with one click."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.drafted import shown
from crm.office.engagements import scope
from crm.office.engagements.views import pages
from crm.partnerships import thanks, thanks_queries
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/letters/<id:thanks_id>", needs=P.MAIL_BODIES)
def letter(thanks_id: int) -> str:
    """As it would go out now; once it is released, as it was posted."""
    session, drafted = db.session(), thanks_queries.get(db.session(), thanks_id)
    by, today = the_viewer().actor, programme.today()
    return render_template(
        "office/engagements/letter.html",
        letter=drafted,
        trail=scope.trail_of_contribution(drafted.contribution),
        shown=shown(
            drafted.released_at,
            lambda: thanks.posted(session, drafted),
            lambda: thanks.written(session, drafted, by=by, today=today),
        ),
    )


@pages.post("/letters/<id:thanks_id>/release", needs=P.MAIL_RELEASE)
def release_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = thanks_queries.get(db.session(), thanks_id)
    thanks.release(db.session(), drafted, **scope.dated())
    flash("The letter goes out within seconds.", "success")
    return _back(drafted.contribution_id)


@pages.post("/letters/<id:thanks_id>/drop", needs=P.MAIL_RELEASE)
def drop_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = thanks_queries.get(db.session(), thanks_id)
    thanks.drop(db.session(), drafted, **scope.edge())
    flash("The letter is dropped.", "success")
    return _back(drafted.contribution_id)


def _back(contribution_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("engagements.contribution", contribution_id=contribution_id, _anchor="letters")
    )
