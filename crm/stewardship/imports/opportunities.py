"""Opportunities from a file, open and over. Key: company, mode and the day it was opened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.kit.text import fold
from crm.memberships.models import Tier
from crm.pipeline import bulk
from crm.pipeline.models import LostReason, Mode, Opportunity, Stage
from crm.pipeline.rules import Move
from crm.programme import queries as programme
from crm.stewardship.imports import known
from crm.stewardship.imports.columns import Line, Sheet
from crm.stewardship.imports.known import KnownCompanies, Unclear
from crm.stewardship.imports.report import Remark, Report, Tick

AT_A_TIME = 500
WON = frozenset({"won", "closed won", "closedwon"})
LOST = frozenset({"lost", "closed lost", "closedlost"})


@dataclass(frozen=True)
class Pipe:
    """A mode with its stages by folded name and key, in order."""

    id: int
    name: str
    stages: dict[str, int]
    first: int
    last: int
    reasons: dict[str, int]


class OpportunitiesImport:
    """Known ones stay as they are: their history is ours. New ones bring theirs along."""

    def __init__(self, session: Session, sheet: Sheet, report: Report, *, today: date) -> None:
        self._session = session
        self._sheet = sheet
        self._report = report
        self._today = today
        self._companies = KnownCompanies.read(session)
        self._users = known.users(session)
        self._pipes = _pipes(session)
        self._tiers = {
            fold(text): tier_id
            for tier_id, key, name in session.execute(select(Tier.id, Tier.key, Tier.name))
            for text in (key, name)
        }
        self._currency: str = programme.get(session).facts["currency"]
        self._rows: list[dict[str, Any]] = []
        self._history: list[list[dict[str, Any]]] = []

    def match(self, tick: Tick) -> None:
        keys = select(Opportunity.company_id, Opportunity.mode_id, Opportunity.opened_on)
        there = Counter(tuple(row) for row in self._session.execute(keys))
        first: dict[tuple[Any, ...], int] = {}
        for done, line in enumerate(self._sheet.lines, 1):
            row = self._read(line)
            if row is not None:
                key = (row["company_id"], row["mode_id"], row["opened_on"])
                if key in first:
                    above = f"row {first[key]}, of the same company, mode and day"
                    self._warn(line, "opened_on", f"Another opportunity beside that of {above}.")
                first.setdefault(key, line.number)
                if there[key]:
                    there[key] -= 1
                    self._report.unchanged += 1
                else:
                    self._report.added += 1
                    self._rows.append(row)
                    self._history.append(self._told(row))
            if not done % AT_A_TIME:
                tick(AT_A_TIME)
        tick(len(self._sheet.lines) % AT_A_TIME)

    def write(self, *, by: Actor, now: datetime) -> None:
        bulk.add_opportunities(self._session, self._rows, self._history, by=by, now=now)

    def _read(self, line: Line) -> dict[str, Any] | None:
        """The columns of a line's opportunity; None if something is wrong with it."""
        faults = len(self._sheet.problems)
        company_id = self._company(line)
        pipe = self._pipes.get(fold(line.get("mode") or ""))
        opened_on = line.get("opened_on")
        if pipe is None and line.get("mode"):
            names = " or ".join(sorted({f"“{pipe.name}”" for pipe in self._pipes.values()}))
            self._sheet.fault(line, "mode", f"There is no such mode; write {names}.")
        if company_id is None or pipe is None or opened_on is None or not line.get("stage"):
            return None
        row = {
            "company_id": company_id,
            "mode_id": pipe.id,
            "opened_on": opened_on,
            "owner_id": self._owner(line),
            "tier_id": self._tier(line),
            **self._money(line),
            "expected_on": line.get("expected_on"),
            "source": line.get("source"),
            "note": line.get("note"),
            **self._standing(line, pipe, opened_on),
        }
        return row if len(self._sheet.problems) == faults else None

    def _company(self, line: Line) -> int | None:
        name, domains = line.get("company"), line.get("domains") or ()
        if not name and not domains:
            self._sheet.fault(line, "company", "This cell is empty, and it is needed.")
            return None
        try:
            return self._companies.get(name, domains, line.get("company_id"))
        except Unclear as unclear:
            self._sheet.fault(line, "company", str(unclear))
            return None

    def _standing(self, line: Line, pipe: Pipe, opened_on: date) -> dict[str, Any]:
        """Its stage and how it ended. What is over keeps the stage before the end."""
        said = fold(line.get("stage"))
        since = line.get("stage_since") or opened_on
        ended_on = line.get("ended_on") or since
        won, lost = said in WON, said in LOST
        stage_id = pipe.stages.get(said)
        if won or lost:
            stage_id = pipe.last if won else pipe.first
            since = max(opened_on, min(since, ended_on))
        if stage_id is None:
            self._sheet.fault(line, "stage", f"“{pipe.name}” has no such stage.")
        if opened_on > self._today:
            self._sheet.fault(line, "opened_on", "This lies in the future.")
        elif since > self._today:
            self._sheet.fault(line, "stage_since", "This lies in the future.")
        elif since < opened_on:
            self._sheet.fault(line, "stage_since", "This lies before it was opened.")
        if (won or lost) and not opened_on <= ended_on <= self._today:
            self._sheet.fault(line, "ended_on", "It ended before it began, or has not ended yet.")
        return {
            "stage_id": stage_id,
            "stage_since": since,
            "won_on": ended_on if won else None,
            "lost_on": ended_on if lost else None,
            "lost_reason_id": self._reason(line, pipe) if lost else None,
        }

    def _reason(self, line: Line, pipe: Pipe) -> int | None:
        said = line.get("lost_reason")
        found = pipe.reasons.get(fold(said or "other terms"))
        if found is None:
            self._sheet.fault(line, "lost_reason", f"“{pipe.name}” has no such reason.")
        elif said is None:
            self._warn(line, "stage", "Lost without a reason: taken as “Other terms”.")
        return found

    def _money(self, line: Line) -> dict[str, Any]:
        currency = (line.get("currency") or self._currency).upper()
        try:
            value = Money.parse(line.get("value"), currency) if line.get("value") else None
            Money(0, currency)
        except ValueError as error:
            self._sheet.fault(line, "value", str(error))
            value = None
        return {"value_minor": value.minor if value else None, "currency": currency}

    def _owner(self, line: Line) -> int | None:
        owner = line.get("owner")
        if owner and fold(owner) not in self._users:
            self._warn(line, "owner", f"“{owner}” has no account here: left out.")
        return self._users.get(fold(owner)) if owner else None

    def _tier(self, line: Line) -> int | None:
        tier = line.get("tier")
        if tier and fold(tier) not in self._tiers:
            self._sheet.fault(line, "tier", "There is no such tier.")
        return self._tiers.get(fold(tier)) if tier else None

    def _told(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """Opened at the first stage, then moved and ended, on the days the file knows."""
        first = next(pipe.first for pipe in self._pipes.values() if pipe.id == row["mode_id"])
        told = [_change(Move.OPENED, None, first, row["opened_on"])]
        if row["stage_id"] != first:
            told.append(_change(Move.MOVED, first, row["stage_id"], row["stage_since"]))
        for move, ended_on in ((Move.WON, row["won_on"]), (Move.LOST, row["lost_on"])):
            if ended_on is not None:
                told.append(_change(move, row["stage_id"], row["stage_id"], ended_on))
        return told

    def _warn(self, line: Line, name: str, reason: str) -> None:
        self._report.warnings.append(Remark(line.number, self._sheet.headings.get(name), reason))


def _change(move: Move, before: int | None, after: int, on: date) -> dict[str, Any]:
    return {"move": move, "from_stage_id": before, "to_stage_id": after, "on": on}


def _pipes(session: Session) -> dict[str, Pipe]:
    """The modes on offer, by folded key and name."""
    stages = session.execute(
        select(Stage.mode_id, Stage.id, Stage.key, Stage.name)
        .where(Stage.retired_on.is_(None))
        .order_by(Stage.position, Stage.id)
    ).all()
    reasons = session.execute(
        select(LostReason.mode_id, LostReason.id, LostReason.name).where(
            LostReason.retired_on.is_(None)
        )
    ).all()
    found: dict[str, Pipe] = {}
    modes = select(Mode.id, Mode.key, Mode.name).where(Mode.retired_on.is_(None))
    for mode_id, key, name in session.execute(modes):
        own = [stage for stage in stages if stage.mode_id == mode_id]
        if not own:
            continue
        pipe = Pipe(
            id=mode_id,
            name=name,
            stages={fold(text): stage.id for stage in own for text in (stage.key, stage.name)},
            first=own[0].id,
            last=own[-1].id,
            reasons={fold(r.name): r.id for r in reasons if r.mode_id in (None, mode_id)},
        )
        found[fold(key)] = found[fold(name)] = pipe
    return found
