"""Whom somebody may add, by address, to what people of the university are in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.council.university import NotOfTheUniversity
from crm.kit.errors import RuleBroken
from crm.people import queries as people
from crm.reports.acquaintances import may_see


class NobodyToAppoint(RuleBroken):
    """One refusal for whoever is not on record, not seen by who asks, or not of the university: it
    tells nobody whose address is known here."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody of the university whom you may add is on record with this address. Who works "
            "at a company, or is about to, comes in by its places.",
            field="email",
        )


def appoint(
    session: Session, email: str, *, viewer: Viewer, today: date, do: Callable[[int], object]
) -> None:
    """Do it with the person who has the address. Raises `NobodyToAppoint`."""
    person = people.find_by_email(session, email)
    if (
        person is None
        or person.archived_on is not None
        or not may_see(session, person.id, viewer, today)
    ):
        raise NobodyToAppoint
    try:
        do(person.id)
    except NotOfTheUniversity:
        raise NobodyToAppoint from None
