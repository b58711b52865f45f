from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from crm.accounts.policy import Permission as P
from crm.council import operations, queries
from crm.council.models import Holding, Seat
from crm.council.queries import RosterLine
from crm.council.rules import HoldingRole
from crm.journal.queries import history_of
from crm.memberships.rules import Status
from crm.office import history
from crm.office.acts import Act, carry_out
from crm.office.council import lines
from crm.office.council.forms import EndForm, HandOverForm, NameForm
from crm.web import clock, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("council", __name__, url_prefix="/office/council")

SHOWN = ("vacant", "no-alternate", "grace")


@pages.get("", needs=P.COUNCIL_READ)
def index() -> ResponseReturnValue:
    today = programme.today()
    day = query.day("as_of") or today
    only = query.one_of("show", SHOWN)
    roster = queries.roster_on(db.session(), day)
    return render_template(
        "office/council/index.html",
        body_name=queries.council_name(db.session()),
        body_id=queries.council_id(db.session()),
        day=day,
        day_is_today=day == today,
        tiles=_tiles(roster, None if day == today else day),
        lines=[line for line in roster if _fits(line, only)],
        seated=bool(roster),
        kind_words=lines.kind_words,
        only=only,
        clear=url_for("council.index") if only or day != today else "",
    )


@pages.get("/seats/<id:seat_id>", needs=P.COUNCIL_READ)
def seat(seat_id: int) -> ResponseReturnValue:
    viewer, today = the_viewer(), programme.today()
    the_seat = queries.get_seat(db.session(), seat_id)
    roster = queries.roster_on(db.session(), today, company_id=the_seat.company_id)
    line = roster[0] if roster else None
    chain = queries.holdings_of(db.session(), seat_id)
    may_edit = viewer.may(P.COUNCIL_EDIT)
    told = None
    if viewer.may(P.HISTORY_READ):
        found = history_of(
            db.session(), [("seat", seat_id)], confidential=viewer.may(P.CONFIDENTIAL_READ)
        )
        told = history.told(found, history.names_of(db.session(), found))
    return render_template(
        "office/council/seat.html",
        seat=the_seat,
        line=line,
        kind_words=lines.kind_words,
        roles=[_role(the_seat, role, chain, line, today) for role in HoldingRole],
        chain=[_held(holding, today, may_edit) for holding in chain],
        may_edit=may_edit,
        history=told,
        person_urls=viewer.may(P.PEOPLE_READ_ALL),
    )


@pages.form("/seats/<id:seat_id>/<role>/name", needs=P.COUNCIL_EDIT)
def name(seat_id: int, role: str) -> ResponseReturnValue:
    the_seat, the_role = _seat_and_role(seat_id, role)
    today = programme.today()
    form = NameForm.of_request(starts_on=today)
    people = queries.eligible_on(db.session(), the_seat.company_id, today)
    form.offer(people)
    act = _act(
        the_seat,
        url_for("council.name", seat_id=seat_id, role=role),
        title=f"Name the {the_role}",
        says=(
            f"Who speaks for {the_seat.company.name} on the council. It may be dated ahead.",
            *lines.nobody_to_choose(the_seat.company.name, people),
        ),
        submit=f"Name {the_role}",
        done=f"The {the_role} is named.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.name(
            db.session(),
            the_seat,
            the_role,
            int(form.person.data),
            starts_on=form.starts_on.data,
            **_edge(),
        ),
    )


@pages.form("/seats/<id:seat_id>/<role>/hand-over", needs=P.COUNCIL_EDIT)
def hand_over(seat_id: int, role: str) -> ResponseReturnValue:
    the_seat, the_role = _seat_and_role(seat_id, role)
    today = programme.today()
    form = HandOverForm.of_request(starts_on=today)
    people = queries.eligible_on(db.session(), the_seat.company_id, today)
    form.offer(people)
    chain = queries.holdings_of(db.session(), seat_id)
    present = lines.present(chain, the_role, today)
    act = _act(
        the_seat,
        url_for("council.hand_over", seat_id=seat_id, role=role),
        title=f"Hand over: {the_role}",
        says=(
            f"{present.person.name if present else 'Nobody'} is the {the_role} now. The present "
            "holding ends and the new one begins on the same day, in one act.",
            *lines.nobody_to_choose(the_seat.company.name, people),
        ),
        submit="Hand over",
        done="The seat is handed over.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.hand_over(
            db.session(),
            the_seat,
            the_role,
            int(form.person.data),
            on=form.starts_on.data,
            reason=form.reason.data or None,
            **_edge(),
        ),
    )


