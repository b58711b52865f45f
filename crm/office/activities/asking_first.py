"""Asking whoever looks after a company before one approaches it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.activities import asking_first
from crm.activities.asking_first import NobodyToAsk, Question
from crm.companies import queries as companies
from crm.office.activities.forms import QuestionForm
from crm.office.activities.views import pages
from crm.office.acts import Act, carry_out
from crm.web import clock, links, query
from crm.web.database import db
from crm.web.session import the_viewer


@pages.form("/companies/<id:company_id>/ask", needs=P.TOUCHES_LOG)
def ask_owner(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    by = the_viewer().actor
    back = url_for("companies.show", company_id=company_id)
    try:
        owner = asking_first.owner_to_ask(db.session(), company, by)
    except NobodyToAsk as refusal:
        flash(str(refusal), "warning")
        return redirect(back)
    form = QuestionForm.of_request(text=query.text("about"))
    link = links.absolute("companies.show", "company_id")
    return carry_out(
        Act(
            title=f"Ask {owner.name} about {company.name}",
            says=(
                f"{owner.name} looks after {company.name} and gets your note by mail; the answer "
                "comes to your own address.",
            ),
            submit="Send the note",
            done=f"{owner.name} gets your note within seconds.",
            url=url_for("activities.ask_owner", company_id=company_id),
            back=back,
            trail=(("Companies", url_for("companies.index")), (company.name, back)),
        ),
        form,
        lambda: asking_first.ask_owner(
            db.session(),
            company,
            Question(text=form.text.data or "", link=link(company_id)),
            by=by,
            now=clock.now(),
        ),
    )
