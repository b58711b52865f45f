"""The acts that change what was signed: extended, amended, reinstated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.enrolment import operations as enrolment
from crm.enrolment import quotes
from crm.enrolment.quotes import AmendedDues
from crm.kit.money import Money
from crm.memberships import changing, queries
from crm.memberships.models import Membership, Tier
from crm.office.acts import accepted, carry_out
from crm.office.memberships import amended
from crm.office.memberships.acts import act_on, edge
from crm.office.memberships.forms import AmendForm, ExtendForm, ReinstateForm
from crm.office.memberships.views import pages
from crm.web import programme
from crm.web.database import db
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money


@pages.form("/memberships/<id:membership_id>/extend", needs=P.MEMBERSHIPS_AMEND)
def extend(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = ExtendForm.of_request()
    act = act_on(
        membership,
        "extend",
        title="Extend the term",
        says=(
            f"Its last day is {shown(membership.running.last_day)}. The days are added to that; "
            "the fees stay as they are.",
        ),
        submit="Extend term",
        done="The term is extended.",
    )
    return carry_out(
        act,
        form,
        lambda: changing.extend(
            db.session(), membership, days=form.days.data, reason=form.reason.data, **edge()
        ),
    )


@pages.form("/memberships/<id:membership_id>/amend", needs=P.MEMBERSHIPS_AMEND)
def amend(membership_id: int) -> ResponseReturnValue:
    """`look` shows what would be reversed and posted anew, and writes nothing."""
    membership = queries.get(db.session(), membership_id)
    today = programme.today()
    tiers = queries.all_tiers(db.session())
    form = AmendForm.of_request(**_as_it_stands(membership, today))
    form.currency = membership.currency
    form.tier.choices = {
        str(tier.id): tier.name
        for tier in tiers
        if tier.retired_on is None or str(tier.id) == form.tier.data
    }
    act = act_on(
        membership,
        "amend",
        title="Amend tier or fee",
        says=(
            f"Now a year costs {shown_money(_fee_on(membership, today))}. From the day on, the "
            "company is at that tier and each year costs that fee; a year in which it changes "
            "costs each fee by its days.",
            "What was signed stays on record. Dues due from that day on and not billed yet are "
            "reversed and posted anew.",
        ),
        submit="Amend membership",
        done="The membership is amended.",
    )
    would: list[AmendedDues] = []

    def look() -> None:
        would.append(
            quotes.amended(
                db.session(),
                membership,
                from_on=form.from_on.data,
                tier=_chosen(form, tiers),
                fee=form.amount(),
                today=today,
            )
        )

    def do() -> None:
        enrolment.amend(
            db.session(),
            membership,
            from_on=form.from_on.data,
            tier=_chosen(form, tiers),
            fee=form.amount(),
            reason=form.reason.data,
            **edge(),
        )

    looking = "look" in request.form
    if request.method == "POST" and accepted(form, look if looking else do) and not looking:
        flash(act.done, "success")
        return redirect(act.back)
    page = render_template(
        "office/memberships/amend.html",
        act=act,
        form=form,
        currency=membership.currency,
        would=would[0] if would else None,
    )
    return page, 422 if request.method == "POST" and not would else 200


@pages.form("/memberships/<id:membership_id>/reinstate", needs=P.MEMBERSHIPS_TERMINATE)
def reinstate(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = ReinstateForm.of_request(reinstated_on=membership.terminated_on)
    act = act_on(
        membership,
        "reinstate",
        title="Reinstate the membership",
        says=(
            f"It was terminated as of {shown(membership.terminated_on)}. "
            "From that very day on, it is as if it had never been; from a later one, the days "
            "between stay without membership."
            if membership.terminated_on
            else "It is not terminated: there is nothing to take back.",
            "Dues that went with the termination are owed again.",
        ),
        submit="Reinstate membership",
        done="The membership is reinstated.",
    )
    return carry_out(
        act,
        form,
        lambda: enrolment.reinstate(
            db.session(),
            membership,
            on=form.reinstated_on.data,
            reason=form.reason.data,
            **edge(),
        ),
    )


def _as_it_stands(membership: Membership, today: date) -> dict[str, object]:
    amendments = queries.amendments_of(db.session(), membership.id)
    tier_id = amendments[-1].tier_id if amendments else membership.tier_id
    return {"from_on": max(today, membership.starts_on), "tier": str(tier_id)}


def _fee_on(membership: Membership, day: date) -> Money:
    amendments = queries.amendments_of(db.session(), membership.id)
    return amended.fee_on(
        membership, queries.agreed_fees(db.session(), membership), amendments, day
    )


def _chosen(form: AmendForm, tiers: Sequence[Tier]) -> Tier:
    return next(tier for tier in tiers if str(tier.id) == form.tier.data)
