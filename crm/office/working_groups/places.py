"""A place in a group: ended, taken back, given another role, and whose account it is."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts import queries as accounts
from crm.accounts.policy import GRANTS
from crm.accounts.policy import Permission as P
from crm.council import place_queries, places
from crm.council.accounts import link_account
from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.kit.errors import NotFound
from crm.office.acts import Act, carry_out
from crm.office.working_groups import scope
from crm.office.working_groups.forms import AccountForm, EndForm, RoleForm
from crm.office.working_groups.views import pages
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import queries
from crm.working_groups.models import WorkingGroup


@pages.form("/places/<id:place_id>/end", needs=P.GROUPS_EDIT)
def end_place(place_id: int) -> ResponseReturnValue:
    place = place_queries.get_place(db.session(), place_id)
    group = scope.to_edit(place.body_id)
    _refuse(place.id in scope.reserved(group.id).to_end)
    form = EndForm.of_request(on=programme.today(), how="left")
    act = _on_place(
        place,
        group,
        "end_place",
        title=f"{place.person.name} is no longer in the group",
        says=("The place is free for another person of the company from that day on.",),
        submit="End the place",
        done="The place is ended.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: places.end(
            db.session(),
            place,
            on=form.on.data,
            reason=form.reason.data,
            left=form.how.data == "left",
            **scope.edge(),
        ),
    )


@pages.form("/places/<id:place_id>/role", needs=P.COUNCIL_EDIT)
def change_role(place_id: int) -> ResponseReturnValue:
    place = place_queries.get_place(db.session(), place_id)
    form = RoleForm.of_request(on=programme.today())
    act = _on_place(
        place,
        queries.get(db.session(), place.body_id),
        "change_role",
        title=f"Role of {place.person.name}",
        says=(
            f"{place.role.capitalize()} now. A group has one chair at a time. Who chairs it and "
            "has an account may change what belongs to the group.",
        ),
        submit="Change role",
        done="The role is changed.",
    )
    return carry_out(
        act,
        form,
        lambda: places.change_role(
            db.session(),
            place,
            PlaceRole(form.role.data),
            on=form.on.data,
            reason=form.reason.data,
            **scope.edge(),
        ),
    )


@pages.form("/places/<id:place_id>/account", needs=P.COUNCIL_APPROVE)
def account(place_id: int) -> ResponseReturnValue:
    """Whose sign-in it is that may change a group because this person chairs it."""
    place = place_queries.get_place(db.session(), place_id)
    form = AccountForm.of_request(account=str(place.person.user_id or ""))
    form.offer(
        accounts.holders(db.session(), [*GRANTS[P.BALLOTS_VOTE]]),
        but=the_viewer().id,
        held=place.person.user_id,
    )
    act = _on_place(
        place,
        queries.get(db.session(), place.body_id),
        "account",
        title=f"Account of {place.person.name}",
        says=(
            "Choose the account with which this person signs in; for your own, ask another "
            "director. While they chair a group, it may change what belongs to that group. It "
            "votes where they vote, in ballots that open after this.",
        ),
        submit="Save",
        done="The account is noted.",
    )
    chosen = form.account
    return carry_out(
        act,
        form,
        lambda: link_account(
            db.session(), place, int(chosen.data) if chosen.data else None, **scope.dated()
        ),
    )


@pages.post("/places/<id:place_id>/take-back", needs=P.GROUPS_EDIT)
def take_back(place_id: int) -> ResponseReturnValue:
    place = place_queries.get_place(db.session(), place_id)
    group = scope.to_edit(place.body_id)
    _refuse(place.id in scope.reserved(group.id).to_take_back)
    places.take_back(db.session(), place, today=programme.today(), **scope.edge())
    flash("The place is taken back.", "success")
    return redirect(url_for("working_groups.show", group_id=group.id, _anchor="members"))


def _refuse(is_reserved: bool) -> None:
    if is_reserved:
        raise NotFound("Who leads a group is for directors and staff to change: ask them.")


def _on_place(place: Place, group: WorkingGroup, endpoint: str, **words: Any) -> Act:
    url = url_for(f"working_groups.{endpoint}", place_id=place.id)
    return scope.act_on(group, url, anchor="members", **words)
