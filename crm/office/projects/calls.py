"""Calls for proposals, and what the council says of those that came in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import ballot_queries as ballots
from crm.council.ballot_models import Ballot
from crm.council.ballot_rules import BallotStatus, may_see
from crm.kit.pages import page_of
from crm.office.acts import Act, accepted, carry_out
from crm.office.projects import past, scope
from crm.office.projects.forms import BallotForm, CallForm, CouncilForm
from crm.office.projects.views import pages
from crm.projects import calls, queries, selecting
from crm.projects.models import ProjectCall
from crm.projects.rules import CallStatus, call_status_on
from crm.projects.search import CallSearch
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.session import the_viewer

SHOWN = {"current": "Open or ahead", "closed": "Closed", "all": "All"}
USUAL_DAYS = 14
"""For how long the council usually votes."""


@pages.get("/calls", needs=P.PROJECTS_READ)
def all_calls() -> str:
    today = programme.today()
    search = CallSearch(day=today, show=query.one_of("show", tuple(SHOWN)) or "current")
    page = page_of(db.session(), search.select(), number=query.page())
    return render_template(
        "office/projects/calls.html",
        search=search,
        page=page,
        rows=[
            (row, call_status_on(today, opens_on=row.opens_on, closes_on=row.closes_on))
            for row in page.items
        ],
        shown=list(SHOWN.items()),
    )


@pages.get("/calls/<id:call_id>", needs=P.PROJECTS_READ)
def show_call(call_id: int) -> str:
    viewer, today, session = the_viewer(), programme.today(), db.session()
    call = queries.get_call(session, call_id)
    proposals = queries.proposals_of(session, call_id)
    status = call.status_on(today)
    placed = _ranking(call.ballot, viewer)
    return render_template(
        "office/projects/call.html",
        call=call,
        status=status,
        proposals=[(one, placed and placed.place(one)) for one in proposals],
        leads=queries.leads_of(session, [one.id for one in proposals], today),
        ballot_status=call.ballot and call.ballot.status_at(clock.now()),
        takes=status is CallStatus.OPEN and viewer.may(P.PROJECTS_MANAGE),
        manages=viewer.may(P.PROJECTS_MANAGE),
        decided=calls.is_decided(session, call),
        puts=viewer.may(P.COUNCIL_APPROVE)
        and status is CallStatus.CLOSED
        and (call.ballot is None or call.ballot.withdrawn_at is not None),
        history=past.told("project_call", call_id),
    )


def _ranking(ballot: Ballot | None, viewer: Viewer) -> selecting.Ranking | None:
    """Once the vote is closed, for whoever may see its result."""
    if ballot is None:
        return None
    status = ballot.status_at(clock.now())
    office = viewer.may(P.BALLOTS_READ_ALL)
    if status is not BallotStatus.CLOSED or not may_see(
        ballot.results_shown, status, office=office
    ):
        return None
    return selecting.ranking(db.session(), ballot)


@pages.form("/calls/new", needs=P.PROJECTS_MANAGE)
def new_call() -> ResponseReturnValue:
    form = CallForm.of_request(opens_on=programme.today())
    made: list[ProjectCall] = []

    def announce() -> None:
        made.append(calls.announce(db.session(), form.draft(), **scope.edge()))

    if request.method == "POST" and accepted(form, announce):
        flash("The call is on record.", "success")
        return redirect(url_for("projects.show_call", call_id=made[0].id))
    return _form(form, "New call", url_for("projects.new_call"), url_for("projects.all_calls"))


@pages.form("/calls/<id:call_id>/edit", needs=P.PROJECTS_MANAGE)
def edit_call(call_id: int) -> ResponseReturnValue:
    call = queries.get_call(db.session(), call_id)
    form = CallForm.of_request(
        title=call.title,
        kind=call.kind.value,
        opens_on=call.opens_on,
        closes_on=call.closes_on,
        text=call.text,
        version=call.version,
    )

    def change() -> None:
        calls.edit(db.session(), call, form.draft(), version=form.version.data or 0)

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("projects.show_call", call_id=call_id))
    here = url_for("projects.edit_call", call_id=call_id)
    return _form(form, f"Edit {call.title}", here, url_for("projects.show_call", call_id=call_id))


@pages.form("/calls/<id:call_id>/ballot", needs=P.PROJECTS_MANAGE)
def link_ballot(call_id: int) -> ResponseReturnValue:
    call = queries.get_call(db.session(), call_id)
    form = BallotForm.of_request(ballot=str(call.ballot_id or ""))
    form.offer(calls.rankings(db.session(), call))
    act = _act(
        call,
        "link_ballot",
        title=f"Ballot of “{call.title}”",
        says=("Its options are matched with the proposals by their titles.",),
        submit="Save",
        done="The ballot is noted.",
    )

    def link() -> None:
        chosen = int(form.ballot.data) if form.ballot.data else None
        ballot = None if chosen is None else ballots.get(db.session(), chosen)
        calls.link_ballot(db.session(), call, ballot, **scope.edge())

    return carry_out(act, form, link)


@pages.form("/calls/<id:call_id>/council", needs=P.COUNCIL_APPROVE)
def put_to_council(call_id: int) -> ResponseReturnValue:
    call, today = queries.get_call(db.session(), call_id), programme.today()
    form = CouncilForm.of_request(closes_on=today + timedelta(days=USUAL_DAYS))
    act = _act(
        call,
        "put_to_council",
        title=f"Put “{call.title}” to the council",
        says=(
            "A ballot is drafted in which the council ranks the proposals that wait. Look at it "
            "and open it under Ballots: nobody votes before.",
        ),
        submit="Draft the ballot",
        done="The ballot is drafted. Open it when it is as it should be.",
    )
    return carry_out(
        act,
        form,
        lambda: calls.put_to_council(
            db.session(),
            call,
            closes_on=form.closes_on.data,
            zone=programme.current().zone,
            **scope.dated(),
        ),
    )


def _act(call: ProjectCall, endpoint: str, **words: Any) -> Act:
    back = url_for("projects.show_call", call_id=call.id)
    return Act(
        url=url_for(f"projects.{endpoint}", call_id=call.id),
        back=back,
        trail=(
            ("Projects", url_for("projects.index")),
            ("Calls", url_for("projects.all_calls")),
            (call.title, back),
        ),
        **words,
    )


def _form(form: CallForm, title: str, here: str, back: str) -> ResponseReturnValue:
    html = render_template(
        "office/projects/call_edit.html", form=form, title=title, here_url=here, back=back
    )
    return html, 422 if request.method == "POST" else 200
