"""Before anybody approaches a company: who else does, and whom to ask."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from crm.journal.models import JournalEntry
from crm.mail.models import OutgoingMail
from crm.projects.rules import Stage
from tests.conftest import NOW, TODAY
from tests.factories.activities import InterestFactory, TaskFactory, TouchFactory
from tests.factories.companies import CompanyFactory, PersonFactory, UserFactory
from tests.factories.pipeline import OpportunityFactory
from tests.factories.projects import FacultyFactory, ProjectFactory, TieFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory

MINE = "/office/my-companies"


def names(member):
    return [row[0].split(" Sector")[0] for row in member.get(MINE).rows()[1:]]


def test_they_are_those_one_has_to_do_with(fay, session):
    own = PersonFactory(name="Fay Lindqvist", user_id=fay.user_id)
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group, university=True, person=own)
    PlaceFactory(group=group).company.name = "Grouped"
    CompanyFactory(name="Owned", owner_id=fay.user_id)
    TouchFactory(company=CompanyFactory(name="Called"), by_id=fay.user_id)
    TouchFactory(company=CompanyFactory(name="Struck"), by_id=fay.user_id, struck=True)
    OpportunityFactory(company=CompanyFactory(name="Pursued"), owner_id=fay.user_id)
    InterestFactory(company=CompanyFactory(name="Staked"), person=own)
    InterestFactory(company=CompanyFactory(name="Sold"), person=own, over=True)
    project, over = ProjectFactory(running=True), ProjectFactory(stage=Stage.DROPPED)
    for one, name in ((project, "Hosting"), (over, "Hosted")):
        TieFactory(project_id=one.id, company=CompanyFactory(name=name))
        FacultyFactory(project_id=one.id, person=own)
    CompanyFactory(name="Archived", owner_id=fay.user_id, archived_on=TODAY)
    TouchFactory(company=CompanyFactory(name="Others"))
    session.commit()
    assert sorted(names(fay)) == ["Called", "Grouped", "Hosting", "Owned", "Pursued", "Staked"]
    place.ends_before = TODAY
    session.commit()
    assert "Grouped" not in names(fay)


def test_each_tells_who_else_talks_to_it_and_what_is_next(fay, session):
    owner = UserFactory(name="Una Berg")
    company = CompanyFactory(name="Acme", owner_id=owner.id)
    TouchFactory(company=company, by_id=fay.user_id, on=date(2026, 4, 1))
    TouchFactory(company=company, by_id=owner.id, on=date(2026, 5, 2), text="Their fee")
    TouchFactory(company=company, by_id=owner.id, on=date(2026, 6, 1), confidential=True)
    TaskFactory(company=company, title="Send the terms", due_on=date(2026, 7, 1))
    TaskFactory(company=company, title="Later", due_on=date(2026, 8, 1))
    OpportunityFactory(company=company, value_minor=731_317_00)
    session.commit()
    page = fay.get(MINE)
    [row] = page.rows()[1:]
    assert row[1:6] == [
        "May 2, 2026 Call, Una Berg", "Apr 1, 2026", "Industry Alliance",
        "Send the terms Jul 1, 2026", "Una Berg",
    ]  # fmt: skip
    assert "731" not in page.words
    assert "Their fee" not in page.words


def test_they_are_searched_sorted_and_taken_along(fay, session):
    for name, mine, last in (("Arden Alloys", 1, 4), ("Birch Tools", 3, 3), ("Cedar Alloys", 2, 5)):
        company = CompanyFactory(name=name)
        TouchFactory(company=company, by_id=fay.user_id, on=date(2026, 4, mine))
        TouchFactory(company=company, on=date(2026, 4, last))
    CompanyFactory(name="Dale", owner_id=fay.user_id)
    session.commit()

    def found(question: str) -> str:
        page = fay.get(f"{MINE}?{question}").html
        return "".join(one.find("a").text[0] for one in page.select("tbody th"))

    assert found("") == "ABCD"
    assert found("sort=-name") == "DCBA"
    assert (found("sort=mine"), found("sort=-mine")) == ("ACBD", "BCAD")
    assert (found("sort=last"), found("sort=-last")) == ("BACD", "CABD")
    assert found("q=alloys") == "AC"
    page = fay.get(f"{MINE}?q=%26")
    assert "No company of yours is like that" in page.words
    page = fay.get(f"{MINE}?q=alloys&sort=-mine")
    link = page.html.find("a", attrs={"aria-label": "Export as CSV"})["href"]
    rows = list(csv.DictReader(io.StringIO(fay.get(link).text.lstrip("\ufeff"))))
    assert [(row["Company"], row["My last on"]) for row in rows] == [
        ("Cedar Alloys", "2026-04-02"), ("Arden Alloys", "2026-04-01"),
    ]  # fmt: skip
    fay.get(f"{MINE}.xlsx")


def test_who_reads_only_has_none(rea):
    rea.get(MINE, status=403)


def test_the_owner_is_asked_by_mail_and_the_answer_goes_to_who_asks(fay, session):
    owner = UserFactory(name="Una Berg", email="una@office.example")
    company = CompanyFactory(name="Acme", owner_id=owner.id)
    url = f"/office/companies/{company.id}"
    session.commit()
    assert "Before you approach them, ask Una Berg" in fay.get(url).words
    assert "say what you have in mind" in fay.post(f"{url}/ask", {}, status=422).words.casefold()
    fay.post(f"{url}/ask", {"text": "A student project on their line in Ohio"})
    letter = session.scalars(select(OutgoingMail)).one()
    assert (letter.to, letter.reply_to) == ("una@office.example", fay.viewer.email)
    assert "A student project on their line in Ohio" in letter.body
    assert url in letter.body
    asked = select(JournalEntry).where(JournalEntry.act == "owner asked")
    assert session.scalars(asked).one().record_id == company.id
    session.rollback()
    fay.post(f"{url}/ask", {"text": "A student project on their line in Ohio"})
    assert len(session.scalars(select(OutgoingMail)).all()) == 1


@pytest.mark.parametrize("owner", ["nobody", "disabled", "oneself", "archived"])
def test_where_nobody_can_be_asked_it_says_so(sam, session, owner):
    gone = UserFactory(disabled_at=NOW)
    owner_id = {"disabled": gone.id, "oneself": sam.user_id}.get(owner)
    company = CompanyFactory(
        name="Acme", owner_id=owner_id, archived_on=TODAY if owner == "archived" else None
    )
    url = f"/office/companies/{company.id}"
    session.commit()
    says = {
        "oneself": "You look after Acme yourself",
        "archived": "Acme is archived: nobody looks after it.",
    }.get(owner, "Nobody looks after Acme yet")
    for ask in (sam.client.get, sam.client.post):
        sam.ask(ask, f"{url}/ask", data=sam.sent({"text": "May I?"})).close()
        assert says in sam.get(url).words
    assert session.scalars(select(OutgoingMail)).all() == []
