"""The roster of any day against a plain replay, day by day, of whatever was done before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import nominations, operations, queries, taking_back
from crm.council.models import Holding, Seat
from crm.council.nominations import NewNomination
from crm.council.roster import roster_on
from crm.council.rules import ELECTED, HoldingRole, Vacancy
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.memberships.models import Amendment
from tests.conftest import NOW
from tests.council.clerk import Clerk
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import SeatFactory
from tests.factories.memberships import MembershipFactory, tier

FIRST, DAYS, GRACE = date(2026, 1, 1), 60, 20
PARENT, DAUGHTER, OTHER, BROOK, CREEK = range(5)
SIGNED = ("member", "member", "member", "associate", "associate")
THE_ELECTED = 5
"""The seat that associates elect a holder to comes after those of the five companies."""
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
PEOPLE = 10
"""Two of each company, five apart."""
NEAR = {
    PARENT: (0, 5, 1, 6, 2),
    DAUGHTER: (1, 6, 0, 5, 3),
    OTHER: (2, 7, 2, 7, 4),
    THE_ELECTED: (3, 8, 4, 9, 2),
}
"""Whom somebody might think of for each seat; the last is most often a stranger to it."""
EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW}


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["name", "hand over", "hand over", "promote", "end", "move", "propose", "take back"]
        ),
        st.sampled_from([PARENT, PARENT, DAUGHTER, OTHER, THE_ELECTED, THE_ELECTED]),
        st.sampled_from([REP, REP, REP, ALT]),
        st.integers(0, 4),
        st.integers(0, DAYS - 1),
    ),
    min_size=10,
    max_size=30,
)
terms = st.tuples(*[st.integers(0, 90)] * 5)
leavings = st.lists(st.one_of(st.none(), st.integers(1, DAYS)), min_size=PEOPLE, max_size=PEOPLE)
amendments = st.tuples(*[st.one_of(st.none(), st.integers(1, DAYS))] * 5)


@dataclass
class World:
    """What the office was told of companies and people, by the number of the day."""

    ends: list[int]
    """When each company's membership lapses, grace and all."""
    amended: tuple[int | None, ...]
    leaves: list[int | None]

    def stands(self, company: int, n: int) -> bool:
        return n < self.ends[company]

    def tier(self, company: int, n: int) -> str:
        """An amendment moves a member down and an associate up."""
        turned = self.amended[company]
        signed = SIGNED[company]
        if turned is None or n < turned:
            return signed
        return "associate" if signed == "member" else "member"

    def seat(self, company: int, n: int) -> int:
        if self.tier(company, n) == "associate":
            return THE_ELECTED
        above = self.stands(PARENT, n) and self.tier(PARENT, n) == "member"
        return PARENT if company == DAUGHTER and above else company

    def whose(self, seat: int, n: int) -> set[int]:
        return {i for i in range(5) if self.stands(i, n) and self.seat(i, n) == seat}

    def would_vote(self, company: int, n: int) -> bool:
        return self.tier(company, n) == "member" and n < self.ends[company] - GRACE

    def works(self, person: int, seat: int, n: int) -> bool:
        left = self.leaves[person]
        return person % 5 in self.whose(seat, n) and (left is None or n < left)

    def gone(self, person: int, seat: int, n: int) -> int | None:
        """By a day, since when they work at none of those whose seat it is, or own it."""
        left = self.leaves[person]
        whose = self.whose(seat, n) | ({seat} - {THE_ELECTED})
        if person % 5 not in whose:
            return n
        return left if left is not None and left <= n else None


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts, terms, leavings, amendments)
def test_the_roster_of_each_day_is_what_the_replay_says(
    session: Session,
    plan: list[tuple[str, int, HoldingRole, int, int]],
    starts: tuple[int, ...],
    leaves: list[int | None],
    amended: tuple[int | None, ...],
) -> None:
    parent = CompanyFactory()
    companies = [parent, CompanyFactory(parent=parent), *(CompanyFactory() for _ in range(3))]
    ids = [company.id for company in companies]
    world = World([], amended, leaves)
    for i, start in enumerate(starts):
        # Terms of a year that began long before: they end, grace and all, within these days.
        began = day(start).replace(year=FIRST.year - 1) - timedelta(days=30)
        term = MembershipFactory(
            company=companies[i], tier=SIGNED[i], starts_on=began, years=1, grace_days=GRACE
        )
        world.ends.append((term.ends_before - FIRST).days + GRACE)
        if (turned := amended[i]) is not None:
            session.add(
                Amendment(
                    membership_id=term.id, from_on=day(turned), reason="Asked for it",
                    tier_id=tier(world.tier(i, turned)).id, amended_on=FIRST, by_name="Dana",
                )
            )  # fmt: skip
    seats = [SeatFactory(company=company) for company in companies]
    seats += session.scalars(select(Seat).where(Seat.title == ELECTED)).all()
    people = [
        AffiliationFactory(
            company=companies[n % 5],
            starts_on=None,
            ends_before=None if leaves[n] is None else day(leaves[n] or 0),
        ).person_id
        for n in range(PEOPLE)
    ]
    clerk = Clerk(DAYS)
    for act, seat, role, near, on in plan:
        if act in ("hand over", "promote") and clerk.namings:  # soon after somebody came
            namings = list(clerk.namings.values())
            naming = namings[on % len(namings)]
            (seat, role), on = naming.role, min(naming.on + 1 + 5 * near, DAYS - 1)
        person_id = people[NEAR[seat][near]]
        if act == "promote":  # whoever stands in on that day, by whatever act it takes
            act = "name" if clerk.holds((seat, REP), on) is None else "hand over"
            role, person_id = REP, clerk.sits((seat, ALT), on) or person_id
        present = clerk.sits((seat, role), on)
        gone = world.gone(people.index(present), seat, on) if present is not None else None
        _act(session, clerk, seats, act, seat, role, person_id, on, gone)
    session.flush()
    for n in range(DAYS):
        told = {ids.index(line.company_id): line for line in roster_on(session, day(n))}
        assert {i for i in range(5) if world.stands(i, n)} == told.keys()
        for i, line in told.items():
            seat = world.seat(i, n)
            assert line.seat_id == seats[seat].id
            if seat == i:
                heard = any(world.would_vote(one, n) for one in world.whose(seat, n))
                assert line.votes == heard
            for role, sitter in (
                (REP, line.representative),
                (ALT, line.alternate),
            ):
                person_id = clerk.sits((seat, role), n)
                assert (sitter.person_id if sitter else None) == person_id
                if sitter is not None and person_id is not None:
                    works = world.works(people.index(person_id), seat, n)
                    assert sitter.vacancy == (None if works else Vacancy.LEFT)
    session.rollback()


