"""The acts of a membership, each with a page of its own; registered beside the list."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.enrolment import operations as enrolment
from crm.memberships import operations, queries
from crm.memberships.models import Membership
from crm.memberships.operations import Side
from crm.office.acts import Act, carry_out
from crm.office.memberships.forms import SignForm, TerminateForm, WithdrawForm
from crm.office.memberships.views import pages
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer


@pages.post("/memberships/<id:membership_id>/release", needs=P.MEMBERSHIPS_APPROVE)
def release(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    version = request.form.get("version", type=int)
    operations.release(db.session(), membership, version=version, **edge())
    flash("Released for signature.", "success")
    return redirect(page_of(membership))


@pages.form("/memberships/<id:membership_id>/sign", needs=P.MEMBERSHIPS_EDIT)
def sign(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = SignForm.of_request(signed_on=programme.today())
    act = act_on(
        membership,
        "sign",
        title="Record a signature",
        says=(
            "With both signatures the agreement is fully executed: the membership counts from "
            "the later day on, and its terms cannot be changed any more.",
        ),
        submit="Record signature",
        done="The signature is recorded.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.sign(
            db.session(), membership, Side(form.side.data), on=form.signed_on.data, **edge()
        ),
    )


@pages.form("/memberships/<id:membership_id>/withdraw", needs=P.MEMBERSHIPS_EDIT)
def withdraw(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = WithdrawForm.of_request()
    act = act_on(
        membership,
        "withdraw",
        title="Withdraw before signature",
        says=(
            "The membership ends before it began: it counts in no total, its dues are not owed, "
            "and the company is free for another term. It stays on record.",
        ),
        submit="Withdraw membership",
        done="The membership is withdrawn.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: operations.withdraw(db.session(), membership, reason=form.reason.data, **edge()),
    )


@pages.form("/memberships/<id:membership_id>/terminate", needs=P.MEMBERSHIPS_TERMINATE)
def terminate(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = TerminateForm.of_request(terminated_on=programme.today())
    act = act_on(
        membership,
        "terminate",
        title="Terminate membership",
        says=(
            "From the day you name the company is no member and has no seat. What was due before "
            "stays due. A day ahead can be moved until it comes.",
        ),
        submit="Terminate membership",
        done="The membership is terminated.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: enrolment.terminate(
            db.session(),
            membership,
            on=form.terminated_on.data,
            reason=form.reason.data,
            **edge(),
        ),
    )


def act_on(membership: Membership, name: str, *, back: str = "", **words: Any) -> Act:
    """`back`: the page it belongs to, if that is not the membership's own."""
    back = back or page_of(membership)
    return Act(
        url=url_for(f"memberships.{name}", membership_id=membership.id),
        back=back,
        trail=(("Memberships", url_for("memberships.index")), (membership.company.name, back)),
        **words,
    )


def page_of(membership: Membership) -> str:
    return url_for("memberships.show", membership_id=membership.id)


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
