"""The list of ballots, one ballot, and drafting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import ballot_queries as queries
from crm.council import ballot_words as words
from crm.council import ballots
from crm.council import queries as council
from crm.council.ballot_models import Ballot
from crm.council.ballot_queries import BallotSearch
from crm.council.ballot_rules import BallotStatus, LetterKind, may_see, status_at, told
from crm.council.models import Body
from crm.journal.queries import history_of
from crm.kit.pages import page_of
from crm.office import history
from crm.office.acts import accepted
from crm.office.ballots.forms import BallotForm, shown
from crm.office.ballots.story import elector_line, result
from crm.web import clock, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("ballots", __name__, url_prefix="/office/ballots")

SHOWN = ("all", *(status.value for status in BallotStatus))
USUAL = {
    "kind": "yes or no",
    "threshold": "more than half of the votes cast",
    "quorum_percent": 50,
    "quorum_of": "electors",
    "recused_leave": True,
    "closes_time": time(17),
    "results_shown": "after the close",
}
"""What a new draft begins with."""


@pages.get("", needs=P.COUNCIL_READ)
def index() -> ResponseReturnValue:
    now = clock.now()
    search = BallotSearch(
        now, show=query.one_of("show", SHOWN) or "all", body_id=query.number("body")
    )
    page = page_of(db.session(), search.select(), number=query.page())
    return render_template(
        "office/ballots/index.html",
        search=search,
        page=page,
        rows=[
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
            for row in page.items
        ],
        bodies=[(body.id, body.name) for body in _bodies()],
        shown=[(word, word.capitalize()) for word in SHOWN],
        clear=url_for("ballots.index") if search.show != "all" or search.body_id else "",
    )


@pages.get("/<id:ballot_id>", needs=P.COUNCIL_READ)
def show(ballot_id: int) -> ResponseReturnValue:
    viewer, now = the_viewer(), clock.now()
    ballot = queries.get(db.session(), ballot_id)
    status = ballot.status_at(now)
    options = queries.options_of(db.session(), ballot_id)
    voters = queries.voters_of(db.session(), [ballot_id])[ballot_id]
    office = viewer.may(P.BALLOTS_READ_ALL)
    sees = may_see(ballot.results_shown, status, office=office)
    names = {option.id: option.name for option in options}
    mine = queries.elector_of_user(db.session(), ballot_id, viewer.id)
    entitled = []
    if status is BallotStatus.DRAFT:
        entitled = queries.entitled_on(db.session(), ballot.body, programme.today())
    past = None
    if viewer.may(P.HISTORY_READ):
        lines = history_of(
            db.session(), [("ballot", ballot_id)], confidential=viewer.may(P.CONFIDENTIAL_READ)
        )
        past = history.told([line for line in lines if line.kind == "ballot"], {})
    return render_template(
        "office/ballots/show.html",
        ballot=ballot,
        status=status,
        until=told(ballot.closes_at, ballot.zone),
        terms=words.laid_down(queries.terms_of(ballot)),
        options=options,
        electors=[
            elector_line(voter, ballot, names, turnout=office, votes=sees and ballot.names_shown)
            for voter in voters
        ],
        entitled=entitled,
        result=result(ballot, options, voters, queries.counted(ballot, options, voters))
        if sees
        else None,
        voted=sum(voter.vote is not None for voter in voters),
        my_vote=_open_to(mine, status),
        letters=_letters(status) if viewer.may(P.MAIL_RELEASE) else [],
        history=past,
    )


@pages.form("/new", needs=P.COUNCIL_APPROVE)
def new() -> ResponseReturnValue:
    form = BallotForm.of_request(
        **USUAL, zone=programme.current().zone, body_id=str(query.number("body") or "")
    )
    form.offer(_bodies())
    made: list[Ballot] = []

    def draft() -> None:
        made.append(ballots.draft(db.session(), form.draft(), now=clock.now()))

    if request.method == "POST" and accepted(form, draft):
        flash("The draft is kept. Nobody votes before you open it.", "success")
        return redirect(url_for("ballots.show", ballot_id=made[0].id))
    return _form(form, "Draft a ballot", url_for("ballots.new"), url_for("ballots.index"))


@pages.form("/<id:ballot_id>/edit", needs=P.COUNCIL_APPROVE)
def edit(ballot_id: int) -> ResponseReturnValue:
    ballot = queries.get(db.session(), ballot_id)
    back = url_for("ballots.show", ballot_id=ballot_id)
    if ballot.status_at(clock.now()) is not BallotStatus.DRAFT:
        flash("It is a draft no more: its terms stay as they were put.", "warning")
        return redirect(back)
    form = BallotForm.of_request(**shown(ballot, queries.options_of(db.session(), ballot_id)))
    form.offer(_bodies())

    def redraft() -> None:
        ballots.redraft(
            db.session(), ballot, form.draft(), version=form.version.data or 0, now=clock.now()
        )

    if request.method == "POST" and accepted(form, redraft):
        flash("The draft is saved.", "success")
        return redirect(back)
    return _form(form, "Edit the draft", url_for("ballots.edit", ballot_id=ballot_id), back)


def _form(form: Any, title: str, action: str, back: str) -> ResponseReturnValue:
    page = render_template(
        "office/ballots/edit.html", form=form, title=title, action=action, back=back
    )
    return page, 422 if request.method == "POST" else 200


def _letters(status: BallotStatus) -> list[LetterKind]:
    if status is BallotStatus.OPEN:
        return [LetterKind.INVITATION, LetterKind.REMINDER]
    return [LetterKind.RESULT] if status is BallotStatus.CLOSED else []


def _open_to(mine: Any, status: BallotStatus) -> bool:
    return mine is not None and status is BallotStatus.OPEN


def _bodies() -> Sequence[Body]:
    """Those that may be asked today."""
    return council.bodies(db.session(), programme.today(), with_groups=True)
