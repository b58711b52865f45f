"""Naming, handing over, stepping down: refused in words, and by the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import chain, operations, queries, taking_back
from crm.council.models import Holding, Seat
from crm.council.rules import EndedAlready, HoldingRole, SeatTaken
from crm.kit.actors import Actor
from crm.people.models import Person
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.council import HoldingFactory, SeatFactory

EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": TODAY}
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE


def colleague(seat: Seat, **more: Any) -> Person:
    person: Person = AffiliationFactory(company=seat.company, **more).person
    return person


def test_name_a_representative_and_an_alternate(session: Session):
    seat = SeatFactory()
    rep, alternate = colleague(seat), colleague(seat)
    operations.name(session, seat, REP, rep.id, starts_on=TODAY, **EDGE)
    operations.name(session, seat, ALT, alternate.id, starts_on=TODAY, **EDGE)
    held = {h.role: h.person.id for h in queries.holdings_of(session, seat.id)}
    assert held == {REP: rep.id, ALT: alternate.id}


def test_a_stranger_to_the_company_does_not_speak_for_it(session: Session):
    seat = SeatFactory()
    gone = colleague(seat, ends_before=TODAY), colleague(seat, starts_on=TODAY, ends_before=TODAY)
    for person in (PersonFactory(), *gone):
        with pytest.raises(operations.NotOfTheCompany, match="June 15, 2026") as refused:
            operations.name(session, seat, REP, person.id, starts_on=TODAY, **EDGE)
        assert refused.value.field == "person"


def test_whoever_comes_later_is_offered_with_the_day(session: Session):
    seat = SeatFactory()
    here = colleague(seat, person__name="Ann Ode", title="Director")
    comes = colleague(seat, person__name="Bo Quist", title="", starts_on=date(2026, 7, 1))
    back = colleague(seat, person__name="Cy Rask", title="Chief", starts_on=date(2026, 7, 1))
    AffiliationFactory(
        company=seat.company, person=back, title="Adviser", ends_before=date(2026, 7, 1)
    )
    colleague(seat, person__name="Di Gone", ends_before=TODAY)
    assert queries.eligible_on(session, [seat.company_id], TODAY) == [
        (here.id, "Ann Ode", "Director"),
        (comes.id, "Bo Quist", "from July 1, 2026"),
        (back.id, "Cy Rask", "Adviser"),
    ]


def test_a_handover_closes_and_opens_in_one_act(session: Session):
    old = HoldingFactory()
    new = operations.hand_over(
        session,
        old.seat,
        REP,
        colleague(old.seat).id,
        on=TODAY,
        reason="Changed teams",
        **EDGE,
    )
    session.refresh(old)
    assert (old.ends_before, old.end_reason) == (TODAY, "Changed teams")
    assert (new.starts_on, new.ends_before) == (TODAY, None)


def test_a_refused_handover_changes_nothing(session: Session):
    old = HoldingFactory()
    with pytest.raises(operations.NotOfTheCompany):
        operations.hand_over(session, old.seat, REP, PersonFactory().id, on=TODAY, **EDGE)
    session.refresh(old)
    assert old.ends_before is None


def test_a_successor_dated_ahead_takes_over_on_that_day(session: Session):
    old = HoldingFactory()
    seat = old.seat  # held: a refresh lets go of it, and nothing else may
    ahead = TODAY + timedelta(days=90)
    operations.hand_over(session, seat, REP, colleague(seat).id, on=ahead, **EDGE)
    session.refresh(old)
    assert old.ends_before == ahead
    with pytest.raises(SeatTaken):
        operations.name(session, seat, REP, colleague(seat).id, starts_on=ahead, **EDGE)


def test_stepping_down_and_naming_anew_leaves_the_gap_visible(session: Session):
    old = HoldingFactory()
    operations.end_holding(session, old, on=date(2026, 4, 1), reason="Retired", **EDGE)
    operations.name(session, old.seat, REP, colleague(old.seat).id, starts_on=TODAY, **EDGE)
    periods = [(h.starts_on, h.ends_before) for h in queries.holdings_of(session, old.seat_id)]
    assert periods == [(TODAY, None), (date(2025, 10, 1), date(2026, 4, 1))]
    ended = old.ends_before
    with pytest.raises(EndedAlready):
        operations.end_holding(session, old, on=date(2026, 5, 1), reason=None, seen=ended, **EDGE)


def test_who_ends_a_holding_has_seen_how_it_stands(session: Session):
    old = HoldingFactory()
    operations.end_holding(session, old, on=TODAY, reason="Retired", **EDGE)
    with pytest.raises(operations.EndedMeanwhile, match="ends before June 15, 2026 now") as refused:
        operations.end_holding(session, old, on=date(2026, 6, 1), reason="Ill", **EDGE)
    assert refused.value.field == "ends_before"
    assert (old.ends_before, old.end_reason) == (TODAY, "Retired")
    earlier = date(2026, 6, 1)
    operations.end_holding(session, old, on=earlier, reason="Ill", seen=TODAY, **EDGE)
    assert (old.ends_before, old.end_reason) == (earlier, "Ill")


def test_only_a_naming_that_has_not_taken_effect_is_taken_back(session: Session):
    today = HoldingFactory(starts_on=TODAY)
    taking_back.take_back(session, today, **EDGE)
    assert session.scalar(select(func.count()).select_from(Holding)) == 0
    with pytest.raises(taking_back.AlreadyBegun, match="October 1, 2025"):
        taking_back.take_back(session, HoldingFactory(), **EDGE)


def test_the_database_refuses_two_at_a_time(session: Session):
    held = HoldingFactory()
    with pytest.raises(IntegrityError, match="ex_holding_one_"):
        HoldingFactory(seat=held.seat, starts_on=TODAY)
    session.rollback()


def test_the_database_s_refusal_is_told_in_words(session: Session, monkeypatch: pytest.MonkeyPatch):
    held = HoldingFactory()
    other = colleague(held.seat)
    monkeypatch.setattr(chain, "held", lambda *_: [])
    with pytest.raises(SeatTaken, match="just now"):
        operations.name(session, held.seat, REP, other.id, starts_on=TODAY, **EDGE)
