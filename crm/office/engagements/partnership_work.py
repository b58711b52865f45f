"""What is done in a workspace: faculty asked, convenings logged, areas proposed and agreed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import accepted, carry_out
from crm.office.challenges.filter import offered
from crm.office.engagements import scope
from crm.office.engagements import workspace_scope as lies
from crm.office.engagements.views import pages
from crm.office.engagements.workspace_forms import (
    AnswerForm,
    AreaForm,
    AskForm,
    ConveningForm,
    DayForm,
    DropForm,
    InterestForm,
    NewAreaForm,
)
from crm.partnerships import areas, convened
from crm.partnerships import workspace_queries as queries
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Answer
from crm.pipeline import partnering
from crm.pipeline import workspaces as majors
from crm.reports.acquaintances import colleagues
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer

SCREENED = "The company has to be screened for restricted parties, and clear, before this."


@pages.form("/partnerships/<id:partnership_id>/faculty/new", needs=P.ENGAGEMENTS_EDIT)
def ask_faculty(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    form = AskForm.of_request(on=programme.today())
    act = lies.act_on(
        found,
        "ask_faculty",
        anchor="faculty",
        title="Ask somebody of the faculty",
        says=(SCREENED, "A stake they have declared in the company is shown beside their name."),
        submit="Record that they are asked",
        done="They are on the list of who is asked.",
    )

    def ask() -> None:
        person_id = scope.person_id(form.person.data, "person")
        assert person_id is not None  # needed, or the form is not valid
        convened.ask(
            db.session(),
            found,
            person_id,
            field=form["field"].data or None,
            on=form.on.data,
            **scope.dated(),
        )

    return carry_out(act, form, ask)


@pages.form("/partnerships/faculty/<id:convened_id>/answer", needs=P.ENGAGEMENTS_EDIT)
def answer_faculty(convened_id: int) -> ResponseReturnValue:
    made = queries.get_convened(db.session(), convened_id)
    form = AnswerForm.of_request(
        answer=made.answer.value,
        on=made.answered_on or programme.today(),
        field=made.field,
        version=made.version,
    )
    act = lies.act_on(
        made.partnership,
        "answer_faculty",
        args={"convened_id": convened_id},
        anchor="faculty",
        title=f"What {made.person.name} says",
        says=(f"Asked on {made.asked_on:%Y-%m-%d}.",),
        submit="Save answer",
        done="Their answer is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: convened.answer(
            db.session(),
            made,
            Answer(form.answer.data),
            field=form["field"].data or None,
            on=form.on.data,
            version=form.version.data or 0,
            **scope.dated(),
        ),
    )


@pages.form("/partnerships/<id:partnership_id>/convenings/new", needs=P.TOUCHES_LOG)
def log_convening(partnership_id: int) -> ResponseReturnValue:
    """A contact report with people of both sides; faculty log theirs."""
    found = queries.get(db.session(), partnership_id)
    form = ConveningForm.of_request(on=programme.today())
    viewer, today = the_viewer(), programme.today()
    form.offer(colleagues(db.session(), found.company_id, viewer, today), _of_ours(found))

    def log() -> None:
        partnering.convene(
            db.session(),
            found,
            majors.opportunity_of(db.session(), partnership_id),
            form.draft(found.company_id),
            **scope.edge(),
        )

    if request.method == "POST" and accepted(form, log):
        flash("The convening is logged.", "success")
        return redirect(lies.page_of(partnership_id, "convenings"))
    page = render_template(
        "office/engagements/convening.html", form=form, partnership=found, trail=lies.trail(found)
    )
    return page, 422 if request.method == "POST" else 200


@pages.form("/partnerships/<id:partnership_id>/areas/new", needs=P.ENGAGEMENTS_EDIT)
def propose_area(partnership_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), partnership_id)
    form = NewAreaForm.of_request(on=programme.today(), challenges=[], faculty=[])
    form.offer(offered(), _convened(found))
    act = lies.act_on(
        found,
        "propose_area",
        anchor="areas",
        title="Propose an area",
        says=(SCREENED,),
        submit="Propose area",
        done="The area is proposed.",
    )
    return carry_out(
        act,
        form,
        lambda: areas.propose(db.session(), found, form.wanted(), on=form.on.data, **scope.dated()),
    )


@pages.form("/partnerships/areas/<id:area_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_area(area_id: int) -> ResponseReturnValue:
    area = queries.get_area(db.session(), area_id)
    form = AreaForm.of_request(
        title=area.title,
        text=area.text,
        challenges=[str(challenge.id) for challenge in area.challenges],
        faculty=[str(one.id) for one in area.faculty],
        version=area.version,
    )
    form.offer(offered(area.challenges), _convened(area.partnership, kept=area.faculty))
    act = lies.act_on(
        area.partnership,
        "edit_area",
        args={"area_id": area_id},
        anchor="areas",
        title=f"Edit “{area.title}”",
        says=(),
        submit="Save area",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: areas.edit(db.session(), area, form.wanted(), version=form.version.data or 0),
    )


@pages.form("/partnerships/areas/<id:area_id>/interest", needs=P.ENGAGEMENTS_EDIT)
def weigh_area(area_id: int) -> ResponseReturnValue:
    area = queries.get_area(db.session(), area_id)
    sides, facts = ("company", "university"), ("interest", "by", "on")
    names = [f"{side}_{fact}" for side in sides for fact in facts]
    form = InterestForm.of_request(
        **{name: getattr(area, name) for name in names}, version=area.version
    )
    act = lies.act_on(
        area.partnership,
        "weigh_area",
        args={"area_id": area_id},
        anchor="areas",
        title=f"Interest in “{area.title}”",
        says=("How much each side wants it. It can be agreed once both do.",),
        submit="Save interest",
        done="The interest is on record.",
    )
    return carry_out(
        act,
        form,
        lambda: areas.weigh(
            db.session(),
            area,
            form.side("company"),
            form.side("university"),
            version=form.version.data or 0,
            today=programme.today(),
        ),
    )


@pages.form("/partnerships/areas/<id:area_id>/agree", needs=P.ENGAGEMENTS_EDIT)
def agree_area(area_id: int) -> ResponseReturnValue:
    area = queries.get_area(db.session(), area_id)
    form = DayForm.of_request(on=programme.today())
    act = lies.act_on(
        area.partnership,
        "agree_area",
        args={"area_id": area_id},
        anchor="areas",
        title=f"Agree on “{area.title}”",
        says=("Both sides want it; the scope may be written around it.",),
        submit="Agree",
        done="The area is agreed.",
    )
    return carry_out(
        act, form, lambda: areas.agree(db.session(), area, on=form.on.data, **scope.dated())
    )


@pages.form("/partnerships/areas/<id:area_id>/drop", needs=P.ENGAGEMENTS_EDIT)
def drop_area(area_id: int) -> ResponseReturnValue:
    area = queries.get_area(db.session(), area_id)
    form = DropForm.of_request(on=programme.today())
    act = lies.act_on(
        area.partnership,
        "drop_area",
        args={"area_id": area_id},
        anchor="areas",
        title=f"Drop “{area.title}”",
        says=("It stays to be read, and can be taken up again.",),
        submit="Drop area",
        done="The area is dropped.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: areas.drop(
            db.session(), area, on=form.on.data, reason=form.reason.data or "", **scope.dated()
        ),
    )


@pages.post("/partnerships/areas/<id:area_id>/take-up", needs=P.ENGAGEMENTS_EDIT)
def take_up_area(area_id: int) -> ResponseReturnValue:
    area = queries.get_area(db.session(), area_id)
    areas.take_up(db.session(), area, **scope.edge())
    flash("The area is talked about again.", "success")
    return redirect(
        url_for("engagements.partnership", partnership_id=area.partnership_id, _anchor="areas")
    )


def _convened(found: Partnership, kept: Collection[Convened] = ()) -> Sequence[tuple[int, str]]:
    """By the number of their being asked: those who did not decline, or stand there already."""
    rows = queries.convened_in(db.session(), found.id)
    stay = {one.id for one in kept}
    return [
        (one.id, one.person.name)
        for one, _ in rows
        if one.answer is not Answer.DECLINED or one.id in stay
    ]


def _of_ours(found: Partnership) -> Sequence[tuple[int, str]]:
    """Who leads it and who is convened, by person."""
    rows = queries.convened_in(db.session(), found.id)
    there = {one.person_id: one.person.name for one, _ in rows if one.answer is not Answer.DECLINED}
    if found.lead is not None:
        there = {found.lead.id: found.lead.name, **there}
    return list(there.items())
