"""What the journal tells of a project or a call, with the names of what it is about."""

from __future__ import annotations

from collections import defaultdict

from crm.accounts.policy import Permission as P
from crm.journal.queries import history_of
from crm.office import history
from crm.office.history import Told
from crm.reports.names import names
from crm.web.database import db
from crm.web.session import the_viewer

MOST = 40
NAMED = {
    "ballot_id": "ballot",
    "call_id": "project_call",
    "challenge_id": "challenge",
    "company_id": "company",
    "person_id": "person",
}
"""What the ids in these columns stand for."""


def told(kind: str, record_id: int, *, currency: str | None = None) -> list[Told] | None:
    """The latest changes, newest first; None for whoever may not read them. Two SELECTs."""
    viewer, session = the_viewer(), db.session()
    if not viewer.may(P.HISTORY_READ):
        return None
    confidential = viewer.may(P.CONFIDENTIAL_READ)
    lines = history_of(session, [(kind, record_id)], confidential=confidential, limit=MOST)
    wanted: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        for column, known in NAMED.items():
            wanted[known].update(id_ for id_ in line.changes.get(column, ()) if id_ is not None)
    found = names(session, wanted)
    by_column = {
        column: {id_: name for (of, id_), name in found.items() if of == known}
        for column, known in NAMED.items()
    }
    return history.told(lines, by_column, currency or "USD")
