"""Who comes into a group, who leaves it, and who leads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.council import company_places, place_queries
from crm.council import queries as council
from crm.council.company_places import CompanyPlaces
from crm.council.models import Place
from crm.kit.errors import NotFound
from crm.office import appointing
from crm.office.acts import carry_out
from crm.office.council.lines import nobody_to_choose
from crm.office.working_groups import scope
from crm.office.working_groups.forms import (
    AcceptForm,
    AskForm,
    JoinForm,
    ReasonForm,
    UniversityForm,
)
from crm.office.working_groups.views import pages
from crm.web import programme, query
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import joining, queries
from crm.working_groups.joining import Asking
from crm.working_groups.models import GroupAsking, WorkingGroup
from crm.working_groups.rules import AskingKind

WAYS = {
    "join": ("Add a member", "They have a place from that day on.", "Add member", "is a member."),
    "apply": (
        "Record an application",
        "The group takes its members by application: accept or refuse it on its page.",
        "Record application",
        "has applied.",
    ),
    "invite": (
        "Record an invitation",
        "Nothing is sent: write to them yourself. Record whom the group invites; once they answer, "
        "accept it on its page.",
        "Record invitation",
        "is invited.",
    ),
}
KINDS = {"apply": AskingKind.APPLICATION, "invite": AskingKind.INVITATION}
ANSWERS = {
    "accept": ("Accept", "They have a place from that day on.", "The place is given."),
    "refuse": ("Refuse", "It is refused, or the invitation declined.", "It is refused."),
    "withdraw": ("Withdraw", "Whoever asked asks no more.", "It is withdrawn."),
}


@pages.form("/<id:group_id>/members/<way>", needs=P.GROUPS_EDIT)
def come_in(group_id: int, way: str) -> ResponseReturnValue:
    """Without `?company=` it asks for which company first; one without places has no page here,
    and its people are named to nobody."""
    if way not in WAYS:
        raise NotFound
    group, today = scope.to_edit(group_id), programme.today()
    title, says, submit, done = WAYS[way]
    company_id = query.number("company")
    if company_id is None:
        page = render_template(
            "office/working_groups/whose.html",
            group=group,
            title=title,
            trail=scope.trail(group),
            companies=place_queries.companies_with_places(db.session(), today),
        )
        return page, 422 if request.method == "POST" else 200
    company = companies.get(db.session(), company_id)
    left = company_places.of_company(db.session(), company_id, today)
    if not left.entitles:
        raise NotFound("The company has no places in working groups today.")
    form: Any = JoinForm.of_request(starts_on=today) if way == "join" else AskForm.of_request()
    offered = council.eligible_on(db.session(), [company_id], today)
    form.offer(offered)
    act = scope.act_on(
        group,
        url_for("working_groups.come_in", group_id=group_id, way=way, company=company_id),
        anchor="members",
        title=f"{title}: {company.name}",
        says=(
            says,
            _left(left, group_id),
            *_taken_over(left, group_id),
            *nobody_to_choose(company.name, offered),
        ),
        submit=submit,
        done=f"Noted: {company.name} {done}",
    )
    return carry_out(act, form, _coming(group, way, company_id, form))


def _coming(group: WorkingGroup, way: str, company_id: int, form: Any) -> Callable[[], object]:
    session = db.session()
    if way == "join":
        return lambda: _tell(
            joining.join(
                session,
                group,
                int(form.person.data),
                company_id,
                on=form.starts_on.data,
                **scope.dated(),
            )
        )
    return lambda: joining.ask(
        session,
        group,
        KINDS[way],
        Asking(person_id=int(form.person.data), company_id=company_id, note=form.note.data or None),
        **scope.dated(),
    )


def _tell(place: Place) -> None:
    """Whose place ended as this one began, if anybody's."""
    name = place_queries.stepped_in_for(db.session(), place)
    if name is not None:
        flash(f"{name} has left the company: the place ended as the new one begins.", "info")


def _left(known: CompanyPlaces, group_id: int) -> str:
    places_left = known.places_left(group_id)
    groups = "as many as there are" if known.groups_left is None else str(known.groups_left)
    return f"Places it has left in this group: {places_left}. More groups it may join: {groups}."


def _taken_over(known: CompanyPlaces, group_id: int) -> tuple[str, ...]:
    left = known.left_by(group_id)
    if left is None:
        return ()
    return (
        f"{left.person} has left the company: whoever comes in takes that place, and it ends for "
        f"{left.person} on the same day.",
    )


@pages.form("/<id:group_id>/university", needs=P.GROUPS_EDIT)
def appoint(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    form = UniversityForm.of_request(starts_on=programme.today())
    act = scope.act_on(
        group,
        url_for("working_groups.appoint", group_id=group_id),
        anchor="members",
        title="Add somebody of the university",
        says=("They take no company's place, and work at none.",),
        submit="Add",
        done="They are in the group.",
        people={"email": "of=university"},
    )

    def add() -> None:
        appointing.appoint(
            db.session(),
            form.email.data,
            viewer=the_viewer(),
            today=programme.today(),
            do=lambda person_id: joining.appoint(
                db.session(), group, person_id, on=form.starts_on.data, **scope.dated()
            ),
        )

    return carry_out(act, form, add)


@pages.form("/askings/<id:asking_id>/<answer>", needs=P.GROUPS_EDIT)
def answer(asking_id: int, answer: str) -> ResponseReturnValue:
    if answer not in ANSWERS:
        raise NotFound
    asking = queries.get_asking(db.session(), asking_id)
    group = scope.to_edit(asking.group_id)
    title, says, done = ANSWERS[answer]
    takes = answer == "accept"
    form: Any = (
        AcceptForm.of_request(starts_on=programme.today()) if takes else ReasonForm.of_request()
    )
    left = company_places.of_company(db.session(), asking.company_id, programme.today())
    act = scope.act_on(
        group,
        url_for("working_groups.answer", asking_id=asking_id, answer=answer),
        anchor="askings",
        title=f"{title}: {asking.person.name}, {asking.company.name}",
        says=(says, *(_taken_over(left, group.id) if takes else ())),
        submit=title,
        done=done,
        kind="primary" if takes else "danger",
    )
    return carry_out(act, form, lambda: _answer(group, asking, answer, form))


def _answer(group: WorkingGroup, asking: GroupAsking, word: str, form: Any) -> None:
    session, told = db.session(), scope.dated()
    match word:
        case "accept":
            _tell(joining.accept(session, group, asking, on=form.starts_on.data, **told))
        case "refuse":
            joining.refuse(session, asking, reason=form.reason.data, **told)
        case _:
            joining.withdraw(session, asking, reason=form.reason.data, **told)
