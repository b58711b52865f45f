"""A major partnership: one workspace for one opportunity, its stage moved in one place."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.activities.operations import NewTask, NewTouch
from crm.activities.rules import TouchKind
from crm.companies.queries import CompanyArchived
from crm.kit.actors import Actor
from crm.partnerships import screening
from crm.partnerships import workspaces as rooms
from crm.partnerships.scoping import HandedOff, NewHandoff, NoScope
from crm.partnerships.screening import NewScreening
from crm.partnerships.workspace_models import Convening, Handoff, Partnership
from crm.partnerships.workspace_rules import Nda, NotScreened, Result, nda_alarms
from crm.partnerships.workspaces import NewPartnership, WorkspaceClosed
from crm.pipeline import ending, operations, partnering, steps, workspaces
from crm.pipeline.models import Opportunity, OpportunityTouch, StageChange
from crm.pipeline.operations import AlreadyEnded, UnderWay
from crm.pipeline.partnering import HasWorkspace, NoPartnershipMode, StillOpen
from crm.pipeline.workspace_alarms import NDA_ENDS, alarms
from crm.pipeline.workspaces import PartnershipSearch
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory, UserFactory
from tests.factories.pipeline import OpportunityFactory, stage_of
from tests.factories.workspaces import (
    ConvenedFactory,
    PartnershipFactory,
    ScopeFactory,
    ScreeningFactory,
)
from tests.racing import race

DRAFT = NewPartnership(title="Batteries", needs_text="Seven thousand people", needs_on=TODAY)
A_DAY = timedelta(days=1)


def edge() -> dict:
    return {"by": Actor(UserFactory().id, "Sam Okafor"), "now": NOW}


def test_workspace_and_opportunity_are_opened_in_one_act(session):
    company = CompanyFactory()
    made = partnering.open_workspace(
        session, company.id, DRAFT, owner_id=None, on=TODAY, today=TODAY, **edge()
    )
    workspace = session.get_one(Partnership, made.partnership_id)
    assert (workspace.company_id, workspace.title) == (company.id, "Batteries")
    assert made.stage_id == stage_of("partnership").id
    with pytest.raises(HasWorkspace):
        partnering.open_workspace(
            session, company.id, DRAFT, owner_id=None, on=TODAY, today=TODAY, **edge()
        )
    assert session.scalar(select(func.count()).select_from(Partnership)) == 1


def test_an_opportunity_that_stands_gets_one_workspace(session):
    standing = OpportunityFactory(mode_key="partnership", stage_since=date(2026, 5, 4))
    found = partnering.open_workspace(
        session, standing.company_id, DRAFT, owner_id=None, on=TODAY, today=TODAY, **edge()
    )
    assert found.id == standing.id
    made = session.get_one(Partnership, standing.partnership_id)
    assert (made.opened_on, made.company_id) == (date(2026, 5, 4), standing.company_id)
    with pytest.raises(HasWorkspace):
        partnering.equip(session, standing, DRAFT, today=TODAY, **edge())
    with pytest.raises(NoPartnershipMode):
        partnering.equip(session, OpportunityFactory(), DRAFT, today=TODAY, **edge())
    with pytest.raises(UnderWay, match="has a workspace"):
        operations.take_back(session, standing)
    lost = OpportunityFactory(mode_key="partnership", won_on=TODAY)
    with pytest.raises(AlreadyEnded):
        partnering.equip(session, lost, DRAFT, today=TODAY, **edge())


def test_without_the_mode_there_are_no_workspaces(session):
    session.execute(text("UPDATE mode SET key = 'majors' WHERE key = 'partnership'"))
    with pytest.raises(NoPartnershipMode, match="see its file"):
        partnering.open_workspace(
            session, CompanyFactory().id, DRAFT, owner_id=None, on=TODAY, today=TODAY, **edge()
        )


def test_the_database_keeps_both_with_one_company(session):
    made = PartnershipFactory()
    other = OpportunityFactory(mode_key="partnership")
    ids = (made.id, other.id, CompanyFactory().id)
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(
            text(f"UPDATE opportunity SET partnership_id = {ids[0]} WHERE id = {ids[1]}")
        )
    session.rollback()
    session.execute(text(f"UPDATE partnership SET company_id = {ids[2]} WHERE id = {ids[0]}"))
    session.expire_all()
    assert workspaces.opportunity_of(session, ids[0]).company_id == ids[2]  # it follows
    session.rollback()


def move(session, opportunity, key, *, on=TODAY):
    stage = stage_of("partnership", key)
    return operations.move(session, opportunity, stage.id, on=on, today=TODAY, **edge())


def test_stages_for_screened_companies_are_closed_to_others(session):
    opportunity = OpportunityFactory(mode_key="partnership")
    assert move(session, opportunity, "nda-screening")
    for key in ("faculty-convened", "areas-agreed", "out-for-signature"):
        with pytest.raises(NotScreened, match="Record its screening first"):
            move(session, opportunity, key)
    with pytest.raises(NotScreened):
        ending.win(session, opportunity, on=TODAY, today=TODAY, **edge())
    ScreeningFactory(company=opportunity.company, result=Result.POSSIBLE, screened_on=TODAY)
    with pytest.raises(NotScreened, match="possible match"):
        move(session, opportunity, "faculty-convened")
    ScreeningFactory(company=opportunity.company, screened_on=TODAY)
    assert move(session, opportunity, "faculty-convened").screened
    ScreeningFactory(company=opportunity.company, result=Result.DENIED, screened_on=TODAY)
    assert not move(session, opportunity, "needs-stated").screened  # back is no effort


def test_what_was_lost_comes_back_to_a_screened_stage_only_if_clear(session):
    made = PartnershipFactory(at="areas-agreed", screened=False)
    opportunity = workspaces.opportunity_of(session, made.id)
    reason = session.scalar(text("SELECT id FROM lost_reason WHERE key = 'no-reply'"))
    ending.lose(session, opportunity, reason, on=TODAY, today=TODAY, **edge())
    with pytest.raises(NotScreened):
        ending.reopen(session, opportunity, today=TODAY, **edge())
    ScreeningFactory(company=opportunity.company)
    ending.reopen(session, opportunity, today=TODAY, **edge())
    assert opportunity.lost_on is None


def test_a_convening_is_one_contact_report_of_both_sides(session):
    made = PartnershipFactory()
    theirs = AffiliationFactory(company=made.company).person
    ours = ConvenedFactory(partnership_id=made.id).person
    opportunity = workspaces.opportunity_of(session, made.id)
    draft = NewTouch(
        company_id=0,
        kind=TouchKind.MEETING,
        on=TODAY,
        text="Ladder first",
        person_ids=(theirs.id, ours.id),
    )
    touch = partnering.convene(session, made, opportunity, draft, **edge())
    assert touch.company_id == made.company_id
    for tie in (Convening, OpportunityTouch):
        assert session.scalars(select(tie.touch_id)).all() == [touch.id]


def handed(session, made, **more):
    wanted = NewHandoff(**{"to_whom": "Ada Quill", "on": TODAY, **more})
    opportunity = workspaces.opportunity_of(session, made.id)
    partnering.hand_off(session, made, opportunity, wanted, today=TODAY, **edge())
    return opportunity


def test_a_hand_off_takes_the_stage_along_where_it_is_ahead(session):
    made = PartnershipFactory(at="scope-estimate")
    with pytest.raises(NoScope):
        handed(session, made)
    ScopeFactory(partnership_id=made.id)
    opportunity = handed(session, made)
    assert opportunity.stage_id == stage_of("partnership", "research-office").id
    changes = session.scalars(select(StageChange.to_stage_id)).all()
    assert changes == [opportunity.stage_id]
    beyond = PartnershipFactory(at="out-for-signature")
    ScopeFactory(partnership_id=beyond.id)
    assert handed(session, beyond).stage_id == stage_of("partnership", "out-for-signature").id


def test_nothing_is_handed_over_for_who_is_not_clear_or_for_what_has_ended(session):
    made = PartnershipFactory(at="nda-screening", screened=False)
    ScopeFactory(partnership_id=made.id)
    session.commit()
    with pytest.raises(NotScreened):
        handed(session, made)
    session.rollback()
    won = PartnershipFactory(at="scope-estimate", pipe={"won_on": TODAY})
    ScopeFactory(partnership_id=won.id)
    with pytest.raises(AlreadyEnded):
        handed(session, won)


def test_nor_from_the_stage_itself_or_beyond_it(session):
    made = PartnershipFactory(at="out-for-signature", screened=False)
    ScopeFactory(partnership_id=made.id)
    ScreeningFactory(company=made.company, result=Result.DENIED)
    with pytest.raises(NotScreened, match="was denied"):
        handed(session, made)


def test_a_workspace_closes_once_its_opportunity_has_ended(session):
    made = PartnershipFactory()
    opportunity = workspaces.opportunity_of(session, made.id)
    said = {"on": TODAY, "how": "Agreement signed", "today": TODAY}
    with pytest.raises(StillOpen, match="win it or lose it"):
        partnering.close(session, made, opportunity, **said, **edge())
    ending.win(session, opportunity, on=TODAY, today=TODAY, **edge())
    partnering.close(session, made, opportunity, **said, **edge())
    draft = NewTouch(company_id=0, kind=TouchKind.CALL, on=TODAY, text="x")
    with pytest.raises(WorkspaceClosed):
        partnering.convene(session, made, opportunity, draft, **edge())


def race_edge() -> dict:
    return {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": TODAY}


def act_hand_off(partnership_id, session):
    made = session.get_one(Partnership, partnership_id)
    opportunity = workspaces.opportunity_of(session, partnership_id)
    wanted = NewHandoff(to_whom="Ada Quill", on=TODAY)
    partnering.hand_off(session, made, opportunity, wanted, **race_edge())


def act_equip(opportunity_id, session):
    opportunity = session.get_one(Opportunity, opportunity_id)
    partnering.equip(session, opportunity, DRAFT, **race_edge())


def act_deny(company_id, session):
    denied = NewScreening(
        screened_on=TODAY, screened_by="Them", service="Lists", result=Result.DENIED
    )
    screening.record(session, company_id, denied, **race_edge())


def act_move(opportunity_id, stage_id, session):
    opportunity = session.get_one(Opportunity, opportunity_id)
    operations.move(session, opportunity, stage_id, on=TODAY, **race_edge())


def test_of_hand_offs_at_once_one_stands(app, session):
    made = PartnershipFactory(at="scope-estimate")
    ScopeFactory(partnership_id=made.id)
    made_id = made.id
    session.commit()
    ends = race(app, [partial(act_hand_off, made_id)] * 4)
    assert ends.count(None) == 1
    assert {type(end) for end in ends if end is not None} == {HandedOff}
    assert session.scalar(select(func.count()).select_from(Handoff)) == 1
    assert session.scalar(select(func.count()).select_from(StageChange)) == 1
    session.rollback()


def test_of_two_workspaces_for_one_opportunity_one_stands(app, session):
    opportunity_id = OpportunityFactory(mode_key="partnership").id
    session.commit()
    ends = race(app, [partial(act_equip, opportunity_id)] * 4)
    assert ends.count(None) == 1
    assert {type(end) for end in ends if end is not None} == {HasWorkspace}
    assert session.scalar(select(func.count()).select_from(Partnership)) == 1
    session.rollback()


def test_nobody_moves_past_a_denial_of_the_same_moment(app, session):
    opportunity = OpportunityFactory(mode_key="partnership")
    ScreeningFactory(company=opportunity.company)
    stage_id = stage_of("partnership", "faculty-convened").id
    company_id, opportunity_id = opportunity.company_id, opportunity.id
    session.commit()
    moved, denied = race(
        app, [partial(act_move, opportunity_id, stage_id), partial(act_deny, company_id)]
    )
    assert denied is None
    assert moved is None or isinstance(moved, NotScreened)
    stands = session.get_one(Opportunity, opportunity_id).stage_id == stage_id
    assert stands is (moved is None)
    session.rollback()


def act_convene(partnership_id, by_id, session):
    made = session.get_one(Partnership, partnership_id)
    opportunity = workspaces.opportunity_of(session, partnership_id)
    draft = NewTouch(company_id=0, kind=TouchKind.CALL, on=TODAY, text="Ten minutes")
    actor = Actor(by_id, "Sam Okafor")
    partnering.convene(session, made, opportunity, draft, by=actor, now=NOW)


def test_who_convenes_and_who_moves_at_once_do_not_block_each_other(app, session):
    made = PartnershipFactory()
    stages = [stage_of("partnership", key).id for key in ("faculty-convened", "areas-agreed")]
    by_id, made_id = UserFactory().id, made.id
    opportunity_id = workspaces.opportunity_of(session, made.id).id
    session.commit()
    convene = partial(act_convene, made_id, by_id)
    moves = [partial(act_move, opportunity_id, stage) for stage in stages]
    assert race(app, [convene, moves[0], convene, moves[1], convene]) == [None] * 5
    assert session.scalar(select(func.count()).select_from(Convening)) == 3
    session.rollback()


def found(session, **asked):
    search = PartnershipSearch(day=TODAY, **asked)
    return [row.id for row in session.execute(search.select())]


def test_one_search_has_what_is_open_and_what_is_over(session):
    lead = PersonFactory()
    made = PartnershipFactory(title="Batteries", lead_id=lead.id)
    over = PartnershipFactory(title="Doors", pipe={"won_on": TODAY})
    member = ConvenedFactory(partnership_id=over.id).person
    stage = stage_of("partnership")
    assert found(session) == [made.id]
    assert found(session, show="closed") == [over.id]
    assert sorted(found(session, show="all")) == sorted([made.id, over.id])
    assert found(session, q="batt") == [made.id]
    assert found(session, q=over.company.name, show="all") == [over.id]
    assert found(session, person_id=lead.id) == [made.id]
    assert found(session, person_id=member.id, show="all") == [over.id]
    assert found(session, stage_id=stage.id) == [made.id]
    assert found(session, owner_id=999_999) == []
    cards = session.execute(PartnershipSearch(day=TODAY).cards(money=False)).all()
    assert [(row.id, row.there) for row in cards] == [(made.id, 1)]
    assert {row.id for row in workspaces.faculty_in(session)} == {lead.id, member.id}


def test_what_needs_somebody_is_told_until_it_is_settled(session):
    told = {"nda": Nda.SIGNED, "nda_signed_on": date(2026, 1, 9)}
    ending_soon = PartnershipFactory(nda_expires_on=TODAY + 90 * A_DAY, **told)
    PartnershipFactory(
        nda_expires_on=TODAY + 91 * A_DAY, pipe={"parked_until": TODAY + A_DAY}, **told
    )
    doubted = PartnershipFactory(screened=False)
    ScreeningFactory(company=doubted.company, result=Result.POSSIBLE)
    PartnershipFactory(pipe={"won_on": TODAY})
    rows = {(row.id, row.alarm) for row in session.execute(alarms(TODAY))}
    assert rows == {
        (ending_soon.id, "NDA ends"),
        (ending_soon.id, "no next step"),
        (doubted.id, "possible match"),
        (doubted.id, "no next step"),
    }
    step = NewTask(title="Call them", due_on=TODAY, owner_id=UserFactory().id)
    for made in (ending_soon, doubted):
        steps.plan_step(session, workspaces.opportunity_of(session, made.id), step, **edge())
    ScreeningFactory(company=doubted.company, screened_on=TODAY)
    assert [row.alarm for row in session.execute(alarms(TODAY))] == ["NDA ends"]


def test_nothing_new_begins_with_an_archived_company(session):
    company = CompanyFactory(archived_on=TODAY)
    with pytest.raises(CompanyArchived, match="Restore it first"):
        rooms.open_(
            session, company.id, NewPartnership(title="A line"), on=TODAY, today=TODAY,
            **edge(),
        )  # fmt: skip
    standing = OpportunityFactory(company=company, mode_key="partnership")
    with pytest.raises(CompanyArchived, match="Restore it first"):
        partnering.equip(
            session, standing, NewPartnership(title="A line"), today=TODAY, **edge()
        )  # fmt: skip


@pytest.mark.parametrize("left", [-1, 0, 89, 90, 91])
def test_the_alarm_of_an_nda_is_the_same_in_sql(session, left):
    ends = TODAY + left * A_DAY
    made = PartnershipFactory(
        nda=Nda.SIGNED, nda_signed_on=date(2026, 1, 9), nda_expires_on=ends,
        pipe={"parked_until": TODAY + A_DAY},
    )  # fmt: skip
    told = [row.id for row in session.execute(alarms(TODAY)) if row.alarm == NDA_ENDS]
    assert told == ([made.id] if nda_alarms(TODAY, made.nda_facts) else [])
    assert bool(told) is (left <= 90)
