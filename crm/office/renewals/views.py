"""The renewals board and its table, and the rates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from flask import render_template, url_for

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.money import Money
from crm.kit.pages import part_of
from crm.reports import renewals
from crm.reports.companies import options
from crm.reports.renewals import Ending
from crm.retention.rules import CohortRow, Lane, Outcome, terms_by_year
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.filters import money as shown
from crm.web.here import here
from crm.web.session import the_viewer

pages = Pages("renewals", __name__, url_prefix="/office/renewals")

DISPLAYS = ("board", "table", "rates")
TEMPLATES = {"board": "office/renewals/board.html", "table": "office/renewals/table.html"}
CARDS = 20
"""Of each column; the table has them all."""
LANES = {
    Lane.D540: "540 days",
    Lane.D365: "365 days",
    Lane.D270: "270 days",
    Lane.D180: "180 days",
    Lane.D90: "90 days",
    Lane.D30: "30 days",
    Lane.GRACE: "In grace",
    Lane.LAPSED: "Lapsed",
}


@pages.get("", needs=P.MEMBERSHIPS_READ)
def index() -> str:
    """Terms without a signed successor, by the days that are left."""
    display = query.one_of("display", DISPLAYS) or "board"
    return _rates() if display == "rates" else _terms(display)


def _terms(display: str) -> str:
    viewer, today = the_viewer(), programme.today()
    owner_id = query.number("owner")
    lane = query.one_of("lane", [*Lane])
    found = renewals.endings(db.session(), today, owner_id=owner_id)
    in_force = [one for one in found if one.lane is not Lane.LAPSED]
    listed = [one for one in found if one.lane == lane] if lane else found
    page = part_of(listed, number=query.page())
    return render_template(
        TEMPLATES[display],
        display=display,
        displays=_displays(display),
        columns=[_column(lane, found, viewer) for lane in Lane],
        count=len(in_force),
        value=sums(one.fee for one in in_force) if viewer.may(P.MONEY_READ) else "",
        page=page,
        rows=[_row(one, viewer) for one in page.items],
        lanes=[(lane.value, words) for lane, words in LANES.items()],
        lane=lane or "",
        owners=options(db.session()).owners,
        owner_id=owner_id or "",
        plans=viewer.may(P.PIPELINE_READ),
        clear=url_for("renewals.index", display=display) if owner_id or lane else "",
    )


def _rates() -> str:
    viewer = the_viewer()
    money = viewer.may(P.MONEY_READ)
    rows = renewals.rates(db.session(), programme.today())
    several = len({row.currency for row in rows}) > 1
    return render_template(
        "office/renewals/rates.html",
        displays=_displays("rates"),
        terms=[(str(year), _told(of)) for year, of in terms_by_year(rows).items()],
        fees=[_of_fees(row, several) for row in rows] if money else [],
        several=several,
    )


def _displays(display: str) -> list[tuple[str, str, bool, None]]:
    return [
        (word.capitalize(), here(display=None if word == "board" else word), word == display, None)
        for word in DISPLAYS
    ]


def sums(parts: Iterable[Money]) -> str:
    """One sum for each currency, side by side: they are never added up."""
    found: dict[str, int] = defaultdict(int)
    for part in parts:
        found[part.currency] += part.minor
    return " · ".join(shown(Money(minor, currency)) for currency, minor in sorted(found.items()))


def _column(lane: Lane, found: Sequence[Ending], viewer: Viewer) -> dict[str, Any]:
    there = [one for one in found if one.lane is lane]
    more = len(there) > CARDS
    return {
        "key": lane.value,
        "name": LANES[lane],
        "count": len(there),
        "value": sums(one.fee for one in there) if there and viewer.may(P.MONEY_READ) else "",
        "cards": [_row(one, viewer) for one in there[:CARDS]],
        "more": here(display="table", lane=lane.value) if more else "",
    }


def _row(one: Ending, viewer: Viewer) -> dict[str, Any]:
    """As far as this viewer may know it: plans are for those who see the pipeline."""
    plans = viewer.may(P.PIPELINE_READ)
    today = programme.today()
    return {
        "url": url_for("renewals.show", membership_id=one.id)
        if plans
        else url_for("memberships.show", membership_id=one.id),
        "company": one.company,
        "tier": one.tier,
        "founding": one.founding,
        "fee": one.fee if viewer.may(P.MONEY_READ) else None,
        "last_day": one.last_day,
        "days": (today - one.ends_before).days,
        "lane": LANES[one.lane],
        "over": one.lane in (Lane.GRACE, Lane.LAPSED),
        "owner": one.owner,
        "likelihood": one.likelihood if plans else None,
        "step": one.step if plans else "",
        "step_on": one.step_on if plans else None,
        "step_late": plans and one.step_on is not None and one.step_on < today,
        "drafted": url_for("memberships.show", membership_id=one.drafted_id)
        if one.drafted_id
        else "",
    }


def _of_fees(row: CohortRow, several: bool) -> tuple[str, dict[str, Any]]:
    told = _told(row.fees)
    for name in ("ended", "in_time", "after_gap", "left", "open"):
        told[name] = Money(told[name], row.currency)
    return f"{row.year} {row.currency}" if several else str(row.year), told


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "ended": outcome.ended,
        "in_time": outcome.in_time,
        "after_gap": outcome.after_gap,
        "left": outcome.left,
        "open": outcome.open,
        "renewal": outcome.renewal_rate,
        "attrition": outcome.attrition_rate,
    }
