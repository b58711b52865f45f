"""Entering uses, and striking them; what is refused, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crm.benefits import operations, queries
from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.benefits.operations import CountedElsewhere, NewUse, NoMember, StruckAlready
from crm.companies.models import Company
from crm.companies.queries import CompanyArchived
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from tests.conftest import NOW, TODAY
from tests.factories.benefits import BenefitUseFactory, benefit, promised
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory
from tests.factories.memberships import MembershipFactory
from tests.racing import race

BY = Actor(7, "Sam Okafor")
A_DAY = timedelta(days=1)


def record(session, company, key="symposium", *, on=TODAY, **more):
    wanted = NewUse(benefit_id=benefit(key).id, on=on, **more)
    return operations.record(session, company.id, wanted, by=BY, now=NOW, today=TODAY)


def test_a_use_is_entered_with_who_had_it(session):
    company = promised().company
    ida = AffiliationFactory(company=company).person
    made = record(session, company, number=2, person_ids=(ida.id,), note="With a colleague")
    assert (made.use.by_name, made.use.created_at, made.use.note) == (
        BY.name, NOW, "With a colleague",
    )  # fmt: skip
    assert (made.line.tally.used, made.line.tally.left, made.line.tally.over) == (2, 2, 0)
    session.refresh(made.use, ["people"])
    assert [person.id for person in made.use.people] == [ida.id]
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "benefit_use")).one()
    assert (entry.parent_kind, entry.parent_id) == ("company", company.id)


def test_a_place_is_kept_ahead_and_more_than_is_left_is_entered_too(session):
    company = promised().company
    made = record(session, company, on=TODAY + timedelta(days=30), number=3)
    assert (made.line.tally.ahead, made.line.tally.left) == (3, 1)
    made = record(session, company, number=3)
    assert (made.line.tally.used, made.line.tally.ahead, made.line.tally.over) == (3, 3, 2)


@pytest.mark.parametrize(
    ("term", "on", "words"),
    [
        (None, TODAY, "it had no membership"),
        ({"drafted": True}, TODAY, "was a draft"),
        ({"unsigned": True}, TODAY, "awaiting signature"),
        ({"upcoming": True}, TODAY, "had not begun yet"),
        ({"lapsed": True}, TODAY, "had lapsed"),
        ({}, date(2025, 9, 30), "had not begun yet"),
        (
            {"terminated_on": TODAY, "occupied_before": TODAY, "termination_reason": "Sold"},
            TODAY,
            "had been terminated",
        ),
        ({"interrupted": (TODAY, TODAY + A_DAY)}, TODAY, "had been terminated"),
    ],
)
def test_nothing_is_used_without_a_membership_in_force(session, term, on, words):
    company = CompanyFactory(name="Aldous Mills")
    if term is not None:
        MembershipFactory(company=company, **term)
    with pytest.raises(NoMember, match=words) as refusal:
        record(session, company, on=on)
    assert refusal.value.field == "on"
    assert "Aldous Mills was no member" in str(refusal.value)
    assert session.scalars(select(BenefitUse)).all() == []


@pytest.mark.parametrize("on", [TODAY, TODAY - A_DAY, date(2025, 10, 1), date(2028, 11, 29)])
def test_from_the_first_day_to_the_last_of_grace(session, on):
    company = promised().company
    assert record(session, company, on=on).use.on == on


def test_before_the_day_of_a_termination(session):
    company = promised(
        terminated_on=TODAY, occupied_before=TODAY, termination_reason="Sold"
    ).company
    assert record(session, company, on=TODAY - A_DAY).year.year.number == 1


def test_what_projects_tell_is_not_entered(session):
    company = promised().company
    with pytest.raises(CountedElsewhere, match="counted from the projects") as refusal:
        record(session, company, "training")
    assert refusal.value.field == "benefit"


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_a_number_has_to_be_one(session, number):
    with pytest.raises(RuleBroken, match="from 1 to 9,999"):
        record(session, promised().company, number=number)


def test_as_many_as_people_who_had_it(session):
    company = promised().company
    people = [AffiliationFactory(company=company).person_id for _ in range(2)]
    with pytest.raises(RuleBroken, match="You chose 2 people"):
        record(session, company, person_ids=tuple(people))
    with pytest.raises(RuleBroken, match="who were at this company on June 15, 2026, not: Ann Ode"):
        record(session, company, person_ids=(PersonFactory(name="Ann Ode").id,))


def test_who_had_it_was_there_on_the_day_for_the_rule_as_for_the_database(session):
    company = promised().company
    job = AffiliationFactory(company=company, starts_on=TODAY - A_DAY, ends_before=TODAY + A_DAY)
    elsewhere = AffiliationFactory()
    for work, days, there in (
        (job, (-1, 0), True), (job, (-2, 1), False), (elsewhere, (0,), False),
    ):  # fmt: skip
        for on in (TODAY + n * A_DAY for n in days):
            use = BenefitUseFactory(company=company, on=on)
            named = insert(BenefitUsePerson).values(benefit_use_id=use.id, person_id=work.person_id)
            if there:
                record(session, company, on=on, person_ids=(work.person_id,))
                session.execute(named)
                continue
            with pytest.raises(RuleBroken, match="Choose people"):
                record(session, company, on=on, person_ids=(work.person_id,))
            with pytest.raises(IntegrityError, match="was_there"), session.begin_nested():
                session.execute(named)


def test_what_an_archived_company_used_until_then_is_entered_and_nothing_after(session):
    company = promised().company
    company.archived_on = TODAY - A_DAY
    assert record(session, company, on=TODAY - A_DAY).use.id
    with pytest.raises(CompanyArchived, match="archived since June 14, 2026") as refusal:
        record(session, company, on=TODAY)
    assert refusal.value.field == "on"


def test_what_is_not_there(session):
    company = promised().company
    wanted = NewUse(benefit_id=2_000_000, on=TODAY)
    with pytest.raises(RuleBroken, match="Choose what was used"):
        operations.record(session, company.id, wanted, by=BY, now=NOW, today=TODAY)
    with pytest.raises(NotFound):
        operations.record(session, 2_000_000, wanted, by=BY, now=NOW, today=TODAY)
    with pytest.raises(NotFound):
        queries.get(session, 2_000_000)


def test_a_struck_use_counts_for_nothing_and_stays(session):
    company = promised().company
    use = record(session, company).use
    operations.strike(session, use, reason="Wrong company", by=BY, now=NOW)
    [year] = [y for y in queries.of_company(session, company.id, TODAY).years if TODAY in y.year]
    assert [line.tally.used for line in year.lines if line.key == "symposium"] == [0]
    assert (use.struck_by, use.struck_reason) == (BY.name, "Wrong company")
    with pytest.raises(StruckAlready, match="Sam Okafor has struck it already: Wrong company"):
        operations.strike(session, use, reason="Again", by=BY, now=NOW)
    other = record(session, company).use
    with pytest.raises(RuleBroken, match="Say why"):
        operations.strike(session, other, reason="", by=BY, now=NOW)


def test_of_two_who_strike_at_once_one_is_told(app, session):
    use_id = BenefitUseFactory().id
    session.commit()

    def strike(racing):
        use = queries.get(racing, use_id)
        operations.strike(racing, use, reason="Wrong day", by=BY, now=NOW)

    refusals = race(app, [strike, strike])
    assert sorted(type(refusal) for refusal in refusals if refusal) == [StruckAlready]


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (update(BenefitUse).values(number=99), "benefit_use_is_for_good"),
        (update(BenefitUse).values(on=TODAY + A_DAY), "benefit_use_is_for_good"),
        (delete(BenefitUse), "benefit_use_stays"),
    ],
)
def test_the_database_keeps_a_use(session, statement, refusal):
    BenefitUseFactory()
    with pytest.raises(IntegrityError, match=refusal):
        session.execute(statement)


def test_the_database_keeps_what_was_struck(session):
    BenefitUseFactory(struck=True)
    back = update(BenefitUse).values(struck_at=None, struck_reason=None, struck_by=None)
    with pytest.raises(IntegrityError, match="benefit_use_is_for_good"):
        session.execute(back)


@pytest.mark.parametrize(
    "values", [{"number": 0}, {"struck_at": NOW}, {"struck_reason": "So"}, {"by_name": " "}]
)
def test_the_database_refuses_what_cannot_be(session, values):
    with pytest.raises(IntegrityError, match="benefit_use"):
        BenefitUseFactory(**values)


def test_uses_move_with_their_company(session):
    use, other = BenefitUseFactory(), CompanyFactory()
    use.company_id = other.id
    session.flush()
    session.expire(use)
    assert session.get_one(Company, use.company_id) is other
