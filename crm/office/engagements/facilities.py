"""A facility: its stages, and who takes part in it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.journal.queries import history_of
from crm.office import telling
from crm.office.acts import Act, accepted, carry_out
from crm.office.engagements import scope
from crm.office.engagements.forms import (
    FacilityForm,
    FacilityStageForm,
    NewFacilityForm,
    NewParticipationForm,
    ParticipationForm,
)
from crm.office.engagements.views import pages
from crm.partnerships import facilities, facility_queries, participations
from crm.partnerships.facility_models import Facility
from crm.partnerships.queries import ContributionSearch
from crm.partnerships.rules import FacilityStage
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer

HISTORY = 40
MOST_GIFTS = 20


@pages.get("/facilities/<id:facility_id>", needs=P.ENGAGEMENTS_READ)
def facility(facility_id: int) -> str:
    viewer, session = the_viewer(), db.session()
    found = facility_queries.get(session, facility_id)
    told = None
    if viewer.may(P.HISTORY_READ):
        about, all_ = [("facility", facility_id)], viewer.may(P.CONFIDENTIAL_READ)
        lines = history_of(session, about, confidential=all_, limit=HISTORY)
        told = telling.tell(session, lines, viewer=viewer)
    steps, today = facility_queries.steps_of(session, facility_id), programme.today()
    given = ContributionSearch(day=today, facility_id=facility_id).select(money=False)
    return render_template(
        "office/engagements/facility.html",
        facility=found,
        steps=steps,
        stage=steps[-1].stage,
        participations=facility_queries.participations_in(session, facility_id),
        gifts=session.execute(given.limit(MOST_GIFTS)).all(),
        history=told,
    )


def _next(stage: FacilityStage) -> FacilityStage:
    """What most often follows; what was closed is as a rule opened again to be used."""
    order: list[FacilityStage] = [*FacilityStage, FacilityStage.OPERATION]
    return order[order.index(stage) + 1]


@pages.form("/facilities/new", needs=P.ENGAGEMENTS_EDIT)
def new_facility() -> ResponseReturnValue:
    form = NewFacilityForm.of_request(on=programme.today())
    made: list[Facility] = []

    def begin() -> None:
        made.append(
            facilities.begin(
                db.session(),
                form.draft(),
                stage=FacilityStage(form.stage.data),
                on=form.on.data,
                **scope.dated(),
            )
        )

    if request.method == "POST" and accepted(form, begin):
        flash(f"{made[0].name} is on record.", "success")
        return redirect(url_for("engagements.facility", facility_id=made[0].id))
    page = render_template("office/engagements/facility_form.html", form=form, facility=None)
    return page, 422 if request.method == "POST" else 200


@pages.form("/facilities/<id:facility_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_facility(facility_id: int) -> ResponseReturnValue:
    found = facility_queries.get(db.session(), facility_id)
    form = FacilityForm.of_request(
        name=found.name, place=found.place, about=found.about, version=found.version
    )

    def change() -> None:
        facilities.edit(db.session(), found, form.draft(), version=form.version.data or 0)

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("engagements.facility", facility_id=facility_id))
    page = render_template("office/engagements/facility_form.html", form=form, facility=found)
    return page, 422 if request.method == "POST" else 200


@pages.form("/facilities/<id:facility_id>/stage", needs=P.ENGAGEMENTS_EDIT)
def move_facility(facility_id: int) -> ResponseReturnValue:
    found = facility_queries.get(db.session(), facility_id)
    stage = facility_queries.steps_of(db.session(), facility_id)[-1].stage
    form = FacilityStageForm.of_request(on=programme.today(), stage=_next(stage).value)
    act = Act(
        title=f"Stage of {found.name}",
        says=(f"It is in {stage} now. Each change keeps its day.",),
        submit="Change stage",
        done="The stage is changed.",
        url=url_for("engagements.move_facility", facility_id=facility_id),
        back=url_for("engagements.facility", facility_id=facility_id),
        trail=scope.trail_of_facility(found),
    )
    return carry_out(
        act,
        form,
        lambda: facilities.move(
            db.session(),
            found,
            FacilityStage(form.stage.data),
            on=form.on.data,
            reason=form.reason.data or None,
            **scope.dated(),
        ),
    )


@pages.form("/facilities/<id:facility_id>/participations/new", needs=P.ENGAGEMENTS_EDIT)
def new_participation(facility_id: int) -> ResponseReturnValue:
    found = facility_queries.get(db.session(), facility_id)
    form = NewParticipationForm.of_request(starts_on=programme.today())

    def begin() -> None:
        company = companies.picked(db.session(), form.company.data or "")
        assert company is not None  # needed, or the form is not valid
        participations.begin(
            db.session(), found, form.wanted(), company_id=company.id, by=the_viewer().actor
        )

    if request.method == "POST" and accepted(form, begin):
        flash("The participation is on record.", "success")
        return redirect(url_for("engagements.facility", facility_id=facility_id))
    page = render_template(
        "office/engagements/participation.html",
        form=form,
        facility=found,
        trail=scope.trail_of_facility(found),
    )
    return page, 422 if request.method == "POST" else 200


@pages.form("/participations/<id:participation_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_participation(participation_id: int) -> ResponseReturnValue:
    """Put it right, or say when it ended."""
    part = facility_queries.get_participation(db.session(), participation_id)
    form = ParticipationForm.of_request(**ParticipationForm.shown(part))
    act = Act(
        title=f"{part.company.name} in {part.facility.name}",
        says=("Say when it ended, or put right what was written.",),
        submit="Save",
        done="The participation is put right.",
        url=url_for("engagements.edit_participation", participation_id=participation_id),
        back=url_for("engagements.facility", facility_id=part.facility_id),
        trail=scope.trail_of_facility(part.facility),
    )
    return carry_out(
        act,
        form,
        lambda: participations.correct(
            db.session(), part, form.wanted(), version=form.version.data or 0
        ),
    )


@pages.post("/participations/<id:participation_id>/take-back", needs=P.ENGAGEMENTS_EDIT)
def take_back_participation(participation_id: int) -> ResponseReturnValue:
    part = facility_queries.get_participation(db.session(), participation_id)
    participations.take_back(db.session(), part)
    flash("The participation is taken back.", "success")
    return redirect(url_for("engagements.facility", facility_id=part.facility_id))
