"""Letters to the members, and what a group makes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.mail.models import OutgoingMail
from crm.working_groups import deliverables, mailings, queries, rules
from crm.working_groups.deliverables import NewDeliverable
from crm.working_groups.mailings import NewMailing
from crm.working_groups.models import Deliverable
from crm.working_groups.rules import DeliverableKind, Stage
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.working_groups import (
    DeliverableFactory,
    GroupFileFactory,
    MailingFactory,
    PlaceFactory,
    WorkingGroupFactory,
)
from tests.racing import race

BY = Actor(1, "Sam Okafor")
DATED = {"by": BY, "now": NOW, "today": TODAY}


def written_to(session, *, members: int = 2):
    """A group with members who have addresses, one without, one of a company that lapsed."""
    group = WorkingGroupFactory(name="Lean plants")
    for number in range(members):
        person = PlaceFactory(group=group).person
        AddressFactory(person=person, email=f"member-{number}@here.example")
    PlaceFactory(group=group, university=True)
    lapsed = PlaceFactory(group=group, company=MembershipFactory(lapsed=True).company)
    AddressFactory(person=lapsed.person)
    return queries.get(session, group.id)


def release(session, group, mailing, version: int = 1):
    return mailings.release(
        session, group, mailing, version=version, reply_to="sam@office.example", **DATED
    )


def test_a_letter_goes_to_each_member_who_sits_and_has_an_address(session):
    group = written_to(session)
    audience = mailings.audience_on(session, group.id, TODAY)
    assert (len(audience.recipients), len(audience.unreached)) == (2, 1)
    mailing = mailings.write(
        session,
        group,
        NewMailing(subject="Agenda", text="Bring a line."),
        by=BY,
        now=NOW,
        today=TODAY,
    )
    assert release(session, group, mailing) == 2
    letters = session.scalars(select(OutgoingMail).order_by(OutgoingMail.to)).all()
    assert [letter.to for letter in letters] == ["member-0@here.example", "member-1@here.example"]
    assert letters[0].subject == "Lean plants: Agenda"
    assert "Bring a line." in letters[0].body
    assert (mailing.recipients, mailing.released_by) == (2, "Sam Okafor")


def test_what_is_out_stays_as_it_was(session):
    group = written_to(session)
    mailing = MailingFactory(group_id=group.id)
    release(session, group, mailing)
    for act in (
        partial(release, session, group, mailing, 2),
        partial(mailings.discard, session, mailing),
        partial(mailings.rewrite, session, mailing, NewMailing(subject="x", text="y"), version=2),
    ):
        with pytest.raises(mailings.AlreadyOut):
            act()
    for statement in ("UPDATE group_mailing SET text = 'x'", "DELETE FROM group_mailing"):
        with pytest.raises(IntegrityError, match="group_mailing_"), session.begin_nested():
            session.execute(text(statement))


def test_only_the_text_that_was_looked_at_is_let_out(session):
    group = written_to(session)
    mailing = MailingFactory(group_id=group.id)
    mailings.rewrite(session, mailing, NewMailing(subject="Other", text="Text"), version=1)
    with pytest.raises(Stale):
        release(session, group, mailing)
    with pytest.raises(Stale):
        mailings.rewrite(session, mailing, NewMailing(subject="A", text="B"), version=1)
    assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0


def test_nobody_to_write_to_is_told(session):
    group = written_to(session, members=0)
    with pytest.raises(mailings.NobodyToWriteTo):
        release(session, group, MailingFactory(group_id=group.id))


def test_let_out_many_times_at_once_it_goes_out_once(app, session):
    group = written_to(session, members=3)
    mailing_id, group_id = MailingFactory(group_id=group.id).id, group.id
    session.commit()

    def let_out(racer):
        mailing = queries.get_mailing(racer, mailing_id)
        release(racer, queries.get(racer, group_id), mailing)

    ends = race(app, [let_out] * 6)
    assert ends.count(None) == 1
    assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 3


def test_a_deliverable_comes_along_stage_by_stage(session):
    group = queries.get(session, WorkingGroupFactory().id)
    draft = NewDeliverable(title="Roadmap", kind=DeliverableKind.ROADMAP)
    made = deliverables.plan(session, group, draft, **DATED)
    move = partial(deliverables.move, session, made, on=TODAY, reason=None, **DATED)
    with pytest.raises(deliverables.NotToBeFound):
        move(Stage.PUBLISHED)
    linked = NewDeliverable(
        title="Roadmap", kind=DeliverableKind.ROADMAP, link="https://a.example/map"
    )
    deliverables.edit(session, made, linked, version=made.version)
    move(Stage.PUBLISHED)
    with pytest.raises(deliverables.NotToBeFound):
        deliverables.edit(session, made, draft, version=made.version)
    with pytest.raises(RuleBroken, match="Say why"):
        move(Stage.REVIEW)
    move(Stage.REVIEW, reason="A figure was wrong")
    with pytest.raises(RuleBroken, match="between the last change"):
        move(Stage.DRAFTING, on=TODAY - timedelta(days=1))
    stages = [step.stage for step in queries.stages_of(session, made.id)]
    assert stages == [Stage.PLANNED, Stage.PUBLISHED, Stage.REVIEW]


def test_what_was_said_of_a_stage_stays(session):
    DeliverableFactory(group=WorkingGroupFactory())
    for statement in ("UPDATE deliverable_stage SET reason = 'x'", "DELETE FROM deliverable_stage"):
        with pytest.raises(IntegrityError, match="deliverable_stage_"), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://a.example", "no address", "a b.c"])
def test_a_link_is_what_a_browser_fetches(session, link):
    group = queries.get(session, WorkingGroupFactory().id)
    draft = NewDeliverable(title="Roadmap", kind=DeliverableKind.OTHER, link=link)
    with pytest.raises(deliverables.NotAWebAddress):
        deliverables.plan(session, group, draft, **DATED)
    with pytest.raises(IntegrityError, match="ck_deliverable_link_scheme"), session.begin_nested():
        DeliverableFactory(group=group, link=link)


def test_a_file_is_one_of_the_group_s_own(session):
    group, other = (queries.get(session, WorkingGroupFactory().id) for _ in range(2))
    draft = NewDeliverable(
        title="Map", kind=DeliverableKind.OTHER, file_id=GroupFileFactory(group_id=other.id).id
    )
    with pytest.raises(NotFound):
        deliverables.plan(session, group, draft, **DATED)
    with pytest.raises(IntegrityError, match="published_is_found"), session.begin_nested():
        DeliverableFactory(group=group, stage=Stage.PUBLISHED)


@pytest.mark.parametrize("stage", Stage)
def test_overdue_is_the_same_in_both_tongues(session, stage):
    group = WorkingGroupFactory()
    for days in (-1, 0, 1, None):
        due_on = None if days is None else TODAY + timedelta(days=days)
        made = DeliverableFactory(
            group=group, stage=stage, due_on=due_on, link="https://a.example/x"
        )
        asked = select(Deliverable.id).where(Deliverable.id == made.id, queries.overdue(TODAY))
        said = session.scalar(asked) is not None
        assert said == rules.is_overdue(TODAY, due_on=due_on, stage=stage)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_who_publishes_is_never_overdue(days):
    due_on = date(2026, 1, 1)
    for number in days:
        day = due_on + timedelta(days=number)
        assert not rules.is_overdue(day, due_on=due_on, stage=Stage.PUBLISHED)
        assert rules.is_overdue(day, due_on=due_on, stage=Stage.REVIEW) == (number > 0)
