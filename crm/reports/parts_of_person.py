"""Which seats and places in groups a person holds and held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council.models import Body, Holding, Place, Seat

MOST = 40


def parts_of(session: Session, person_id: int) -> Sequence[Row[Any]]:
    """The latest first: the body, whose seat or place, the role, from–to. One statement; `seat_id`
    is of a seat, `group_id` of a place."""
    seats = (
        select(
            Seat.id.label("seat_id"),
            null().label("group_id"),
            Body.name.label("body"),
            func.coalesce(Company.name, Seat.title, literal("")).label("whose"),
            cast(Holding.role, String).label("role"),
            Holding.starts_on.label("starts_on"),
            Holding.ends_before.label("ends_before"),
        )
        .join(Holding, Holding.seat_id == Seat.id)
        .join(Body, Body.id == Seat.body_id)
        .outerjoin(Company, Company.id == Seat.company_id)
        .where(Holding.person_id == person_id)
    )
    places = (
        select(
            null(),
            Body.id,
            Body.name,
            func.coalesce(Company.name, literal("")),
            cast(Place.role, String),
            Place.starts_on,
            Place.ends_before,
        )
        .join(Body, Body.id == Place.body_id)
        .outerjoin(Company, Company.id == Place.company_id)
        .where(Place.person_id == person_id)
    )
    both = union_all(seats, places).subquery()
    order = both.c.starts_on.desc(), both.c.seat_id, both.c.group_id
    return session.execute(select(both).order_by(*order).limit(MOST)).all()
