"""The roster of a body on a day, and each seat with its chain of holders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import attendance, chairs, queries
from crm.council.attendance import Came
from crm.council.chairs import Line
from crm.council.models import Body, Chair, Holding, Seat
from crm.council.roster import roster_on, titled_on
from crm.council.roster_lines import RosterLine, seats_of
from crm.council.rules import COUNCIL, BodyKind, HoldingRole
from crm.journal.queries import history_of
from crm.memberships.ahead import ends_by
from crm.memberships.rules import Status
from crm.office import history
from crm.office.council import lines
from crm.web import programme, query
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
    bodies = queries.bodies(db.session(), day)
    key = query.one_of("body", [body.key for body in bodies]) or COUNCIL
    body = next((body for body in bodies if body.key == key), None)
    as_of = None if day == today else day.isoformat()
    roster, came = _roster(body, day)
    chair = queries.chair_on(db.session(), body.id, day) if body else None
    follow = queries.following(db.session(), body.id, day) if body else {}
    leads = chair is not None and chairs.leads(chair, roster)
    elsewhere = None if key == COUNCIL else key
    is_council = body is not None and body.kind is BodyKind.COUNCIL
    ends = ends_by(db.session(), day, today=today) if is_council and day > today else 0
    return render_template(
        "office/council/index.html",
        body=body,
        body_id=body.id if body else None,
        body_name=body.name if body else "Council",
        tabs=[
            (one.name, url_for("council.index", body=one.key, as_of=as_of), one is body, None)
            for one in bodies
        ],
        of_people=body is not None and body.kind is not BodyKind.COUNCIL,
        day=day,
        is_ahead=day > today,
        ends_by=lines.ends_by(ends),
        tiles=_tiles(roster, as_of, elsewhere),
        lines=[lines.row(line, chair, came, follow) for line in roster if _fits(line, only)],
        seated=bool(roster),
        only=only,
        asked=elsewhere,
        clear=url_for("council.index", body=elsewhere) if only or day != today else "",
        chair=chair,
        chair_leads=leads,
        chairs=_chairs(queries.chairs_of(db.session(), body.id), today) if body else [],
        may_edit=the_viewer().may(P.COUNCIL_EDIT),
        person_urls=the_viewer().may(P.PEOPLE_READ_ALL),
    )


def _roster(body: Body | None, day: date) -> tuple[Sequence[Line], dict[int, Came]]:
    """The lines of a body on a day; of the council with who came, by company."""
    if body is None:
        return [], {}
    if body.kind is not BodyKind.COUNCIL:
        found = titled_on(db.session(), body.id, day)
        return sorted(found, key=lambda line: line.vacancy is None), {}
    roster = roster_on(db.session(), day, everyone=True)
    return roster, attendance.attended(db.session(), day)


@pages.get("/seats/<id:seat_id>", needs=P.COUNCIL_READ)
def seat(seat_id: int) -> ResponseReturnValue:
    viewer, today = the_viewer(), programme.today()
    the_seat = queries.get_seat(db.session(), seat_id)
    chain = queries.holdings_of(db.session(), seat_id)
    roster = roster_on(db.session(), today)
    sharing = [line for line in roster if line.seat_id == seat_id]
    own = [line for line in roster if line.company_id == the_seat.company_id]
    may_edit = viewer.may(P.COUNCIL_EDIT)
    told = None
    if viewer.may(P.HISTORY_READ):
        found = history_of(
            db.session(), [("seat", seat_id)], confidential=viewer.may(P.CONFIDENTIAL_READ)
        )
        told = history.told(found, history.names_of(db.session(), found))
    proposals = queries.nominations_of(db.session(), seat_id) if told is not None else []
    return render_template(
        "office/council/seat.html",
        seat=the_seat,
        line=own[0] if own else None,
        carried_by=own[0] if own and own[0].seat_id != seat_id else None,
        sharing=[line for line in sharing if line.company_id != the_seat.company_id],
        kind_words=lines.kind_words,
        roles=[_role(the_seat, role, chain, sharing, today) for role in HoldingRole],
        chain=[_held(holding, chain, today, may_edit) for holding in chain],
        nominations=[lines.proposal(proposed, may_edit) for proposed in proposals],
        letters=queries.letters_of(db.session(), seat_id) if viewer.may(P.MAIL_BODIES) else [],
        may_edit=may_edit,
        reads_all=told is not None,
        history=told,
        person_urls=viewer.may(P.PEOPLE_READ_ALL),
    )


def _fits(line: Line, only: str | None) -> bool:
    seatless = isinstance(line, RosterLine) and line.kind is None
    match only:
        case "vacant":
            return line.vacancy is not None
        case "no-alternate":
            return not seatless and line.stand_in is None
        case "grace":
            return isinstance(line, RosterLine) and line.status is Status.GRACE
    return True


def _tiles(
    roster: Sequence[Line], as_of: str | None, body: str | None
) -> list[tuple[str, int, str, str, str]]:
    """Seats are counted once, whoever shares them; the lists behind have a line a company."""
    members = [line for line in roster if isinstance(line, RosterLine)]
    seats: Sequence[Line] = seats_of(members) if members else roster

    def tile(label: str, only: str | None, state: str = "") -> tuple[str, int, str, str, str]:
        count = sum(_fits(line, only) for line in seats)
        url = url_for("council.index", show=only, as_of=as_of, body=body)
        return label, count, url, "", state if count else ""

    found = [
        tile("Seats", None),
        tile("Vacant", "vacant", "late"),
        tile("Without an alternate", "no-alternate"),
    ]
    return [*found, tile("In grace", "grace", "soon")] if body is None else found


def _role(
    seat: Seat,
    role: HoldingRole,
    chain: Sequence[Holding],
    sharing: Sequence[RosterLine],
    today: date,
) -> lines.RoleCard:
    present = lines.present(chain, role, today)
    sitter = getattr(sharing[0], role.value) if sharing else None
    successor = next((h for h in reversed(chain) if h.role is role and h.starts_on > today), None)
    return lines.role_card(seat.id, role, present, sitter, successor)


def _held(
    holding: Holding, chain: Sequence[Holding], today: date, may_edit: bool
) -> dict[str, Any]:
    ends = holding.ends_before
    back = url_for("council.take_back", holding_id=holding.id)
    stays = may_edit and lines.may_stay(holding, chain, today)
    return {
        "name": holding.person.name,
        "person_id": holding.person_id,
        "role": holding.role,
        "starts_on": holding.starts_on,
        "last_day": None if ends is None else ends - timedelta(days=1),
        "then": lines.then(holding, chain),
        "reason": holding.end_reason or "",
        "stay": url_for("council.stay", holding_id=holding.id) if stays else "",
        "take_back": back if may_edit and holding.starts_on >= today else "",
    }


def _chairs(terms: Sequence[Chair], today: date) -> list[dict[str, Any]]:
    return [
        {
            "name": chair.person.name,
            "person_id": chair.person_id,
            "starts_on": chair.starts_on,
            "last_day": chair.period.last_day,
            "end": url_for("council.end_chair", chair_id=chair.id)
            if chair.ends_before is None or chair.ends_before > today
            else "",
        }
        for chair in terms
    ]
