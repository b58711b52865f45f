"""Whose seat it is on each day, against a calendar of who belonged to whom."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.companies import operations
from crm.companies.operations import NewCompany
from crm.council.relations import Entitled, carriers
from crm.council.roster import roster_on
from crm.kit.errors import RuleBroken
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.council import SeatFactory
from tests.factories.memberships import MembershipFactory

DAYS, COMPANIES = 30, 4
FIRST = TODAY - timedelta(days=DAYS - 1)

moves = st.lists(
    st.tuples(
        st.integers(0, COMPANIES - 1),
        st.one_of(st.none(), st.integers(0, COMPANIES - 1)),
        st.one_of(st.none(), st.integers(0, DAYS - 1)),
    ),
    min_size=2,
    max_size=8,
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves)
def test_the_seat_of_each_day_follows_the_family_of_that_day(
    session: Session, plan: list[tuple[int, int | None, int | None]]
) -> None:
    companies = [CompanyFactory() for _ in range(COMPANIES)]
    seats = {}
    for company in companies:
        MembershipFactory(company=company)
        seats[company.id] = SeatFactory(company=company).id
    calendar: list[dict[int, int]] = [{} for _ in range(DAYS)]
    for child, parent, n in plan:
        company, above = companies[child], None if parent is None else companies[parent].id
        moved = above != company.parent_id
        draft = NewCompany(name=company.name, parent_id=above, parent_since=_day(n))
        try:
            operations.edit_company(session, company, draft, version=company.version, today=TODAY)
        except RuleBroken:
            continue
        for day in range(n or 0, DAYS if moved else 0):
            calendar[day].pop(company.id, None)
            if above is not None:
                calendar[day][company.id] = above
    entitled = [Entitled(company.id, member=True) for company in companies]
    for n, parents in enumerate(calendar):
        day = FIRST + timedelta(days=n)
        told = {line.company_id: line.seat_id for line in roster_on(session, day)}
        expected = carriers(entitled, parents)
        assert told == {id_: seats[carrier] for id_, carrier in expected.items()}, day
    session.rollback()


def _day(n: int | None) -> date | None:
    return None if n is None else FIRST + timedelta(days=n)
