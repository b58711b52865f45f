"""Seats: offered, taken, given back, and raced for."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.queries import CompanyArchived
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.projects import companies, operations, queries, rules
from crm.projects.operations import NewProject
from crm.projects.people_models import ProjectCompany, ProjectSeats
from crm.projects.rules import CompanyRole, ProjectKind, Source, Stage
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.projects import ProjectFactory, SeatsFactory
from tests.racing import race

RACERS = 6
BY = Actor(1, "Sam Okafor")
DATED = {"by": BY, "now": NOW, "today": TODAY}


def take(project_id: int, company_id: int, seats: int, session: Session) -> None:
    project = queries.get(session, project_id)
    companies.take_seats(session, project, company_id, seats, **DATED)


def taken(session: Session, project_id: int) -> int:
    found = session.scalar(
        select(func.coalesce(func.sum(ProjectSeats.seats), 0)).where(
            ProjectSeats.project_id == project_id
        )
    )
    session.rollback()
    return found or 0


def course(seats: int = 5, **more: object) -> int:
    return ProjectFactory(seats=seats, **more).id


def test_seats_are_taken_changed_and_given_back(session):
    project = queries.get(session, course())
    one, two = CompanyFactory().id, CompanyFactory().id
    act = partial(companies.take_seats, session, project, **DATED)
    act(one, 2)
    act(two, 3)
    with pytest.raises(rules.NoSeatsLeft, match="Only 2 seats are left"):
        act(one, 3)
    with pytest.raises(rules.NoSeatsLeft, match="No seat is left"):
        act(CompanyFactory().id, 1)
    act(one, 1)
    with pytest.raises(rules.NoSeatsLeft, match="Only 1 seat is left"):
        act(CompanyFactory().id, 2)
    act(two, 0)
    with pytest.raises(RuleBroken, match="no seat to give back"):
        act(two, 0)
    assert session.scalars(select(ProjectSeats.seats)).all() == [1]


def test_no_fewer_are_offered_than_taken(session):
    project = queries.get(session, course())
    SeatsFactory(project_id=project.id, seats=3)
    draft = partial(NewProject, title="Course", about="")
    with pytest.raises(rules.NoSeatsLeft, match="3 seats are taken"):
        operations.edit(
            session, project, draft(kind=ProjectKind.COURSE, seats_offered=2), version=1
        )
    with pytest.raises(rules.NoSeatsLeft):
        operations.edit(session, project, draft(kind=ProjectKind.INTERNSHIP), version=1)
    with pytest.raises(RuleBroken, match="has no seats"):
        operations.propose(session, draft(kind=ProjectKind.INTERNSHIP, seats_offered=2), **DATED)
    with pytest.raises(IntegrityError, match="offers_no_less"), session.begin_nested():
        session.execute(text("UPDATE project SET seats_offered = 2"))


def test_what_offers_none_or_is_over_gives_none(session):
    none = queries.get(session, ProjectFactory().id)
    over = queries.get(session, course(stage=Stage.FINISHED))
    for project, why in ((none, "offers no seats"), (over, "is finished")):
        with pytest.raises(RuleBroken, match=why):
            companies.take_seats(session, project, CompanyFactory().id, 1, **DATED)


def test_of_those_who_want_the_last_seats_some_get_them(app: Flask, session: Session):
    project, companies_ = course(5), [CompanyFactory().id for _ in range(RACERS)]
    session.commit()
    ends = race(app, [partial(take, project, company, 2) for company in companies_])
    assert ends.count(None) == 2
    assert all(end is None or isinstance(end, rules.NoSeatsLeft) for end in ends)
    assert taken(session, project) == 4


def test_of_taking_all_and_offering_fewer_at_once_one_is_kept(app: Flask, session: Session):
    project, company = course(5), CompanyFactory().id
    session.commit()

    def fewer(racer: Session) -> None:
        draft = NewProject(title="Course", kind=ProjectKind.COURSE, about="", seats_offered=2)
        operations.edit(racer, queries.get(racer, project), draft, version=1)

    assert race(app, [partial(take, project, company, 5), fewer]).count(None) == 1


def test_of_dues_and_a_host_at_once_one_is_kept(app: Flask, session: Session):
    """Also of two hosts who leave at once, neither leaves the other alone."""
    edge = {"by": BY, "now": NOW}
    dues = operations.Budget(source=Source.DUES_POOL)
    one, two = CompanyFactory().id, CompanyFactory().id
    for _ in range(3):
        project_id = ProjectFactory().id
        session.commit()

        def pay(racer: Session, id_: int = project_id) -> None:
            operations.set_budget(racer, queries.get(racer, id_), dues, version=1, **edge)

        def host(racer: Session, id_: int = project_id) -> None:
            project = queries.get(racer, id_)
            companies.bring_in(racer, project, [one], CompanyRole.HOST, on=TODAY, **edge)

        assert race(app, [pay, host]).count(None) == 1
        shared = ProjectFactory(source=Source.DUES_POOL).id
        ties = [
            ProjectCompany(
                project_id=shared, company_id=id_, role=CompanyRole.HOST, starts_on=TODAY
            )
            for id_ in (one, two)
        ]
        session.add_all(ties)
        session.flush()
        ids = [tie.id for tie in ties]
        session.commit()

        def leave(tie_id: int, racer: Session, id_: int = shared) -> None:
            companies.let_go(racer, queries.get(racer, id_), [tie_id], **edge)

        assert race(app, [partial(leave, id_) for id_ in ids]).count(None) == 0


def test_the_database_refuses_what_nobody_looked_at(session):
    """The negative control: not the operation, a row by itself."""
    project = course(2)
    SeatsFactory(project_id=project, seats=2)
    with pytest.raises(IntegrityError, match="no_more_than_offered"), session.begin_nested():
        SeatsFactory(project_id=project, seats=1)
    with pytest.raises(IntegrityError, match="no_more_than_offered"), session.begin_nested():
        session.execute(text("UPDATE project_seats SET seats = 3"))
    with pytest.raises(IntegrityError, match="no_more_than_offered"), session.begin_nested():
        SeatsFactory(project_id=ProjectFactory().id)


def test_an_archived_company_takes_none_and_may_give_back(session):
    project = queries.get(session, course())
    company = CompanyFactory(archived_on=TODAY)
    SeatsFactory(project_id=project.id, company=company, seats=2)
    with pytest.raises(CompanyArchived):
        companies.take_seats(session, project, company.id, 3, **DATED)
    with pytest.raises(CompanyArchived):
        companies.bring_in(
            session, project, [company.id], CompanyRole.HOST, on=TODAY, by=BY, now=NOW
        )
    companies.take_seats(session, project, company.id, 0, **DATED)
