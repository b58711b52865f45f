"""How a contribution comes along: its next stage, the last taken back, a day put right."""

from __future__ import annotations

from flask import flash
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import carry_out
from crm.office.engagements import scope
from crm.office.engagements.forms import StageDayForm, StageForm, TakeBackForm
from crm.office.engagements.views import pages
from crm.partnerships import contribution_stages, queries, rules
from crm.partnerships.rules import Stage
from crm.web import programme
from crm.web.database import db


@pages.form("/contributions/<id:contribution_id>/stage", needs=P.ENGAGEMENTS_EDIT)
def move_contribution(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    stage = queries.standing(queries.steps_of(db.session(), contribution_id))[-1].stage
    form = StageForm.of_request(on=programme.today())
    form.offer(rules.may_become(stage, given=found.given))
    act = scope.act_on(
        found,
        "move_contribution",
        anchor="stages",
        title=f"Next stage of “{found.title}”",
        says=(
            f"It is {stage}. At its acceptance, and when a loan is returned, a letter of thanks is "
            "drafted: it waits until somebody releases it.",
        ),
        submit="Change stage",
        done="The stage is changed.",
    )
    return carry_out(
        act,
        form,
        lambda: contribution_stages.move(
            db.session(),
            found,
            Stage(form.stage.data),
            on=form.on.data,
            reason=form.reason.data or None,
            **scope.dated(),
        ),
    )


@pages.form("/contributions/<id:contribution_id>/take-back", needs=P.ENGAGEMENTS_EDIT)
def take_back(contribution_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), contribution_id)
    last = queries.standing(queries.steps_of(db.session(), contribution_id))[-1]
    act = scope.act_on(
        found,
        "take_back",
        anchor="stages",
        title=f"Take back “{last.stage}”",
        says=(
            "For a stage that was recorded by mistake. It is struck, and stays to be read; a "
            "letter of thanks for it that has not gone out is stopped.",
        ),
        submit="Take it back",
        done="The stage is taken back.",
        kind="danger",
    )
    form = TakeBackForm.of_request()

    def take() -> None:
        why = form.reason.data or ""
        if contribution_stages.take_back(db.session(), found, reason=why, **scope.edge()):
            flash("The letter of thanks went out already: tell whoever got it.", "warning")

    return carry_out(act, form, take)


@pages.form("/stages/<id:step_id>/day", needs=P.ENGAGEMENTS_EDIT)
def correct_day(step_id: int) -> ResponseReturnValue:
    session, step = db.session(), queries.get_step(db.session(), step_id)
    found = queries.get(session, step.contribution_id)
    form = StageDayForm.of_request(on=step.on, seen=step.on)
    letter = "A letter of thanks that has gone out keeps the day it named."
    act = scope.act_on(
        found,
        "correct_day",
        args={"step_id": step_id},
        anchor="stages",
        title=f"Put right when “{found.title}” was {step.stage}",
        says=(
            "The day lies between those of the stages before and after it. What was recorded "
            "stays in the history.",
            *([letter] if step.stage in rules.THANKED else []),
        ),
        submit="Save day",
        done="The day is put right.",
    )
    return carry_out(
        act,
        form,
        lambda: contribution_stages.correct_day(
            session, found, step, form.on.data, seen=form.seen.data, **scope.dated()
        ),
    )
