"""What was recorded of the wrong day, or of the wrong company, is put right."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.companies.queries import CompanyArchived
from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.partnerships import contribution_stages, contributions, queries, rules
from crm.partnerships.contributions import NewContribution, TheirsAlready
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import Given, Kind, Stage
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.partnerships import (
    OFFERED,
    ContributionFactory,
    EvidenceFactory,
    ThanksFactory,
    UseFactory,
    step,
)
from tests.factories.projects import ProjectFactory

EDGE = {"by": Actor(1, "Sam Okafor"), "now": NOW}
DATED = {**EDGE, "today": TODAY}
DELIVERED = (Stage.ACCEPTED, Stage.DELIVERED)  # on 12 and on 19 January
DAY = timedelta(days=1)
ON = 'UPDATE contribution_step SET "on" = '
COMPANY = "UPDATE contribution SET company_id = :other"


def a_mill(session, **more) -> tuple[Contribution, dict[Stage, ContributionStep]]:
    mill = queries.get(session, ContributionFactory(**more).id)
    return mill, {one.stage: one for one in queries.steps_of(session, mill.id)}


def put(session, mill, one, on, *, seen=None):
    contribution_stages.correct_day(session, mill, one, on, seen=seen or one.on, **DATED)


def test_a_day_is_put_right_between_those_beside_it(session):
    mill, came = a_mill(session, stages=DELIVERED)
    accepted, delivered = came[Stage.ACCEPTED], came[Stage.DELIVERED]
    for wrong, of in (
        (OFFERED - DAY, accepted),
        (delivered.on + DAY, accepted),
        (accepted.on + DAY, came[Stage.OFFERED]),
        (TODAY + DAY, delivered),
    ):
        with pytest.raises(rules.WrongDay):
            put(session, mill, of, wrong)
    put(session, mill, accepted, delivered.on)
    assert queries.steps_of(session, mill.id)[1].on == date(2026, 1, 19)
    with pytest.raises(Stale):
        put(session, mill, accepted, OFFERED, seen=date(2026, 1, 12))
    UseFactory(contribution_id=mill.id, project_id=ProjectFactory(running=True).id)
    with pytest.raises(contribution_stages.StillUsed, match="February 1"):
        put(session, mill, delivered, date(2026, 2, 2))
    put(session, mill, delivered, date(2026, 2, 1))


def test_what_was_taken_back_keeps_its_day(session):
    mill, came = a_mill(session, stages=(Stage.ACCEPTED,))
    contribution_stages.take_back(session, mill, reason="The other mill", **EDGE)
    with pytest.raises(contribution_stages.NoSuchStep):
        put(session, mill, came[Stage.ACCEPTED], OFFERED)


def test_nothing_is_over_before_it_was_offered(session):
    mill, came = a_mill(session, lent=True, loan_ends_on=OFFERED + 2 * DAY)
    with pytest.raises(rules.WrongDay) as wrong:
        put(session, mill, came[Stage.OFFERED], OFFERED + 3 * DAY)
    assert wrong.value.field == "on"
    lent = partial(NewContribution, title="Mill", kind=Kind.EQUIPMENT, given=Given.LOAN)
    for field in ("loan_ends_on", "licence_ends_on"):
        over = lent(**{field: OFFERED - DAY})
        with pytest.raises(rules.WrongDay) as wrong:
            contributions.edit(session, mill, over, version=mill.version, today=TODAY)
        assert wrong.value.field == field
        with pytest.raises(rules.WrongDay):
            contributions.offer(session, mill.company_id, over, on=OFFERED, **DATED)
    put(session, mill, came[Stage.OFFERED], OFFERED + 2 * DAY)


def test_an_offer_of_the_wrong_company_is_put_right_while_nothing_hangs_on_it(session):
    mill, _ = a_mill(session, contact=PersonFactory(name="Ilse Roth"))
    EvidenceFactory(contribution_id=mill.id)
    rightly = CompanyFactory(name="Nimbrel Cobots")

    def correct(company_id: int = rightly.id, version: int | None = None) -> None:
        contributions.correct_company(
            session, mill, company_id, version=version or mill.version, **EDGE
        )

    with pytest.raises(Stale):
        correct(version=mill.version + 1)
    with pytest.raises(CompanyArchived):
        correct(CompanyFactory(archived_on=TODAY).id)
    with pytest.raises(TheirsAlready, match="Ilse Roth is its contact"):
        correct()
    with pytest.raises(IntegrityError, match="theirs"), session.begin_nested():
        session.execute(text(COMPANY), {"other": rightly.id})
    mill.contact = None
    session.flush()
    correct()
    assert queries.get(session, mill.id).company.name == "Nimbrel Cobots"
    assert len(queries.evidence_of(session, mill.id)) == 1
    step(mill, Stage.ACCEPTED, TODAY)
    with pytest.raises(TheirsAlready, match="more than offered"):
        correct()
    contribution_stages.take_back(session, mill, reason="The other mill", **EDGE)
    ThanksFactory(contribution_id=mill.id, released_at=NOW, released_by="Sam Okafor")
    with pytest.raises(TheirsAlready, match="was thanked"):
        correct()


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (f"{ON}'2026-01-13' WHERE stage = 'offered'", "between"),
        (f"{ON}'2026-01-11' WHERE stage = 'delivered'", "between"),
        (f"{ON}'2026-02-02' WHERE stage = 'delivered'", "between"),
        ("UPDATE contribution SET licence_ends_on = '2026-01-04'", "ends_in_time"),
        (COMPANY, "theirs"),
    ],
)
def test_the_database_knows_it_too(session, statement, refusal):
    mill = ContributionFactory(stages=DELIVERED, licence_ends_on=TODAY)
    UseFactory(contribution_id=mill.id, project_id=ProjectFactory(running=True).id)
    values = {"other": CompanyFactory().id} if ":other" in statement else {}
    with pytest.raises(IntegrityError, match=refusal), session.begin_nested():
        session.execute(text(statement), values)


def test_the_database_takes_no_offer_of_what_was_over_by_then(session):
    with pytest.raises(IntegrityError, match="offered_in_time"), session.begin_nested():
        ContributionFactory(licence_ends_on=OFFERED - DAY)
