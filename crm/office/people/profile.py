"""What somebody of the university works on: written by the office, and by themselves."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import faculty
from crm.kit.errors import NotFound
from crm.office.acts import Act, carry_out
from crm.office.challenges.filter import offered
from crm.office.people.forms import ProfileForm
from crm.office.people.views import pages
from crm.people import profiles, queries
from crm.reports.person import get
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer


@pages.get("/my-profile", needs=P.TOUCHES_LOG)
def my_profile() -> ResponseReturnValue:
    """One's own page among the people."""
    person = queries.find_by_account(db.session(), the_viewer().id)
    if person is None:
        flash(
            "Your sign-in is not linked with a person yet: ask the office. A director does it on "
            "your page under People.",
            "warning",
        )
        return redirect(url_for("home.index"))
    return redirect(url_for("people.show", person_id=person.id))


@pages.form("/people/<id:person_id>/profile", needs=P.TOUCHES_LOG)
def edit_profile(person_id: int) -> ResponseReturnValue:
    viewer = the_viewer()
    person = get(db.session(), person_id, viewer, programme.today())
    if person.user_id != viewer.id and not viewer.may(P.PEOPLE_EDIT):
        raise NotFound("There is no such profile of yours.")
    known = profiles.of_person(db.session(), person_id)
    form = ProfileForm.of_request(
        field=known.field if known else None,
        about=known.about if known else None,
        challenges=[str(one.id) for one in known.challenges] if known else [],
        version=known.version if known else 0,
    )
    form.offer(offered(known.challenges if known else ()))
    back = url_for("people.show", person_id=person_id)
    return carry_out(
        Act(
            title=f"What {person.name} works on",
            says=(
                "For somebody of the university: the field and the grand challenges by which "
                "companies and colleagues are matched.",
            ),
            submit="Save",
            done="The profile is saved.",
            url=url_for("people.edit_profile", person_id=person_id),
            back=back,
            trail=(("People", url_for("people.index")), (person.name, back)),
        ),
        form,
        lambda: faculty.write_profile(
            db.session(),
            person,
            form.draft(),
            version=form.version.data or 0,
            today=programme.today(),
        ),
    )
