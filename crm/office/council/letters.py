"""Letters about a seat: looked at, worded, and let go out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import queries, writing
from crm.council.models import SeatLetter
from crm.office.council.passing import edge
from crm.office.council.views import pages
from crm.office.drafted import WordingForm, shown, worded
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/letters/<id:letter_id>", needs=P.MAIL_BODIES)
def letter(letter_id: int) -> str:
    """As it would go out now; once it is released, as it was posted."""
    return _page(queries.get_letter(db.session(), letter_id))


@pages.post("/letters/<id:letter_id>/release", needs=P.MAIL_RELEASE)
def release_letter(letter_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), letter_id)
    form = WordingForm.of_request()
    if not form.validate():
        return _page(drafted, form), 422
    writing.release(db.session(), drafted, form.wording(), **edge())
    flash("The letter goes out within seconds.", "success")
    return redirect(url_for("council.seat", seat_id=drafted.seat_id))


@pages.post("/letters/<id:letter_id>/drop", needs=P.MAIL_RELEASE)
def drop_letter(letter_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), letter_id)
    writing.drop(db.session(), drafted, **edge())
    flash("The letter is dropped.", "success")
    return redirect(url_for("council.seat", seat_id=drafted.seat_id))


def _page(drafted: SeatLetter, sent: WordingForm | None = None) -> str:
    session, by = db.session(), the_viewer().actor
    told = shown(
        drafted.released_at,
        lambda: writing.posted(session, drafted),
        lambda: writing.written(session, drafted, by=by),
    )
    return render_template(
        "office/council/letter.html",
        letter=drafted,
        seat=queries.get_seat(session, drafted.seat_id),
        shown=told,
        form=worded(drafted, told, sent),
    )
