"""What happened, in words: an event of the time line from a row of its parts, or from a term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.pipeline.rules import Move
from crm.reports.company_standing import TermLine
from crm.reports.timeline.parts import ANSWERED, ASKED

_MOVES = {
    Move.OPENED: "Entered the pipeline",
    Move.MOVED: "Moved",
    Move.PARKED: "Parked",
    Move.UNPARKED: "Taken up again",
    Move.WON: "Won",
    Move.LOST: "Lost",
    Move.REOPENED: "Reopened",
}
_PAGES = {
    "benefit": ("star", "/office/benefits/uses"),
    "partnership": ("deal", "/office/engagements/partnerships"),
    "project": ("flag", "/office/projects"),
}
"""The icon and the address of what says itself what it is."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """`text` None: the viewer knows that there was contact, and no more."""

    icon: str
    title: str
    on: date
    by: str = ""
    text: str | None = ""
    url: str = ""
    confidential: bool = False
    touch_id: int | None = None
    mine: bool = False
    people: Sequence[tuple[int, str]] = field(default_factory=tuple)


def told(row: Row[Any], people: Sequence[tuple[int, str]], viewer: Viewer, zone: ZoneInfo) -> Event:
    if row.what in (ASKED, ANSWERED):
        moment = datetime.fromisoformat(row.title)
        if moment.tzinfo is None:  # SQLite keeps them without: they are UTC
            moment = moment.replace(tzinfo=UTC)
        return Event(
            icon="inbox" if row.what == ASKED else "mail",
            title="Inquiry" if row.what == ASKED else "Inquiry answered",
            on=moment.astimezone(zone).date(),
            by=row.by,
            text=row.text,
            url=f"/office/inquiries/{row.id}",
        )
    if row.what == "stage":
        return Event(
            icon="deal",
            title=_MOVES[Move(row.title)],
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"/office/opportunities/{row.id}",
        )
    if row.what == "contribution":
        return Event(
            icon="link",
            title=f"Contribution {row.title}",
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"/office/engagements/contributions/{row.id}",
        )
    if row.what in _PAGES:
        icon, page = _PAGES[row.what]
        return Event(
            icon=icon,
            title=row.title,
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"{page}/{row.id}",
        )
    if row.what == "task":
        return Event(icon="check", title="Task done", on=row.on, by=row.by, text=row.text)
    return Event(
        icon=row.title if row.text is not None else "note",
        title=str(row.title).capitalize() if row.text is not None else "In contact",
        on=row.on,
        by=row.by,
        text=row.text,
        confidential=bool(row.confidential),
        touch_id=row.id,
        mine=row.by_id == viewer.id,
        people=people if row.text is not None else (),
    )


def acts(term: TermLine, viewer: Viewer) -> Iterable[Event]:
    url = f"/office/memberships/{term.id}"
    if term.executed_on is not None:
        yield Event(
            icon="document",
            title="Agreement signed by both sides",
            on=term.executed_on,
            text=f"{term.tier} tier",
            url=url,
        )
        if term.terminated_on is None or term.terminated_on > term.starts_on:
            yield Event(
                icon="flag",
                title="Membership begins",
                on=term.starts_on,
                text=f"{term.tier} tier",
                url=url,
            )
    if term.withdrawn_on is not None:
        yield Event(icon="close", title="Membership withdrawn", on=term.withdrawn_on, url=url)
    if term.terminated_on is not None:
        reason = term.termination_reason if viewer.may(P.HISTORY_READ) else ""
        yield Event(
            icon="close",
            title="Membership terminated",
            on=term.terminated_on,
            text=reason or "",
            url=url,
        )
