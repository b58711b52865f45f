"""Proposals for a seat: written down, then confirmed or declined."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import nominations, queries
from crm.council.nominations import NewNomination
from crm.office.acts import carry_out
from crm.office.council import choosing
from crm.office.council.forms import DeclineForm, ProposeForm, ProposeTyped
from crm.office.council.passing import act_on, edge, seat_and_role
from crm.office.council.views import pages
from crm.web import programme
from crm.web.database import db


@pages.form("/seats/<id:seat_id>/<role>/propose", needs=P.COUNCIL_EDIT)
def propose(seat_id: int, role: str) -> ResponseReturnValue:
    the_seat, the_role = seat_and_role(seat_id, role)
    today = programme.today()
    form, says = choosing.form_for(the_seat, ProposeForm, ProposeTyped, day=today, starts_on=today)
    act = act_on(
        the_seat,
        url_for("council.propose", seat_id=seat_id, role=role),
        title=f"Propose a {the_role}" if the_role == "representative" else "Propose an alternate",
        says=(f"{choosing.whose(the_seat)} They hold it once the proposal is confirmed.", *says),
        submit="Propose",
        done="The proposal waits to be confirmed.",
    )
    return carry_out(
        act,
        form,
        lambda: nominations.propose(
            db.session(),
            the_seat,
            NewNomination(
                role=the_role,
                person_id=choosing.person_of(form),
                starts_on=form.starts_on.data,
                proposed_by=form.proposed_by.data,
                note=form.note.data or None,
            ),
            today=today,
            **edge(),
        ),
    )


@pages.post("/nominations/<id:nomination_id>/confirm", needs=P.COUNCIL_EDIT)
def confirm(nomination_id: int) -> ResponseReturnValue:
    nomination = queries.get_nomination(db.session(), nomination_id)
    name, seat_id = nomination.person.name, nomination.seat_id
    nominations.confirm(db.session(), nomination, today=programme.today(), **edge())
    flash(f"{name} is confirmed.", "success")
    return redirect(url_for("council.seat", seat_id=seat_id))


@pages.form("/nominations/<id:nomination_id>/decline", needs=P.COUNCIL_EDIT)
def decline(nomination_id: int) -> ResponseReturnValue:
    nomination = queries.get_nomination(db.session(), nomination_id)
    the_seat = queries.get_seat(db.session(), nomination.seat_id)
    form = DeclineForm.of_request()
    act = act_on(
        the_seat,
        url_for("council.decline", nomination_id=nomination_id),
        title=f"Decline {nomination.person.name}",
        says=(f"{nomination.person.name} was proposed as {nomination.role} of {the_seat.name}.",),
        submit="Decline",
        done="The proposal is declined.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: nominations.decline(
            db.session(),
            nomination,
            reason=form.reason.data,
            today=programme.today(),
            **edge(),
        ),
    )
