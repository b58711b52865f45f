"""A seat passing from hand to hand: named, handed over, given up, taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from crm.accounts.policy import Permission as P
from crm.council import operations, queries, taking_back
from crm.council.models import Seat
from crm.council.rules import COUNCIL, HoldingRole
from crm.office.acts import Act, carry_out
from crm.office.council import choosing, lines
from crm.office.council.forms import EndForm, HandOverForm, HandOverTyped, NameForm, NameTyped
from crm.office.council.views import pages
from crm.web import clock, programme
from crm.web.database import db
from crm.web.filters import day as shown
from crm.web.session import the_viewer


@pages.form("/seats/<id:seat_id>/<role>/name", needs=P.COUNCIL_EDIT)
def name(seat_id: int, role: str) -> ResponseReturnValue:
    the_seat, the_role = seat_and_role(seat_id, role)
    today = programme.today()
    form, says = choosing.form_for(the_seat, NameForm, NameTyped, day=today, starts_on=today)
    act = act_on(
        the_seat,
        url_for("council.name", seat_id=seat_id, role=role),
        title=f"Name the {the_role}",
        says=(
            f"{choosing.whose(the_seat)} It may be dated ahead.",
            *lines.may_be_promoted(queries.holdings_of(db.session(), seat_id), the_role, today),
            *says,
        ),
        submit=f"Name {the_role}",
        done=f"The {the_role} is named.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.name(
            db.session(),
            the_seat,
            the_role,
            choosing.person_of(form),
            starts_on=form.starts_on.data,
            today=programme.today(),
            **edge(),
        ),
    )


@pages.form("/seats/<id:seat_id>/<role>/hand-over", needs=P.COUNCIL_EDIT)
def hand_over(seat_id: int, role: str) -> ResponseReturnValue:
    the_seat, the_role = seat_and_role(seat_id, role)
    today = programme.today()
    chain = queries.holdings_of(db.session(), seat_id)
    present = lines.present(chain, the_role, today)
    form, says = choosing.form_for(
        the_seat,
        HandOverForm,
        HandOverTyped,
        day=today,
        but=present.person_id if present else None,
        starts_on=today,
    )
    act = act_on(
        the_seat,
        url_for("council.hand_over", seat_id=seat_id, role=role),
        title=f"Hand over: {the_role}",
        says=(
            f"{present.person.name if present else 'Nobody'} is the {the_role} now. The present "
            "holding ends and the new one begins on the same day, in one act.",
            *lines.may_be_promoted(chain, the_role, today),
            *says,
        ),
        submit="Hand over",
        done="The seat is handed over.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.hand_over(
            db.session(),
            the_seat,
            the_role,
            choosing.person_of(form),
            on=form.starts_on.data,
            reason=form.reason.data or None,
            today=today,
            **edge(),
        ),
    )


@pages.form("/holdings/<id:holding_id>/end", needs=P.COUNCIL_EDIT)
def end(holding_id: int) -> ResponseReturnValue:
    holding = queries.get_holding(db.session(), holding_id)
    the_seat = queries.get_seat(db.session(), holding.seat_id)
    today, ends = programme.today(), holding.ends_before
    form = EndForm.of_request(
        ends_before=ends or today, seen=ends, reason=holding.end_reason if ends else None
    )
    act = act_on(
        the_seat,
        url_for("council.end", holding_id=holding_id),
        title=f"{holding.person.name} steps down",
        says=(f"The {holding.role} of {the_seat.name} ends; nobody follows yet.",)
        if ends is None or ends <= today
        else (f"They step down already: without them from {shown(ends)} on. Choose another day.",),
        submit="Step down",
        done="The holding is ended.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: operations.end_holding(
            db.session(),
            holding,
            on=form.ends_before.data,
            reason=form.reason.data or None,
            seen=form.seen.data,
            today=today,
            **edge(),
        ),
    )


@pages.post("/holdings/<id:holding_id>/stay", needs=P.COUNCIL_EDIT)
def stay(holding_id: int) -> ResponseReturnValue:
    holding = queries.get_holding(db.session(), holding_id)
    name = holding.person.name
    went_out = operations.end_holding(
        db.session(),
        holding,
        on=None,
        reason=None,
        seen=holding.ends_before,
        today=programme.today(),
        **edge(),
    )
    flash(f"{name} stays on.", "success")
    if went_out:
        flash("A letter of thanks went out already: tell them.", "warning")
    return redirect(url_for("council.seat", seat_id=holding.seat_id))


@pages.post("/holdings/<id:holding_id>/take-back", needs=P.COUNCIL_EDIT)
def take_back(holding_id: int) -> ResponseReturnValue:
    holding = queries.get_holding(db.session(), holding_id)
    back = url_for("council.seat", seat_id=holding.seat_id)
    went_out = taking_back.take_back(db.session(), holding, today=programme.today(), **edge())
    flash("The naming is taken back.", "success")
    if went_out:
        flash("Letters about it went out already, and stay below: tell whoever got one.", "warning")
    return redirect(back)


def act_on(seat: Seat, url: str, **words: Any) -> Act:
    back = url_for("council.seat", seat_id=seat.id)
    body = None if seat.body.key == COUNCIL else seat.body.key
    trail = ((seat.body.name, url_for("council.index", body=body)), (seat.name, back))
    return Act(url=url, back=back, trail=trail, **words)


def seat_and_role(seat_id: int, role: str) -> tuple[Seat, HoldingRole]:
    if role not in set(HoldingRole):
        raise NotFound
    return queries.get_seat(db.session(), seat_id), HoldingRole(role)


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}
