"""Many rows in one statement say what the same rows say one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.companies.models import Company
from crm.companies.rules import Headcount
from crm.journal.models import JournalEntry
from crm.kit.inserts import insert_for_ids, insert_many, upsert_many
from crm.search.models import SearchEntry
from tests.factories.companies import CompanyFactory

AT = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
NASTY = '“Müller” & Söhne\n\\u0041 {"a": 1} \' -- 名 🎈\t%s :x'


def company(number: int, **more):
    row = {"name": f"N{number}", "name_key": f"n{number}", "match_key": "", "created_at": AT}
    return row | {"about": None, "archived_on": None, "headcount": None} | more


def entry(**more):
    row = {"at": AT, "actor_name": "Sam", "act": "made", "kind": "company", "changes": {}}
    return row | more


@pytest.mark.parametrize("how_many", [0, 1, 3])
def test_ids_come_in_the_order_of_the_rows(session, how_many):
    there = CompanyFactory()
    session.flush()
    rows = [company(number) for number in range(how_many)]
    ids = insert_for_ids(session.connection(), Company, rows)
    named = session.execute(select(Company.id, Company.name).where(Company.id != there.id)).all()
    assert {id_: name for id_, name in named} == {  # noqa: C416
        id_: row["name"] for id_, row in zip(ids, rows, strict=True)
    }
    later = CompanyFactory()
    session.flush()
    assert later.id not in {there.id, *ids}


@pytest.mark.parametrize("how_many", [1, 2])
def test_every_kind_of_value_comes_back(session, how_many):
    told = {
        "about": NASTY,
        "archived_on": date(2026, 2, 28),
        "headcount": Headcount.LARGE,
    }
    ids = insert_for_ids(
        session.connection(), Company, [company(number, **told) for number in range(how_many)]
    )
    for id_ in ids:
        found = session.get_one(Company, id_)
        assert (found.about, found.archived_on, found.headcount) == tuple(told.values())
        assert found.created_at == AT.astimezone(UTC)
        assert found.version == 1  # its default
        assert found.sector is None


@pytest.mark.parametrize("how_many", [1, 2])
def test_json_and_truth_come_back(session, how_many):
    changes = {"about": [None, NASTY], "number": [1, 2.5], "champion": [False, True]}
    insert_many(
        session.connection(),
        JournalEntry,
        [entry(changes=changes, confidential=True)] * how_many,
    )
    for found in session.scalars(select(JournalEntry).where(JournalEntry.act == "made")).all():
        assert found.changes == changes
        assert found.confidential is True


def test_a_moment_needs_its_zone(session):
    with pytest.raises(ValueError, match="zone"):
        insert_many(
            session.connection(),
            JournalEntry,
            [entry(at=datetime(2026, 3, 1))] * 2,  # noqa: DTZ001
        )


def test_what_json_cannot_say_is_refused(session):
    with pytest.raises(TypeError, match="bytes"):
        insert_many(session.connection(), JournalEntry, [entry(label=b"")] * 2)


def test_one_wrong_row_leaves_none(session):
    with pytest.raises(IntegrityError), session.begin_nested():
        insert_many(session.connection(), Company, [company(1), company(2, name=" ")])
    assert session.scalar(select(func.count()).select_from(Company)) == 0


def test_an_upsert_changes_what_is_there(session):
    def rows(*titles: str):
        return [
            {"kind": "company", "record_id": 900 + place, "title": title, "folded": title.lower()}
            for place, title in enumerate(titles)
        ]

    key = ("kind", "record_id")
    upsert_many(session.connection(), SearchEntry, rows("One"), key=key)
    upsert_many(session.connection(), SearchEntry, rows("Eins", "Zwei", "Drei"), key=key)
    found = session.execute(
        select(SearchEntry.title, SearchEntry.folded, SearchEntry.archived)
        .where(SearchEntry.record_id >= 900)
        .order_by(SearchEntry.record_id)
    ).all()
    assert [tuple(row) for row in found] == [
        ("Eins", "eins", False),
        ("Zwei", "zwei", False),
        ("Drei", "drei", False),
    ]


def test_the_statement_is_the_same_however_many_rows(session, statements):
    insert_many(session.connection(), JournalEntry, [entry()] * 2)
    insert_many(session.connection(), JournalEntry, [entry()] * 500)
    assert len(statements) == 2
    assert len(set(statements)) == 1
