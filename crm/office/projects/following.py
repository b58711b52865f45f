"""What is to be reached in a project, and what came of it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import carry_out
from crm.office.projects import scope
from crm.office.projects.forms import MilestoneForm, OutputForm
from crm.office.projects.views import pages
from crm.projects import following, part_queries, queries
from crm.projects.rules import Readers
from crm.web import programme, query
from crm.web.database import db


@pages.form("/<id:project_id>/milestones/new", needs=P.PROJECTS_EDIT)
def plan_milestone(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = MilestoneForm.of_request()
    act = scope.act_on(
        project,
        "plan_milestone",
        anchor="milestones",
        title="Plan a milestone",
        says=("From the day after it is due it shows as overdue, until it is done.",),
        submit="Plan milestone",
        done="The milestone is planned.",
    )
    today = programme.today()
    return carry_out(
        act, form, lambda: following.plan(db.session(), project, form.draft(), today=today)
    )


@pages.form("/milestones/<id:milestone_id>/edit", needs=P.PROJECTS_EDIT)
def change_milestone(milestone_id: int) -> ResponseReturnValue:
    """With `?reached=1` as reached today."""
    milestone, today = queries.get_milestone(db.session(), milestone_id), programme.today()
    form = MilestoneForm.of_request(
        title=milestone.title,
        due_on=milestone.due_on,
        done_on=milestone.done_on or (today if query.flag("reached") else None),
        version=milestone.version,
    )
    act = scope.act_on(
        scope.to_edit(milestone.project_id),
        "change_milestone",
        args={"milestone_id": milestone_id},
        anchor="milestones",
        title=f"Milestone “{milestone.title}”",
        says=("Say on which day it was reached, or when it is due instead.",),
        submit="Save milestone",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: following.change(
            db.session(), milestone, form.draft(), version=form.version.data or 0, today=today
        ),
    )


@pages.form("/<id:project_id>/outputs/new", needs=P.PROJECTS_EDIT)
def publish_output(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = OutputForm.of_request(readers=Readers.MEMBERS.value, came_on=programme.today())
    act = scope.act_on(
        project,
        "publish_output",
        anchor="outputs",
        title="Add what came of it",
        says=("A paper, a data set, a syllabus, a film: by its address.",),
        submit="Add output",
        done="The output is with the project.",
    )
    return carry_out(act, form, lambda: following.publish(db.session(), project, form.draft()))


@pages.form("/outputs/<id:output_id>/edit", needs=P.PROJECTS_EDIT)
def change_output(output_id: int) -> ResponseReturnValue:
    output = part_queries.get_output(db.session(), output_id)
    form = OutputForm.of_request(
        title=output.title,
        link=output.link,
        readers=output.readers.value,
        came_on=output.came_on,
        version=output.version,
    )
    act = scope.act_on(
        scope.to_edit(output.project_id),
        "change_output",
        args={"output_id": output_id},
        anchor="outputs",
        title=f"“{output.title}”",
        says=("Its address, or who may read it.",),
        submit="Save output",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: following.republish(
            db.session(), output, form.draft(), version=form.version.data or 0
        ),
    )
