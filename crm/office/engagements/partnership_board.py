"""Major partnerships as the board draws them: a column a stage, a card each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from crm.accounts.policy import Permission as P
from crm.kit.money import Money
from crm.partnerships.workspace_rules import Verdict
from crm.pipeline import partnering, queries
from crm.pipeline.workspaces import CARDS, PartnershipSearch
from crm.web.database import db
from crm.web.filters import day, money
from crm.web.here import here, initials
from crm.web.lately import lately
from crm.web.session import the_viewer

NO_MODE = queries.ModeStages(
    id=0, key=partnering.PARTNERSHIP, name="Major partnership", membership=False, stages=()
)


def mode() -> queries.ModeStages:
    """That of the programme's file; without stages where it names none."""
    known = lately("modes", lambda: queries.modes(db.session()))
    return next((one for one in known if one.key == partnering.PARTNERSHIP), NO_MODE)


def columns(search: PartnershipSearch) -> list[tuple[Any, ...]]:
    may_see = the_viewer().may(P.MONEY_READ)
    by_stage: dict[int, list[Any]] = defaultdict(list)
    for row in db.session().execute(search.cards(money=may_see)):
        by_stage[row.stage_id].append(row)
    found = []
    for stage in mode().stages:
        rows = by_stage[stage.id]
        count = rows[0].there if rows else 0
        more = here(display="table", stage=stage.id) if count > CARDS else ""
        cards = [_card(row, money_too=may_see) for row in rows]
        found.append((stage.id, stage.name, None, f"{count:,}", "", "", cards, more))
    return found


def _card(row: Any, *, money_too: bool) -> tuple[Any, ...]:
    value = ""
    if money_too and row.value_minor is not None:
        value = money(Money(row.value_minor, row.currency))
    clear = row.verdict == Verdict.CLEAR
    step = row.step or ""
    return (
        row.id,
        f"{row.company}: {row.title}",
        value,
        initials(row.owner or ""),
        row.owner or "",
        step or "No next step",
        day(row.step_on) if step else "",
        "" if clear else row.verdict.capitalize(),
        "",
    )
