"""Declared interests: written down on the company's page, put right and ended on their own."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.activities import interests
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.council import declaring
from crm.office.activities.forms import DeclareForm, StakeForm
from crm.office.activities.views import pages
from crm.office.acts import Act, carry_out
from crm.people import queries as people
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer

SAYS = "It is shown where matters of {} are decided, and takes nobody's vote away by itself."


@pages.form("/companies/<id:company_id>/interests/new", needs=P.COMPANIES_EDIT)
def new_interest(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    form = DeclareForm.of_request(starts_on=programme.today())
    return carry_out(
        _act(
            company,
            url_for("activities.new_interest", company_id=company_id),
            title=f"Declare an interest in {company.name}",
            done="The interest is on record.",
        ),
        form,
        lambda: _declare(company, form, people.picked(db.session(), form.person.data or "").id),
    )


@pages.form("/companies/<id:company_id>/interests/own", needs=P.TOUCHES_LOG)
def own_interest(company_id: int) -> ResponseReturnValue:
    """One's own stake, declared by oneself; the office puts it right and ends it."""
    company = companies.get(db.session(), company_id)
    me = people.find_by_account(db.session(), the_viewer().id)
    if me is None:
        flash("Your sign-in is not linked with a person yet: ask the office.", "warning")
        return redirect(url_for("companies.show", company_id=company_id))
    form, own = StakeForm.of_request(starts_on=programme.today()), me.id
    act = _act(
        company,
        url_for("activities.own_interest", company_id=company_id),
        title=f"Declare my interest in {company.name}",
        done="Your interest is on record.",
        more="When it changes or ends, tell the office.",
    )
    return carry_out(act, form, lambda: _declare(company, form, own))


def _declare(company: Company, form: StakeForm, person_id: int) -> None:
    declaring.declare(
        db.session(),
        form.draft(),
        person_id=person_id,
        company_id=company.id,
        by=the_viewer().actor,
        now=clock.now(),
        today=programme.today(),
    )


@pages.form("/interests/<id:interest_id>/edit", needs=P.COMPANIES_EDIT)
def edit_interest(interest_id: int) -> ResponseReturnValue:
    """Put it right, or say when it ended."""
    interest = interests.get(db.session(), interest_id)
    form = StakeForm.of_request(
        stake=interest.stake.value,
        note=interest.note,
        starts_on=interest.starts_on,
        last_day=interest.ends_before and interest.ends_before - timedelta(days=1),
        version=interest.version,
    )
    return carry_out(
        _act(
            interest.company,
            url_for("activities.edit_interest", interest_id=interest_id),
            title=f"Interest of {interest.person.name} in {interest.company.name}",
            done="The interest is put right.",
        ),
        form,
        lambda: interests.correct(
            db.session(), interest, form.draft(), version=form.version.data or 0
        ),
    )


def _act(company: Company, url: str, *, title: str, done: str, more: str = "") -> Act:
    back = url_for("companies.show", company_id=company.id)
    return Act(
        title=title,
        says=(SAYS.format(company.name), *((more,) if more else ())),
        submit="Save",
        done=done,
        url=url,
        back=f"{back}#interests",
        trail=(("Companies", url_for("companies.index")), (company.name, back)),
        people={"person": ""},
    )