def _act(
    session: Session,
    clerk: Clerk,
    seats: list[Seat],
    act: str,
    seat: int,
    role: HoldingRole,
    person_id: int,
    on: int,
    gone: int | None,
) -> None:
    """Do it, and tell the clerk too if it is not refused."""
    present = clerk.holds((seat, role), on)
    try:
        if act == "end" and present is not None:
            known = queries.get_holding(session, present)
            operations.end_holding(
                session, known, on=day(on), reason=None, seen=known.ends_before, today=FIRST, **EDGE
            )
            clerk.leaves(present, on)
        elif act == "move" and clerk.namings:
            moved = list(clerk.namings)[on % len(clerk.namings)]
            known = queries.get_holding(session, moved)
            until = on if on % 3 else None
            operations.end_holding(
                session, known, on=None if until is None else day(until),
                reason=None, seen=known.ends_before, today=FIRST, **EDGE,
            )  # fmt: skip
            clerk.leaves(moved, DAYS if until is None else until)
        elif act == "take back" and clerk.namings:
            made = list(clerk.namings)
            over = [id_ for id_ in made if clerk.namings[id_].closed is not None]
            mistake = (over or made)[on % len(over or made)]  # of a handover, if there is one
            known = queries.get_holding(session, mistake)
            taking_back.take_back(session, known, today=FIRST, **EDGE)
            clerk.was_a_mistake(mistake)
        elif act in ("name", "hand over", "propose"):
            holding = _take(session, act, seats[seat], role, person_id, day(on))
            if present is not None and gone is not None:
                clerk.leaves(present, max(gone, clerk.namings[present].on + 1))
            clerk.takes((seat, role), on, holding.id, person_id)
    except RuleBroken:
        return


def _take(
    session: Session, act: str, seat: Seat, role: HoldingRole, person_id: int, on: date
) -> Holding:
    edge = {**EDGE, "today": FIRST}
    if act == "name":
        return operations.name(session, seat, role, person_id, starts_on=on, **edge)
    if act == "hand over":
        return operations.hand_over(session, seat, role, person_id, on=on, **edge)
    wanted = NewNomination(
        role=role, person_id=person_id, starts_on=on, proposed_by="Their chief executive"
    )
    proposal = nominations.propose(session, seat, wanted, **edge)
    try:
        return nominations.confirm(session, proposal, **edge)
    except RuleBroken:
        nominations.decline(session, proposal, reason="No", **edge)
        raise
