"""One term's renewal: its plan, its next step, its notices; registered beside the board."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money, plain
from crm.mail import operations as mail
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.office.activities.forms import TaskForm
from crm.office.acts import accepted
from crm.office.renewals.forms import PlanForm
from crm.office.renewals.views import LANES, pages
from crm.reports import renewals
from crm.reports.companies import options
from crm.retention import operations, queries
from crm.retention.models import RenewalPlan
from crm.retention.rules import NoticeKind
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer

NOTICES = {NoticeKind.CHAMPION: "To the champion", NoticeKind.BILLING: "To the billing contact"}


@pages.form("/<id:membership_id>", needs=P.MEMBERSHIPS_EDIT, reads=P.PIPELINE_READ)
def show(membership_id: int) -> ResponseReturnValue:
    """The plan; sent from here, it is written down."""
    membership = _signed(membership_id)
    known = queries.plan_of(db.session(), membership_id)
    form = _plan_form(membership, known)

    def plan() -> None:
        operations.plan(db.session(), membership, form.plan(), version=form.version.data or 0)

    if request.method == "POST" and accepted(form, plan):
        flash("The plan is saved.", "success")
        return redirect(url_for("renewals.show", membership_id=membership_id))
    return _page(membership, known, form, _step_form())


@pages.post("/<id:membership_id>/step", needs=P.MEMBERSHIPS_EDIT)
def step(membership_id: int) -> ResponseReturnValue:
    """The next step, sent from the page above."""
    membership = _signed(membership_id)
    form = _step_form()

    def take() -> None:
        draft = form.draft(membership.company_id)
        operations.take_step(
            db.session(), membership, draft, by=the_viewer().actor, now=clock.now()
        )

    if accepted(form, take):
        flash("The next step is on the list.", "success")
        return redirect(url_for("renewals.show", membership_id=membership_id))
    known = queries.plan_of(db.session(), membership_id)
    return _page(membership, known, _plan_form(membership, known, shown=True), form)


@pages.post("/<id:membership_id>/notices/<kind>", needs=P.MAIL_RELEASE)
def release_notice(membership_id: int, kind: str) -> ResponseReturnValue:
    membership = _signed(membership_id)
    if kind not in set(NoticeKind):
        raise NotFound("There is no such notice.")
    operations.release_notice(db.session(), membership, NoticeKind(kind), **_edge())
    flash("The notice goes out within seconds.", "success")
    return redirect(url_for("renewals.show", membership_id=membership_id))


def _page(
    membership: Membership, known: RenewalPlan | None, form: PlanForm, step_form: TaskForm
) -> ResponseReturnValue:
    viewer, today = the_viewer(), programme.today()
    ending = next(iter(renewals.endings(db.session(), today, membership_id=membership.id)), None)
    task = known.task if known is not None else None
    page = render_template(
        "office/renewals/show.html",
        membership=membership,
        ending=ending,
        lane=LANES[ending.lane] if ending else "",
        status=memberships.statuses_on(db.session(), [membership], today)[membership.id],
        money=viewer.may(P.MONEY_READ),
        form=form,
        step_form=step_form,
        step=task if task and not (task.done_on or task.dropped_on) else None,
        last_step=task if task and (task.done_on or task.dropped_on) else None,
        notices=[_notice(membership, kind) for kind in NoticeKind]
        if viewer.may(P.MONEY_READ)
        else [],
        today=today,
        drafted_url=url_for("memberships.show", membership_id=ending.drafted_id)
        if ending and ending.drafted_id
        else "",
    )
    return page, 422 if form.errors or form.form_errors or step_form.errors else 200


def _notice(membership: Membership, kind: NoticeKind) -> dict[str, Any]:
    """The letter as it would go out, or when it did; or why there is none."""
    gone = queries.notices_of(db.session(), membership.id).get(kind)
    found: dict[str, Any] = {
        "kind": kind.value,
        "title": NOTICES[kind],
        "gone": gone,
        "subject": "",
        "body": "",
        "to": "",
        "why_not": "",
    }
    if gone is None:
        try:
            letter = operations.draft_notice(
                db.session(), membership, kind, by=the_viewer().actor, today=programme.today()
            )
        except RuleBroken as refusal:
            found["why_not"] = str(refusal)
        else:
            found["to"] = letter.to
            found["subject"], found["body"] = mail.preview(letter)
    return found


def _signed(membership_id: int) -> Membership:
    membership = memberships.get(db.session(), membership_id)
    if membership.executed_on is None or membership.withdrawn_on is not None:
        raise NotFound("Only a term that both sides have signed has a renewal.")
    return membership


def _plan_form(membership: Membership, known: RenewalPlan | None, *, shown: bool = False) -> Any:
    """`shown`: what is on record, whatever was sent to the page's other form."""
    told: dict[str, Any] = {"version": 0}
    if known is not None:
        fee = known.proposed_fee_minor
        told = {
            "likelihood": known.likelihood,
            "tier": str(known.proposed_tier_id or ""),
            "fee": "" if fee is None else plain(Money(fee, membership.currency)),
            "note": known.note,
            "version": known.version,
        }
    form = PlanForm(None, data=told) if shown else PlanForm.of_request(**told)
    kept = known.proposed_tier if known is not None else None
    form.offer(memberships.open_tiers(db.session()), membership.currency, kept)
    return form


def _step_form() -> Any:
    on_its_own = request.method == "POST" and request.path.endswith("/step")
    form = TaskForm.of_request() if on_its_own else TaskForm(None)
    owners = options(db.session()).owners
    form.owner.choices = dict([("", "Their manager"), *owners])
    return form


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
