"""Letters of thanks: looked at, worded, and let go out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.drafted import WordingForm, shown, worded
from crm.office.engagements import scope
from crm.office.engagements.views import pages
from crm.partnerships import thanks, thanks_queries
from crm.partnerships.models import ThanksLetter
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/letters/<id:thanks_id>", needs=P.MAIL_BODIES)
def letter(thanks_id: int) -> str:
    """As it would go out now; once it is released, as it was posted."""
    return _page(thanks_queries.get(db.session(), thanks_id))


@pages.post("/letters/<id:thanks_id>/release", needs=P.MAIL_RELEASE)
def release_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = thanks_queries.get(db.session(), thanks_id)
    form = WordingForm.of_request()
    if not form.validate():
        return _page(drafted, form), 422
    thanks.release(db.session(), drafted, form.wording(), **scope.dated())
    flash("The letter goes out within seconds.", "success")
    return _back(drafted.contribution_id)


@pages.post("/letters/<id:thanks_id>/drop", needs=P.MAIL_RELEASE)
def drop_letter(thanks_id: int) -> ResponseReturnValue:
    drafted = thanks_queries.get(db.session(), thanks_id)
    thanks.drop(db.session(), drafted, **scope.edge())
    flash("The letter is dropped.", "success")
    return _back(drafted.contribution_id)


def _page(drafted: ThanksLetter, sent: WordingForm | None = None) -> str:
    session, by, today = db.session(), the_viewer().actor, programme.today()
    told = shown(
        drafted.released_at,
        lambda: thanks.posted(session, drafted),
        lambda: thanks.written(session, drafted, by=by, today=today),
    )
    return render_template(
        "office/engagements/letter.html",
        letter=drafted,
        trail=scope.trail_of_contribution(drafted.contribution),
        shown=told,
        form=worded(drafted, told, sent),
    )


def _back(contribution_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("engagements.contribution", contribution_id=contribution_id, _anchor="letters")
    )
