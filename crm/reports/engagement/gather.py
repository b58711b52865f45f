"""All lines there are: what happened, of every room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.reports.engagement import (
    benefits,
    bodies,
    contacts,
    factories,
    partnerships,
    projects,
    publications,
    terms,
)
from crm.reports.engagement.lines import Asked, Line, Sort

SOURCES: Sequence[tuple[P, Callable[[Session, Asked], Iterable[Line]]]] = (
    (P.MEMBERSHIPS_READ, terms.memberships),
    (P.MEMBERSHIPS_READ, terms.goals),
    (P.COUNCIL_READ, bodies.seats),
    (P.COUNCIL_READ, bodies.meetings),
    (P.COUNCIL_READ, bodies.votes),
    (P.COUNCIL_READ, bodies.places),
    (P.COUNCIL_READ, publications.lines),
    (P.PROJECTS_READ, projects.lines),
    (P.ENGAGEMENTS_READ, factories.participations),
    (P.ENGAGEMENTS_READ, factories.contributions),
    (P.ENGAGEMENTS_READ, partnerships.lines),
    (P.BENEFITS_READ, benefits.lines),
    (P.COMPANIES_READ, contacts.lines),
)
"""What a viewer must be allowed to read for it, and who tells it."""
ORDER = {sort: place for place, sort in enumerate(Sort)}


def gather(session: Session, asked: Asked) -> list[Line]:
    """The earliest first. As many SELECTs as the rooms need, whatever the number of lines; what
    groups published asks one more for each day on which they did."""
    found = [
        line
        for needs, lines in SOURCES
        if asked.viewer.may(needs)
        for line in lines(session, asked)
    ]
    return sorted(found, key=lambda line: (line.on, ORDER[line.sort], line.id, line.what))
