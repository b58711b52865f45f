"""Choosing who is to sit: of the companies whose seat it is, else whoever is on record."""

from __future__ import annotations

from datetime import date
from typing import Any

from crm.council import queries
from crm.council.models import Seat
from crm.council.roster import sharers_on
from crm.office.council import lines
from crm.office.council.forms import Chosen, Typed
from crm.people import queries as people
from crm.web.database import db


def form_for(
    seat: Seat,
    chosen: type[Chosen],
    typed: type[Typed],
    *,
    day: date,
    but: int | None = None,
    **defaults: Any,
) -> tuple[Any, tuple[str, ...]]:
    """The form that offers a company's people, or that asks for a name; and what else to say.

    `but`: who is not offered, because they have the role already.
    """
    companies = sharers_on(db.session(), seat, day)
    if companies is None:
        return typed.of_request(**defaults), ()
    offered = [one for one in queries.eligible_on(db.session(), companies, day) if one[0] != but]
    form = chosen.of_request(**defaults)
    form.offer(offered)
    of = seat.name if seat.company_id is not None else "the associates"
    return form, lines.nobody_to_choose(of, offered)


def person_of(form: Chosen | Typed) -> int:
    """Whom the form names. Raises `NoSuchPerson`."""
    if isinstance(form, Chosen):
        return int(form.person.data)
    return people.picked(db.session(), form.person.data or "").id


def whose(seat: Seat) -> str:
    if seat.company_id is not None:
        return f"Who speaks for {seat.name} on the council."
    return f"Who sits on the {seat.body.name}: {seat.name}."
