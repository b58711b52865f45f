"""The report of major partnerships: the last estimate of each, and the stage of a day."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.pipeline import operations, workspaces
from crm.pipeline.models import Opportunity
from crm.reports import major_partnerships as report
from tests.conftest import NOW, TODAY
from tests.factories.pipeline import stage_of
from tests.factories.workspaces import PartnershipFactory, ScopeFactory

REA = Viewer(id=1, name="Rea", email="rea@x.example", roles=frozenset({Role.READER}))
FAY = Viewer(id=2, name="Fay", email="fay@x.example", roles=frozenset({Role.FACULTY}))
SCOPES = st.lists(st.none() | st.integers(1, 10**12), max_size=3)


def told(session, viewer, day=TODAY):
    names = [column.heading for column in report.columns(viewer)]
    rows = report.rows(session, day=day, viewer=viewer)
    assert all(len(row) == len(names) for row in rows)
    return {row[-1]: dict(zip(names, row, strict=True)) for row in rows}


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(SCOPES, max_size=4))
def test_the_estimate_is_that_of_the_last_scope(session, partnerships):
    expected = {}
    for scopes in partnerships:
        made = PartnershipFactory()
        for minor in scopes:
            ScopeFactory(partnership_id=made.id, estimate_minor=minor)
        last = scopes[-1] if scopes else None
        expected[made.id] = None if last is None else Money(last, "USD")
    found = told(session, REA)
    assert {id_: found[id_]["Estimate"] for id_ in expected} == expected
    assert {*told(session, FAY)} == {*found}


def test_faculty_have_no_column_of_sums(session):
    made = PartnershipFactory(pipe={"value_minor": 420_000_000})
    ScopeFactory(partnership_id=made.id, estimate_minor=310_000_000)
    row = told(session, FAY)[made.id]
    assert not {"Estimate", "Currency"} & {*row}
    assert not [value for value in row.values() if isinstance(value, Money)]


def test_the_stage_is_that_of_the_day(session):
    made = PartnershipFactory()
    opportunity = workspaces.opportunity_of(session, made.id)
    for key, on in (("nda-screening", date(2026, 2, 2)), ("areas-agreed", date(2026, 3, 2))):
        stage_id = stage_of("partnership", key).id
        operations.move(
            session, session.get_one(Opportunity, opportunity.id), stage_id, on=on,
            by=Actor(1, "Sam"), now=NOW, today=TODAY,
        )  # fmt: skip
    for day, stage in (
        (date(2026, 2, 1), "Areas agreed"),  # no act is known of it: as it stands
        (date(2026, 2, 2), "NDA and screening"),
        (date(2026, 3, 1), "NDA and screening"),
        (date(2026, 3, 2), "Areas agreed"),
    ):
        assert told(session, REA, day)[made.id]["Stage"] == stage
    assert told(session, REA, date(2026, 1, 4)) == {}