@pages.form("/holdings/<id:holding_id>/end", needs=P.COUNCIL_EDIT)
def end(holding_id: int) -> ResponseReturnValue:
    holding = queries.get_holding(db.session(), holding_id)
    the_seat = queries.get_seat(db.session(), holding.seat_id)
    form = EndForm.of_request(ends_before=programme.today())
    act = _act(
        the_seat,
        url_for("council.end", holding_id=holding_id),
        title=f"{holding.person.name} steps down",
        says=(f"The {holding.role} of {the_seat.company.name} ends; nobody follows yet.",),
        submit="Step down",
        done="The holding is ended.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: operations.end_holding(
            db.session(),
            holding,
            on=form.ends_before.data,
            reason=form.reason.data or None,
            **_edge(),
        ),
    )


@pages.post("/holdings/<id:holding_id>/take-back", needs=P.COUNCIL_EDIT)
def take_back(holding_id: int) -> ResponseReturnValue:
    holding = queries.get_holding(db.session(), holding_id)
    back = url_for("council.seat", seat_id=holding.seat_id)
    operations.take_back(db.session(), holding, today=programme.today(), **_edge())
    flash("The naming is taken back.", "success")
    return redirect(back)


def _fits(line: RosterLine, only: str | None) -> bool:
    match only:
        case "vacant":
            return line.vacancy is not None
        case "no-alternate":
            return line.alternate is None or line.alternate.vacancy is not None
        case "grace":
            return line.status is Status.GRACE
    return True


def _tiles(roster: Sequence[RosterLine], day: date | None) -> list[tuple[str, int, str, str, str]]:
    as_of = day.isoformat() if day else None

    def tile(label: str, only: str | None, state: str = "") -> tuple[str, int, str, str, str]:
        count = sum(_fits(line, only) for line in roster)
        url = url_for("council.index", show=only, as_of=as_of)
        return label, count, url, "", state if count else ""

    return [
        tile("Seats", None),
        tile("Vacant", "vacant", "late"),
        tile("Without an alternate", "no-alternate"),
        tile("In grace", "grace", "soon"),
    ]


def _role(
    seat: Seat,
    role: HoldingRole,
    chain: Sequence[Holding],
    line: RosterLine | None,
    today: date,
) -> lines.RoleCard:
    present = lines.present(chain, role, today)
    sitter = None if line is None else getattr(line, role.value)
    successor = next((h for h in reversed(chain) if h.role is role and h.starts_on > today), None)
    return lines.role_card(seat.id, role, present, sitter, successor)


def _held(holding: Holding, today: date, may_edit: bool) -> dict[str, Any]:
    ends = holding.ends_before
    back = url_for("council.take_back", holding_id=holding.id)
    return {
        "name": holding.person.name,
        "person_id": holding.person_id,
        "role": holding.role,
        "starts_on": holding.starts_on,
        "last_day": None if ends is None else ends - timedelta(days=1),
        "reason": holding.end_reason or "",
        "take_back": back if may_edit and holding.starts_on >= today else "",
    }


def _act(seat: Seat, url: str, **words: Any) -> Act:
    back = url_for("council.seat", seat_id=seat.id)
    trail = (("Council", url_for("council.index")), (seat.company.name, back))
    return Act(url=url, back=back, trail=trail, **words)


def _seat_and_role(seat_id: int, role: str) -> tuple[Seat, HoldingRole]:
    if role not in set(HoldingRole):
        raise NotFound
    return queries.get_seat(db.session(), seat_id), HoldingRole(role)


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}
