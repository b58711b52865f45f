"""The acts of a membership, each with a page of its own; registered beside the list."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.enrolment import operations as enrolment
from crm.kit.money import plain
from crm.memberships import operations, queries
from crm.memberships.models import Membership
from crm.memberships.operations import Side
from crm.memberships.rules import years_of
from crm.office.acts import Act, accepted, carry_out
from crm.office.memberships import story
from crm.office.memberships.forms import (
    EditDraftForm,
    NewMembershipForm,
    SignForm,
    TermForm,
    TerminateForm,
    WithdrawForm,
)
from crm.office.memberships.views import pages
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.session import the_viewer


@pages.form("/memberships/new", needs=P.MEMBERSHIPS_EDIT)
def new() -> ResponseReturnValue:
    tiers = queries.open_tiers(db.session())
    form = NewMembershipForm.of_request(**_prefilled())
    form.offer(tiers)
    started: list[Membership] = []

    def start() -> None:
        company_id = form.company_id() or queries.company_named(db.session(), form.company.data)
        draft = form.draft(company_id or 0, tiers)
        started.append(enrolment.start(db.session(), draft, **_edge()))

    if request.method == "POST" and accepted(form, start):
        flash("The membership is started, with its dues and its seat.", "success")
        return redirect(url_for("memberships.show", membership_id=started[0].id))
    return _term_page(form, tiers, back=url_for("memberships.index"), membership=None)


@pages.form("/memberships/<id:membership_id>/edit", needs=P.MEMBERSHIPS_EDIT)
def edit(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    tiers = queries.open_tiers(db.session())
    form = EditDraftForm.of_request(**_as_it_is(membership))
    form.offer(tiers)

    def revise() -> None:
        draft = form.draft(membership.company_id, tiers)
        seen = form.version.data or 0
        enrolment.revise(db.session(), membership, draft, version=seen, **_edge())

    if request.method == "POST" and accepted(form, revise):
        flash("The draft is saved. A director releases it for signature.", "success")
        return redirect(_page_of(membership))
    return _term_page(form, tiers, back=_page_of(membership), membership=membership)


@pages.post("/memberships/<id:membership_id>/release", needs=P.MEMBERSHIPS_APPROVE)
def release(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    version = request.form.get("version", type=int)
    operations.release(db.session(), membership, version=version, **_edge())
    flash("Released for signature.", "success")
    return redirect(_page_of(membership))


@pages.form("/memberships/<id:membership_id>/sign", needs=P.MEMBERSHIPS_EDIT)
def sign(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = SignForm.of_request(signed_on=programme.today())
    act = _act(
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
            db.session(), membership, Side(form.side.data), on=form.signed_on.data, **_edge()
        ),
    )


@pages.form("/memberships/<id:membership_id>/withdraw", needs=P.MEMBERSHIPS_EDIT)
def withdraw(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = WithdrawForm.of_request()
    act = _act(
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
        lambda: operations.withdraw(db.session(), membership, reason=form.reason.data, **_edge()),
    )


@pages.form("/memberships/<id:membership_id>/terminate", needs=P.MEMBERSHIPS_TERMINATE)
def terminate(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    form = TerminateForm.of_request(terminated_on=programme.today())
    act = _act(
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
            **_edge(),
        ),
    )


def _act(membership: Membership, name: str, **words: Any) -> Act:
    back = _page_of(membership)
    return Act(
        url=url_for(f"memberships.{name}", membership_id=membership.id),
        back=back,
        trail=(("Memberships", url_for("memberships.index")), (membership.company.name, back)),
        **words,
    )


def _term_page(
    form: TermForm, tiers: Any, *, back: str, membership: Membership | None
) -> ResponseReturnValue:
    trail = [("Memberships", url_for("memberships.index"))]
    if membership is not None:
        trail.append((membership.company.name, back))
    page = render_template(
        "office/memberships/term.html",
        form=form,
        tiers=tiers,
        back=back,
        trail=trail,
        membership=membership,
        tier_notes={tier.id: story.tier_note(tier) for tier in tiers},
    )
    return page, 422 if request.method == "POST" else 200


def _prefilled() -> dict[str, Any]:
    """`?company=12` from a company's page fills in its name."""
    company_id = query.number("company")
    if company_id is None:
        return {}
    name = queries.name_of_company(db.session(), company_id)
    return {} if name is None else {"company": f"{name} (#{company_id})"}


def _as_it_is(membership: Membership) -> dict[str, Any]:
    return {
        "tier": str(membership.tier_id),
        "starts_on": membership.starts_on,
        "years": years_of(membership.term),
        "fee": plain(membership.fee),
        "currency": membership.currency,
        "frequency": membership.dues_frequency.value,
        "agreement_number": membership.agreement_number,
        "version": membership.version,
    }


def _page_of(membership: Membership) -> str:
    return url_for("memberships.show", membership_id=membership.id)


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
