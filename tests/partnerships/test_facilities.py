"""Facilities and who takes part in them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.periods import Period
from crm.partnerships import facilities, facility_queries, participations
from crm.partnerships.facilities import NewFacility
from crm.partnerships.facility_models import Participation
from crm.partnerships.facility_queries import FacilitySearch, ParticipationSearch
from crm.partnerships.participations import NewParticipation
from crm.partnerships.rules import FacilityStage, ParticipationKind
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.partnerships import OFFERED, FacilityFactory, ParticipationFactory
from tests.racing import race

BY = Actor(1, "Sam Okafor")
DATED = {"by": BY, "now": NOW, "today": TODAY}
JANUARY = date(2026, 1, 1)
SPELLS = st.tuples(st.integers(0, 9), st.none() | st.integers(1, 5))
"""Which day of January it begins on, and for how many days."""


def begin(session, name="Teaching factory", **more):
    wanted = {"stage": FacilityStage.PLANNING, "on": OFFERED, **DATED, **more}
    return facilities.begin(session, NewFacility(name=name), **wanted)


def test_a_facility_is_planned_built_and_run_and_each_day_has_its_stage(session):
    made = begin(session)
    move = partial(facilities.move, session, made, **DATED)
    built_on = OFFERED + timedelta(days=30)
    move(FacilityStage.BUILDING, on=built_on, reason=None)
    move(FacilityStage.OPERATION, on=TODAY, reason=None)

    def stage(day):
        return session.execute(FacilitySearch(day=day, closed=True).select()).one_or_none()

    assert stage(OFFERED - timedelta(days=1)) is None
    assert stage(built_on - timedelta(days=1)).stage is FacilityStage.PLANNING
    assert (stage(built_on).stage, stage(built_on).since) == (FacilityStage.BUILDING, built_on)
    with pytest.raises(RuleBroken, match="Say why"):
        move(FacilityStage.CLOSED, on=TODAY, reason=None)
    move(FacilityStage.CLOSED, on=TODAY, reason="The hall is torn down")
    assert session.execute(FacilitySearch(day=TODAY).select()).all() == []
    with pytest.raises(RuleBroken, match="already"):
        move(FacilityStage.CLOSED, on=TODAY, reason="Again")


def test_a_stage_lies_between_the_last_and_today(session):
    made = begin(session)
    for day in (OFFERED - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(RuleBroken, match="between the last change"):
            facilities.move(session, made, FacilityStage.BUILDING, on=day, reason=None, **DATED)
    with pytest.raises(RuleBroken, match="began before"):
        begin(session, "Another", on=TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    "statement", ["UPDATE facility_step SET reason = 'x'", "DELETE FROM facility_step"]
)
def test_what_was_said_of_a_stage_stays(session, statement):
    FacilityFactory()
    with pytest.raises(IntegrityError, match="facility_step_"), session.begin_nested():
        session.execute(text(statement))


def test_two_of_one_name_could_not_be_told_apart(app, session):
    made, other = begin(session), begin(session, "Foundry")
    with pytest.raises(facilities.NameTaken):
        begin(session)
    with pytest.raises(facilities.NameTaken):
        facilities.edit(session, other, NewFacility(name=made.name), version=other.version)
    with pytest.raises(Stale):
        facilities.edit(session, other, NewFacility(name="Forge"), version=other.version - 1)
    session.commit()
    ends = race(app, [partial(begin, name="Microfactory")] * 4)
    assert ends.count(None) == 1
    assert {type(end) for end in ends if end is not None} == {facilities.NameTaken}


def test_a_company_takes_part_in_each_kind_once_at_a_time(session):
    facility, company = FacilityFactory(), CompanyFactory()
    take = partial(participations.begin, session, facility, company_id=company.id, by=BY)
    kind = ParticipationKind.PLANNING
    first = take(NewParticipation(kind=kind, starts_on=JANUARY, ends_before=date(2026, 3, 1)))
    with pytest.raises(participations.TakesPartAlready):
        take(NewParticipation(kind=kind, starts_on=date(2026, 2, 1)))
    take(NewParticipation(kind=kind, starts_on=date(2026, 3, 1)))
    take(NewParticipation(kind=ParticipationKind.OPERATION, starts_on=JANUARY))
    longer = NewParticipation(kind=kind, starts_on=JANUARY, ends_before=date(2026, 3, 2))
    with pytest.raises(participations.TakesPartAlready):
        participations.correct(session, first, longer, version=first.version)
    with pytest.raises(participations.WrongOrder):
        take(NewParticipation(kind=kind, starts_on=JANUARY, ends_before=JANUARY))
    with pytest.raises(NotFound):
        participations.begin(session, facility, longer, company_id=999, by=BY)
    with pytest.raises(Stale):
        participations.correct(session, first, longer, version=first.version + 1)


def test_nobody_takes_part_in_what_is_closed(session):
    facility, company = FacilityFactory(), CompanyFactory(name="Nimbrel Cobots")
    take = partial(participations.begin, session, facility, company_id=company.id, by=BY)
    kind = ParticipationKind.OPERATION
    part = take(NewParticipation(kind=kind, starts_on=JANUARY))
    close = partial(
        facilities.move, session, facility, FacilityStage.CLOSED, on=TODAY, reason="Let", **DATED
    )
    with pytest.raises(facilities.StillTakenPartIn, match="Nimbrel Cobots"):
        close()
    until = partial(NewParticipation, kind=kind, starts_on=JANUARY)
    participations.correct(session, part, until(ends_before=TODAY), version=part.version)
    close()
    for later in (None, TODAY + timedelta(days=1)):
        with pytest.raises(participations.Closed, match="closed since June 15"):
            participations.correct(session, part, until(ends_before=later), version=part.version)
    with pytest.raises(participations.Closed):
        take(NewParticipation(kind=ParticipationKind.PLANNING, starts_on=TODAY))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(1, 5)), min_size=2, max_size=4)
)
def test_the_database_refuses_what_the_rule_refuses(session, spells):
    facility, company, taken = FacilityFactory(), CompanyFactory(), []
    for start, length in spells:
        first = JANUARY + timedelta(days=start)
        period = Period(first, None if length is None else first + timedelta(days=length))
        fits = not any(period.overlaps(other) for other in taken)
        try:
            with session.begin_nested():
                ParticipationFactory(
                    facility=facility,
                    company=company,
                    starts_on=period.starts_on,
                    ends_before=period.ends_before,
                )
            taken.append(period)
        except IntegrityError as error:
            refused = "ex_participation_once" in str(error.orig)
        else:
            refused = False
        assert refused is not fits


def test_the_last_day_is_the_one_before_the_end(session):
    part = ParticipationFactory(ends_before=TODAY)
    now = session.execute(ParticipationSearch(day=TODAY).select()).all()
    before = session.execute(ParticipationSearch(day=TODAY - timedelta(days=1)).select()).all()
    assert (len(now), len(before)) == (0, 1)
    counted = session.execute(FacilitySearch(day=TODAY - timedelta(days=1)).select()).one()
    assert (counted.id, counted.companies) == (part.facility_id, 1)


def test_what_was_recorded_by_mistake_goes_and_leaves_the_journal_s_trace(session):
    part = facility_queries.get_participation(session, ParticipationFactory().id)
    participations.take_back(session, part)
    assert session.scalar(select(Participation.id)) is None
    told = select(JournalEntry.act).where(JournalEntry.kind == "participation")
    assert session.scalars(told).all() == ["created", "deleted"]
