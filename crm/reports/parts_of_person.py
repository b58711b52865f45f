"""Which seats and places in groups a person holds and held, and in which major partnerships."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Row, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council.models import Body, Holding, Place, Seat
from crm.partnerships import workspace_queries

MOST = 40
NO_ID = cast(null(), Integer)


def parts_of(session: Session, person_id: int) -> Sequence[Row[Any]]:
    """The latest first: the body, whose seat or place, the role, from–to. One statement; `seat_id`
    is of a seat, `group_id` of a place, `partnership_id` of a partnership: the body is its title.
    """
    seats = (
        select(
            Seat.id.label("seat_id"),
            NO_ID.label("group_id"),
            NO_ID.label("partnership_id"),
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
            NO_ID,
            Body.id,
            NO_ID,
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
    majors = workspace_queries.parts_of(person_id).subquery()
    partnerships = select(NO_ID, NO_ID, *majors.c)
    both = union_all(seats, places, partnerships).subquery()
    order = both.c.starts_on.desc(), both.c.seat_id, both.c.group_id, both.c.partnership_id
    return session.execute(select(both).order_by(*order).limit(MOST)).all()
