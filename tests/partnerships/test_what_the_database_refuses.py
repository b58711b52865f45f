"""What no operation would write, and the database does not take either."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.partnerships.facility_models import FacilityStep
from crm.partnerships.rules import FacilityStage, Stage
from tests.conftest import TODAY
from tests.factories.partnerships import (
    ContributionFactory,
    FacilityFactory,
    ParticipationFactory,
    step,
)

DELIVERED = (Stage.ACCEPTED, Stage.DELIVERED)
STRUCK = (
    "UPDATE contribution_step SET struck_at = '2026-06-15 00:00:00', struck_reason = 'x',"
    " struck_by = 'x' WHERE stage = "
)


@pytest.mark.parametrize(
    ("more", "stage"),
    [
        ({}, Stage.IN_USE),
        ({}, Stage.DELIVERED),
        ({"stages": (Stage.ACCEPTED,), "lent": True}, Stage.RETURNED),
        ({"stages": DELIVERED}, Stage.RETURNED),
    ],
)
def test_a_stage_follows_the_one_before(session, more, stage):
    mill = ContributionFactory(**more)
    with pytest.raises(IntegrityError, match="follows"), session.begin_nested():
        step(mill, stage, TODAY)


@pytest.mark.parametrize("struck", ["offered", "accepted"])
def test_only_the_last_is_struck(session, struck):
    ContributionFactory(stages=DELIVERED)
    with pytest.raises(IntegrityError, match="last_first"), session.begin_nested():
        session.execute(text(f"{STRUCK}'{struck}'"))
    session.execute(text(f"{STRUCK}'delivered'"))


def test_what_went_back_was_lent(session):
    ContributionFactory(lent=True, stages=(*DELIVERED, Stage.RETURNED))
    with pytest.raises(IntegrityError, match="went_back"), session.begin_nested():
        session.execute(text("UPDATE contribution SET given = 'gift'"))


def test_nobody_takes_part_in_what_is_closed(session):
    closed = FacilityFactory(stage=FacilityStage.CLOSED)  # on 5 January
    with pytest.raises(IntegrityError, match="while_open"), session.begin_nested():
        ParticipationFactory(facility=closed)
    days = {"starts_on": date(2025, 6, 1), "ends_before": date(2026, 1, 5)}
    ParticipationFactory(facility=closed, **days)
    with pytest.raises(IntegrityError, match="while_open"), session.begin_nested():
        session.execute(text("UPDATE participation SET ends_before = '2026-01-06'"))


def test_what_companies_take_part_in_does_not_close(session):
    part = ParticipationFactory(ends_before=TODAY)

    def close(on: date) -> None:
        closed = FacilityStage.CLOSED
        session.add(
            FacilityStep(facility_id=part.facility_id, stage=closed, on=on, by_name="Sam Okafor")
        )
        session.flush()

    with pytest.raises(IntegrityError, match="closes_empty"), session.begin_nested():
        close(date(2026, 6, 14))
    close(TODAY)
