"""Founding, changing and closing a group; coming in as its policy says."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from crm.council.models import Body, Place
from crm.council.place_rules import NotEntitled
from crm.council.places import GroupClosed
from crm.council.rules import BodyKind
from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.working_groups import joining, operations, queries
from crm.working_groups.joining import Asking
from crm.working_groups.models import GroupAsking
from crm.working_groups.operations import NewGroup
from crm.working_groups.rules import Answer, AskingKind, JoinPolicy, may_ask
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.working_groups import AskingFactory, WorkingGroupFactory
from tests.racing import race

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}
DATED = {**EDGE, "today": TODAY}


def draft(name: str = "Lean plants", **more: object) -> NewGroup:
    values = {
        "charter": "# Why", "summary": None, "join_policy": JoinPolicy.OPEN, "founded_on": TODAY,
        **more,
    }  # fmt: skip
    return NewGroup(name=name, **values)  # type: ignore[arg-type]


def colleague() -> tuple[int, int]:
    """A person and their member company."""
    company = MembershipFactory(tier="member").company
    return AffiliationFactory(company=company).person_id, company.id


def test_a_group_is_founded_together_with_its_body(session):
    first, second = (operations.found(session, draft("Läan & Plants"), **EDGE) for _ in range(2))
    bodies = session.scalars(
        select(Body).where(Body.kind == BodyKind.GROUP).order_by(Body.id)
    ).all()
    assert [body.id for body in bodies] == [first.id, second.id]
    assert [body.key for body in bodies] == ["group-laan-plants", "group-laan-plants-2"]


def test_who_edits_what_somebody_else_has_changed_is_told(session):
    group = operations.found(session, draft(), **EDGE)
    operations.edit(session, group, draft("Lean and more"), version=1, today=TODAY)
    assert queries.get(session, group.id).body.name == "Lean and more"
    with pytest.raises(Stale) as told:
        operations.edit(session, group, draft("Leaner", charter="# What"), version=1, today=TODAY)
    assert told.value.theirs == {"Name": "Lean and more", "Charter": "# Why"}


def test_a_body_that_is_over_takes_nobody(session):
    group = queries.get(session, WorkingGroupFactory().id)
    group.body.retired_on = TODAY + timedelta(days=5)
    session.flush()
    with pytest.raises(GroupClosed):
        joining.join(session, group, *colleague(), on=TODAY + timedelta(days=5), **DATED)


@pytest.mark.parametrize("policy", JoinPolicy)
def test_one_comes_in_as_the_policy_says(session, policy):
    group = queries.get(session, WorkingGroupFactory(join_policy=policy).id)
    person, company = colleague()
    if policy is JoinPolicy.OPEN:
        assert joining.join(session, group, person, company, on=TODAY, **DATED).slot == 1
    else:
        with pytest.raises(joining.NotThatWay):
            joining.join(session, group, person, company, on=TODAY, **DATED)
    for kind in AskingKind:
        who, of = colleague()
        ask = partial(joining.ask, session, group, kind, Asking(person_id=who, company_id=of))
        if may_ask(policy, kind):
            assert joining.accept(session, group, ask(**DATED), on=TODAY, **DATED).person_id == who
        else:
            with pytest.raises(joining.NotThatWay):
                ask(**DATED)
    assert joining.appoint(session, group, PersonFactory().id, on=TODAY, **DATED).slot is None


@pytest.mark.parametrize("term", [None, "lapsed", "no places"])
def test_of_a_company_without_places_nobody_applies_or_is_invited(session, term):
    group = queries.get(session, WorkingGroupFactory(join_policy=JoinPolicy.APPLICATION).id)
    work = AffiliationFactory()
    if term == "lapsed":
        MembershipFactory(company=work.company, lapsed=True)
    elif term is not None:
        MembershipFactory(company=work.company, tier="associate", years=2).tier.group_places = 0
        session.flush()
    who = Asking(person_id=work.person_id, company_id=work.company_id)
    for kind in AskingKind:
        with pytest.raises(NotEntitled):
            joining.ask(session, group, kind, who, **DATED)
    assert session.scalars(select(GroupAsking)).all() == []


def test_what_was_answered_stays_answered(session):
    group = queries.get(session, WorkingGroupFactory(join_policy=JoinPolicy.APPLICATION).id)
    asking = AskingFactory(group=group)
    again = Asking(person_id=asking.person_id, company_id=asking.company_id)
    with pytest.raises(joining.AlreadyAsked):
        joining.ask(session, group, AskingKind.APPLICATION, again, **DATED)
    joining.refuse(session, asking, reason="Full this year", **DATED)
    with pytest.raises(joining.AlreadyAnswered):
        joining.accept(session, group, asking, on=TODAY, **DATED)
    second = joining.ask(session, group, AskingKind.APPLICATION, again, **DATED)
    joining.withdraw(session, second, reason="Changed their mind", **DATED)
    assert session.scalars(select(GroupAsking.answer).order_by(GroupAsking.id)).all() == [
        Answer.REFUSED, Answer.WITHDRAWN,
    ]  # fmt: skip


def test_an_application_accepted_many_times_at_once_gives_one_place(app, session):
    asking = AskingFactory(group=WorkingGroupFactory(join_policy=JoinPolicy.APPLICATION))
    asking_id, group_id = asking.id, asking.group_id
    session.commit()

    def accept(racer):
        joining.accept(
            racer, queries.get(racer, group_id), queries.get_asking(racer, asking_id), on=TODAY,
            **DATED,
        )  # fmt: skip

    ends = race(app, [accept] * 5)
    assert ends.count(None) == 1
    assert len(session.scalars(select(Place).where(Place.body_id == group_id)).all()) == 1
