"""An account is linked by somebody else, for the university only, and votes in what opens later."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from crm.council import accounts, ballot_queries, closing_ballots, place_queries
from crm.council.ballot_models import Elector
from crm.council.university import NotOfTheUniversity
from crm.journal.models import JournalEntry
from crm.people.models import Person
from crm.people.operations import AccountTaken, OwnAccount
from tests.conftest import NOW, TODAY
from tests.factories.ballots import BallotFactory, electors, on_committee, seated
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.racing import race


def link(session, place, whose, *, by):
    user_id = None if whose is None else whose.user_id
    accounts.link_account(session, place, user_id, by=by.actor, now=NOW, today=TODAY)


def test_who_works_at_a_company_or_sits_for_one_is_given_no_account(session, dana, fay):
    """Else whoever links could vote as that company."""
    group = WorkingGroupFactory()
    for_a_company = PlaceFactory(group=group)
    representative = PlaceFactory(group=group, university=True, person=seated("Acme").person)
    joins_soon = PlaceFactory(group=group, university=True)
    AffiliationFactory(person=joins_soon.person, starts_on=TODAY.replace(month=9))
    for place in (for_a_company, representative, joins_soon):
        with pytest.raises(NotOfTheUniversity):
            link(session, place, fay, by=dana)
        assert place.person.user_id is None
    was_there = PlaceFactory(group=group, university=True)
    AffiliationFactory(person=was_there.person, left=True)
    link(session, was_there, fay, by=dana)
    assert was_there.person.user_id == fay.user_id


def test_nobody_links_their_own_account_and_each_link_is_told(session, dana, fay):
    place = PlaceFactory(group=WorkingGroupFactory(), university=True)
    with pytest.raises(OwnAccount, match="another director"):
        link(session, place, dana, by=dana)
    link(session, place, fay, by=dana)
    link(session, place, fay, by=dana)
    link(session, place, None, by=dana)
    told = select(JournalEntry.act, JournalEntry.actor_name).where(
        JournalEntry.kind == "person", JournalEntry.record_id == place.person_id,
        JournalEntry.act.in_(("linked with an account", "parted from their account")),
    )  # fmt: skip
    assert [tuple(row) for row in session.execute(told.order_by(JournalEntry.id))] == [
        ("linked with an account", dana.viewer.name),
        ("parted from their account", dana.viewer.name),
    ]


def test_of_links_at_once_one_is_written_and_each_other_told_why(app, session, dana, fay):
    group = WorkingGroupFactory()
    ids = [PlaceFactory(group=group, university=True).id for _ in range(2)]
    user_id, by = fay.user_id, dana.actor
    session.commit()

    def act(place_id, racer):
        accounts.link_account(
            racer, place_queries.get_place(racer, place_id), user_id,
            by=by, now=NOW, today=TODAY,
        )  # fmt: skip

    ends = race(app, [partial(act, id_) for id_ in ids * 3])
    assert {type(end) for end in ends} == {type(None), AccountTaken}
    linked = session.scalars(select(Person.id).where(Person.user_id == user_id)).all()
    told = session.scalars(
        select(JournalEntry.record_id).where(JournalEntry.act == "linked with an account")
    ).all()
    assert told == linked
    assert len(linked) == 1


def test_an_account_that_is_linked_after_the_opening_has_no_vote(session, fay, sam):
    person = PersonFactory(user_id=fay.user_id)
    ballot = BallotFactory(opened=True, body=on_committee(person))
    before = ballot_queries.elector_of_user

    def votes(who):
        mine = closing_ballots.closing_ballots(session, who.user_id, now=NOW)
        found = before(session, ballot.id, who.user_id)
        assert any(one.mine for one in mine) is (found is not None)
        return found is not None

    assert votes(fay)
    person.user_id = None
    session.flush()
    assert not votes(fay)
    person.user_id = sam.user_id
    session.flush()
    assert not votes(sam)
    assert not votes(fay)
    person.user_id = fay.user_id
    session.flush()
    assert votes(fay)


def test_a_company_s_vote_is_nobody_s_own_account(session, fay):
    """Whoever was linked before they came to the company that they speak for."""
    seated("Acme").person.user_id = fay.user_id
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    assert elector.user_id is None
    assert ballot_queries.elector_of_user(session, ballot.id, fay.user_id) is None
    by_hand = insert(Elector).values(
        ballot_id=BallotFactory().id, company_id=elector.company_id, company_name="Acme",
        person_id=elector.person_id, person_name="Ida", part=elector.part, weight=1,
        user_id=fay.user_id,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="ck_elector_account"), session.begin_nested():
        session.execute(by_hand)


def test_whose_account_an_elector_had_is_frozen(session, fay):
    seated("Acme")
    BallotFactory(opened=True)
    with pytest.raises(IntegrityError, match="elector_is_frozen"), session.begin_nested():
        session.execute(update(Elector).values(user_id=fay.user_id))
