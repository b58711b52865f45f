"""Contributions: offered, valued, moved along, thanked for; and the ledger of a day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.documents.operations import NamedFile, NewFile, UnfitFile
from crm.documents.store import store_at
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.money import Money
from crm.mail.models import OutgoingMail
from crm.partnerships import (
    contribution_stages,
    contributions,
    evidence,
    queries,
    rules,
    thanks,
    thanks_queries,
)
from crm.partnerships.contributions import NewContribution
from crm.partnerships.models import Contribution, ContributionStep, ThanksLetter
from crm.partnerships.queries import ContributionSearch
from crm.partnerships.rules import Basis, Given, Kind, Stage, Thanks, Valuation, Valuer
from tests.conftest import NOW, TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.memberships import PDF
from tests.factories.partnerships import (
    OFFERED,
    ContributionFactory,
    EvidenceFactory,
    FacilityFactory,
    ThanksFactory,
    step,
)
from tests.racing import race

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}
DATED = {**EDGE, "today": TODAY}
LIST_PRICE = Valuation(
    basis=Basis.LIST_PRICE,
    amount=Money(18_000_000, "USD"),
    valuer=Valuer.DONOR,
    valued_by="Their controller",
    valued_on=TODAY,
)


def a_gift(session, **more) -> Contribution:
    made = ContributionFactory(**more)
    return queries.get(session, made.id)


def move(session, contribution, stage, *, on=TODAY, reason=None):
    contribution_stages.move(session, contribution, stage, on=on, reason=reason, **DATED)


def test_an_offer_is_accepted_delivered_used_and_given_back(session):
    company = CompanyFactory(name="Sagamore Machine Tools")
    contact = AffiliationFactory(company=company, person=PersonFactory(name="Ilse Roth")).person
    AddressFactory(person=contact, email="ilse@sagamore.example")
    facility = FacilityFactory(name="Teaching factory")
    draft = NewContribution(
        title="Five-axis mill",
        kind=Kind.EQUIPMENT,
        given=Given.LOAN,
        facility_id=facility.id,
        contact_id=contact.id,
        upkeep="Theirs",
        loan_ends_on=TODAY + timedelta(days=400),
    )
    made = contributions.offer(session, company.id, draft, on=TODAY, **DATED)
    for stage in (Stage.ACCEPTED, Stage.DELIVERED, Stage.IN_USE, Stage.RETURNED):
        move(session, made, stage)
    told = [letter.kind for letter in thanks_queries.of_contribution(session, made.id)]
    assert told == [Thanks.RETURN, Thanks.ACCEPTANCE]
    for letter in thanks_queries.of_contribution(session, made.id):
        thanks.release(session, thanks_queries.get(session, letter.id), **DATED)
    sent = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
    assert [mail.subject for mail in sent] == [
        "Back with you, and thank you: Five-axis mill",
        "Thank you for the loan: Five-axis mill",
    ]
    assert "went back to you on June 15, 2026" in sent[0].body
    assert "for the Teaching factory" in sent[1].body


def test_only_the_next_stage_is_taken_on_a_day_that_fits(session):
    mill = a_gift(session)
    with pytest.raises(contribution_stages.NoSuchStep, match="next is accepted or ended"):
        move(session, mill, Stage.IN_USE)
    with pytest.raises(rules.WrongDay, match="earliest day is January 5"):
        move(session, mill, Stage.ACCEPTED, on=OFFERED - timedelta(days=1))
    with pytest.raises(rules.WrongDay, match="latest day is June 15"):
        move(session, mill, Stage.ACCEPTED, on=TODAY + timedelta(days=1))
    with pytest.raises(RuleBroken, match="Say why"):
        move(session, mill, Stage.ENDED)
    move(session, mill, Stage.ENDED, reason="No floor for it")
    with pytest.raises(contribution_stages.NoSuchStep, match="nothing follows"):
        move(session, mill, Stage.ACCEPTED)


def test_what_is_given_is_not_returned(session):
    mill = a_gift(session, stages=(Stage.ACCEPTED, Stage.DELIVERED))
    with pytest.raises(contribution_stages.NoSuchStep):
        move(session, mill, Stage.RETURNED)


def test_a_stage_recorded_by_mistake_is_struck_and_its_letter_with_it(session):
    mill = a_gift(session)
    with pytest.raises(contribution_stages.NoSuchStep):
        contribution_stages.take_back(session, mill, reason="Oops", **EDGE)
    move(session, mill, Stage.ACCEPTED)
    contribution_stages.take_back(session, mill, reason="The other mill", **EDGE)
    assert thanks_queries.of_contribution(session, mill.id) == []
    move(session, mill, Stage.ACCEPTED, on=TODAY)
    assert len(thanks_queries.of_contribution(session, mill.id)) == 1
    steps = queries.steps_of(session, mill.id)
    assert [one.stage for one in queries.standing(steps)] == [Stage.OFFERED, Stage.ACCEPTED]
    assert [one.struck_reason for one in steps if one.struck_at] == ["The other mill"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contribution_step SET reason = 'x'",
        "DELETE FROM contribution_step",
        "DELETE FROM contribution",
        "UPDATE contribution SET by_name = 'x'",
        "UPDATE evidence SET title = 'x'",
        "DELETE FROM evidence",
        "UPDATE thanks_letter SET released_at = NULL, released_by = NULL",
        "DELETE FROM thanks_letter",
    ],
)
def test_what_was_recorded_stays(session, statement):
    mill = a_gift(session)
    mill.contact = AddressFactory(person=AffiliationFactory(company=mill.company).person).person
    EvidenceFactory(contribution_id=mill.id)
    move(session, mill, Stage.ACCEPTED)
    thanks.release(session, thanks_queries.of_contribution(session, mill.id)[0], **DATED)
    with pytest.raises(IntegrityError, match=r"_for_good|_stays|_theirs|_out"):
        session.execute(text(statement))
    session.rollback()


def test_the_database_knows_the_order_of_stages(session):
    mill = a_gift(session, stages=(Stage.ACCEPTED,))
    for wrong in (
        partial(step, mill, Stage.DELIVERED, OFFERED),
        partial(step, mill, Stage.ACCEPTED, TODAY),
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            wrong()
    step(mill, Stage.ENDED, TODAY)
    with pytest.raises(IntegrityError, match="in_order"), session.begin_nested():
        step(mill, Stage.DELIVERED, TODAY)
    struck = "UPDATE contribution_step SET struck_reason = 'x'"
    with pytest.raises(IntegrityError, match="ck_contribution_step_struck"), session.begin_nested():
        session.execute(text(struck))


VALUES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind),
        "given": st.sampled_from(Given),
        "basis": st.none() | st.sampled_from(Basis),
        "amount_minor": st.sampled_from([None, 0, 5]),
        "currency": st.sampled_from([None, "USD"]),
        "valuer": st.none() | st.sampled_from(Valuer),
        "valued_by": st.sampled_from([None, "Their controller"]),
        "valued_on": st.sampled_from([None, TODAY]),
        "loan_ends_on": st.sampled_from([None, TODAY]),
        "disposal_on": st.sampled_from([None, TODAY]),
    }
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(VALUES)
def test_the_database_refuses_what_the_rules_refuse(session, values):
    """Whatever a row says of its value, both tongues judge it alike."""
    row = Contribution(
        company_id=CompanyFactory().id, title="Mill", created_at=NOW, by_name="Sam", **values
    )
    held = [values[name] is not None for name in ("amount_minor", "currency")]
    try:
        rules.refuse_kind(row.kind, row.given, row.days)
        if row.basis is None:
            fits = not any([*held, row.valuer, row.valued_by, row.valued_on])
            fits = fits and row.kind is not Kind.SERVICES
        elif row.basis is Basis.NOT_COUNTABLE:
            rules.refuse_valuation(row.kind, row.given, Valuation(basis=row.basis))
            fits = not any([*held, row.valuer, row.valued_by, row.valued_on])
        else:
            rules.refuse_valuation(row.kind, row.given, row.valuation)
            fits = all(held)
    except RuleBroken:
        fits = False
    taken = True
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        taken = False
    assert taken == fits


def test_services_are_not_countable(session):
    company_id = CompanyFactory().id
    draft = NewContribution(title="Two weeks of rigging", kind=Kind.SERVICES, given=Given.GIFT)
    made = contributions.offer(session, company_id, draft, on=TODAY, **DATED)
    assert made.basis is Basis.NOT_COUNTABLE
    with pytest.raises(rules.WrongValuation):
        contributions.value(session, made, LIST_PRICE, version=made.version, **DATED)
    contributions.value(session, made, None, version=made.version, **DATED)
    assert made.basis is Basis.NOT_COUNTABLE
    lent = NewContribution(title="Rigging", kind=Kind.SERVICES, given=Given.LOAN)
    with pytest.raises(rules.WrongKind):
        contributions.offer(session, company_id, lent, on=TODAY, **DATED)


def test_a_value_is_somebody_else_s_and_goes_before_what_it_does_not_fit(session):
    mill = a_gift(session)
    contributions.value(session, mill, LIST_PRICE, version=mill.version, **DATED)
    assert mill.amount == Money(18_000_000, "USD")
    lent = NewContribution(title=mill.title, kind=Kind.EQUIPMENT, given=Given.LOAN)
    with pytest.raises(RuleBroken, match="take its value out first"):
        contributions.edit(session, mill, lent, version=mill.version, today=TODAY)
    with pytest.raises(Stale):
        contributions.value(session, mill, None, version=mill.version - 1, **DATED)
    contributions.value(session, mill, None, version=mill.version, **DATED)
    contributions.edit(session, mill, lent, version=mill.version, today=TODAY)
    assert (mill.given, mill.basis, mill.valued_by) == (Given.LOAN, None, None)
    ahead = Valuation(
        basis=Basis.LEASE, amount=Money(5, "USD"), valuer=Valuer.DONOR, valued_by="They",
        valued_on=TODAY + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="today or before"):
        contributions.value(session, mill, ahead, version=mill.version, **DATED)


def test_who_edits_what_somebody_else_has_changed_is_told(session):
    mill = a_gift(session)
    seen = mill.version
    contributions.edit(
        session,
        mill,
        NewContribution(title="A lathe", kind=Kind.EQUIPMENT, given=Given.GIFT),
        version=seen,
        today=TODAY,
    )
    again = NewContribution(title="A press", kind=Kind.EQUIPMENT, given=Given.GIFT)
    with pytest.raises(Stale) as stale:
        contributions.edit(session, mill, again, version=seen, today=TODAY)
    assert (stale.value.theirs, stale.value.yours) == (
        {"What it is": "A lathe"},
        {"What it is": "A press"},
    )


def test_whom_we_thank_is_at_the_company(session):
    stranger, company_id = PersonFactory(), CompanyFactory().id
    draft = partial(NewContribution, title="Mill", kind=Kind.EQUIPMENT, given=Given.GIFT)
    offer = partial(contributions.offer, session, company_id, on=TODAY, **DATED)
    with pytest.raises(contributions.NotTheirs):
        offer(draft(contact_id=stranger.id))
    with pytest.raises(NotFound):
        offer(draft(facility_id=999))
    for missing in (999, PersonFactory(archived_on=TODAY).id):
        with pytest.raises(contributions.NotOurs, match="on record"):
            offer(draft(responsible_id=missing))
    with pytest.raises(rules.WrongDay, match="latest day"):
        contributions.offer(session, company_id, draft(), on=TODAY + timedelta(days=1), **DATED)


def test_a_letter_without_anybody_to_write_to_is_told_and_one_goes_out_once(session):
    mill = a_gift(session, stages=(Stage.ACCEPTED,))
    letter = thanks_queries.get(session, ThanksFactory(contribution_id=mill.id).id)
    with pytest.raises(thanks.NoLetter, match="choose one"):
        thanks.written(session, letter, by=BY, today=TODAY)
    person = AffiliationFactory(company=mill.company).person
    mill.contact = person
    session.flush()
    with pytest.raises(thanks.NoLetter, match="no e-mail address"):
        thanks.written(session, letter, by=BY, today=TODAY)
    AddressFactory(person=person)
    thanks.release(session, letter, **DATED)
    for again in (partial(thanks.release, today=TODAY), thanks.drop):
        with pytest.raises(thanks.NoLetter):
            again(session, letter, **EDGE)


def test_let_out_many_times_at_once_a_letter_goes_out_once(app, session):
    mill = ContributionFactory(stages=(Stage.ACCEPTED,))
    mill.contact = AddressFactory(
        person=AffiliationFactory(company=mill.company).person, email="ilse@sagamore.example"
    ).person
    letter_id = ThanksFactory(contribution_id=mill.id).id
    session.commit()

    def let_out(racer):
        thanks.release(racer, thanks_queries.get(racer, letter_id), **DATED)

    assert race(app, [let_out] * 6).count(None) == 1
    assert session.scalars(select(OutgoingMail.to)).all() == ["ilse@sagamore.example"]


def test_what_was_long_ago_is_not_written_about(session):
    mill = a_gift(session)
    move(session, mill, Stage.ACCEPTED, on=OFFERED)
    assert session.scalar(select(func.count()).select_from(ThanksLetter)) == 0


def test_evidence_is_added_and_stays(session, tmp_path):
    mill, store = a_gift(session), store_at(f"file://{tmp_path}")
    wanted = partial(NamedFile, title="Price list")
    add = partial(evidence.add, session, store, mill, **DATED)
    with pytest.raises(UnfitFile):
        add(wanted(file=NewFile(name="x.pdf", content=b"nothing")))
    add(wanted(file=NewFile(name="x.pdf", content=PDF)))
    assert [one.title for one in queries.evidence_of(session, mill.id)] == ["Price list"]


def test_many_at_once_accept_it_once(app, session):
    mill_id = ContributionFactory().id
    session.commit()

    def accept(racer):
        move(racer, queries.get(racer, mill_id), Stage.ACCEPTED)

    assert race(app, [accept] * 6).count(None) == 1
    accepted = select(func.count()).where(ContributionStep.stage == Stage.ACCEPTED)
    assert session.scalar(accepted) == 1


def test_the_ledger_answers_for_a_day_and_never_adds_up_bases(session):
    accepted = {"stages": (Stage.ACCEPTED,)}  # on 12 January
    ContributionFactory(valued=100, **accepted)
    ContributionFactory(valued=30, **accepted)
    ContributionFactory(valued=7, currency="EUR", **accepted)
    ContributionFactory(valued=5, lent=True, stages=(*accepted["stages"], Stage.DELIVERED))
    ContributionFactory(valued=900)
    ContributionFactory(services=True, **accepted)
    ContributionFactory(**accepted)
    search = ContributionSearch(day=TODAY)
    assert [
        (one.basis, one.number, one.amount and (one.amount.minor, one.amount.currency))
        for one in queries.sums(session, search)
    ] == [
        (Basis.LEASE, 1, (5, "USD")),
        (Basis.LIST_PRICE, 1, (7, "EUR")),
        (Basis.LIST_PRICE, 2, (130, "USD")),
        (Basis.NOT_COUNTABLE, 1, None),
        (None, 1, None),
    ]
    assert queries.sums(session, ContributionSearch(day=OFFERED)) == []
    rows = session.execute(search.select(money=True)).all()
    assert len(rows) == 7
    on_the_day = session.execute(ContributionSearch(day=OFFERED).select(money=False)).all()
    assert {row.stage for row in on_the_day} == {Stage.OFFERED}
    assert not {"amount_minor", "currency", "basis", "valued_by"} & set(on_the_day[0]._fields)
    before = ContributionSearch(day=OFFERED - timedelta(days=1)).select(money=True)
    assert session.execute(before).all() == []


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("given_", Given)
def test_it_alarms_alike_in_both_tongues(session, stage, given_):
    path = [one for one in Stage if one not in rules.OVER and one is not Stage.OFFERED]
    path = path[: path.index(stage) + 1] if stage in path else [*path, stage]
    path = [] if stage is Stage.OFFERED else path
    if Stage.RETURNED in path and given_ is Given.GIFT:
        path[-1] = Stage.ENDED
    for days in (-160, -1, 0, 90, 91, None):
        on = None if days is None else TODAY + timedelta(days=days)
        named = "loan_ends_on" if given_ is Given.LOAN else "disposal_on"
        mill = a_gift(session, given=given_, stages=path, licence_ends_on=on, **{named: on})
        said = rules.alarms(TODAY, ([Stage.OFFERED, *path])[-1], mill.days)
        found = [
            (row.alarm, row.on)
            for row in session.execute(queries.due_soon(TODAY))
            if row.id == mill.id
        ]
        assert sorted(found) == sorted((alarm.value, on) for alarm, on in said)


def test_a_day_before_it_was_accepted_nothing_alarms(session):
    ContributionFactory(stages=(Stage.ACCEPTED,), licence_ends_on=date(2026, 1, 20))
    assert session.execute(queries.due_soon(OFFERED)).all() == []
    assert len(session.execute(queries.due_soon(TODAY)).all()) == 1
