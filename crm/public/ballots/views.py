"""Voting by the personal link of a letter: without a session, on a phone, without scripts."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from crm.accounts.policy import Permission as P
from crm.council import ballot_queries as queries
from crm.council import ballot_words as words
from crm.council import voting
from crm.council.ballot_models import Ballot, Elector
from crm.council.ballot_rules import BallotStatus, may_see, told
from crm.council.ballots import HasVoted, NotOpen
from crm.web import clock, form_tokens
from crm.web.access import Pages
from crm.web.database import db
from crm.web.limits import form_limit, limiter
from crm.web.senders import network
from crm.web.vote_form import chosen, ranked, spelled, vote_form

pages = Pages("vote", __name__)

FORM = "vote"
OLD_FORM = "This page was open for long. Please look at your vote and send it once more."
SLOW_DOWN = (
    "Many forms came by this link in a short time. Your vote is not cast yet: open the link again "
    "in a minute."
)
GONE = 410
Told = tuple[str, list[tuple[str, str]], list[tuple[str, str]]]
"""The outcome, what each option got, and the arithmetic."""


def too_many(limit: RequestLimit) -> Response:
    answer = make_response(_says("One moment, please", SLOW_DOWN), 429)
    answer.headers["Retry-After"] = "60"
    return answer


def counted_for() -> str:
    """A link that is ours counts for itself: those who vote together from one office do not stop
    one another. Any other secret counts for the network that tries it.

    On its own connection: the counter is written before the request has its transaction.
    """
    secret = (request.view_args or {})["secret"]
    with db.engine.connect() as connection:
        ours = connection.scalar(queries.link_known(secret))
    return f"link {queries.hashed(secret)}" if ours else network()


@pages.form("/vote/<secret>", needs=P.EVERYONE)
@limiter.shared_limit(
    form_limit, scope="votes", key_func=counted_for, methods=["POST"], on_breach=too_many
)
def vote(secret: str) -> ResponseReturnValue:
    """Opening the link changes nothing (mail filters open links); confirming casts the vote."""
    elector = queries.elector_by_link(db.session(), secret)
    over = _over(elector)
    if over is not None:
        return over
    ballot = elector.ballot
    options = queries.options_of(db.session(), ballot.id)
    form = vote_form(ballot, options)
    choice = None
    if request.method == "POST":
        if form_tokens.read(FORM, request.form.get(form_tokens.FIELD, "")) is None:
            form.form_errors.append(OLD_FORM)
        else:
            choice = chosen(form, ballot, options)
    if choice is not None and form.confirm.data:
        try:
            voting.hold_open(db.session(), ballot)
            voting.cast_by_link(db.session(), secret, choice, now=clock.now())
        except (HasVoted, NotOpen) as refusal:
            return _says("This vote was not cast", str(refusal)), GONE
        return redirect(url_for("vote.vote", secret=secret), 303)
    page = render_template(
        "public/ballots/vote.html",
        elector=elector,
        ballot=ballot,
        until=told(ballot.closes_at, ballot.zone),
        options=options,
        terms=words.laid_down(queries.terms_of(ballot)),
        interests=queries.declared_in(db.session(), ballot.id),
        form=form,
        ranked=ranked(form, options),
        choice=spelled(choice, options) if choice else [],
        comments=choice.comments if choice else (),
        action=request.path,
        form_token=form_tokens.issue(FORM),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _over(elector: Elector) -> ResponseReturnValue | None:
    """What whoever has the link is told when there is nothing to cast; never how it was cast."""
    ballot = elector.ballot
    known = queries.voter(db.session(), elector)
    until = told(ballot.closes_at, ballot.zone)
    status = ballot.status_at(clock.now())
    if known.vote is not None and status is not BallotStatus.WITHDRAWN:
        when = told(known.vote.cast_at, ballot.zone)
        says = (
            f"The vote of {elector.name} on “{ballot.title}” was cast on {when}. It counts, and "
            "cannot be changed. The ballot "
            + ("is open until" if status is BallotStatus.OPEN else "closed on")
            + f" {until}."
        )
        return _says("Your vote is cast", says, _result(ballot, status))
    if status is BallotStatus.WITHDRAWN:
        return _says(
            "This ballot was withdrawn", f"“{ballot.title}” is no longer put to the vote."
        ), GONE
    if known.recusal is not None:
        return _says(
            "No vote in this ballot", f"{elector.name} is recused from “{ballot.title}”."
        ), GONE
    if status is not BallotStatus.OPEN:
        says = f"“{ballot.title}” closed on {until}."
        return _says("This ballot is closed", says, _result(ballot, status)), GONE
    return None


def _result(ballot: Ballot, status: BallotStatus) -> Told | None:
    """Sums, where everyone in the body sees them; who voted what is told in no public page."""
    if not may_see(ballot.results_shown, status, office=False):
        return None
    options = queries.options_of(db.session(), ballot.id)
    voters = queries.voters_of(db.session(), [ballot.id])[ballot.id]
    count = queries.counted(ballot, options, voters)
    names = {option.id: option.name for option in options}
    return words.outcome(count, names), words.sums(count, names), words.arithmetic(count)


def _says(title: str, says: str, result: Told | None = None) -> str:
    return render_template("public/ballots/over.html", title=title, says=says, result=result)
