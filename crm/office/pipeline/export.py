"""The pipeline as a file: the search of the page, every row of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask.wrappers import Response
from sqlalchemy import Row

from crm.accounts.policy import Permission as P
from crm.kit.money import Money
from crm.office.pipeline import asking
from crm.office.pipeline.views import pages
from crm.web import exports
from crm.web.session import the_viewer

HEADINGS = (
    "Company", "Pipeline", "Stage", "Probability", "Value", "Weighted value", "Currency", "Owner",
    "Next step", "Next step on", "In stage since", "Expected start", "Source", "Parked until",
    "Opened on", "Won on", "Lost on", "Company id", "Opportunity id",
)  # fmt: skip
REASON = "Lost reason"
"""Appended for whoever may know it."""


@pages.get("/pipeline.csv", needs=P.PIPELINE_READ)
def export() -> Response:
    return _export(exports.csv_response)


@pages.get("/pipeline.xlsx", needs=P.PIPELINE_READ)
def export_xlsx() -> Response:
    return _export(exports.xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    viewer = the_viewer()
    reasons = viewer.may(P.CONFIDENTIAL_READ)
    return respond(
        "pipeline",
        [*HEADINGS, REASON] if reasons else HEADINGS,
        asking.search(viewer).export(),
        viewer=viewer,
        shape=_shape(reasons=reasons),
    )


def _shape(*, reasons: bool) -> Callable[[Row[Any]], Sequence[object]]:
    def cells(row: Row[Any]) -> Sequence[object]:
        currency = row.currency
        value = Money(row.value_minor, currency) if row.value_minor is not None else None
        found = (
            row.company, row.mode, row.stage, row.probability, value,
            value and Money(row.weighted_minor, currency), currency, row.owner, row.step,
            row.step_on, row.stage_since, row.expected_on, row.source, row.parked_until,
            row.opened_on, row.won_on, row.lost_on, row.company_id, row.id,
        )  # fmt: skip
        return (*found, row.lost_reason) if reasons else found

    return cells
