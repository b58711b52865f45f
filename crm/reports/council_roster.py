"""The council as of a day: each member company, the seat that speaks for it, and who holds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import interests
from crm.activities.models import Interest
from crm.council import attendance, queries
from crm.council.attendance import Came
from crm.council.models import Body
from crm.council.roster import roster_on
from crm.council.roster_lines import RosterLine, seats_of
from crm.council.rules import COUNCIL, SeatKind
from crm.council.sitters import EMPLOYMENT, employed_on
from crm.reports.columns import Asked, Column, Kind, Report, Row, Section

SEATS = {
    SeatKind.OWN: "own seat",
    SeatKind.SHARED: "shared elected seat",
    SeatKind.OBSERVER: "observer",
    None: "no seat",
}
COLUMNS = (
    Column("Company", share=2),
    Column("Seat", share=1.7),
    Column("Representative", share=1.7),
    Column("Representative since", Kind.DAY, 1.2),
    Column("Alternate", share=1.5),
    Column("Status", Kind.STATUS, 0.9),
    Column("Meetings attended", share=1),
    Column("Company id", Kind.ID, printed=False),
    Column("Representative’s title", share=1.6),
    Column("Alternate since", Kind.DAY, 1.2),
    Column("Vote", Kind.FLAG, 0.6),
    Column("Term ends", Kind.DAY, 1.2),
    Column("Declared interests", share=1.6),
)
"""In this order; a later one is appended."""


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """Vacant seats first, members without a seat last. A shared seat votes by who carries it."""
    roster = roster_on(session, day, everyone=True)
    came = attendance.attended(session, day)
    chair = _chair(session, day)
    titles = _titles(session, roster, day)
    stakes = interests.in_companies(session, {line.company_id for line in roster}, day)
    return [
        _row(line, came.get(line.seat_id or 0), chair, titles, stakes.get(line.company_id, ()))
        for line in roster
    ]


def _row(
    line: RosterLine,
    came: Came | None,
    chair: int | None,
    titles: dict[int, str | None],
    stakes: Sequence[Interest],
) -> Row:
    speaks, stands_in = line.speaker, line.stand_in
    name, since, title = line.nobody or None, None, None
    if speaks is not None:
        name = f"{speaks.name} (chair)" if speaks.person_id == chair else speaks.name
        since, title = speaks.since, titles.get(speaks.person_id)
    other = stands_in.name if stands_in is not None else None
    if stands_in is not None and stands_in.person_id == chair:
        other = f"{other} (chair)"
    return (
        line.company,
        f"shares the seat of {line.shared_with}" if line.carrier_id else SEATS[line.kind],
        name,
        since,
        other,
        line.status,
        str(came) if came and line.kind else None,
        line.company_id,
        title,
        stands_in.since if stands_in is not None else None,
        line.votes and line.carrier_id is None,
        line.term_ends_before - timedelta(days=1),
        "; ".join(f"{one.person.name}: {one.stake}" for one in stakes) or None,
    )


def _chair(session: Session, day: date) -> int | None:
    body = _council(session)
    chair = queries.chair_on(session, body, day) if body is not None else None
    return chair.person_id if chair is not None else None


def _council(session: Session) -> int | None:
    return session.scalar(select(Body.id).where(Body.key == COUNCIL))


def _titles(session: Session, roster: Sequence[RosterLine], day: date) -> dict[int, str | None]:
    """What the representatives are at the companies of the roster on a day."""
    people = {line.representative.person_id for line in roster if line.representative}
    found = (
        select(EMPLOYMENT.person_id, EMPLOYMENT.title)
        .where(
            EMPLOYMENT.person_id.in_(people),
            EMPLOYMENT.company_id.in_({line.company_id for line in roster}),
            employed_on(day),
        )
        .order_by(EMPLOYMENT.id)
    )
    return {row.person_id: row.title for row in session.execute(found)}


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    """Who was at the last four meetings, a seat a line."""
    body = _council(session)
    held = attendance.last_meetings(session, body, asked.day) if body is not None else []
    held = held[::-1]
    seats = seats_of(roster_on(session, asked.day)) if held else []
    return [
        Section(
            title="The last four meetings",
            columns=(Column("Seat", share=2), *(Column(one.on.isoformat()) for one in held)),
            rows=[
                (line.seat_name, *(str(one.seats.get(line.seat_id or 0, "")) for one in held))
                for line in seats
            ],
            empty="The council has not met yet.",
            sheet="Last meetings",
        )
    ]


REPORT = Report(
    name="council-roster",
    title="Council roster",
    about="Each member company on a day, the seat that speaks for it, its representative and "
    "alternate, and who came to the last meetings.",
    needs=P.COUNCIL_READ,
    columns=columns,
    rows=rows,
    sections=sections,
)
