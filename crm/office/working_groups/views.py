from __future__ import annotations

from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import meeting_queries as meetings
from crm.council import place_queries
from crm.council.ballot_queries import BallotSearch
from crm.council.ballot_rules import BallotStatus, status_at, told
from crm.journal.queries import history_of
from crm.kit.pages import page_of
from crm.office import history
from crm.office.acts import accepted, carry_out
from crm.office.challenges.filter import choices
from crm.office.meetings import lines
from crm.office.working_groups import scope
from crm.office.working_groups.forms import CloseForm, GroupForm
from crm.programme import queries as programmes
from crm.web import clock, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import operations, queries, rules
from crm.working_groups.models import WorkingGroup
from crm.working_groups.queries import GroupSearch
from crm.working_groups.rules import JoinPolicy

pages = Pages("working_groups", __name__, url_prefix="/office/working-groups")

BALLOTS = 5
SHOWN = {"open": "Open", "closed": "Closed", "all": "All"}
WAYS = {
    JoinPolicy.OPEN: (("join", "Add a member"),),
    JoinPolicy.APPLICATION: (
        ("apply", "Record an application"),
        ("invite", "Record an invitation"),
    ),
    JoinPolicy.INVITATION: (("invite", "Record an invitation"),),
}
"""What the group's page offers for each policy."""


@pages.get("", needs=P.COUNCIL_READ)
def index() -> str:
    today = programme.today()
    session = db.session()
    as_of = query.day("as_of")
    search = GroupSearch(
        day=as_of or today,
        as_of=as_of is not None,
        q=query.text("q"),
        challenge_id=query.number("challenge"),
        show=query.one_of("show", tuple(SHOWN)) or "open",
    )
    counts = queries.challenge_counts(session, today)
    page = page_of(session, search.select(), number=query.page())
    sitting = Counter(
        member.body_id
        for member in place_queries.members_on(session, search.day)
        if member.gap is None
    )
    return render_template(
        "office/working_groups/index.html",
        search=search,
        page=page,
        sitting=sitting,
        tiles=[
            (
                name,
                counts.get(id_, 0),
                url_for("working_groups.index", challenge=id_),
            )
            for id_, name in choices(None)
        ],
        challenges=choices(search.challenge_id),
        shown=list(SHOWN.items()),
        today=today,
    )


@pages.get("/<id:group_id>", needs=P.COUNCIL_READ)
def show(group_id: int) -> str:
    viewer, today, session = the_viewer(), programme.today(), db.session()
    group = queries.get(session, group_id)
    is_open = group.is_open(today)
    may_edit = scope.may_edit(group.body)
    members = place_queries.members_on(session, today, body_id=group_id)
    deliverables = queries.deliverables_of(session, group_id)
    past = None
    if viewer.may(P.HISTORY_READ):
        found = history_of(
            session, [("body", group_id)], confidential=viewer.may(P.CONFIDENTIAL_READ), limit=40
        )
        challenges = {one.id: one.name for one in group.challenges}
        names = {**history.names_of(session, found), "challenge_id": challenges}
        past = history.told(found, names)
    return render_template(
        "office/working_groups/show.html",
        group=group,
        is_open=is_open,
        members=members,
        companies=_companies(members),
        other_places=place_queries.other_places(session, group_id, today),
        askings=queries.askings_of(session, group_id) if may_edit or _reads_all() else (),
        mailings=[
            mailing
            for mailing in queries.mailings_of(session, group_id)
            if may_edit or mailing.released_at is not None
        ],
        files=queries.files_of(session, group_id),
        deliverables=[
            (one, rules.is_overdue(today, due_on=one.due_on, stage=one.stage))
            for one in deliverables
        ],
        next_meeting=next(
            (
                lines.listed(meeting)
                for meeting in meetings.upcoming(session, group_id, clock.now())
                if meeting.cancelled_on is None
            ),
            None,
        ),
        ballots=_ballots(group_id),
        ways=WAYS[group.join_policy],
        acts=may_edit and is_open,
        may_lead=viewer.may(P.COUNCIL_EDIT) and is_open,
        may_link=viewer.may(P.COUNCIL_APPROVE) and is_open,
        may_edit=may_edit,
        reserved=scope.reserved(group_id) if may_edit else None,
        today=today,
        history=past,
        person_urls=viewer.may(P.PEOPLE_READ_ALL),
        show_addresses=may_edit or viewer.may(P.PEOPLE_READ_ALL),
    )


def _ballots(group_id: int) -> list[tuple[Any, BallotStatus, str]]:
    """The latest few: what is asked, how it stands, and until when."""
    now = clock.now()
    asked = BallotSearch(now, body_id=group_id).select().limit(BALLOTS)
    return [
        (
            row,
            status_at(
                now,
                opened_at=row.opened_at,
                closes_at=row.closes_at,
                withdrawn_at=row.withdrawn_at,
            ),
            told(row.closes_at, row.zone),
        )
        for row in db.session().execute(asked)
    ]


def _reads_all() -> bool:
    return the_viewer().may(P.PEOPLE_READ_ALL)


def _companies(members: list[place_queries.Member]) -> int:
    """How many companies have somebody sitting in it."""
    return len({member.company_id for member in members if member.gap is None} - {None})


@pages.form("/new", needs=P.COUNCIL_EDIT)
def new() -> ResponseReturnValue:
    form = _offered(GroupForm.of_request(founded_on=programme.today()))
    made: list[WorkingGroup] = []

    def found() -> None:
        made.append(operations.found(db.session(), form.draft(), **scope.edge()))

    if request.method == "POST" and accepted(form, found):
        flash(f"{made[0].body.name} is founded.", "success")
        return redirect(url_for("working_groups.show", group_id=made[0].id))
    html = render_template("office/working_groups/edit.html", form=form, group=None)
    return html, 422 if request.method == "POST" else 200


@pages.form("/<id:group_id>/edit", needs=P.GROUPS_EDIT)
def edit(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    form = _offered(
        GroupForm.of_request(
            name=group.body.name,
            join_policy=group.join_policy.value,
            founded_on=group.founded_on,
            challenges=[str(challenge.id) for challenge in group.challenges],
            charter=group.charter,
            summary=group.summary,
            version=group.version,
        ),
        group,
    )

    def change() -> None:
        version = form.version.data or 0
        operations.edit(db.session(), group, form.draft(), version=version, today=programme.today())

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("working_groups.show", group_id=group_id))
    html = render_template("office/working_groups/edit.html", form=form, group=group)
    return html, 422 if request.method == "POST" else 200


@pages.form("/<id:group_id>/close", needs=P.COUNCIL_EDIT)
def close(group_id: int) -> ResponseReturnValue:
    group = queries.get(db.session(), group_id)
    form = CloseForm.of_request(on=programme.today())
    act = scope.act_on(
        group,
        url_for("working_groups.close", group_id=group_id),
        title=f"Close {group.body.name}",
        says=(
            "From that day on the group is over: every place ends, and applications are answered "
            "so. What it has made, written and filed stays.",
        ),
        submit="Close the group",
        done="The group is closed.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: operations.close(
            db.session(), group, on=form.on.data, reason=form.reason.data, **scope.dated()
        ),
    )


def _offered(form: GroupForm, group: WorkingGroup | None = None) -> GroupForm:
    """With the challenges of today, and those the group has."""
    offered = [*programmes.challenges(db.session()), *(group.challenges if group else ())]
    form.challenges.choices = {str(challenge.id): challenge.name for challenge in offered}
    return form
