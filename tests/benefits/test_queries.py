"""What a membership year gives, and what was used of it, from the records that use it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crm.benefits import queries
from crm.benefits.terms import terms_of
from crm.kit.periods import Period
from crm.memberships import loading, promises
from crm.memberships.models import Amendment
from crm.memberships.rules import executed_on
from crm.programme import rules as programme
from crm.projects.rules import CompanyRole, ProjectKind, Stage
from tests.conftest import ROOT, TODAY
from tests.factories.benefits import BenefitUseFactory, benefit, promised
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, history, tier
from tests.factories.projects import ProjectFactory, SeatsFactory, TieFactory

FILE = programme.parse((ROOT / "programme.toml").read_text(encoding="utf-8"))
START = date(2025, 10, 1)
A_DAY = timedelta(days=1)


def lines_on(session, company, day=TODAY, *, asked=None):
    """By the benefits' keys, of the year in which a day counts."""
    found = queries.of_company(session, company.id, asked or day).on(day)
    return {} if found is None else {line.key: line for line in found.lines}


def numbers(line):
    told = line.tally
    return told.entitled, told.used, told.ahead, told.left, told.over


def test_a_year_gives_what_the_tier_gave_at_signature(session):
    company = promised().company
    lines = lines_on(session, company)
    assert {key: line.tally.entitled for key, line in lines.items()} == {
        "symposium": 4, "speaker-series": None, "courses": 3, "training": 6, "introductions": 10,
        "student-projects": 2, "recruiting": 2, "campus-days": 2,
    }  # fmt: skip
    assert numbers(lines["symposium"]) == (4, 0, 0, 4, 0)
    assert numbers(lines["speaker-series"]) == (None, 0, 0, None, 0)


def test_the_file_changes_a_draft_and_no_signed_term(session):
    signed, drafted = promised(), MembershipFactory(unsigned=True)
    tiers = tuple(replace(facts, benefits={"symposium": 1}) for facts in FILE.tiers)
    loading.load(session, replace(FILE, tiers=tiers), today=TODAY)
    assert lines_on(session, signed.company)["symposium"].tally.entitled == 4
    [draft] = terms_of(session, [drafted.company_id])
    assert not draft.signed
    year = queries.of_terms(session, [draft], TODAY)[drafted.company_id].years[0]
    assert [(line.key, line.tally.entitled) for line in year.lines] == [("symposium", 1)]


def test_uses_count_in_the_year_of_their_day(session):
    company = promised().company
    for on, number in (
        (START - A_DAY, 7), (START, 1), (date(2026, 9, 30), 2), (date(2026, 10, 1), 9),
    ):  # fmt: skip
        BenefitUseFactory(company=company, on=on, number=number)
    BenefitUseFactory(company=company, number=50, struck=True)
    BenefitUseFactory(number=60)
    assert numbers(lines_on(session, company)["symposium"]) == (4, 1, 2, 1, 0)
    turned = date(2026, 10, 1)
    assert numbers(lines_on(session, company, turned)["symposium"]) == (4, 9, 0, 0, 5)
    last = date(2026, 9, 30)
    assert numbers(lines_on(session, company, last)["symposium"]) == (4, 3, 0, 1, 0)
    [outside] = queries.of_company(session, company.id, TODAY).outside
    assert (outside.on, outside.number) == (START - A_DAY, 7)


@pytest.mark.parametrize(
    ("on", "number"),
    [
        (date(2025, 2, 27), 1),
        (date(2025, 2, 28), 2),
        (date(2026, 2, 27), 2),
        (date(2026, 2, 28), 3),
        (date(2027, 2, 28), 3),
    ],
)
def test_years_of_a_term_from_29_february(session, on, number):
    company = promised(starts_on=date(2024, 2, 29)).company
    BenefitUseFactory(company=company, on=on)
    found = queries.of_company(session, company.id, on)
    assert [year.year.number for year in found.years if year.lines[0].uses] == [number]


