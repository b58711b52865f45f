"""The pipeline on a day: what was open, by stage and month of the expected start."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.money import Money
from crm.pipeline import asof
from crm.pipeline.rules import weighted
from crm.reports import child
from crm.reports.columns import Bar, Column, Kind, Report, Row, amounts, bars

COLUMNS = (
    Column("Pipeline", share=1.6),
    Column("Stage", share=1.8),
    Column("Probability", Kind.NUMBER, 0.9),
    Column("Expected start", share=1),
    Column("Opportunities", Kind.NUMBER, 1),
    Column("Of them parked", Kind.NUMBER, 1),
    Column("Value", Kind.MONEY, 1.3),
    Column("Weighted value", Kind.MONEY, 1.3),
    Column("Currency", share=0.8),
)
BY = (
    "mode_position", "mode", "stage_position", "stage", "probability", "month", "currency",
)  # fmt: skip
SUMMED = ("parked", "value", "weighted")
MONTH, WEIGHTED = 3, 7
"""Places of these columns."""
LATER = "9999-99"
"""Sorts the opportunities without an expected start last."""


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """A row for each stage, month and currency; sums in different currencies stay apart.

    Stage and parking are the day's; value and expected start are as known today.
    """
    facts = [
        {
            "mode_position": line.mode_position,
            "mode": line.mode,
            "stage_position": line.stage_position,
            "stage": line.stage,
            "probability": line.probability,
            "month": line.expected_on.isoformat()[:7] if line.expected_on else LATER,
            "currency": line.currency,
            "parked": int(line.parked),
            "value": line.value_minor or 0,
            "weighted": weighted(line.value_minor, line.probability, parked=line.parked),
        }
        for line in asof.open_on(session, day)
    ]
    return [
        (
            group["mode"],
            group["stage"],
            group["probability"],
            group["month"] if group["month"] != LATER else None,
            group["count"],
            group["parked"],
            Money(group["value"], group["currency"]),
            Money(group["weighted"], group["currency"]),
            group["currency"],
        )
        for group in _grouped(json.dumps(facts))
    ]


@lru_cache(maxsize=8)
def _grouped(facts: str) -> list[dict[str, Any]]:
    """Page and files of one report ask the same: the same facts are grouped once."""
    question = f'{{"rows": {facts}, "by": {json.dumps(BY)}, "sum": {json.dumps(SUMMED)}}}'
    found: list[dict[str, Any]] = json.loads(child.ask("crm.reports.grouping", question.encode()))
    return found


def by_month(rows: Sequence[Row]) -> Sequence[Bar]:
    """The weighted value that each month may bring; each currency by itself."""
    months = (str(row[MONTH] or LATER) for row in rows)
    return bars(
        zip(months, amounts(rows, WEIGHTED), strict=True),
        lambda month: "No month yet" if month == LATER else month,
    )


REPORT = Report(
    name="pipeline",
    title="Pipeline by stage and month",
    about="The opportunities open on a day, by stage and month of their expected start, with their "
    "value and what it counts for at the stage’s probability.",
    needs=P.PIPELINE_READ,
    columns=columns,
    rows=rows,
    chart=by_month,
    chart_title="Weighted value by month of the expected start",
)
