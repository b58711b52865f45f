"""A workspace: screened first, faculty asked, areas weighed and agreed, a scope handed over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from crm.council.university import NotOfTheUniversity
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.money import Money
from crm.partnerships import areas, convened, scoping, screening, workspace_terms, workspaces
from crm.partnerships import workspace_queries as queries
from crm.partnerships.areas import AreaSettled, NewArea
from crm.partnerships.convened import AskedAlready
from crm.partnerships.scoping import HandedOff, NewHandoff, NewScope, NoScope
from crm.partnerships.screening import AlreadyStruck, NewScreening
from crm.partnerships.workspace_models import Partnership, Screening
from crm.partnerships.workspace_rules import (
    Answer,
    Interest,
    Ip,
    Nda,
    NdaFacts,
    NotMutual,
    NotScreened,
    Result,
    Side,
    Verdict,
    WrongNda,
)
from crm.partnerships.workspace_terms import NewIp, NewNda
from crm.partnerships.workspaces import NewPartnership, NotTheirs, WorkspaceClosed
from crm.programme.models import Challenge
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory
from tests.factories.workspaces import (
    AreaFactory,
    ConvenedFactory,
    HandoffFactory,
    PartnershipFactory,
    ScopeFactory,
    ScreeningFactory,
)

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}
DATED = {**EDGE, "today": TODAY}
A_DAY = timedelta(days=1)
TOMORROW = TODAY + A_DAY
ANYTHING = {
    "deadline": None,
    "max_examples": 30,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def a_workspace(session, **more) -> Partnership:
    return queries.get(session, PartnershipFactory(**more).id)


def screened(result=Result.CLEAR, on=TODAY, **more) -> NewScreening:
    return NewScreening(screened_on=on, screened_by="Them", service="Lists", result=result, **more)


def test_no_effort_before_a_clear_screening(session):
    made = a_workspace(session, screened=False)
    person = PersonFactory().id
    asked = {"field": None, "on": TODAY, **DATED}
    for found, said in (
        (None, "is not screened"),
        (screened(Result.POSSIBLE), "possible match"),
        (screened(Result.DENIED), "was denied"),
        (screened(on=TODAY - A_DAY, valid_until=TODAY - A_DAY), "denied"),  # an older one
    ):
        if found is not None:
            screening.record(session, made.company_id, found, **DATED)
        with pytest.raises(NotScreened, match=said):
            convened.ask(session, made, person, **asked)
        with pytest.raises(NotScreened, match=said):
            areas.propose(session, made, NewArea(title="Ladder"), on=TODAY, **DATED)
    screening.record(session, made.company_id, screened(), **DATED)
    assert convened.ask(session, made, person, **asked).answer is Answer.ASKED
    assert areas.propose(session, made, NewArea(title="Ladder"), on=TODAY, **DATED).id


def test_a_screening_is_struck_and_never_edited(session):
    made = a_workspace(session, screened=False)
    clear = screening.record(session, made.company_id, screened(), **DATED)
    assert screening.verdict_of(session, made.company_id, TODAY) is Verdict.CLEAR
    screening.strike(session, clear, reason="Another company", **EDGE)
    assert screening.verdict_of(session, made.company_id, TODAY) is Verdict.NONE
    with pytest.raises(AlreadyStruck, match="Another company"):
        screening.strike(session, clear, reason="Again", **EDGE)
    for wrong, field in (
        (screened(on=TOMORROW), "screened_on"),
        (screened(valid_until=TODAY - A_DAY), "valid_until"),
        (screened(Result.DENIED, valid_until=TOMORROW), "valid_until"),
    ):
        with pytest.raises(RuleBroken) as refused:
            screening.record(session, made.company_id, wrong, **DATED)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        screening.record(session, 999_999, screened(), **DATED)
    kept = screening.record(session, made.company_id, screened(), **DATED)
    session.commit()
    for change in ("UPDATE screening SET result = 'denied'", "DELETE FROM screening"):
        with pytest.raises(IntegrityError, match="screening_"):
            session.execute(text(f"{change} WHERE id = {kept.id}"))
        session.rollback()


ONE = st.tuples(
    st.integers(0, 9), st.sampled_from(Result), st.none() | st.integers(0, 9), st.booleans()
)


@settings(**ANYTHING)
@given(st.lists(ONE, max_size=5), st.integers(0, 12))
def test_the_verdict_of_the_database_is_that_of_the_rules(session, told, on):
    company = CompanyFactory()
    for begins, result, lasts, struck in told:
        until = None if lasts is None or result is not Result.CLEAR else TODAY + lasts * A_DAY
        start = TODAY + begins * A_DAY
        if until is not None and until < start:
            until = None
        off = {"struck_at": NOW, "struck_reason": "x", "struck_by": "x"} if struck else {}
        ScreeningFactory(
            company=company, screened_on=start, result=result, valid_until=until, **off
        )
    day = TODAY + on * A_DAY
    twin = session.scalar(
        select(screening.verdict_on(Screening.company_id, day))
        .where(Screening.company_id == company.id)
        .limit(1)
    )
    found = screening.verdict_of(session, company.id, day)
    assert (twin or Verdict.NONE.value) == found.value
    in_question = {row.company_id for row in session.execute(screening.in_question(day))}
    assert (company.id in in_question) is (found is Verdict.POSSIBLE)


def test_needs_are_stated_by_somebody_of_the_company(session):
    made = a_workspace(session)
    theirs = AffiliationFactory(company=made.company).person
    faculty, other = PersonFactory(), AffiliationFactory().person
    draft = NewPartnership(
        title="Batteries",
        needs_text="Seven thousand people come along",
        needs_on=TODAY,
        needs_by_id=theirs.id,
        lead_id=faculty.id,
        relations_contact="Central office",
    )
    workspaces.edit(session, made, draft, version=1, today=TODAY)
    assert (made.title, made.needs_by_id, made.lead_id) == ("Batteries", theirs.id, faculty.id)
    for wrong, refusal, field in (
        ({"needs_by_id": other.id}, NotTheirs, "needs_by"),
        ({"lead_id": theirs.id}, NotOfTheUniversity, "lead"),
        ({"needs_on": TOMORROW}, RuleBroken, "needs_on"),
        ({"needs_text": None}, RuleBroken, "needs_text"),
    ):
        told = NewPartnership(**{**vars(draft), **wrong})
        with pytest.raises(refusal) as refused:
            workspaces.edit(session, made, told, version=2, today=TODAY)
        assert refused.value.field == field
    with pytest.raises(Stale) as stale:
        workspaces.edit(session, made, NewPartnership(title="Doors"), version=1, today=TODAY)
    assert stale.value.theirs["Title"] == "Batteries"


def test_nda_and_ip_have_their_days(session):
    made = a_workspace(session)
    signed = NdaFacts(state=Nda.SIGNED, signed_on=TODAY, expires_on=TODAY + 40 * A_DAY)
    wanted = NewNda(facts=signed, reference="N-7", note="Two years, mutual")
    workspace_terms.set_nda(session, made, wanted, version=1, **DATED)
    assert made.nda_facts == signed
    unsigned = NewNda(facts=NdaFacts(state=Nda.ASKED, signed_on=TODAY))
    with pytest.raises(WrongNda):
        workspace_terms.set_nda(session, made, unsigned, version=2, **DATED)
    with pytest.raises(Stale):
        workspace_terms.set_nda(session, made, wanted, version=1, **DATED)
    ip = NewIp(state=Ip.IN_PRINCIPLE, on=TODAY, text="Background stays")
    workspace_terms.set_ip(session, made, ip, version=2, **DATED)
    assert (made.ip, made.ip_on) == (Ip.IN_PRINCIPLE, TODAY)
    for state, day in ((Ip.AGREED, None), (None, TODAY), (Ip.AGREED, TOMORROW)):
        wrong = NewIp(state=state, on=day)
        with pytest.raises(RuleBroken) as refused:
            workspace_terms.set_ip(session, made, wrong, version=3, **DATED)
        assert refused.value.field == "on"
    with pytest.raises(Stale):
        workspace_terms.set_ip(session, made, ip, version=2, **DATED)


def test_faculty_are_asked_once_and_answer(session):
    made = a_workspace(session)
    person, employed = PersonFactory(), AffiliationFactory().person
    asked = {"field": "Lines", "on": TODAY, **DATED}
    one = convened.ask(session, made, person.id, **asked)
    with pytest.raises(AskedAlready):
        convened.ask(session, made, person.id, **asked)
    with pytest.raises(NotOfTheUniversity):
        convened.ask(session, made, employed.id, **asked)
    with pytest.raises(RuleBroken, match="today, or on a day before"):
        convened.ask(session, made, PersonFactory().id, **{**asked, "on": TOMORROW})
    one = queries.get_convened(session, one.id)
    said = {"field": "Lines", **DATED}
    for day in (None, TOMORROW, TODAY - A_DAY):
        with pytest.raises(RuleBroken) as refused:
            convened.answer(session, one, Answer.INTERESTED, on=day, version=1, **said)
        assert refused.value.field == "on"
    convened.answer(session, one, Answer.INTERESTED, on=TODAY, version=1, **said)
    with pytest.raises(Stale):
        convened.answer(session, one, Answer.DECLINED, on=TODAY, version=1, **said)
    convened.answer(session, one, Answer.ASKED, on=TODAY, version=2, **said)
    assert one.answered_on is None


def test_an_area_is_agreed_with_interest_on_both_sides(session):
    made = a_workspace(session)
    mine = ConvenedFactory(partnership_id=made.id)
    alien = ConvenedFactory(partnership_id=a_workspace(session).id)
    challenge = session.scalars(select(Challenge.id).limit(1)).one()
    draft = NewArea(title="Ladder", challenge_ids=(challenge,), convened_ids=(mine.id,))
    wrong = NewArea(title="Ladder", convened_ids=(alien.id,))
    with pytest.raises(NotFound):
        areas.propose(session, made, wrong, on=TODAY, **DATED)
    with pytest.raises(RuleBroken, match="proposed today"):
        areas.propose(session, made, draft, on=TOMORROW, **DATED)
    area = areas.propose(session, made, draft, on=TODAY, **DATED)
    area = queries.get_area(session, area.id)
    assert [one.id for one in area.faculty] == [mine.id]
    with pytest.raises(NotMutual, match="the company and the university"):
        areas.agree(session, area, on=TODAY, **DATED)
    keen, said = Side(interest=Interest.STRONG, by="Ann", on=TODAY), {"version": 1, "today": TODAY}
    areas.weigh(session, area, keen, Side(), **said)
    with pytest.raises(Stale):
        areas.weigh(session, area, keen, keen, **said)
    with pytest.raises(NotMutual, match="the university first"):
        areas.agree(session, area, on=TODAY, **DATED)
    areas.weigh(session, area, keen, keen, version=2, today=TODAY)
    for day in (TOMORROW, TODAY - A_DAY):
        with pytest.raises(RuleBroken) as refused:
            areas.agree(session, area, on=day, **DATED)
        assert refused.value.field == "on"
    areas.agree(session, area, on=TODAY, **DATED)
    with pytest.raises(AreaSettled, match="agreed"):
        areas.edit(session, area, draft, version=area.version)
    areas.drop(session, area, on=TODAY, reason="Their plant closes", **DATED)
    assert (area.agreed_on, area.dropped_on) == (None, TODAY)
    with pytest.raises(AreaSettled, match="dropped"):
        areas.agree(session, area, on=TODAY, **DATED)
    areas.take_up(session, area, **EDGE)
    with pytest.raises(AreaSettled, match="still being talked about"):
        areas.take_up(session, area, **EDGE)
    seen = area.version
    areas.edit(session, area, NewArea(title="Ladder", challenge_ids=(challenge,)), version=seen)
    assert area.version > seen  # who works on it belongs to it
    with pytest.raises(Stale):
        areas.edit(session, area, draft, version=seen)


def test_the_database_agrees_no_area_that_one_side_does_not_want(session):
    area = AreaFactory(partnership_id=a_workspace(session).id)
    session.commit()
    with pytest.raises(IntegrityError, match="both_sides"):
        session.execute(text(f"UPDATE area SET agreed_on = '2026-06-15' WHERE id = {area.id}"))
    session.rollback()


def test_a_scope_is_written_version_after_version(session):
    made = a_workspace(session)
    wanted = NewScope(
        text="A ladder",
        deliverables="Twelve teachers",
        starts_on=date(2026, 9, 1),
        ends_before=date(2030, 9, 1),
        estimate=Money(420_000_000, "USD"),
    )
    first = scoping.write(session, made, wanted, seen=0, **DATED)
    assert first.estimate == Money(420_000_000, "USD")
    with pytest.raises(Stale) as stale:
        scoping.write(session, made, NewScope(text="Another"), seen=0, **DATED)
    assert stale.value.theirs == {"Scope": "A ladder"}
    for wrong, field in (
        ({"ends_before": date(2026, 9, 1)}, "last_day"),
        ({"starts_on": None}, "starts_on"),
        ({"estimate": Money(0, "USD")}, "estimate"),
    ):
        with pytest.raises(RuleBroken) as refused:
            scoping.write(session, made, NewScope(**{**vars(wanted), **wrong}), seen=1, **DATED)
        assert refused.value.field == field
    scoping.write(session, made, NewScope(text="Smaller"), seen=1, **DATED)
    assert [one.number for one in queries.scopes_of(session, made.id)] == [2, 1]
    session.commit()
    with pytest.raises(IntegrityError, match="scope_is_for_good"):
        session.execute(text(f"UPDATE scope SET text = 'x' WHERE id = {first.id}"))
    session.rollback()


def test_a_scope_is_handed_over_once_and_taken_back_with_a_reason(session):
    made = a_workspace(session)
    wanted = NewHandoff(to_whom="Ada Quill", on=TODAY)
    with pytest.raises(NoScope, match="Write it"):
        scoping.hand_off(session, made, wanted, **DATED)
    ScopeFactory(partnership_id=made.id)
    for day in (TOMORROW, date(2026, 1, 4)):
        with pytest.raises(RuleBroken) as refused:
            scoping.hand_off(session, made, NewHandoff(to_whom="Ada", on=day), **DATED)
        assert refused.value.field == "on"
    done = scoping.hand_off(session, made, wanted, **DATED)
    with pytest.raises(HandedOff, match="Take that back first"):
        scoping.hand_off(session, made, wanted, **DATED)
    scoping.note_reference(session, made, done, "SR-1")
    with pytest.raises(HandedOff, match="SR-1"):
        scoping.note_reference(session, made, done, "SR-2")
    scoping.take_back(session, made, done, reason="The wrong scope", **EDGE)
    for again in (
        lambda: scoping.take_back(session, made, done, reason="Again", **EDGE),
        lambda: scoping.note_reference(session, made, done, "SR-3"),
    ):
        with pytest.raises(HandedOff, match="taken it back"):
            again()
    assert queries.handoff_of(session, made.id) is None
    assert scoping.hand_off(session, made, wanted, **DATED).id != done.id


def test_the_database_hands_over_only_a_scope_of_its_own_and_only_once(session):
    made, other = a_workspace(session), a_workspace(session)
    scope, theirs = (ScopeFactory(partnership_id=one.id) for one in (made, other))
    ids = (made.id, scope.id, theirs.id)
    HandoffFactory(partnership_id=ids[0], scope_id=ids[1])
    session.commit()
    for scope_id in ids[1:]:
        with pytest.raises(IntegrityError):
            HandoffFactory(partnership_id=ids[0], scope_id=scope_id)
        session.rollback()
    assert len(queries.handoffs_of(session, ids[0])) == 1


def test_what_is_closed_stays_until_it_is_opened_again(session):
    made = a_workspace(session)
    area = queries.get_area(session, AreaFactory(partnership_id=made.id, wanted=True).id)
    scope = ScopeFactory(partnership_id=made.id)
    handoff = HandoffFactory(partnership_id=made.id, scope_id=scope.id)
    one = queries.get_convened(session, ConvenedFactory(partnership_id=made.id).id)
    with pytest.raises(WorkspaceClosed, match="It is open"):
        workspaces.reopen(session, made, **EDGE)
    for day in (TOMORROW, date(2026, 1, 4)):
        with pytest.raises(RuleBroken) as refused:
            workspaces.close(session, made, on=day, how="Signed", **DATED)
        assert refused.value.field == "on"
    workspaces.close(session, made, on=TODAY, how="Signed", **DATED)
    version = {"version": made.version}
    new = NewPartnership(title="New")
    nda, ip = NewNda(facts=NdaFacts(state=None)), NewIp(state=None)
    said = {"on": TODAY, **DATED}
    for refused_act in (
        lambda: workspaces.edit(session, made, new, today=TODAY, **version),
        lambda: workspace_terms.set_nda(session, made, nda, **version, **DATED),
        lambda: workspace_terms.set_ip(session, made, ip, **version, **DATED),
        lambda: workspaces.close(session, made, how="Again", **said),
        lambda: convened.ask(session, made, PersonFactory().id, field=None, **said),
        lambda: convened.answer(session, one, Answer.DECLINED, field=None, version=1, **said),
        lambda: areas.propose(session, made, NewArea(title="New"), **said),
        lambda: areas.edit(session, area, NewArea(title="New"), version=1),
        lambda: areas.weigh(session, area, Side(), Side(), version=1, today=TODAY),
        lambda: areas.agree(session, area, **said),
        lambda: areas.drop(session, area, reason="No", **said),
        lambda: areas.take_up(session, area, **EDGE),
        lambda: scoping.write(session, made, NewScope(text="New"), seen=1, **DATED),
        lambda: scoping.hand_off(session, made, NewHandoff(to_whom="Ada", on=TODAY), **DATED),
        lambda: scoping.note_reference(session, made, handoff, "SR-1"),
        lambda: scoping.take_back(session, made, handoff, reason="No", **EDGE),
    ):
        with pytest.raises(WorkspaceClosed, match="Open it again first"):
            refused_act()
    workspaces.reopen(session, made, **EDGE)
    assert areas.agree(session, area, on=TODAY, **DATED) is None
