"""The roster of any day against a plain replay, day by day, of whatever was done before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.council import nominations, operations, queries
from crm.council.models import Holding, Seat
from crm.council.nominations import NewNomination
from crm.council.roster import roster_on
from crm.council.rules import HoldingRole, Vacancy
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from tests.conftest import NOW
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import SeatFactory
from tests.factories.memberships import MembershipFactory

FIRST, DAYS = date(2026, 1, 1), 120
PARENT, DAUGHTER, OTHER = range(3)
EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW}


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@dataclass
class Plain:
    """What a patient clerk would keep: a calendar with a name on each day."""

    calendar: dict[tuple[int, HoldingRole], list[int | None]] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)
    """Holding id → person id."""

    def of(self, seat: int, role: HoldingRole) -> list[int | None]:
        return self.calendar.setdefault((seat, role), [None] * DAYS)

    def takes(self, seat: int, role: HoldingRole, on: int, holding: int, person: int) -> None:
        """From a day on, over free days and those of whoever sits there then, up to the next."""
        days, self.people[holding] = self.of(seat, role), person
        before = days[on]
        for n in range(on, DAYS):
            if days[n] is not None and days[n] != before:
                break
            days[n] = holding

    def leaves(self, seat: int, role: HoldingRole, on: int, holding: int) -> None:
        days = self.of(seat, role)
        for n in range(on, DAYS):
            if days[n] == holding:
                days[n] = None

    def sits(self, seat: int, role: HoldingRole, on: int) -> int | None:
        holding = self.of(seat, role)[on]
        return None if holding is None else self.people[holding]


acts = st.lists(
    st.tuples(
        st.sampled_from(["name", "hand over", "end", "propose"]),
        st.integers(PARENT, OTHER),
        st.sampled_from(list(HoldingRole)),
        st.integers(0, 5),
        st.integers(0, DAYS - 1),
    ),
    min_size=3,
    max_size=14,
)
terms = st.tuples(*[st.integers(0, 60)] * 3)
leavings = st.lists(st.one_of(st.none(), st.integers(1, DAYS)), min_size=6, max_size=6)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts, terms, leavings)
def test_the_roster_of_each_day_is_what_the_replay_says(
    session: Session,
    plan: list[tuple[str, int, HoldingRole, int, int]],
    starts: tuple[int, int, int],
    leaves: list[int | None],
) -> None:
    parent = CompanyFactory()
    companies = [parent, CompanyFactory(parent=parent), CompanyFactory()]
    ends = []
    for company, start in zip(companies, starts, strict=True):
        # Terms of a year that began long before: they end, grace and all, within these days.
        began = day(start).replace(year=FIRST.year - 1) - timedelta(days=30)
        term = MembershipFactory(company=company, starts_on=began, years=1, grace_days=20)
        ends.append((term.ends_before - FIRST).days + 20)
    seats = [SeatFactory(company=company) for company in companies]
    jobs = [
        AffiliationFactory(
            company=companies[n % 3],
            starts_on=None,
            ends_before=None if leaves[n] is None else day(leaves[n] or 0),
        )
        for n in range(6)
    ]
    people = [job.person_id for job in jobs]
    plain = Plain()
    for act, seat, role, person, on in plan:
        _act(session, plain, seats, act, seat, role, people[person], on)
    session.flush()

    def stands(company: int, n: int) -> bool:
        return n < ends[company]

    for n in range(0, DAYS, 3):
        told = {line.company_id: line for line in roster_on(session, day(n))}
        assert {c.id for i, c in enumerate(companies) if stands(i, n)} == told.keys()
        shared = stands(PARENT, n) and stands(DAUGHTER, n)
        for i, company in enumerate(companies):
            if not stands(i, n):
                continue
            seat = PARENT if i == DAUGHTER and shared else i
            whose = {PARENT, DAUGHTER} if shared and seat == PARENT else {i}
            line = told[company.id]
            assert line.seat_id == seats[seat].id
            for role, sitter in (
                (HoldingRole.REPRESENTATIVE, line.representative),
                (HoldingRole.ALTERNATE, line.alternate),
            ):
                person_id = plain.sits(seat, role, n)
                assert (sitter.person_id if sitter else None) == person_id
                if sitter is not None and person_id is not None:
                    who = people.index(person_id)
                    left = leaves[who]
                    works = who % 3 in whose and (left is None or n < left)
                    assert sitter.vacancy == (None if works else Vacancy.LEFT)
    session.rollback()


def _act(
    session: Session,
    plain: Plain,
    seats: list[Seat],
    act: str,
    seat: int,
    role: HoldingRole,
    person_id: int,
    on: int,
) -> None:
    """Do it, and write it into the calendar too if it is not refused."""
    holding: Holding
    try:
        if act == "name":
            holding = operations.name(
                session, seats[seat], role, person_id, starts_on=day(on), **EDGE
            )
        elif act == "hand over":
            holding = operations.hand_over(
                session, seats[seat], role, person_id, on=day(on), **EDGE
            )
        elif act == "propose":
            wanted = NewNomination(
                role=role, person_id=person_id, starts_on=day(on), proposed_by="Their CEO"
            )
            proposal = nominations.propose(session, seats[seat], wanted, today=day(on), **EDGE)
            try:
                holding = nominations.confirm(session, proposal, today=day(on), **EDGE)
            except RuleBroken:
                nominations.decline(session, proposal, reason="No", today=day(on), **EDGE)
                return
        else:
            present = plain.of(seat, role)[on]
            if present is None:
                return
            holding = queries.get_holding(session, present)
            operations.end_holding(session, holding, on=day(on), reason=None, **EDGE)
            plain.leaves(seat, role, on, present)
            return
    except RuleBroken:
        return
    plain.takes(seat, role, on, holding.id, person_id)
