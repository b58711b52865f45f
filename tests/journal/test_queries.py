from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from crm.journal import operations, queries
from crm.kit.actors import Actor
from tests.conftest import NOW
from tests.factories.companies import AddressFactory, CompanyFactory, DomainFactory

BY = Actor(1, "Sam Okafor")


def test_a_record_s_history_tells_its_parts_too_newest_first(session: Session):
    company = CompanyFactory(name="Loomline")
    DomainFactory(company=company, domain="loomline.example")
    CompanyFactory()
    company.sector = "Textiles"
    session.flush()
    operations.note(session, "struck out", kind="company", record_id=company.id, by=BY, now=NOW)
    told = queries.history_of(session, [("company", company.id)], confidential=False)
    assert [(line.kind, line.act) for line in told] == [
        ("company", "struck out"),
        ("company", "changed"),
        ("company_domain", "created"),
        ("company", "created"),
    ]
    assert told[1].changes == {"sector": (None, "Textiles")}
    assert told[0].actor == "Sam Okafor"


def test_personal_values_are_joined_in(session: Session):
    address = AddressFactory(email="ann@loomline.example")
    told = queries.history_of(session, [("person", address.person_id)], confidential=False)
    assert any(line.changes.get("email") == (None, "ann@loomline.example") for line in told)


def test_confidential_entries_are_for_those_who_may(session: Session):
    entry = operations.Entry(act="changed", kind="company", record_id=7, confidential=True)
    operations.record(session, [entry], by=BY, now=NOW)
    assert queries.history_of(session, [("company", 7)], confidential=False) == []
    assert len(queries.history_of(session, [("company", 7)], confidential=True)) == 1


def test_an_act_is_a_verb_and_tells_no_result(session: Session):
    for act in ("recorded: denied", "NDA: signed", "moved to running"):
        with pytest.raises(ValueError, match="no act"):
            operations.note(session, act, kind="screening", record_id=1, by=BY, now=NOW)
