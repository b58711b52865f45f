"""The pipeline: board and table are two displays of one search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.pages import page_of
from crm.office.pipeline import asking, board
from crm.office.saved_views.bar import bar
from crm.pipeline import operations, queries
from crm.pipeline import search as searching
from crm.web import clock, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.here import here
from crm.web.lately import lately
from crm.web.session import the_viewer

pages = Pages("pipeline", __name__, url_prefix="/office")


@pages.get("/pipeline", needs=P.PIPELINE_READ)
def index() -> str:
    viewer = the_viewer()
    search = asking.search(viewer)
    display = query.one_of("display", ("board", "table")) or "board"
    return _table(viewer, search) if display == "table" else _board(viewer, search)


def _board(viewer: Viewer, search: searching.PipelineSearch) -> str:
    modes = _modes()
    if not modes:
        return render_template("office/pipeline/nothing.html")
    mode = next((mode for mode in modes if mode.key == search.mode), modes[0])
    everywhere = replace(search, mode=None, stage_id=None, ending=searching.Ending.OPEN)
    shown = replace(everywhere, mode=mode.key)
    totals = searching.totals(db.session(), everywhere)
    cards = searching.cards(db.session(), shown)
    steps = searching.steps(db.session(), [row.id for row in cards])
    columns = board.columns(mode, totals, cards, steps, shown)
    count_of = Counter[int]()
    for total in totals:
        count_of[total.stage_id] += total.count
    own = {stage.id for stage in mode.stages}
    of_mode = [total for total in totals if total.stage_id in own]
    return render_template(
        "office/pipeline/board.html",
        search=shown,
        mode=mode,
        tab_links=[
            (
                m.name,
                here(mode=m.key, stage=None),
                m.key == mode.key,
                sum(count_of[stage.id] for stage in m.stages),
            )
            for m in modes
        ],
        columns=columns,
        value=board.sums((t.currency, t.value_minor) for t in of_mode),
        weighted=board.sums((t.currency, t.weighted_minor) for t in of_mode),
        count=sum(total.count for total in of_mode),
        targets=[(stage.id, stage.name) for stage in mode.stages],
        move_action=_with_query(url_for("pipeline.move")) if viewer.may(P.PIPELINE_EDIT) else "",
        **_around(),
    )


def _table(viewer: Viewer, search: searching.PipelineSearch) -> str:
    modes = _modes()
    reasons = viewer.may(P.CONFIDENTIAL_READ)
    page = page_of(db.session(), search.select(), number=query.page(), counted=search.counted())
    steps = searching.steps(db.session(), [row.id for row in page.items])
    return render_template(
        "office/pipeline/table.html",
        search=search,
        page=page,
        lines=[board.line(row, search, steps.get(row.id), reasons=reasons) for row in page.items],
        mode_choices=[(m.key, m.name) for m in modes],
        stage_choices=[(s.id, s.name) for m in modes if m.key == search.mode for s in m.stages],
        **_around(),
    )


def _modes() -> Sequence[queries.ModeStages]:
    return lately("modes", lambda: queries.modes(db.session()))


def _around() -> dict[str, Any]:
    """What stands above either display: the choices of its filters, and the saved views."""
    return {
        "owners": lately("pipeline owners", lambda: queries.owners(db.session())),
        "challenges": [(item["key"], item["name"]) for item in asking.facts("challenges")],
        "saved": bar("pipeline"),
    }


@pages.post("/pipeline/move", needs=P.PIPELINE_EDIT)
def move() -> ResponseReturnValue:
    """From the board: a card dragged, or its menu. Back to the same board."""
    opportunity_id, stage_id = (_id(name) for name in ("opportunity", "stage"))
    opportunity = queries.get(db.session(), opportunity_id)
    stage = operations.move(
        db.session(),
        opportunity,
        stage_id,
        on=programme.today(),
        by=the_viewer().actor,
        now=clock.now(),
        today=programme.today(),
    )
    flash(f"{opportunity.company.name}: moved to “{stage.name}”.", "success")
    return redirect(_with_query(url_for("pipeline.index")))


def _id(name: str) -> int:
    typed = request.form.get(name, "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        abort(400)
    return int(typed)


def _with_query(path: str) -> str:
    """A path of ours with the filters of the present address."""
    asked = urlencode(list(request.args.items(multi=True)))
    return f"{path}?{asked}" if asked else path