def test_an_amendment_within_the_year_gives_the_better_of_both(session):
    membership = promised(tier="associate")
    better = Amendment(
        membership_id=membership.id, from_on=date(2026, 6, 15), tier_id=tier("founding").id,
        reason="Grown", amended_on=TODAY, by_name="Dana Whitfield",
    )  # fmt: skip
    session.add(better)
    session.flush()
    promises.promise(session, membership.id, better.tier_id, better.id)
    before = lines_on(session, membership.company, TODAY - A_DAY)
    assert [before[key].tally.entitled for key in ("symposium", "speaker-series")] == [2, 4]
    after = lines_on(session, membership.company, TODAY)
    assert [after[key].tally.entitled for key in ("symposium", "speaker-series")] == [8, None]


def test_seats_count_when_the_project_begins(session):
    company = promised().company
    course = ProjectFactory(seats=20, stage=Stage.SELECTED, starts_on=date(2026, 9, 1))
    training = ProjectFactory(
        seats=20, kind=ProjectKind.TRAINING, stage=Stage.RUNNING, starts_on=date(2026, 2, 1)
    )
    undated = ProjectFactory(seats=20, stage=Stage.RUNNING)
    for stage in (Stage.PROPOSED, Stage.DROPPED, Stage.NOT_SELECTED):
        other = ProjectFactory(seats=9, stage=stage, starts_on=date(2026, 2, 1))
        SeatsFactory(project_id=other.id, company=company, seats=5)
    SeatsFactory(project_id=course.id, company=company, seats=2)
    SeatsFactory(project_id=training.id, company=company, seats=7)
    SeatsFactory(project_id=undated.id, company=company, seats=1, taken_on=date(2026, 6, 1))
    SeatsFactory(project_id=course.id, seats=9)
    lines = lines_on(session, company)
    assert numbers(lines["courses"]) == (3, 1, 2, 0, 0)
    assert numbers(lines["training"]) == (6, 7, 0, 0, 1)
    assert [use.record_id for use in lines["courses"].uses] == [undated.id, course.id]


def test_a_project_counts_once_whatever_parts_a_company_has_in_it(session):
    company = promised().company
    told = {"stage": Stage.RUNNING, "starts_on": date(2026, 2, 1)}
    internship = ProjectFactory(kind=ProjectKind.INTERNSHIP, **told)
    fair = ProjectFactory(kind=ProjectKind.RECRUITING, seats_offered=9, **told)
    ProjectFactory(kind=ProjectKind.STUDENT, **told)
    undated = ProjectFactory(kind=ProjectKind.STUDENT, stage=Stage.RUNNING)
    for role in (CompanyRole.HOST, CompanyRole.MENTOR):
        TieFactory(project_id=internship.id, company=company, role=role)
    TieFactory(project_id=fair.id, company=company)
    SeatsFactory(project_id=fair.id, company=company, seats=4)
    TieFactory(project_id=undated.id, company=company)
    lines = lines_on(session, company)
    assert numbers(lines["student-projects"]) == (2, 1, 0, 1, 0)
    assert numbers(lines["recruiting"]) == (2, 1, 0, 1, 0)


def test_without_a_promise_only_what_was_entered_counts(session):
    company = MembershipFactory().company  # signed before benefits were kept
    project = ProjectFactory(seats=20, stage=Stage.RUNNING, starts_on=date(2026, 2, 1))
    SeatsFactory(project_id=project.id, company=company, seats=2)
    BenefitUseFactory(company=company)
    lines = lines_on(session, company)
    assert {key: numbers(line) for key, line in lines.items()} == {"symposium": (0, 1, 0, 0, 1)}


