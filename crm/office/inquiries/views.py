"""The queue of inquiries, and what is decided about each."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import RuleBroken
from crm.kit.pages import page_of
from crm.office.inquiries import page as one_inquiry
from crm.office.inquiries.forms import NEW, OTHER, AnswerForm, DecisionForm, NotedForm
from crm.pipeline import inquiries, triage
from crm.pipeline.inquiries import InquirySearch, Tab
from crm.pipeline.intake import enter_by_hand
from crm.pipeline.models import Inquiry
from crm.pipeline.response import clock as response_clock
from crm.pipeline.response import due_by
from crm.pipeline.senders import Acceptance, NothingChosen
from crm.web import clock, links, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("inquiries", __name__, url_prefix="/office/inquiries")

LABELS = {
    Tab.NEW: "New",
    Tab.MINE: "Mine",
    Tab.TO_ANSWER: "To answer",
    Tab.SUSPECTED: "Suspected",
    Tab.DONE: "Done",
}


@pages.get("", needs=P.INQUIRIES_READ)
def index() -> ResponseReturnValue:
    session = db.session()
    tab = Tab(query.one_of("tab", [one.value for one in Tab]) or Tab.NEW)
    search = InquirySearch(tab=tab, viewer_id=the_viewer().id, q=query.text("q"))
    now, zone = clock.now(), ZoneInfo(programme.current().zone)
    days = programme.current().facts.get("answer_within_working_days", 2)
    found = page_of(session, search.select(), number=query.page())
    clocks = {
        row.id: response_clock(
            due_by(row.received_at, days, zone), now=now, ended_at=row.answered_at
        )
        for row in found.items
    }
    return render_template(
        "office/inquiries/index.html",
        tab=tab,
        tabs=LABELS,
        counts=search.counts(session),
        search=search,
        page=found,
        clocks=clocks,
        mode_names={
            mode["key"]: mode["name"] for mode in programme.current().facts.get("modes", ())
        },
    )


@pages.form("/new", needs=P.INQUIRIES_TRIAGE)
def new() -> ResponseReturnValue:
    session = db.session()
    facts = programme.current().facts
    form = NotedForm.of_request(
        on=programme.today(), owner=str(the_viewer().id), answered=True, token=secrets.token_hex(16)
    )
    form.offer(inquiries.modes(session), facts.get("challenges", ()), inquiries.owners(session))
    if request.method == "POST" and form.validate():
        now = clock.now()
        try:
            inquiry = enter_by_hand(
                session,
                form.draft(
                    (form.token.data or secrets.token_hex(16))[:64],
                    now,
                    facts.get("privacy_version", ""),
                ),
                received_at=_moment_of(form.on.data, now),
                answered=form.answered.data,
                owner_id=form.owner_id,
                now=now,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("The inquiry is noted. Decide now what becomes of it, or later.", "success")
            return _to(inquiry)
    status = 422 if request.method == "POST" else 200
    return make_response(render_template("office/inquiries/new.html", form=form), status)


@pages.get("/<id:inquiry_id>", needs=P.INQUIRIES_READ)
def show(inquiry_id: int) -> ResponseReturnValue:
    return _page(inquiries.get(db.session(), inquiry_id))


@pages.post("/<id:inquiry_id>/accept", needs=P.INQUIRIES_TRIAGE)
def accept(inquiry_id: int) -> ResponseReturnValue:
    """Opportunities of it, in one or more modes."""
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    form = one_inquiry.decision_form(session, inquiry, DecisionForm.of_request())
    if form.validate():
        try:
            opened = triage.accept(
                session,
                inquiry,
                _decision(form),
                version=form.read_version,
                by=the_viewer().actor,
                today=programme.today(),
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            many = f"{len(opened)} opportunities are" if len(opened) > 1 else "An opportunity is"
            flash(f"{many} open. They still wait for your answer." if inquiry.answered_at is None
                  else f"{many} open.", "success")  # fmt: skip
            return _to(inquiry)
    return _page(inquiry, decision=form, status=422)


@pages.post("/<id:inquiry_id>/attach", needs=P.INQUIRIES_TRIAGE)
def attach(inquiry_id: int) -> ResponseReturnValue:
    """To a company, without an opportunity of its own."""
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    form = one_inquiry.decision_form(session, inquiry, DecisionForm.of_request())
    if form.validate():
        try:
            company = triage.attach(
                session,
                inquiry,
                _decision(form),
                version=form.read_version,
                by=the_viewer().actor,
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"The inquiry is with {company.name}.", "success")
            return _to(inquiry)
    return _page(inquiry, decision=form, status=422)


@pages.post("/<id:inquiry_id>/answer", needs=P.INQUIRIES_TRIAGE)
def answer(inquiry_id: int) -> ResponseReturnValue:
    """By a letter from the page."""
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    form = AnswerForm.of_request()
    if form.validate():
        try:
            triage.answer(
                session,
                inquiry,
                subject=form.subject.data,
                text=form.text.data,
                reply_to=the_viewer().email,
                version=form.read_version,
                by=the_viewer().actor,
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash("Your answer is in the outbox.", "success")
            return _to(inquiry)
    return _page(inquiry, answer=form, status=422)


@pages.post("/<id:inquiry_id>/answered", needs=P.INQUIRIES_TRIAGE)
def answered(inquiry_id: int) -> ResponseReturnValue:
    """By telephone or in person."""
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    triage.answered_elsewhere(
        session, inquiry, version=_version(), by=the_viewer().actor, now=clock.now()
    )
    flash("Noted as answered.", "success")
    return _to(inquiry)


@pages.post("/<id:inquiry_id>/spam", needs=P.INQUIRIES_TRIAGE)
def spam(inquiry_id: int) -> ResponseReturnValue:
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    triage.file_as_spam(
        session, inquiry, version=_version(), by=the_viewer().actor, now=clock.now()
    )
    flash("Filed as spam. It stays under Done, in case it is not.", "success")
    return redirect(url_for("inquiries.index"))


@pages.post("/<id:inquiry_id>/not-spam", needs=P.INQUIRIES_TRIAGE)
def not_spam(inquiry_id: int) -> ResponseReturnValue:
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    triage.not_spam(
        session,
        inquiry,
        version=_version(),
        notify_link=links.absolute("inquiries.show", "inquiry_id"),
        by=the_viewer().actor,
        now=clock.now(),
    )
    flash("Back in the queue. Confirmation and notices are on their way now.", "success")
    return _to(inquiry)


@pages.post("/<id:inquiry_id>/assign", needs=P.INQUIRIES_TRIAGE)
def assign(inquiry_id: int) -> ResponseReturnValue:
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    sent = request.form.get("owner", "")
    owner_id = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
    if sent and owner_id is None:
        raise triage.NotAnOwner("Choose a director or somebody of the staff.")
    triage.assign(session, inquiry, owner_id, version=_version())
    flash("Somebody looks after it." if owner_id else "Nobody looks after it now.", "success")
    return _to(inquiry)


@pages.post("/<id:inquiry_id>/undo", needs=P.INQUIRIES_TRIAGE)
def undo(inquiry_id: int) -> ResponseReturnValue:
    session = db.session()
    inquiry = inquiries.get(session, inquiry_id)
    triage.undo(session, inquiry, version=_version(), by=the_viewer().actor, now=clock.now())
    flash("The decision is undone; the inquiry is back in the queue.", "success")
    return _to(inquiry)


def _decision(form: DecisionForm) -> Acceptance:
    company_id = None
    if form.company.data == OTHER:
        picked = inquiries.find_picked(db.session(), form.other.data or "")
        if picked is None:
            raise NothingChosen(
                "No company of that name is known. Pick one from the list that opens as you type.",
                field="other",
            )
        company_id = picked.id
    elif form.company.data and form.company.data != NEW:
        company_id = int(form.company.data)
    if form.company.data == NEW and not form.new_name.data:
        raise NothingChosen("Name the new company.", field="new_name")
    return Acceptance(
        company_id=company_id,
        new_name=form.new_name.data if form.company.data == NEW else None,
        mode_ids=form.mode_ids,
        owner_id=form.owner_id,
        learn_domain=form.learn_domain.data,
    )


def _page(
    inquiry: Inquiry,
    *,
    decision: DecisionForm | None = None,
    answer: AnswerForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found = one_inquiry.build(db.session(), inquiry, the_viewer(), decision=decision, answer=answer)
    return make_response(render_template("office/inquiries/show.html", **found), status)


def _version() -> int:
    sent = request.form.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _moment_of(day: Any, now: datetime) -> datetime:
    """Now for today; for another day its noon, in the programme's zone."""
    if day == programme.today():
        return now
    return datetime.combine(day, time(12), ZoneInfo(programme.current().zone))


def _to(inquiry: Inquiry) -> ResponseReturnValue:
    return redirect(url_for("inquiries.show", inquiry_id=inquiry.id))
