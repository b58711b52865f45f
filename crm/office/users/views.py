"""Who has an account, with which roles; inviting, changing, disabling."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from crm.accounts import access_links, operations, queries
from crm.accounts.access_links import Issued
from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.accounts.queries import UserSearch
from crm.accounts.rules import Role, grantable
from crm.journal.queries import history_of
from crm.kit.errors import RuleBroken, Stale
from crm.kit.pages import page_of
from crm.office.telling import tell
from crm.office.users.forms import DisableForm, UserForm
from crm.pipeline import handover
from crm.web import clock, postman, query, session
from crm.web.access import Pages
from crm.web.account_links import way
from crm.web.database import db
from crm.web.filters import moment

pages = Pages("users", __name__, url_prefix="/office/users")

SHOWN = ("active", "invited", "disabled", "all")


@pages.get("", needs=P.USERS_READ)
def index() -> ResponseReturnValue:
    role = query.one_of("role", [role.value for role in Role])
    search = UserSearch(
        q=query.text("q"),
        role=Role(role) if role else None,
        show=query.one_of("show", SHOWN) or "active",
    )
    found = page_of(db.session(), search.select(), number=query.page())
    ids = [user.id for user in found.items]
    return render_template(
        "office/users/index.html",
        search=search,
        page=found,
        roles=queries.roles_of(db.session(), ids),
        seen=queries.last_seen(db.session(), ids),
        choices=[(role.value, role.capitalize()) for role in Role],
    )


@pages.form("/new", needs=P.USERS_EDIT)
def invite() -> ResponseReturnValue:
    form = UserForm.of_request()
    form.offer(_viewer().roles)
    if request.method == "POST" and form.validate():
        try:
            user, issued = access_links.invite(
                db.session(), form.draft(), way=way(), by=_viewer(), now=clock.now()
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            _tell(user, issued)
            return redirect(url_for("users.show", user_id=user.id))
    return render_template("office/users/new.html", form=form), _status()


@pages.get("/<id:user_id>", needs=P.USERS_READ)
def show(user_id: int) -> ResponseReturnValue:
    user = queries.get(db.session(), user_id)
    roles = queries.roles_of(db.session(), [user_id])[user_id]
    lines = history_of(db.session(), [("user", user_id)], confidential=False, limit=50)
    return render_template(
        "office/users/show.html",
        user=user,
        roles=roles,
        seen=queries.last_seen(db.session(), [user_id]).get(user_id),
        manageable=_may_manage(roles),
        work=handover.work_of(db.session(), user_id),
        history=tell(db.session(), lines, viewer=_viewer()),
    )


@pages.form("/<id:user_id>/edit", needs=P.USERS_EDIT)
def edit(user_id: int) -> ResponseReturnValue:
    user = queries.get(db.session(), user_id)
    held = [role.role for role in user.roles]
    form = UserForm.of_request(
        name=user.name,
        email=user.email,
        roles=[role.value for role in held],
        inquiry_notices=user.inquiry_notices,
        version=str(user.version),
    )
    form.offer(_viewer().roles, held)
    if request.method == "POST" and form.validate():
        _refuse_stale(form, user)
        try:
            access_links.update_account(
                db.session(), user, form.draft(), way=way(), by=_viewer(), now=clock.now()
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"{user.name} is changed.")
            return redirect(url_for("users.show", user_id=user_id))
    return render_template("office/users/edit.html", form=form, user_id=user_id), _status()


@pages.post("/<id:user_id>/invite", needs=P.USERS_EDIT)
def invite_again(user_id: int) -> ResponseReturnValue:
    user = queries.get(db.session(), user_id)
    issued = access_links.invite_again(db.session(), user, way=way(), by=_viewer(), now=clock.now())
    _tell(user, issued)
    return redirect(url_for("users.show", user_id=user_id))


@pages.form("/<id:user_id>/disable", needs=P.USERS_EDIT)
def disable(user_id: int) -> ResponseReturnValue:
    """Asks who takes over the work before the account closes."""
    user = queries.get(db.session(), user_id)
    form = DisableForm.of_request()
    form.offer(handover.successors(db.session(), user_id))
    if request.method == "POST" and form.validate():
        try:
            handover.retire(
                db.session(),
                user_id,
                successor_id=form.successor_id,
                by=_viewer(),
                now=clock.now(),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            flash(f"{user.name} is disabled, and signed out everywhere.")
            return redirect(url_for("users.show", user_id=user_id))
    work = handover.work_of(db.session(), user_id)
    return render_template("office/users/disable.html", form=form, user=user, work=work), _status()


@pages.post("/<id:user_id>/enable", needs=P.USERS_EDIT)
def enable(user_id: int) -> Response:
    user = queries.get(db.session(), user_id)
    operations.enable(db.session(), user, by=_viewer(), now=clock.now())
    flash(f"{user.name} can sign in again.")
    return redirect(url_for("users.show", user_id=user_id))


def _viewer() -> Viewer:
    viewer = session.viewer()
    assert viewer is not None  # every page here needs a permission
    return viewer


def _may_manage(roles: Sequence[Role]) -> bool:
    return _viewer().may(P.USERS_EDIT) and set(roles) <= grantable(_viewer().roles)


def _status() -> int:
    return 422 if request.method == "POST" else 200


def _refuse_stale(form: UserForm, user: UserAccount) -> None:
    if form.version.data != str(user.version):
        draft = form.draft()
        raise Stale(
            "this account",
            theirs={
                "Name": user.name,
                "E-mail": user.email,
                "Roles": ", ".join(sorted(role.role for role in user.roles)),
            },
            yours={
                "Name": draft.name,
                "E-mail": draft.email,
                "Roles": ", ".join(sorted(draft.roles)),
            },
        )


def _tell(user: UserAccount, issued: Issued) -> None:
    """Without a mail server the inviter passes the link on, and sees it this once."""
    if postman.can_deliver():
        flash(f"An invitation is on its way to {user.email}.")
    else:
        flash(
            f"No mail server is set. Pass this link on to {user.name} yourself; "
            f"it works once, until {moment(issued.until)}: {issued.url}",
            "warning",
        )
