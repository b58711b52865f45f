"""Whoever writes into a meeting or a ballot keeps it: who approves or tells the result waits."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from flask import Flask
from psycopg.errors import LockNotAvailable
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.council import attending, ballot_queries, ballots, minuting, planning, voting
from crm.council.ballot_models import Elector, Vote
from crm.council.ballot_rules import Choice, Way
from crm.council.planning import NewItem
from crm.kit.actors import Actor
from crm.web.database import db, writing
from tests.conftest import NOW
from tests.factories.ballots import BallotFactory, electors, seated
from tests.factories.meetings import (
    AgendaItemFactory,
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
)

BY: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW}
TAKE = {
    "postgresql": "SELECT 1 FROM {table} WHERE id = {id} FOR UPDATE NOWAIT",
    "sqlite": "BEGIN IMMEDIATE",
}


def is_kept(app: Flask, table: str, id_: int) -> bool:
    """Whether somebody else who wants to write the row would wait. SQLite has one writer."""
    with app.app_context(), db.engine.connect() as other:
        raw = other.connection.cursor()
        kind = db.engine.dialect.name
        try:
            if kind == "sqlite":
                raw.execute("PRAGMA busy_timeout=0")
            raw.execute(TAKE[kind].format(table=table, id=id_))
        except (sqlite3.OperationalError, LockNotAvailable):
            return True
        finally:
            other.connection.invalidate()
    return False


def correct_item(session: Session, meeting: Any) -> None:
    item = AgendaItemFactory(meeting_id=meeting.id)
    session.commit()
    planning.correct_item(session, meeting, item, NewItem(title="Other"), version=1)


def remove_item(session: Session, meeting: Any) -> None:
    item = AgendaItemFactory(meeting_id=meeting.id)
    session.commit()
    planning.remove_item(session, meeting, item)


def remove_guest(session: Session, meeting: Any) -> None:
    guest = AttendeeFactory(meeting_id=meeting.id, person=None, part=None, guest_name="Gus")
    session.commit()
    attending.remove_guest(session, meeting, guest)


def correct_decision(session: Session, meeting: Any) -> None:
    decision = DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id)
    session.commit()
    minuting.correct_decision(session, meeting, decision, "Other", version=1)


@pytest.mark.parametrize("act", [correct_item, remove_item, remove_guest, correct_decision])
def test_who_changes_a_meeting_keeps_it_until_they_are_done(app: Flask, session: Session, act):
    meeting = MeetingFactory(held=True)
    meeting_id = meeting.id
    act(session, meeting)
    assert is_kept(app, "meeting", meeting_id)
    session.rollback()
    assert not is_kept(app, "meeting", meeting_id)


def vote(session: Session, ballot: Any, elector: Any) -> None:
    [yes, _] = ballot_queries.options_of(session, ballot.id)
    voting.cast_vote(session, elector, Choice((yes.id,)), way=Way.SIGNED_IN, **BY)


def recuse(session: Session, ballot: Any, elector: Any) -> None:
    ballots.recuse(session, ballot, elector, "Its own bid", **BY)


def declare(session: Session, ballot: Any, elector: Any) -> None:
    ballots.declare_interest(session, ballot, elector, "Sells them", **BY)


@pytest.mark.parametrize("act", [vote, recuse, declare])
def test_no_result_is_told_while_something_is_still_being_cast(app: Flask, session: Session, act):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    session.commit()
    act(session, ballot, elector)
    assert is_kept(app, "ballot", ballot.id)


def test_two_vote_beside_each_other(app: Flask, session: Session):
    """Each keeps the ballot from being told, not from the other's vote."""
    for name in ("Aldous", "Brandt"):
        seated(name)
    ballot_id = BallotFactory(opened=True).id
    ids = session.scalars(select(Elector.id)).all()
    session.commit()

    def cast(own: Session, elector_id: int) -> None:
        elector = ballot_queries.get_elector(own, ballot_id, elector_id)
        vote(own, ballot_queries.get(own, ballot_id), elector)

    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        cast(session, ids[0])
    with app.app_context(), writing(), Session(db.engine) as other:
        if db.engine.dialect.name == "postgresql":
            other.execute(text("SET LOCAL lock_timeout = '500ms'"))
        cast(other, ids[1])
        other.commit()
    session.commit()
    assert ids[1] in session.scalars(select(Vote.elector_id)).all()
