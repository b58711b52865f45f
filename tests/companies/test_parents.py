"""To which company another belongs: dated, one at a time, and told alike by row and column."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from crm.companies import operations, parents, queries
from crm.companies.models import Company, CompanyParent
from crm.companies.operations import NewCompany
from crm.companies.rules import KnownLater, Owned, above_itself, owned_from
from crm.journal.models import JournalEntry
from crm.kit.errors import CRMError, Stale
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, CompanyParentFactory
from tests.racing import race

FIRST, DAYS = date(2026, 1, 1), 40
LONG_AGO = FIRST - timedelta(days=1)
DAY = timedelta(days=1)


def day(n: int) -> date:
    return FIRST + n * DAY


acts = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 3)), st.one_of(st.none(), st.integers(0, DAYS - 1))
    ),
    max_size=8,
)


@given(acts)
def test_each_day_has_the_parent_that_a_calendar_would_say(
    plan: list[tuple[int | None, int | None]],
) -> None:
    """The calendar: a name on each day, written anew from a day on; -1 is ever since."""
    known: list[Owned] = []
    calendar: dict[int, int | None] = dict.fromkeys(range(-1, DAYS))
    for parent_id, n in plan:
        since = None if n is None else day(n)
        later = [one for one in known if (one.starts_on or LONG_AGO) > (since or LONG_AGO)]
        try:
            known = owned_from(known, parent_id, since)
        except KnownLater:
            assert later
            continue
        assert not later
        for at in range(-1 if n is None else n, DAYS):
            calendar[at] = parent_id
    for at, expected in calendar.items():
        found = [
            one.parent_id
            for one in known
            if (one.starts_on or LONG_AGO) <= day(at)
            and (one.ends_before is None or day(at) < one.ends_before)
        ]
        assert found == ([] if expected is None else [expected])


def put(session: Session, company: Company, parent: Company | None, since: date | None) -> None:
    draft = NewCompany(
        name=company.name, parent_id=parent.id if parent else None, parent_since=since
    )
    operations.edit_company(session, company, draft, version=company.version, today=TODAY)


def told(session: Session, company: Company) -> list[tuple[int, date | None, date | None]]:
    session.expire_all()
    held = [row.parent_id for row in queries.parents_of(session, company.id)][-1:]
    rows = queries.parents_of(session, company.id)
    open_ = [row.parent_id for row in rows if row.ends_before is None]
    assert [company.parent_id] == (open_ or [None])
    assert not open_ or open_ == held
    return [(row.parent_id, row.starts_on, row.ends_before) for row in rows]


def test_a_new_company_has_its_parent_ever_since(session: Session):
    alba = CompanyFactory(name="Alba")
    draft = NewCompany(name="Castings", parent_id=alba.id)
    made = operations.add_company(session, draft, now=NOW)
    assert told(session, made) == [(alba.id, None, None)]


def test_another_parent_ends_the_one_before_on_the_day(session: Session):
    alba, nova = CompanyFactory(name="Alba"), CompanyFactory(name="Nova")
    castings = CompanyFactory(name="Castings", parent=alba)
    since = date(2026, 3, 1)
    put(session, castings, nova, since)
    assert told(session, castings) == [(alba.id, None, since), (nova.id, since, None)]
    put(session, castings, None, date(2026, 5, 1))
    assert told(session, castings)[1] == (nova.id, since, date(2026, 5, 1))
    on = partial(queries.parents_on, session, [castings.id])
    assert on(since - DAY) == {castings.id: alba.id}
    assert on(since) == on(date(2026, 4, 30)) == {castings.id: nova.id}
    assert on(date(2026, 5, 1)) == {}
    kinds = session.scalars(select(JournalEntry.kind).where(JournalEntry.parent_kind == "company"))
    assert list(kinds).count("company_parent") >= 3


def test_a_mistake_of_the_same_day_is_put_right(session: Session):
    alba, nova = CompanyFactory(name="Alba"), CompanyFactory(name="Nova")
    castings = CompanyFactory(name="Castings", parent=alba)
    put(session, castings, nova, TODAY)
    put(session, castings, alba, TODAY)
    assert told(session, castings) == [(alba.id, None, None)]
    put(session, castings, None, TODAY)
    put(session, castings, nova, TODAY)
    assert told(session, castings) == [(alba.id, None, TODAY), (nova.id, TODAY, None)]


def test_days_that_cannot_be_are_refused_beside_their_field(session: Session):
    alba, nova = CompanyFactory(name="Alba"), CompanyFactory(name="Nova")
    castings = CompanyFactory(name="Castings")
    put(session, castings, alba, date(2026, 3, 1))
    for since, error, says in (
        (TODAY + DAY, parents.NotYet, "ahead"),
        (date(2026, 2, 1), KnownLater, "March 1, 2026"),
        (None, KnownLater, "March 1, 2026"),
    ):
        with pytest.raises(error, match=says) as refusal:
            put(session, castings, nova, since)
        assert refusal.value.field == "parent_since"
        assert told(session, castings) == [(alba.id, date(2026, 3, 1), None)]


def test_no_company_was_above_itself_on_the_day_either(session: Session):
    alba = CompanyFactory(name="Alba")
    castings = CompanyFactory(name="Castings", parent=alba)
    put(session, castings, None, date(2026, 3, 1))
    with pytest.raises(parents.OwnAncestor):
        put(session, alba, castings, date(2026, 2, 1))
    put(session, alba, castings, date(2026, 3, 1))
    assert told(session, alba) == [(castings.id, date(2026, 3, 1), None)]


@pytest.mark.parametrize(
    ("starts_on", "ends_before"),
    [(None, date(2026, 4, 2)), (date(2026, 5, 1), None), (date(2026, 4, 10), date(2026, 4, 20))],
)
def test_the_database_refuses_two_at_a_time(session: Session, starts_on, ends_before):
    alba, castings = CompanyFactory(), CompanyFactory()
    days = {"company_id": castings.id, "parent_id": alba.id}
    CompanyParentFactory(**days, starts_on=None, ends_before=date(2026, 4, 1))
    CompanyParentFactory(**days, starts_on=date(2026, 4, 1), ends_before=date(2026, 6, 1))
    session.commit()
    with pytest.raises(IntegrityError, match="ex_company_parent_one_at_a_time"):
        CompanyParentFactory(**days, starts_on=starts_on, ends_before=ends_before)
    session.rollback()
    with pytest.raises(IntegrityError, match="ex_company_parent_one_at_a_time"):
        session.execute(text("UPDATE company_parent SET ends_before = NULL"))


def test_of_two_who_say_another_parent_at_once_one_is_told(app: Flask, session: Session):
    alba, nova, castings = (CompanyFactory(name=name) for name in ("Alba", "Nova", "Castings"))
    above, company_id = (alba.id, nova.id), castings.id
    session.commit()

    def say(parent_id: int, racing: Session) -> None:
        company = queries.get(racing, company_id)
        draft = NewCompany(name="Castings", parent_id=parent_id, parent_since=TODAY)
        try:
            operations.edit_company(racing, company, draft, version=1, today=TODAY)
        except StaleDataError:
            raise CRMError("changed at the same moment") from None

    ends = race(app, [partial(say, parent_id) for parent_id in above * 2])
    assert ends.count(None) == 1
    session.expire_all()
    row = session.scalars(select(CompanyParent)).one()
    assert row.parent_id == session.get_one(Company, company_id).parent_id
    assert all(end is None or isinstance(end, (Stale, CRMError)) for end in ends)


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 9), st.integers(1, 9)),
        max_size=6,
    ),
    st.integers(0, 9),
)
def test_a_circle_is_seen_on_whichever_day_it_would_close(
    told: list[tuple[int, int, int, int]], n: int
) -> None:
    """Against a walk up from the new parent on each day from then on."""
    owners: dict[int, list[Owned]] = {}
    for child, parent, starts, length in told:
        mine = owners.setdefault(child, [])
        if all(one.ends_before is not None and one.ends_before <= day(starts) for one in mine):
            mine.append(Owned(parent, day(starts), day(starts + length)))
    owners.pop(1, None)

    def circle(at: date) -> bool:
        above: int | None = 2
        for _ in range(5):
            if above == 1:
                return True
            found = [one.parent_id for one in owners.get(above or 0, ()) if one.holds(at)]
            above = found[0] if found else None
        return False

    assert above_itself(owners, 1, 2, day(n)) is any(circle(day(at)) for at in range(n, 40))


def test_a_circle_in_the_past_is_refused(session: Session) -> None:
    first, second = CompanyFactory(), CompanyFactory()
    for parent_id, since in ((second.id, date(2020, 1, 1)), (None, date(2022, 1, 1))):
        parents.check(session, first.id, parent_id, since=since, today=TODAY)
        parents.keep(session, first.id, parent_id, since=since)
    with pytest.raises(parents.OwnAncestor):
        parents.check(session, second.id, first.id, since=date(2019, 1, 1), today=TODAY)
    parents.check(session, second.id, first.id, since=date(2022, 1, 1), today=TODAY)
