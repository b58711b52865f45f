"""What is done with a ballot: opened, withdrawn, voted in; interests, recusals, letters."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import ballot_mail, ballots, voting
from crm.council import ballot_queries as queries
from crm.council import ballot_words as words
from crm.council.ballot_models import Ballot
from crm.council.ballot_rules import BallotStatus, LetterKind, Way, told
from crm.kit.errors import NotFound, RuleBroken
from crm.mail import operations as mail
from crm.office.acts import Act, carry_out
from crm.office.ballots.forms import InterestForm, NoForm, ReasonForm
from crm.office.ballots.views import pages
from crm.web import clock, links, programme
from crm.web.database import db
from crm.web.session import the_viewer
from crm.web.vote_form import chosen, ranked, spelled, vote_form


@pages.form("/<id:ballot_id>/open", needs=P.COUNCIL_APPROVE)
def open_(ballot_id: int) -> ResponseReturnValue:
    ballot = queries.get(db.session(), ballot_id)
    today = programme.today()
    entitled = queries.entitled_on(db.session(), ballot.body, today)
    unwritten = [one.participant for one in entitled if not one.participant.email]
    accounts = queries.accounts_of(db.session(), unwritten)
    signing_in = [one.name for one in unwritten if one in accounts]
    unreachable = [one.name for one in unwritten if one not in accounts]
    says = [
        f"{len(entitled)} {'elector votes' if len(entitled) == 1 else 'electors vote'}, as the "
        f"seats of {ballot.body.name} are held today. Whoever takes a seat later has no vote in "
        "this ballot; its terms, options and closing moment can no longer be changed. It closes by "
        f"itself on {told(ballot.closes_at, ballot.zone)}. Interests that electors have declared "
        "are noted with it."
    ]
    if signing_in:
        says.append(f"Without an e-mail address, but may vote signed in: {words.and_(signing_in)}.")
    if unreachable:
        says.append(
            f"Cannot vote, for want of an e-mail address and of an account: "
            f"{words.and_(unreachable)}. Their address is fixed with the ballot: enter it first."
        )
    return carry_out(
        _act(ballot, "open_", "Open the ballot", says, "Open the ballot", "The ballot is open."),
        NoForm.of_request(),
        lambda: ballots.open_(db.session(), ballot, today=today, **_edge()),
    )


@pages.form("/<id:ballot_id>/withdraw", needs=P.COUNCIL_APPROVE)
def withdraw(ballot_id: int) -> ResponseReturnValue:
    ballot = queries.get(db.session(), ballot_id)
    says = [
        "Nobody votes in it any more, and what was cast counts for nothing. It stays on record."
    ]
    form = ReasonForm.of_request()
    return carry_out(
        _act(ballot, "withdraw", "Withdraw the ballot", says, "Withdraw", "It is withdrawn."),
        form,
        lambda: ballots.withdraw(db.session(), ballot, reason=form.reason.data, **_edge()),
    )


@pages.form("/<id:ballot_id>/electors/<id:elector_id>/interest", needs=P.COUNCIL_EDIT)
def interest(ballot_id: int, elector_id: int) -> ResponseReturnValue:
    ballot = queries.get(db.session(), ballot_id)
    elector = queries.get_elector(db.session(), ballot_id, elector_id)
    form = InterestForm.of_request()
    says = [f"A stake of {elector.person_name} in what is decided. It does not take the vote away."]
    return carry_out(
        _act(
            ballot, "interest", f"Interest of {elector.name}", says, "Note the interest",
            "The interest is noted.", elector_id=elector_id,
        ),
        form,
        lambda: ballots.declare_interest(
            db.session(), ballot, elector, form.what.data, **_edge()
        ),
    )  # fmt: skip


@pages.form("/<id:ballot_id>/electors/<id:elector_id>/recuse", needs=P.COUNCIL_EDIT)
def recuse(ballot_id: int, elector_id: int) -> ResponseReturnValue:
    ballot = queries.get(db.session(), ballot_id)
    elector = queries.get_elector(db.session(), ballot_id, elector_id)
    form = ReasonForm.of_request()
    leaves = "leaves" if ballot.recused_leave else "stays in"
    says = [
        f"{elector.name} then has no vote in this ballot, for good, and {leaves} the base of its "
        "quorum, as laid down before it opened."
    ]
    return carry_out(
        _act(
            ballot, "recuse", f"Recusal of {elector.name}", says, "Note the recusal",
            "The recusal is noted.", elector_id=elector_id,
        ),
        form,
        lambda: ballots.recuse(db.session(), ballot, elector, form.reason.data, **_edge()),
    )  # fmt: skip


@pages.form("/<id:ballot_id>/letters/<kind>", needs=P.MAIL_RELEASE)
def letters(ballot_id: int, kind: str) -> ResponseReturnValue:
    """What would go out, and to whom; sent from here, it does."""
    if kind not in set(LetterKind):
        raise NotFound("There is no such letter.")
    ballot, what = queries.get(db.session(), ballot_id), LetterKind(kind)
    today, by = programme.today(), the_viewer().actor
    if request.method == "POST":
        link = links.absolute("vote.vote", "secret")
        gone = ballot_mail.release(db.session(), ballot, what, link=link, today=today, **_edge())
        flash(
            f"{gone} {'letter goes' if gone == 1 else 'letters go'} out within seconds.", "success"
        )
        return redirect(url_for("ballots.show", ballot_id=ballot_id))
    voters = queries.voters_of(db.session(), [ballot_id])[ballot_id]
    told_: dict[str, Any] = {"to": [], "subject": "", "body": "", "why_not": ""}
    told_["without"] = words.without_address(ballot_mail.without_address(voters, what))
    try:
        to = ballot_mail.recipients(db.session(), ballot, what, now=clock.now(), today=today)
        first = ballot_mail.previewed(db.session(), ballot, what, to[0], by=by, today=today)
        told_["to"], (told_["subject"], told_["body"]) = to, mail.preview(first)
    except RuleBroken as refusal:
        told_["why_not"] = str(refusal)
    return render_template("office/ballots/letter.html", ballot=ballot, kind=what, letter=told_)


@pages.form("/<id:ballot_id>/vote", needs=P.BALLOTS_VOTE)
def vote(ballot_id: int) -> ResponseReturnValue:
    """For whoever is linked with an elector's person; everybody else is shown the ballot."""
    viewer = the_viewer()
    back = url_for("ballots.show", ballot_id=ballot_id)
    ballot = queries.get(db.session(), ballot_id)
    elector = queries.elector_of_user(db.session(), ballot_id, viewer.id)
    if elector is None:
        flash("You have no vote in this ballot.", "warning")
        return redirect(back)
    known = queries.voter(db.session(), elector)
    is_open = ballot.status_at(clock.now()) is BallotStatus.OPEN
    if not is_open or known.vote is not None or known.recusal is not None:
        flash("There is nothing left to cast: it is closed, or your vote is in.", "info")
        return redirect(back)
    options = queries.options_of(db.session(), ballot_id)
    form = vote_form(ballot, options)
    choice = chosen(form, ballot, options) if request.method == "POST" else None
    if choice is not None and form.confirm.data:
        voting.hold_open(db.session(), ballot)
        voting.cast_vote(db.session(), elector, choice, way=Way.SIGNED_IN, **_edge())
        flash("Your vote is cast.", "success")
        return redirect(back)
    page = render_template(
        "office/ballots/vote.html",
        elector=elector,
        ballot=ballot,
        until=told(ballot.closes_at, ballot.zone),
        options=options,
        terms=words.laid_down(queries.terms_of(ballot)),
        interests=queries.declared_in(db.session(), ballot_id),
        form=form,
        ranked=ranked(form, options),
        choice=spelled(choice, options) if choice else [],
        comments=choice.comments if choice else (),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _act(
    ballot: Ballot, endpoint: str, title: str, says: list[str], submit: str, done: str, **ids: Any
) -> Act:
    back = url_for("ballots.show", ballot_id=ballot.id)
    return Act(
        title=title,
        says=tuple(says),
        submit=submit,
        done=done,
        url=url_for(f"ballots.{endpoint}", ballot_id=ballot.id, **ids),
        back=back,
        trail=(("Ballots", url_for("ballots.index")), (ballot.title, back)),
        kind="danger" if endpoint in ("withdraw", "recuse") else "primary",
    )


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}
