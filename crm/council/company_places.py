"""A company's places in working groups, and how many its tier leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council import place_rules
from crm.council.models import Body, Place
from crm.council.place_queries import WORK, entitlement, has_rank, ranked, works
from crm.council.place_rules import Entitlement, Gap, PlaceRole
from crm.kit.days import lasts_beyond
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.people.models import Person


@dataclass(frozen=True, kw_only=True)
class CompanyPlace:
    """A company's place on its own page, of today or dated ahead."""

    body_id: int
    group: str
    person: str
    role: PlaceRole
    slot: int
    since: date
    until: date | None
    gap: Gap | None


@dataclass(frozen=True, kw_only=True)
class CompanyPlaces:
    """What a company has and may have; `entitled` None: no term gives it places."""

    entitled: Entitlement | None
    places: Sequence[CompanyPlace]

    @property
    def entitles(self) -> bool:
        """Whether the company may be in a group at all."""
        return self.entitled is not None and self.entitled.places > 0

    @property
    def groups_left(self) -> int | None:
        """None: as many as there are, or none to speak of."""
        if self.entitled is None or self.entitled.groups is None:
            return None
        return max(0, self.entitled.groups - len({place.body_id for place in self.places}))

    @property
    def by_group(self) -> list[tuple[int, str, list[CompanyPlace]]]:
        """Id and name of each group, with the company's places in it."""
        found: dict[int, tuple[int, str, list[CompanyPlace]]] = {}
        for place in self.places:
            found.setdefault(place.body_id, (place.body_id, place.group, []))[2].append(place)
        return list(found.values())

    def places_left(self, body_id: int) -> int:
        if self.entitled is None:
            return 0
        taken = {place.slot for place in self.places if place.body_id == body_id}
        return max(0, self.entitled.places - len(taken))

    def left_by(self, body_id: int) -> CompanyPlace | None:
        """Whose place a colleague takes who comes into the group now, as
        `place_rules.opening_for` says; None: one is free, or all are sat on."""
        if self.entitled is None or self.places_left(body_id):
            return None
        held: dict[int, list[CompanyPlace]] = {}
        for place in self.places:
            if place.body_id == body_id and place.slot <= self.entitled.places:
                held.setdefault(place.slot, []).append(place)
        left = [slot for slot, on in held.items() if len(on) == 1 and on[0].gap is Gap.LEFT]
        return held[min(left)][0] if left else None


def of_company(session: Session, company_id: int, day: date) -> CompanyPlaces:
    """The company's places on a day and ahead, and what its tier gives it. One SELECT."""
    rows = session.execute(_of_company(day), {"company_id": company_id}).all()
    entitled = entitlement(*rows[0][:3]) if rows else None
    places = {
        row.id: CompanyPlace(
            body_id=row.body_id,
            group=row.group,
            person=row.person,
            role=row.role,
            slot=row.slot,
            since=row.starts_on,
            until=row.ends_before,
            gap=place_rules.gap(
                company_id=company_id,
                slot=row.slot,
                here=row.work is not None or row.starts_on > day,
                entitled=entitled,
                nth=row.nth,
            ),
        )
        for row in rows
        if row.id is not None
    }
    return CompanyPlaces(entitled=entitled, places=list(places.values()))


@lru_cache(maxsize=64)
def _of_company(day: date) -> Select[Any]:
    ranks = ranked(day, Place.company_id == bindparam("company_id"))
    ahead = and_(Place.company_id == Company.id, lasts_beyond(Place, day))
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Tier.group_count,
            Tier.group_places,
            Tier.votes,
            Place.id,
            Place.body_id,
            Body.name.label("group"),
            Person.name.label("person"),
            Place.role,
            Place.slot,
            Place.starts_on,
            Place.ends_before,
            WORK.id.label("work"),
            ranks.c.nth,
        )
        .select_from(Company)
        .outerjoin(
            Membership, and_(Membership.company_id == Company.id, memberships.in_force_on(day))
        )
        .outerjoin(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(Place, ahead)
        .outerjoin(Body, Body.id == Place.body_id)
        .outerjoin(Person, Person.id == Place.person_id)
        .outerjoin(WORK, works(day))
        .outerjoin(ranks, has_rank(ranks))
    )
    return found.where(Company.id == bindparam("company_id")).order_by(
        Body.name, Place.starts_on, Place.id
    )
