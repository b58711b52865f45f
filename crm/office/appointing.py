"""Whom somebody may add, by name or address, to what people of the university are in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.council.university import NotOfTheUniversity
from crm.kit.errors import RuleBroken
from crm.people import queries as people
from crm.people.models import Person
from crm.reports.acquaintances import may_see


class NobodyToAppoint(RuleBroken):
    """One refusal for whoever is not on record, not seen by who asks, or not of the university: it
    tells nobody who is known here."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody of the university whom you may add goes by this name or address, or several "
            "do: pick them from the suggestions. Who works at a company, or is about to, comes in "
            "by its places.",
            field="email",
        )


def appoint(
    session: Session, typed: str, *, viewer: Viewer, today: date, do: Callable[[int], object]
) -> None:
    """Do it with the person whom an address, a name or `Name (#12)` names. Raises
    `NobodyToAppoint`."""
    person = _named(session, typed)
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


def _named(session: Session, typed: str) -> Person | None:
    if "@" in typed:
        return people.find_by_email(session, typed)
    try:
        return people.picked(session, typed)
    except people.NoSuchPerson:
        return None
