"""Proposing, changing and running a project; its budget; who takes part; what came of it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from crm.journal.models import JournalEntry, JournalValue
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.money import Money
from crm.programme.models import Challenge
from crm.projects import (
    companies,
    faculty,
    following,
    operations,
    part_queries,
    queries,
    rules,
    students,
)
from crm.projects.following import NewMilestone, NewOutput
from crm.projects.models import Project, ProjectMilestone
from crm.projects.operations import Budget, NewProject
from crm.projects.rules import CompanyRole, FacultyRole, ProjectKind, Readers, Source, Stage
from crm.projects.students import NewStudent
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.projects import (
    CallFactory,
    FacultyFactory,
    MilestoneFactory,
    OutputFactory,
    ProjectFactory,
    StudentFactory,
    TieFactory,
)
from tests.racing import race

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}
DATED = {**EDGE, "today": TODAY}


def draft(title: str = "Reading castings", **more: object) -> NewProject:
    values = {"kind": ProjectKind.SEED_RESEARCH, "about": "# Why", **more}
    return NewProject(title=title, **values)  # type: ignore[arg-type]


def got(session, **more) -> Project:
    return queries.get(session, ProjectFactory(**more).id)


def test_a_project_goes_from_proposal_to_its_end_stage_by_stage(session):
    challenge = session.scalars(select(Challenge.id)).first()
    made = operations.propose(session, draft(challenge_ids=(challenge,)), **DATED)
    move = partial(operations.move, session, made, on=TODAY, reason=None, **DATED)
    with pytest.raises(rules.NoSuchStep, match="selected or not selected or dropped"):
        move(Stage.RUNNING)
    with pytest.raises(RuleBroken, match="Say why"):
        move(Stage.SELECTED)
    move(Stage.SELECTED, reason="The only one")
    with pytest.raises(RuleBroken, match="between the last change"):
        move(Stage.RUNNING, on=TODAY - timedelta(days=1))
    with pytest.raises(RuleBroken, match="between the last change"):
        move(Stage.RUNNING, on=TODAY + timedelta(days=1))
    move(Stage.RUNNING)
    move(Stage.FINISHED)
    stages = [step.stage for step in queries.stages_of(session, made.id)]
    assert stages == [Stage.PROPOSED, Stage.SELECTED, Stage.RUNNING, Stage.FINISHED]
    assert [one.id for one in queries.get(session, made.id).challenges] == [challenge]


def test_what_was_said_of_a_stage_stays(session):
    ProjectFactory()
    for statement in ("UPDATE project_stage SET reason = 'x'", "DELETE FROM project_stage"):
        with pytest.raises(IntegrityError, match="project_stage_"), session.begin_nested():
            session.execute(text(statement))


def test_proposals_come_in_while_the_call_is_open_and_are_of_its_kind(session):
    call = queries.get_call(session, CallFactory().id)
    made = operations.propose(session, draft(), call=call, **DATED)
    assert [one.id for one in queries.proposals_of(session, call.id)] == [made.id]
    with pytest.raises(RuleBroken, match="The call is for a seed research project"):
        operations.propose(session, draft(kind=ProjectKind.COURSE), call=call, **DATED)
    for closed in (CallFactory(closed=True), CallFactory(opens_on=TODAY + timedelta(days=1))):
        with pytest.raises(operations.CallNotOpen, match="move the deadline"):
            operations.propose(session, draft(), call=closed, **DATED)


def test_two_who_edit_at_once_are_told(session):
    made = got(session)
    operations.edit(session, made, draft("Another title"), version=1)
    with pytest.raises(Stale) as refusal:
        operations.edit(session, made, draft("A third"), version=1)
    assert refusal.value.theirs["Title"] == "Another title"
    with pytest.raises(RuleBroken, match="start before it ends"):
        operations.edit(session, made, draft(ends_before=TODAY), version=2)


def test_other_challenges_are_another_version(session):
    made = got(session)
    challenge = session.scalars(select(Challenge.id)).first()
    same = draft(made.title, about=made.about, challenge_ids=(challenge,))
    operations.edit(session, made, same, version=1)
    assert made.version == 2


def test_a_budget_has_a_source_and_dues_pay_for_no_company_s_own(session):
    made = got(session)
    amount = Money(4_000_000, "USD")
    give = partial(operations.set_budget, session, made, **EDGE)
    with pytest.raises(RuleBroken, match="who pays"):
        give(Budget(source=None, amount=amount), version=1)
    give(Budget(source=Source.SPONSORED, amount=amount), version=1)
    assert made.budget == amount
    with pytest.raises(Stale) as stale:
        give(Budget(source=Source.GIFT), version=1)
    assert stale.value.theirs == {"Who pays": "sponsored", "Budget": "USD 40,000.00"}
    TieFactory(project_id=made.id, role=CompanyRole.HOST)
    with pytest.raises(rules.OneCompanysOwn, match="dues are what all members pay"):
        give(Budget(source=Source.DUES_POOL, amount=amount), version=made.version)
    TieFactory(project_id=made.id, role=CompanyRole.SPONSOR)
    give(Budget(source=Source.DUES_POOL, amount=amount), version=made.version)
    assert made.source is Source.DUES_POOL


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ({"budget_minor": 5, "source": Source.GIFT}, "budget_has_currency"),
        ({"budget_minor": 5, "currency": "USD"}, "budget_has_source"),
        ({"budget_minor": -1, "currency": "USD", "source": Source.GIFT}, "ck_project_budget"),
        ({"seats_offered": 0}, "ck_project_seats"),
        ({"starts_on": TODAY, "ends_before": TODAY}, "ck_project_order"),
    ],
)
def test_the_database_refuses_what_cannot_be(session, column, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        ProjectFactory(**column)


def test_hosts_of_what_dues_pay_for_come_two_at_a_time(session):
    made = got(session, source=Source.DUES_POOL)
    one, two, third = (CompanyFactory().id for _ in range(3))
    bring = partial(companies.bring_in, session, made, on=TODAY, **EDGE)
    with pytest.raises(rules.OneCompanysOwn) as refusal:
        bring([one], CompanyRole.HOST)
    assert refusal.value.field == "other"
    bring([one], CompanyRole.PARTICIPANT)
    bring([one, two], CompanyRole.HOST)
    bring([third], CompanyRole.SPONSOR)
    with pytest.raises(companies.AlreadyInvolved):
        bring([one], CompanyRole.HOST)
    ties = {
        (tie.company_id, tie.role): tie.id for tie in part_queries.companies_of(session, made.id)
    }
    go = partial(companies.let_go, session, made, **EDGE)
    with pytest.raises(rules.OneCompanysOwn):
        go([ties[one, "host"], ties[two, "host"]])
    go([ties[one, "host"], ties[two, "host"], ties[third, "sponsor"]])
    assert [tie.role for tie in part_queries.companies_of(session, made.id)] == ["participant"]
    with pytest.raises(NotFound):
        go([ties[two, "host"]])
    with pytest.raises(RuleBroken, match="Choose who leaves"):
        go([])


def test_paid_from_dues_and_hosted_at_once_one_of_both_is_refused(app, session):
    project_id, company_id = ProjectFactory().id, CompanyFactory().id
    session.commit()

    def pay(racer):
        project = queries.get(racer, project_id)
        operations.set_budget(
            racer, project, Budget(source=Source.DUES_POOL), version=project.version, **EDGE
        )

    def host(racer):
        project = queries.get(racer, project_id)
        companies.bring_in(racer, project, [company_id], CompanyRole.HOST, on=TODAY, **EDGE)

    ends = race(app, [pay, host])
    assert ends.count(None) == 1
    assert any(isinstance(end, rules.OneCompanysOwn) for end in ends)


def test_somebody_is_in_a_project_once_at_a_time(session):
    made = got(session)
    person = PersonFactory(name="Tomas Iriarte", user_id=None)
    come = partial(faculty.take_in, session, made, person.id, FacultyRole.LEAD, **EDGE)
    first = come(on=TODAY)
    with pytest.raises(faculty.AlreadyInIt, match="as lead"):
        come(on=TODAY + timedelta(days=9))
    with pytest.raises(RuleBroken, match="ends after that day"):
        faculty.end(session, first, on=TODAY, **EDGE)
    faculty.end(session, first, on=TODAY + timedelta(days=9), **EDGE)
    with pytest.raises(RuleBroken, match="They left"):
        faculty.end(session, first, on=TODAY + timedelta(days=10), **EDGE)
    come(on=TODAY + timedelta(days=9))
    with pytest.raises(IntegrityError, match="one_a_person"), session.begin_nested():
        FacultyFactory(project_id=made.id, person=person, starts_on=TODAY + timedelta(days=5))
    with pytest.raises(IntegrityError, match="one_a_person"), session.begin_nested():
        session.execute(text("UPDATE project_faculty SET ends_before = NULL"))


def test_who_leads_is_asked_of_a_day(session, fay):
    made = got(session)
    person = PersonFactory(name="Fay of the faculty", user_id=fay.user_id)
    FacultyFactory(
        project_id=made.id, person=person, starts_on=TODAY, ends_before=TODAY + timedelta(days=2)
    )
    days = [TODAY + timedelta(days=days) for days in (-1, 0, 1, 2)]
    leads = [queries.leads_on(session, made.id, fay.user_id, day) for day in days]
    [known] = part_queries.faculty_of(session, made.id)
    assert [known.is_in_it_on(day) for day in days] == leads
    assert leads == [False, True, True, False]
    assert queries.leads_of(session, [made.id], TODAY) == {made.id: ["Fay of the faculty"]}


def student(**more: object) -> NewStudent:
    return NewStudent(**{"initials": "I. M.", "starts_on": TODAY, **more})  # type: ignore[arg-type]


def test_a_student_s_name_needs_consent_and_goes_with_it(session):
    made = got(session)
    come = partial(students.take_in, session, made, today=TODAY)
    with pytest.raises(students.NoConsent, match="only with the student’s consent"):
        come(student(name="Ines Moreau"))
    with pytest.raises(students.NoConsent, match="on which day"):
        come(student(consent_recorded="form"))
    with pytest.raises(students.NoConsent, match="once it is given"):
        come(student(consented_on=TODAY + timedelta(days=1), consent_recorded="form"))
    with pytest.raises(RuleBroken, match="initials"):
        come(student(initials="Ines M."))
    one = come(student(name="Ines Moreau", consented_on=TODAY, consent_recorded="form on file"))
    assert one.shown == "Ines Moreau"
    students.edit(session, one, student(initials="I. N."), version=1, today=TODAY)
    with pytest.raises(Stale):
        students.edit(session, one, student(), version=1, today=TODAY)
    named = StudentFactory(project_id=made.id, named=True)
    students.withdraw_consent(session, named, **EDGE)
    assert (named.shown, named.consented_on) == ("I. M.", None)
    with pytest.raises(students.NoConsent):
        students.withdraw_consent(session, named, **EDGE)


def test_the_database_refuses_a_name_without_consent(session):
    made = got(session)
    with pytest.raises(IntegrityError, match="name_by_consent"), session.begin_nested():
        StudentFactory(project_id=made.id, name="Ines Moreau")
    StudentFactory(project_id=made.id, named=True)
    with pytest.raises(IntegrityError, match="ck_project_student"):
        session.execute(text("UPDATE project_student SET consented_on = NULL"))


def test_a_student_s_name_is_in_no_journal(session):
    StudentFactory(project_id=got(session).id, named=True)
    told = [str(row.changes) for row in session.scalars(select(JournalEntry))]
    kept = [str(row.changes) for row in session.scalars(select(JournalValue))]
    assert "Moreau" not in "".join(told + kept)
    assert "form on file" not in "".join(told)  # it may name them


def test_milestones_are_planned_moved_and_reached(session):
    made = got(session)
    plan = NewMilestone(title="First melt", due_on=TODAY)
    milestone = following.plan(session, made, plan, today=TODAY)
    change = partial(following.change, session, milestone, today=TODAY)
    with pytest.raises(RuleBroken, match="still ahead"):
        change(NewMilestone(title="x", due_on=TODAY, done_on=TODAY + timedelta(days=1)), version=1)
    change(NewMilestone(title="First melt", due_on=TODAY, done_on=TODAY), version=1)
    with pytest.raises(Stale):
        change(plan, version=1)


@pytest.mark.parametrize("stage", Stage)
def test_overdue_is_the_same_in_both_tongues(session, stage):
    made = ProjectFactory(stage=stage)
    for due in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
        MilestoneFactory(project_id=made.id, due_on=due)
        MilestoneFactory(project_id=made.id, due_on=due, done_on=TODAY)
    found = session.scalars(
        select(ProjectMilestone.id)
        .join(Project, Project.id == ProjectMilestone.project_id)
        .where(queries.overdue(TODAY))
    )
    said = [
        one.id
        for one in queries.milestones_of(session, made.id)
        if rules.is_overdue(TODAY, due_on=one.due_on, done_on=one.done_on, stage=stage)
    ]
    assert sorted(found) == sorted(said)


@pytest.mark.parametrize(
    "link", ["http://papers.example", "javascript:alert(1)", "https://", "no address"]
)
def test_an_output_is_read_over_https(session, link):
    made = got(session)
    paper = NewOutput(title="Paper", link=link, readers=Readers.PUBLIC, came_on=TODAY)
    with pytest.raises(RuleBroken, match="https"):
        following.publish(session, made, paper)
    if not link.startswith("https"):
        with pytest.raises(IntegrityError, match="link_scheme"):
            OutputFactory(project_id=made.id, link=link)


def test_an_output_without_a_scheme_is_given_https(session):
    made = got(session)
    paper = NewOutput(title="Paper", link="papers.example/a", readers=Readers.OFFICE, came_on=TODAY)
    output = following.publish(session, made, paper)
    assert output.link == "https://papers.example/a"
    following.republish(session, output, paper, version=1)
    assert output.version == 1


def test_the_stage_of_a_day_is_told_later(session):
    made = got(session)
    operations.move(
        session, made, Stage.DROPPED, on=TODAY - timedelta(days=3), reason="Left", **DATED
    )
    for day, stage in (
        (date(2026, 1, 4), None),
        (date(2026, 1, 5), Stage.PROPOSED),
        (TODAY - timedelta(days=4), Stage.PROPOSED),
        (TODAY - timedelta(days=3), Stage.DROPPED),
    ):
        assert session.scalar(select(queries.stage_on(day)).select_from(Project)) == stage


def test_one_company_one_role_once(session):
    tie = TieFactory(project_id=got(session).id)
    with pytest.raises(IntegrityError, match="project_company"):
        TieFactory(project_id=tie.project_id, company=tie.company)
