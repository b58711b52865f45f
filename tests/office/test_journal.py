"""The journal's page: who sees what of it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from crm.journal import operations
from crm.journal.models import JournalEntry
from crm.journal.operations import Entry
from tests.conftest import NOW
from tests.factories.companies import CompanyFactory


@pytest.fixture
def mill(session, sam):
    session.info["actor"] = sam.actor
    mill = CompanyFactory(name="Canary Mills")
    session.flush()
    mill.sector = "canary sector"
    mill.owner_id = sam.user_id
    session.flush()
    id_ = mill.id
    session.commit()
    session.info.clear()
    return id_


def test_a_director_sees_who_changed_what_with_names(dana, mill):
    page = dana.get("/office/journal?kind=company&act=changed")
    assert "Company changed : Canary Mills".replace(" :", ":") in page.words
    assert "canary sector" in page.words
    assert "Owner" in page.words
    assert "Sam Okafor" in page.words
    assert page.html.find("a", href=f"/office/companies/{mill}")


def test_an_administrator_sees_neither_names_nor_values_of_business(ada, mill):
    page = ada.get("/office/journal?kind=company")
    assert "Company changed" in page.words
    assert "canary" not in page.text.casefold()


def test_acts_of_before_told_results_which_an_administrator_does_not_see(ada, dana, session):
    """Entries stay as they were written. A label names a record: that is business, too."""
    row = {
        "at": NOW, "actor_id": 1, "actor_name": "Dana", "act": "recorded: denied",
        "kind": "screening", "record_id": 3, "label": "Aldous Mills", "confidential": False,
        "changes": {"result": [None, "denied"]},
    }  # fmt: skip
    session.execute(insert(JournalEntry), [row])
    session.commit()
    assert "Screening recorded: denied: Aldous Mills" in dana.get("/office/journal").words
    words = ada.get("/office/journal").words
    assert "Screening changed" in words
    assert not {"denied", "Aldous"} & set(words.replace(":", " ").split())
    ada.get("/office/journal?act=recorded:+denied", status=400)


def test_staff_and_readers_see_their_own_acts(sam, rea, dana, mill, session):
    assert "Company created" in sam.get("/office/journal").words
    assert "Company created" not in rea.get("/office/journal").words


def test_a_reader_cannot_ask_for_the_acts_of_others(rea, sam, mill):
    assert "Company created" not in rea.get(f"/office/journal?actor={sam.user_id}").words


def test_confidential_entries_are_for_those_who_may(dana, ada, session):
    entry = Entry(act="changed", kind="user", record_id=1, confidential=True, label="canary")
    operations.record(session, [entry], by=dana.actor, now=NOW)
    session.commit()
    assert "canary" in dana.get("/office/journal").words
    assert "canary" not in ada.get("/office/journal").words


def test_the_faculty_have_no_journal(fay):
    fay.get("/office/journal", status=403)


def test_pages_follow_each_other_by_key(dana, session):
    row = {
        "at": NOW, "actor_id": 1, "actor_name": "Dana", "act": "changed", "kind": "task",
        "confidential": False, "label": "", "changes": {},
    }  # fmt: skip
    session.execute(insert(JournalEntry), [{**row, "record_id": n} for n in range(120)])
    session.commit()
    page, seen = dana.get("/office/journal?kind=task"), 0
    while True:
        seen += len(page.html.select("ol.timeline > li"))
        older = page.html.find("a", rel="next")
        if older is None:
            break
        page = dana.get(older["href"])
    assert seen == 120


@pytest.mark.parametrize(
    "query", ["since=yesterday", "before=0", "actor=x", "until=2026-13-01", f"kind={'x' * 300}"]
)
def test_what_cannot_be_asked_is_told(dana, query):
    dana.get(f"/office/journal?{query}", status=400)


def test_days_are_those_of_the_programmes_zone(dana, mill):
    assert "Company created" in dana.get("/office/journal?since=2026-06-15&until=2026-06-15").words
    assert "Nothing found" in dana.get("/office/journal?kind=company&since=2026-06-16").words


def test_it_needs_few_statements(dana, mill, statements):
    statements.clear()
    dana.get("/office/journal")
    assert len(statements) <= 6
