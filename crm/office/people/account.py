"""Whose sign-in somebody of the university has: said on their own page, before any project."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from crm.accounts import queries as accounts
from crm.accounts.policy import GRANTS
from crm.accounts.policy import Permission as P
from crm.council.accounts import link_person
from crm.office.acts import Act, carry_out
from crm.office.people.views import pages, the_viewer
from crm.office.working_groups.forms import AccountForm
from crm.reports.person import get
from crm.web import clock, programme
from crm.web.database import db


@pages.form("/people/<id:person_id>/account", needs=P.COUNCIL_APPROVE)
def account(person_id: int) -> ResponseReturnValue:
    viewer, today = the_viewer(), programme.today()
    person = get(db.session(), person_id, viewer, today)
    form = AccountForm.of_request(account=str(person.user_id or ""))
    form.offer(
        accounts.holders(db.session(), [*GRANTS[P.BALLOTS_VOTE]]),
        but=viewer.id,
        held=person.user_id,
    )
    back = url_for("people.show", person_id=person_id)
    act = Act(
        title=f"Account of {person.name}",
        says=(
            "Choose the account with which this person signs in; for your own, ask another "
            "director. With it they change their profile, the projects they lead and the groups "
            "they chair, and vote where they vote, in ballots that open after this.",
        ),
        submit="Save",
        done="The account is noted.",
        url=url_for("people.account", person_id=person_id),
        back=back,
        trail=(("People", url_for("people.index")), (person.name, back)),
    )
    chosen = form.account
    return carry_out(
        act,
        form,
        lambda: link_person(
            db.session(),
            person,
            int(chosen.data) if chosen.data else None,
            by=viewer.actor,
            now=clock.now(),
            today=today,
        ),
    )
