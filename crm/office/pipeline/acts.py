"""What is done with an opportunity, each act with a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import RuleBroken
from crm.kit.money import Money, plain
from crm.memberships import queries as memberships
from crm.office.acts import Act, accepted, carry_out
from crm.office.pipeline import forms
from crm.office.pipeline.opportunity import pages
from crm.office.pipeline.views import pages as pipeline
from crm.pipeline import ending, operations, queries, steps
from crm.pipeline.models import Opportunity
from crm.reports.acquaintances import colleagues
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.forms import BaseForm
from crm.web.session import the_viewer


class NoSuchCompany(RuleBroken):
    """What was typed names no company, or several."""


@pipeline.form("/pipeline/new", needs=P.PIPELINE_EDIT)
def new() -> ResponseReturnValue:
    modes = queries.modes(db.session())
    form = forms.NewOpportunityForm.of_request(**_prefilled())
    form.mode.choices = [("", "Choose …"), *((str(mode.id), mode.name) for mode in modes)]
    form.offer(queries.owners(db.session()), memberships.open_tiers(db.session()))
    opened: list[Opportunity] = []

    def open_it() -> None:
        typed = form.company.data or ""
        company_id = form.company_id() or memberships.company_named(db.session(), typed)
        if company_id is None:
            raise NoSuchCompany("Pick the company from the suggestions.", field="company")
        draft = form.draft()
        opened.append(
            operations.open_opportunity(
                db.session(),
                company_id=company_id,
                mode_id=int(form.mode.data),
                owner_id=draft.owner_id,
                source=draft.source,
                tier_id=draft.tier_id,
                value=draft.value,
                expected_on=draft.expected_on,
                note=draft.note,
                on=programme.today(),
                by=the_viewer().actor,
                now=clock.now(),
            )
        )

    if request.method == "POST" and accepted(form, open_it):
        flash("The opportunity is open.", "success")
        return redirect(_page_of(opened[0].id))
    page = render_template("office/pipeline/new.html", form=form)
    return page, 422 if request.method == "POST" else 200


@pages.form("/<id:opportunity_id>/edit", needs=P.PIPELINE_EDIT)
def edit(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.OpportunityForm.of_request(**_as_it_is(opportunity))
    owners, tiers = queries.owners(db.session()), list(memberships.open_tiers(db.session()))
    if opportunity.owner is not None and opportunity.owner_id not in dict(owners):
        owners = [*owners, (opportunity.owner.id, opportunity.owner.name)]
    if opportunity.tier is not None and opportunity.tier not in tiers:
        tiers.append(opportunity.tier)
    form.offer(owners, tiers)

    def amend() -> None:
        operations.amend(db.session(), opportunity, form.draft(), version=form.seen())

    if request.method == "POST" and accepted(form, amend):
        flash("Saved.", "success")
        return redirect(_page_of(opportunity_id))
    page = render_template("office/pipeline/edit.html", form=form, opportunity=opportunity)
    return page, 422 if request.method == "POST" else 200


@pages.form("/<id:opportunity_id>/move", needs=P.PIPELINE_EDIT)
def move(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.MoveForm.of_request(
        stage=str(opportunity.stage_id), on=programme.today(), version=opportunity.version
    )
    form.stage.choices = [
        (str(stage.id), stage.name)
        for mode in queries.modes(db.session())
        if mode.id == opportunity.mode_id
        for stage in mode.stages
    ]
    return carry_out(
        _act(opportunity, "move", title="Move to another stage", submit="Move", done="Moved."),
        form,
        lambda: operations.move(
            db.session(),
            opportunity,
            int(form.stage.data),
            on=form.on.data,
            version=form.seen(),
            **_edge(),
        ),
    )


@pages.form("/<id:opportunity_id>/park", needs=P.PIPELINE_EDIT)
def park(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.ParkForm.of_request(version=opportunity.version)
    act = _act(
        opportunity,
        "park",
        title="Park until a day",
        says=(
            "It keeps its place, counts in no weighted total, and never stalls before that day.",
        ),
        submit="Park",
        done="Parked.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.park(
            db.session(), opportunity, form.parked_until.data, version=form.seen(), **_edge()
        ),
    )


@pages.post("/<id:opportunity_id>/unpark", needs=P.PIPELINE_EDIT)
def unpark(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    operations.unpark(db.session(), opportunity, **_edge())
    flash("Back in the pipeline.", "success")
    return redirect(_page_of(opportunity_id))


@pages.form("/<id:opportunity_id>/intent", needs=P.PIPELINE_EDIT)
def intent(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.IntentForm.of_request(
        intent_on=opportunity.intent_on or programme.today(), version=opportunity.version
    )
    act = _act(
        opportunity,
        "intent",
        title="Letter of intent",
        says=("It counts in the founding cohort’s third bar until it is won or lost.",),
        submit="Save",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.note_intent(
            db.session(),
            opportunity,
            form.intent_on.data,
            version=form.seen(),
            today=programme.today(),
        ),
    )


@pages.form("/<id:opportunity_id>/win", needs=P.PIPELINE_EDIT)
def win(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    if opportunity.mode.membership:
        return _win_membership(opportunity)
    form = forms.WinForm.of_request(on=programme.today(), version=opportunity.version)
    act = _act(
        opportunity,
        "win",
        title=f"Win {opportunity.company.name}",
        says=(f"A yes in writing. “{opportunity.mode.name}” starts no membership.",),
        submit="Mark as won",
        done="Won.",
    )
    return carry_out(
        act,
        form,
        lambda: ending.win(
            db.session(), opportunity, on=form.on.data, version=form.seen(), **_edge()
        ),
    )


def _win_membership(opportunity: Opportunity) -> ResponseReturnValue:
    tiers = memberships.open_tiers(db.session())
    form = forms.WinMembershipForm.of_request(
        tier=str(opportunity.tier_id or ""),
        starts_on=opportunity.expected_on,
        on=programme.today(),
        version=opportunity.version,
    )
    form.offer(tiers)

    def win() -> None:
        ending.win(
            db.session(),
            opportunity,
            form.draft(opportunity.company_id, tiers),
            on=form.on.data,
            version=form.seen(),
            **_edge(),
        )

    if request.method == "POST" and accepted(form, win):
        flash(
            "Won. The membership awaits its signatures; dues and council seat are set up.",
            "success",
        )
        return redirect(_page_of(opportunity.id))
    page = render_template(
        "office/pipeline/win.html", form=form, opportunity=opportunity, tiers=tiers
    )
    return page, 422 if request.method == "POST" else 200


@pages.form("/<id:opportunity_id>/lose", needs=P.PIPELINE_EDIT)
def lose(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.LoseForm.of_request(on=programme.today(), version=opportunity.version)
    reasons = queries.lost_reasons(db.session(), opportunity.mode_id)
    form.reason.choices = [("", "Choose …"), *((str(id_), name) for id_, name in reasons)]
    act = _act(
        opportunity,
        "lose",
        title=f"Lose {opportunity.company.name}",
        says=("It leaves the board and can be reopened. The reason is what we learn from.",),
        submit="Mark as lost",
        done="Lost. It can be reopened at any time.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: ending.lose(
            db.session(),
            opportunity,
            int(form.reason.data),
            note=form.note.data or None,
            on=form.on.data,
            version=form.seen(),
            **_edge(),
        ),
    )


@pages.post("/<id:opportunity_id>/reopen", needs=P.PIPELINE_EDIT)
def reopen(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    ending.reopen(db.session(), opportunity, **_edge())
    flash("Open again, where it ended.", "success")
    return redirect(_page_of(opportunity_id))


@pages.form("/<id:opportunity_id>/step", needs=P.PIPELINE_EDIT)
def step(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.StepForm.of_request(owner=str(opportunity.owner_id or the_viewer().id))
    form.owner.choices = [
        ("", "Me"),
        *((str(id_), name) for id_, name in queries.owners(db.session())),
    ]
    return _carry_out_with_actor(
        _act(opportunity, "step", title="Plan the next step", submit="Add step", done="Planned."),
        form,
        lambda **edge: steps.plan_step(db.session(), opportunity, form.draft(), **edge),
    )


@pages.form("/<id:opportunity_id>/contact", needs=P.PIPELINE_EDIT)
def contact(opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.get(db.session(), opportunity_id)
    form = forms.ContactForm.of_request(kind="call", on=programme.today())
    there = colleagues(db.session(), opportunity.company_id, the_viewer(), programme.today())
    form.people.choices = [(str(id_), name) for id_, name in there]
    if not there:
        del form.people
    return _carry_out_with_actor(
        _act(opportunity, "contact", title="Log a contact", submit="Log contact", done="Logged."),
        form,
        lambda **edge: steps.report_contact(
            db.session(), opportunity, form.draft(opportunity.company_id), **edge
        ),
    )


def _carry_out_with_actor(
    act: Act, form: BaseForm, do: Callable[..., object]
) -> ResponseReturnValue:
    return carry_out(act, form, lambda: do(by=the_viewer().actor, now=clock.now()))


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}


def _page_of(opportunity_id: int) -> str:
    return url_for("opportunities.show", opportunity_id=opportunity_id)


def _act(opportunity: Opportunity, name: str, *, says: tuple[str, ...] = (), **words: Any) -> Act:
    back = _page_of(opportunity.id)
    return Act(
        says=says,
        url=url_for(f"opportunities.{name}", opportunity_id=opportunity.id),
        back=back,
        trail=(("Pipeline", url_for("pipeline.index")), (opportunity.company.name, back)),
        **words,
    )


def _prefilled() -> dict[str, Any]:
    """`?company=12` from a company's page, `?mode=alliance` from the board; mine by default."""
    found: dict[str, Any] = {"owner": str(the_viewer().id)}
    company_id, mode = query.number("company"), query.text("mode")
    if company_id is not None:
        name = memberships.name_of_company(db.session(), company_id)
        if name is not None:
            found["company"] = f"{name} (#{company_id})"
    for known in queries.modes(db.session()):
        if known.key == mode:
            found["mode"] = str(known.id)
    return found


def _as_it_is(opportunity: Opportunity) -> dict[str, Any]:
    minor = opportunity.value_minor
    return {
        "owner": str(opportunity.owner_id or ""),
        "tier": str(opportunity.tier_id or ""),
        "value": plain(Money(minor, opportunity.currency)) if minor is not None else "",
        "currency": opportunity.currency,
        "expected_on": opportunity.expected_on,
        "source": opportunity.source,
        "note": opportunity.note,
        "version": opportunity.version,
    }
