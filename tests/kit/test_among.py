"""One statement for lists of any length."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from crm.companies.models import Company
from crm.kit.among import among
from tests.factories.companies import CompanyFactory

ASKED = select(Company.id).where(among(Company.id, "ids")).order_by(Company.id)


@pytest.mark.parametrize("how_many", [0, 1, 3])
def test_it_finds_those_and_no_others(session, how_many):
    ids = [company.id for company in CompanyFactory.create_batch(3)]
    session.commit()
    asked = [*ids[:how_many], 999_999]
    assert session.scalars(ASKED, {"ids": asked}).all() == ids[:how_many]


def test_the_statement_is_the_same_whatever_is_asked(session, statements):
    session.scalars(ASKED, {"ids": [1]}).all()
    session.scalars(ASKED, {"ids": list(range(1, 60))}).all()
    assert len(statements) == 2
    assert len(set(statements)) == 1


def test_an_index_answers_it(session):
    if session.get_bind().dialect.name == "sqlite":
        plan = "EXPLAIN QUERY PLAN "
        found = "SEARCH company USING INTEGER PRIMARY KEY"
    else:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "EXPLAIN "
        found = "Index Cond: (id = ANY"
    asked = str(ASKED.compile(session.get_bind(), compile_kwargs={"literal_binds": False}))
    read = "'[1, 2]'" if plan.startswith("EXPLAIN Q") else "'{1,2}'::int[]"
    asked = re.sub(r"\?|%\(ids\)s(::INTEGER\[\])?", read, asked)
    assert found in str(session.execute(text(plan + asked)).all())
