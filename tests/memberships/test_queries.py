"""The SQL twins say what the rules say, on the day before, on and after every edge."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.memberships import queries, rules, since
from crm.memberships.models import Amendment, Interruption, Membership, YearFee
from crm.memberships.rules import IN_FORCE, Status
from crm.memberships.search import MembershipSearch
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier

ONE = timedelta(days=1)


def lives() -> list[Membership]:
    """Every kind of life a membership can have, and companies with several terms."""
    renewed, rejoined, late = CompanyFactory(), CompanyFactory(), CompanyFactory()
    dropped = CompanyFactory()
    return [
        MembershipFactory(),
        MembershipFactory(drafted=True),
        MembershipFactory(unsigned=True),
        MembershipFactory(unsigned=True, company_signed_on=date(2026, 6, 1)),
        MembershipFactory(unsigned=True, withdrawn_on=date(2026, 2, 1)),
        MembershipFactory(upcoming=True),
        MembershipFactory(grace=True),
        MembershipFactory(grace=True, grace_days=0),
        MembershipFactory(lapsed=True),
        MembershipFactory(company_signed_on=date(2025, 12, 24), released_on=date(2025, 11, 2)),
        MembershipFactory(
            terminated_on=date(2026, 3, 1),
            termination_reason="Merged",
            occupied_before=date(2026, 3, 1),
        ),
        MembershipFactory(extended=45),
        MembershipFactory(starts_on=date(2023, 4, 1), extended=45),
        MembershipFactory(interrupted=(date(2026, 1, 10), date(2026, 3, 1))),
        MembershipFactory(
            interrupted=(date(2026, 1, 10), date(2026, 3, 1)),
            terminated_on=date(2026, 5, 1),
            termination_reason="Again",
            occupied_before=date(2026, 5, 1),
        ),
        MembershipFactory(
            upcoming=True,
            terminated_on=date(2026, 6, 1),
            termination_reason="Never began",
            occupied_before=date(2026, 9, 1),
        ),
        MembershipFactory(company=dropped, starts_on=date(2023, 5, 20)),
        MembershipFactory(
            company=dropped,
            starts_on=date(2026, 5, 20),
            terminated_on=date(2026, 5, 20),
            termination_reason="Never began",
            occupied_before=date(2026, 5, 20),
        ),
        MembershipFactory(company=renewed, starts_on=date(2022, 6, 1)),
        MembershipFactory(company=renewed, starts_on=date(2025, 6, 1)),
        MembershipFactory(company=rejoined, starts_on=date(2021, 1, 1), years=2),
        MembershipFactory(company=rejoined, starts_on=date(2023, 2, 14), years=1),
        MembershipFactory(company=late, starts_on=date(2023, 5, 1)),
        MembershipFactory(
            company=late, starts_on=date(2026, 5, 1), programme_signed_on=date(2026, 5, 20)
        ),
    ]


def interruption(term: Membership, begun: date, until: date) -> Interruption:
    return Interruption(
        membership_id=term.id, terminated_on=begun, termination_reason="Sold",
        reinstated_on=until, reinstatement_reason="Bought back", by_name="Dana Whitfield",
    )  # fmt: skip


def edges(terms: list[Membership]) -> Iterator[date]:
    found: set[date] = set()
    for term in terms:
        for day in (
            term.starts_on,
            term.ends_before,
            term.ends_before + timedelta(days=term.grace_days),
            term.runs_before,
            term.runs_before + timedelta(days=term.grace_days),
            *(
                edge
                for stop in term.interruptions
                for edge in (stop.terminated_on, stop.reinstated_on)
            ),
            term.released_on,
            term.company_signed_on,
            term.programme_signed_on,
            term.withdrawn_on,
            term.terminated_on,
        ):
            if day is not None:
                found |= {day - ONE, day, day + ONE}
    yield from sorted(found)


def taken_over_on(term: Membership, terms: list[Membership]) -> date | None:
    following = [
        max(other.starts_on, other.executed_on)
        for other in terms
        if other.company_id == term.company_id
        and other.starts_on >= term.runs_before
        and other.executed_on is not None
        and other.occupied_before > other.starts_on
    ]
    return min(following, default=None)


def status_by_rule(term: Membership, terms: list[Membership], day: date) -> Status:
    return rules.status_on(
        day,
        term=term.running,
        released_on=term.released_on,
        executed_on=term.executed_on,
        withdrawn_on=term.withdrawn_on,
        terminated_on=term.terminated_on,
        interruptions=[stop.period for stop in term.interruptions],
        succeeded_on=taken_over_on(term, terms),
        grace_days=term.grace_days,
    )


def test_status_and_in_force_in_sql_are_those_of_the_rule(session: Session):
    terms = lives()
    days = list(edges(terms))
    assert len(days) > 60
    for day in days:
        told = dict(session.execute(select(Membership.id, queries.status_on(day))).all())
        in_force = set(session.scalars(select(Membership.id).where(queries.in_force_on(day))))
        ruled = {term.id: status_by_rule(term, terms, day) for term in terms}
        assert told == ruled, day
        assert in_force == {id_ for id_, status in ruled.items() if status in IN_FORCE}, day
        companies = [term.company_id for term in terms if term.id in in_force]
        assert len(companies) == len(set(companies)), f"a company counts twice on {day}"


def test_member_since_in_sql_is_that_of_the_rule(session: Session):
    terms = lives()
    for day in edges(terms):
        for id_, told in session.execute(select(Membership.id, since.member_since(day))):
            term = next(term for term in terms if term.id == id_)
            assert told == since_by_rule(term, terms, day), (id_, day)


def since_by_rule(term: Membership, terms: list[Membership], day: date) -> date | None:
    spans = [
        span
        for other in terms
        if other.company_id == term.company_id and other.executed_on is not None
        for span in rules.spans_of(
            other.starts_on, other.occupied_before, [stop.period for stop in other.interruptions]
        )
    ]
    return rules.member_since(spans, day)


@pytest.mark.parametrize("seed", range(6))
def test_member_since_in_sql_is_that_of_the_rule_after_any_terminations(
    session: Session, seed: int
):
    """Terms that follow on each other or do not, ended early or before they began, and
    interrupted at and around their edges, several times, even one within another."""
    dice = random.Random(seed)
    terms = []
    for _ in range(12):
        company, starts_on = CompanyFactory(), date(2021, 1, 1)
        for _ in range(dice.randint(1, 3)):
            term = MembershipFactory(company=company, starts_on=starts_on, years=1)
            if dice.random() < 0.3:
                term.terminated_on = term.starts_on + timedelta(days=dice.choice((-9, 0, 1, 300)))
                term.termination_reason = "Sold"
                term.occupied_before = rules.occupied_before(term.running, term.terminated_on)
            for _ in range(dice.choice((0, 0, 1, 2, 3))):
                begun = dice.choice((term.starts_on, term.ends_before, term.occupied_before))
                begun += timedelta(days=dice.choice((-20, -10, -1, 0, 1, 10)))
                until = begun + timedelta(days=dice.choice((1, 9, 10, 11, 20)))
                session.add(interruption(term, begun, until))
            terms.append(term)
            starts_on = term.ends_before + timedelta(days=dice.choice((0, 0, 1)))
    session.flush()
    session.expire_all()
    for day in edges(terms):
        told = dict(session.execute(select(Membership.id, since.member_since(day))).all())
        assert told == {term.id: since_by_rule(term, terms, day) for term in terms}, day


def test_members_of_a_day_come_by_name_with_their_company_in_one_select(
    session: Session, statements: list[str]
):
    zeta = MembershipFactory(company=CompanyFactory(name="Zeta"))
    alba = MembershipFactory(company=CompanyFactory(name="Álba"))
    MembershipFactory(unsigned=True)
    session.commit()
    statements.clear()
    found = queries.members_on(session, TODAY)
    assert [(m.company.name, m.tier.name) for m in found] == [
        ("Álba", "Member"),
        ("Zeta", "Member"),
    ]
    assert len(statements) == 1
    assert {m.id for m in found} == {zeta.id, alba.id}


def test_the_search_narrows_by_name_status_tier_and_day(session: Session):
    company = CompanyFactory(name="Müller Lager")
    MembershipFactory(company=company, tier="founding")
    MembershipFactory(upcoming=True)

    def found(**asked: object) -> list[str]:
        asked.setdefault("as_of", TODAY)
        rows = session.execute(MembershipSearch(**asked).select()).all()  # type: ignore[arg-type]
        return [row.company for row in rows]

    assert len(found()) == 2
    assert found(text="muller") == ["Müller Lager"]
    assert found(text="100%") == []
    assert found(status=Status.ACTIVE) == ["Müller Lager"]
    assert found(in_force=True) == ["Müller Lager"]
    assert found(status=Status.UPCOMING, as_of=date(2025, 9, 30), text="müller") == ["Müller Lager"]
    assert found(sort="-starts")[-1] == "Müller Lager"


def test_faculty_s_search_has_no_column_of_money():
    told = str(MembershipSearch(as_of=TODAY).select())
    assert "fee" not in told
    assert "currency" not in told
    assert "fee_minor" in str(MembershipSearch(as_of=TODAY, money=True).select())


def test_a_company_shows_the_term_that_matters_most(session: Session):
    member, former, prospect = CompanyFactory(), CompanyFactory(), CompanyFactory()
    MembershipFactory(company=member, starts_on=date(2020, 1, 1))
    now = MembershipFactory(company=member)
    MembershipFactory(company=member, starts_on=date(2028, 10, 1), drafted=True)
    past = MembershipFactory(company=former, lapsed=True)
    told = queries.standing_of(session, [member.id, former.id, prospect.id], TODAY)
    assert {id_: (s.membership_id, s.status) for id_, s in told.items()} == {
        member.id: (now.id, Status.ACTIVE),
        former.id: (past.id, Status.LAPSED),
    }
    assert queries.standing_of(session, [], TODAY) == {}


def test_counts_name_every_status(session: Session):
    MembershipFactory()
    MembershipFactory(grace=True)
    counted = queries.counts_on(session, TODAY)
    assert set(counted) == set(Status)
    assert counted[Status.ACTIVE] == counted[Status.GRACE] == 1
    assert counted[Status.LAPSED] == 0


def test_tier_and_fee_of_a_day_are_the_last_that_were_amended(session: Session):
    term = MembershipFactory(tier="member")
    associate, founding = tier("associate"), tier("founding")
    for from_on, one, fee in (
        (date(2026, 2, 1), associate, 5_000_000),
        (date(2026, 4, 1), founding, 50_000_000),
        (date(2026, 4, 1), founding, 45_000_000),
        (date(2026, 5, 1), associate, None),
    ):
        session.add(
            Amendment(
                membership_id=term.id,
                from_on=from_on,
                tier_id=one.id,
                fee_minor=fee,
                reason="Asked for it",
                amended_on=TODAY,
                by_name="Dana Whitfield",
            )
        )
        session.flush()
    changes = queries.fee_changes(term, queries.amendments_of(session, term.id))
    assert len(changes) == 3
    for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1), TODAY):
        told = session.execute(
            select(queries.tier_id_on(day), queries.fee_minor_on(day)).select_from(Membership)
        ).one()
        assert told[1] == rules.fee_on(day, term.fee, changes).minor
        last = [a for a in queries.amendments_of(session, term.id) if a.from_on <= day]
        assert told[0] == (last[-1].tier_id if last else term.tier_id)


@pytest.mark.parametrize(
    "starts_on", [date(2024, 2, 29), date(2023, 2, 28), date(2024, 3, 1), date(2023, 12, 31)]
)
def test_the_fee_of_a_day_in_sql_is_that_of_the_year_that_runs(session: Session, starts_on: date):
    """First, before and after every anniversary; before the term, after it, and once amended."""
    rising = MembershipFactory(
        starts_on=starts_on, years=5, fee_minor=100, extended=400, unsigned=True
    )
    session.add_all(
        YearFee(membership_id=rising.id, year=n, fee_minor=100 * n) for n in range(1, 6)
    )
    even = MembershipFactory(starts_on=starts_on, years=5, fee_minor=700)
    amended = MembershipFactory(starts_on=starts_on, years=5, fee_minor=10, unsigned=True)
    session.add_all(
        YearFee(membership_id=amended.id, year=n, fee_minor=10 * n) for n in range(1, 6)
    )
    session.flush()
    for term in (rising, amended):
        term.company_signed_on = term.programme_signed_on = date(2020, 1, 20)
    for from_on, fee in (
        (date(2025, 5, 5), None),
        (date(2026, 8, 1), 99),
        (date(2027, 1, 1), None),
    ):
        session.add(
            Amendment(
                membership_id=amended.id, from_on=from_on, tier_id=tier("associate").id,
                fee_minor=fee, reason="Asked for it", amended_on=TODAY, by_name="Dana Whitfield",
            )
        )  # fmt: skip
    session.flush()
    terms = [rising, even, amended]
    agreed = {term.id: queries.agreed_fees(session, term) for term in terms}
    changes = {
        term.id: queries.fee_changes(term, queries.amendments_of(session, term.id))
        for term in terms
    }
    turns = [rules.membership_year(rising.term, year).starts_on for year in range(1, 6)]
    turns += [
        rising.ends_before,
        date(2026, 8, 1),
        rising.runs_before,
        date(2030, 1, 1),
        date(2020, 1, 1),
    ]
    for day in [turn + n * ONE for turn in turns for n in (-1, 0, 1)] + [date.max]:
        told = dict(session.execute(select(Membership.id, queries.fee_minor_on(day))).all())
        assert told == {
            term.id: rules.running_fee(day, term.term, agreed[term.id], changes[term.id]).minor
            for term in terms
        }, day
    assert [queries.at_end(session, term)[1].minor for term in terms] == [500, 700, 99]


@pytest.mark.parametrize("theirs", [None, date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)])
@pytest.mark.parametrize("ours", [None, date(2026, 1, 6)])
def test_the_day_of_execution_is_the_same_in_sql(session, theirs, ours):
    made = MembershipFactory(company_signed_on=theirs, programme_signed_on=ours)
    found = session.scalar(select(queries.EXECUTED_ON).where(Membership.id == made.id))
    assert found == made.executed_on
