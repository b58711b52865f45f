"""Letters about a seat: looked at, and let go out with one click."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import queries, writing
from crm.mail import operations as mail
from crm.mail.models import OutgoingMail
from crm.office.council.passing import edge
from crm.office.council.views import pages
from crm.web.database import db
from crm.web.filters import moment
from crm.web.session import the_viewer


@pages.get("/letters/<id:letter_id>", needs=P.MAIL_BODIES)
def letter(letter_id: int) -> str:
    """As it would go out now; once it is released, as it was posted."""
    drafted = queries.get_letter(db.session(), letter_id)
    the_seat = queries.get_seat(db.session(), drafted.seat_id)
    to, subject, body, why_not, how_far = "", "", "", "", ""
    if drafted.released_at is not None:
        posted = writing.posted(db.session(), drafted)
        how_far = _how_far(posted)
        if posted is not None:
            to, subject, body = posted.to, posted.subject, posted.body
    else:
        try:
            written = writing.written(db.session(), drafted, by=the_viewer().actor)
        except writing.NoLetter as refusal:
            why_not = str(refusal)
        else:
            to, (subject, body) = written.to, mail.preview(written)
    return render_template(
        "office/council/letter.html",
        letter=drafted,
        seat=the_seat,
        to=to,
        subject=subject,
        body=body,
        why_not=why_not,
        how_far=how_far,
    )


def _how_far(posted: OutgoingMail | None) -> str:
    """Where a letter that was released is now."""
    if posted is None:
        return "No longer in the outbox"
    if posted.sent_at is not None:
        return f"Went out {moment(posted.sent_at)}"
    if posted.failed_at is not None:
        return "Could not be delivered"
    return "Being sent" if posted.lease is not None else "Waits in the outbox"


@pages.post("/letters/<id:letter_id>/release", needs=P.MAIL_RELEASE)
def release_letter(letter_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), letter_id)
    writing.release(db.session(), drafted, **edge())
    flash("The letter goes out within seconds.", "success")
    return redirect(url_for("council.seat", seat_id=drafted.seat_id))


@pages.post("/letters/<id:letter_id>/drop", needs=P.MAIL_RELEASE)
def drop_letter(letter_id: int) -> ResponseReturnValue:
    drafted = queries.get_letter(db.session(), letter_id)
    writing.drop(db.session(), drafted, **edge())
    flash("The letter is dropped.", "success")
    return redirect(url_for("council.seat", seat_id=drafted.seat_id))
