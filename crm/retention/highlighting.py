"""Highlights: the outcomes that stand on the first page of a company's dossier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.periods import Period, in_words
from crm.retention.models import Highlight


class NotYet(RuleBroken):
    """What has not happened is no outcome."""


@dataclass(frozen=True, kw_only=True)
class NewHighlight:
    """A sentence, the day it is of, and the page of the record it is about, if there is one."""

    text: str
    on: date
    record: str | None = None


def choose(
    session: Session, company_id: int, wanted: NewHighlight, *, by: Actor, today: date
) -> Highlight:
    """Of an archived company too: it tells what came about, and begins nothing. Raises `NotFound`,
    and `NotYet` for a day ahead."""
    if session.get(Company, company_id) is None:
        raise NotFound("There is no such company.")
    _check(wanted, today)
    chosen = Highlight(
        company_id=company_id,
        on=wanted.on,
        text=wanted.text,
        record=wanted.record,
        by_name=by.name,
    )
    session.add(chosen)
    session.flush()
    return chosen


def reword(
    session: Session, highlight: Highlight, wanted: NewHighlight, *, version: int, today: date
) -> None:
    """Raises `Stale`, and `NotYet`. The record stays the one it was chosen for."""
    if highlight.version != version:
        raise Stale(
            "this outcome",
            theirs={"Outcome": highlight.text, "Day": in_words(highlight.on)},
            yours={"Outcome": wanted.text, "Day": in_words(wanted.on)},
        )
    _check(wanted, today)
    highlight.text, highlight.on = wanted.text, wanted.on
    session.flush()


def drop(session: Session, highlight: Highlight) -> None:
    """It no longer stands on any first page; the journal keeps it."""
    session.delete(highlight)
    session.flush()


def _check(wanted: NewHighlight, today: date) -> None:
    if wanted.on > today:
        raise NotYet("That day is still ahead: an outcome is what came about.", field="on")


def get(session: Session, highlight_id: int) -> Highlight:
    """Raises `NotFound`."""
    found = session.get(Highlight, highlight_id)
    if found is None:
        raise NotFound("There is no such outcome.")
    return found


def of_company(session: Session, company_id: int, days: Period) -> Sequence[Highlight]:
    """Those of some days, the latest first."""
    found = select(Highlight).where(
        Highlight.company_id == company_id, Highlight.on >= days.starts_on
    )
    if days.ends_before is not None:
        found = found.where(Highlight.on < days.ends_before)
    return session.scalars(found.order_by(Highlight.on.desc(), Highlight.id.desc())).all()
