"""The page of one major partnership: everything about it, for who looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import render_template

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import interests
from crm.journal.queries import history_of
from crm.office import telling
from crm.office.engagements.partnership_board import mode
from crm.office.engagements.views import pages
from crm.partnerships import screening
from crm.partnerships import workspace_queries as queries
from crm.partnerships.workspace_models import Partnership
from crm.partnerships.workspace_rules import EXPIRED, Nda, Verdict, mutual, nda_alarms, nda_on
from crm.pipeline import about
from crm.pipeline import queries as pipeline
from crm.pipeline import workspaces as majors
from crm.pipeline.models import Opportunity
from crm.pipeline.rules import Move, days_in_stage
from crm.reports.acquaintances import people_of
from crm.web import programme
from crm.web.database import db
from crm.web.filters import ago
from crm.web.session import the_viewer

HISTORY = 40
STATES = {
    Verdict.CLEAR: "done",
    Verdict.POSSIBLE: "soon",
    Verdict.DENIED: "late",
    Verdict.EXPIRED: "late",
    Verdict.NONE: "late",
}
"""The badge of each verdict."""


@pages.get("/partnerships/<id:partnership_id>", needs=P.ENGAGEMENTS_READ)
def partnership(partnership_id: int) -> str:
    """No sum for who may see no money, no notes for who may not read confidential ones."""
    viewer, session, today = the_viewer(), db.session(), programme.today()
    found = queries.get(session, partnership_id)
    opportunity = majors.opportunity_of(session, partnership_id)
    verdict = screening.verdict_of(session, found.company_id, today)
    tasks = about.tasks(session, opportunity.id)
    scope = people_of(viewer, today)
    stakes = interests.in_companies(session, [found.company_id], today)
    by_person = interests.by_person(stakes.get(found.company_id, ()))
    areas = queries.areas_of(session, partnership_id)
    scopes = queries.scopes_of(session, partnership_id)
    handoffs = queries.handoffs_of(session, partnership_id)
    full = viewer.may(P.HISTORY_READ)
    is_open = found.closed_on is None
    return render_template(
        "office/engagements/partnership.html",
        partnership=found,
        opportunity=opportunity,
        ended=opportunity.won_on is not None or opportunity.lost_on is not None,
        is_open=is_open,
        may_edit=viewer.may(P.ENGAGEMENTS_EDIT) and is_open,
        may_log=viewer.may(P.TOUCHES_LOG) and is_open,
        money=viewer.may(P.MONEY_READ),
        confidential=viewer.may(P.CONFIDENTIAL_READ),
        all_people=viewer.may(P.PEOPLE_READ_ALL),
        full=full,
        track=_track(opportunity),
        days=days_in_stage(today, opportunity.stage_since),
        verdict=verdict,
        verdict_state=STATES[verdict],
        screenings=screening.of_company(session, found.company_id) if full else (),
        nda=nda_on(today, found.nda_facts),
        nda_alarm=_nda_alarm(found, today),
        nda_files=queries.nda_files_of(session, partnership_id)
        if viewer.may(P.AGREEMENTS_READ)
        else (),
        convened=queries.convened_in(session, partnership_id),
        stakes=by_person,
        areas=[(area, mutual(area.company_interest, area.university_interest)) for area in areas],
        convenings=queries.convenings_of(session, partnership_id, viewer),
        came=queries.who_came(session, partnership_id, scope),
        scopes=scopes,
        last_day=scopes[0].ends_before - timedelta(days=1)
        if scopes and scopes[0].ends_before
        else None,
        handoffs=handoffs if full else [made for made in handoffs if made.struck_at is None],
        handed=any(made.struck_at is None for made in handoffs),
        tasks=[task for task in tasks if task.done_on is None and task.dropped_on is None],
        history=_history(found, viewer) if full else None,
        today=today,
    )


def _track(opportunity: Opportunity) -> Sequence[tuple[str, date | None, str]]:
    """Each stage, the day on which it last came there, and its state: been, now, or nothing."""
    came: dict[int, date] = {}
    for change in pipeline.history(db.session(), opportunity.id):
        if change.move in (Move.OPENED, Move.MOVED):
            came[change.to_stage_id] = change.on
    here = opportunity.stage_id
    stages = [(one.id, one.name) for one in mode().stages]
    if here not in dict(stages):
        stages.insert(0, (here, opportunity.stage.name))
    return [
        (
            name,
            came.get(id_, opportunity.stage_since if id_ == here else None),
            "now" if id_ == here else "been" if id_ in came else "",
        )
        for id_, name in stages
    ]


def _nda_alarm(found: Partnership, today: date) -> tuple[str, str] | None:
    """What the badge says, and its state."""
    if found.nda is not Nda.SIGNED or not nda_alarms(today, found.nda_facts):
        return None
    assert found.nda_expires_on is not None  # what alarms has a day
    over = nda_on(today, found.nda_facts) == EXPIRED
    when = ago((today - found.nda_expires_on).days)
    return f"NDA {'ended' if over else 'ends'} {when}", "late" if over else "soon"


def _history(found: Partnership, viewer: Viewer) -> Any:
    lines = history_of(
        db.session(),
        [("partnership", found.id)],
        confidential=viewer.may(P.CONFIDENTIAL_READ),
        limit=HISTORY,
    )
    return telling.tell(db.session(), lines, viewer=viewer)