def test_the_next_term_takes_the_days_of_grace_over(session):
    company = CompanyFactory()
    old = promised(company=company, starts_on=date(2023, 5, 20), years=3)
    BenefitUseFactory(company=company, on=date(2026, 6, 1))
    [year] = [y for y in queries.of_company(session, company.id, TODAY).years if y.lines[0].uses]
    assert (year.membership_id, year.year.number) == (old.id, 3)
    new = promised(company=company, starts_on=date(2026, 5, 20))
    [year] = [y for y in queries.of_company(session, company.id, TODAY).years if y.lines[0].uses]
    assert (year.membership_id, year.year.number) == (new.id, 1)


def test_only_the_years_of_a_period_are_told(session):
    company = promised().company
    during = Period(date(2026, 9, 30), date(2026, 10, 1))
    found = queries.of_company(session, company.id, TODAY, during=during)
    assert [year.year.number for year in found.years] == [1]
    during = Period(date(2026, 9, 30), date(2026, 10, 2))
    found = queries.of_company(session, company.id, TODAY, during=during)
    assert [year.year.number for year in found.years] == [1, 2]


def test_two_statements_whatever_the_number_of_members(session, statements):
    companies = [promised().company for _ in range(3)]
    MembershipFactory(company=CompanyFactory(), interrupted=(date(2026, 1, 1), date(2026, 2, 1)))
    session.commit()
    ids = [company.id for company in companies]
    statements.clear()
    queries.of_companies(session, ids, TODAY)
    assert len(statements) == 2


@pytest.mark.parametrize("seed", range(6))
def test_on_random_records_used_and_left_make_up_what_is_given(session, seed):
    chance = random.Random(seed)
    terms = history(chance)
    company = terms[0].company
    for term in terms:
        promises.promise(session, term.id, term.tier_id)
    uses = [
        BenefitUseFactory(
            company=company,
            on=date(2022, 1, 1) + timedelta(days=chance.randrange(2900)),
            number=chance.randrange(1, 4),
            key=chance.choice(("symposium", "introductions", "speaker-series")),
        )
        for _ in range(40)
    ]
    for _ in range(12):
        kind = chance.choice(list(ProjectKind))
        project = ProjectFactory(
            kind=kind,
            seats_offered=9 if kind in (ProjectKind.COURSE, ProjectKind.TRAINING) else None,
            stage=chance.choice(list(Stage)),
            starts_on=chance.choice(
                (None, date(2022, 1, 1) + timedelta(days=chance.randrange(2900)))
            ),
        )
        if project.seats_offered:
            SeatsFactory(project_id=project.id, company=company, seats=chance.randrange(1, 5))
        else:
            TieFactory(project_id=project.id, company=company)
    signed = max(executed_on(t.company_signed_on, t.programme_signed_on) for t in terms)
    for day in [signed + timedelta(days=17 * step) for step in range(60)]:
        found = queries.of_company(session, company.id, day)
        told = [use for year in found.years for line in year.lines for use in line.uses]
        by_hand = [use.record_id for use in [*told, *found.outside] if use.what == "use"]
        assert sorted(by_hand) == sorted(use.id for use in uses)
        for year in found.years:
            for line in year.lines:
                entitled, used, ahead, left, over = numbers(line)
                assert used == sum(use.number for use in line.uses if use.on <= day)
                assert ahead == sum(use.number for use in line.uses if use.on > day)
                assert all(use.on in year.year for use in line.uses)
                if entitled is None:
                    assert (left, over) == (None, 0)
                else:
                    assert used + ahead + left - over == entitled
        status = {term.id: term.status_on(day) for term in terms}
        assert (found.on(day) is not None) or "active" not in set(status.values())


def test_a_benefit_that_is_retired_is_still_owed(session):
    company = promised().company
    tiers = tuple(
        replace(f, benefits={k: n for k, n in f.benefits.items() if k != "symposium"})
        for f in FILE.tiers
    )
    kept = tuple(b for b in FILE.benefits if b.key != "symposium")
    loading.load(session, replace(FILE, benefits=kept, tiers=tiers), today=TODAY)
    assert benefit("symposium").retired_on == TODAY
    assert numbers(lines_on(session, company)["symposium"]) == (4, 0, 0, 4, 0)
