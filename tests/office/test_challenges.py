"""The challenge map: each number is its list, and a gap says what to do about it."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from crm.companies.models import CompanyChallenge
from crm.people.models import ProfileChallenge
from crm.programme.models import Challenge
from crm.projects.models import ProjectStage
from crm.projects.rules import ProjectKind, Stage
from crm.working_groups.models import WorkingGroupChallenge
from tests.conftest import TODAY
from tests.factories.companies import (
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
)
from tests.factories.meetings import MeetingFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.projects import ProjectFactory
from tests.factories.working_groups import WorkingGroupFactory

MAP = "/office/challenges"
EARLIER = date(2026, 3, 2)


def challenges(session: Any) -> list[Challenge]:
    return list(session.scalars(select(Challenge).order_by(Challenge.number)))


def some(dice: random.Random, ids: list[int]) -> list[int]:
    return [id_ for id_ in ids if dice.random() < 0.4]


def alliance(session: Any, dice: random.Random) -> None:
    """A little of everything, with challenges at random; commits."""
    every = challenges(session)
    every[-1].retired_on = TODAY - timedelta(days=30)
    ids = [one.id for one in every]
    for _ in range(14):
        old = dice.random() < 0.2
        company = CompanyFactory(archived_on=TODAY if old else None)
        if dice.random() < 0.5:
            MembershipFactory(company=company, starts_on=dice.choice([date(2025, 10, 1), TODAY]))
        session.add_all(
            CompanyChallenge(company_id=company.id, challenge_id=id_) for id_ in some(dice, ids)
        )
    for _ in range(12):
        person = PersonFactory(archived_on=TODAY if dice.random() < 0.2 else None)
        ProfileFactory(person=person)
        if dice.random() < 0.2:
            AffiliationFactory(person=person)
        session.add_all(
            ProfileChallenge(person_id=person.id, challenge_id=id_) for id_ in some(dice, ids)
        )
    for _ in range(12):
        made = ProjectFactory(
            challenge_ids=some(dice, ids),
            kind=dice.choice(list(ProjectKind)),
            starts_on=TODAY + timedelta(days=dice.randrange(-90, 90)),
        )
        for stage, day in ((Stage.RUNNING, date(2026, 2, 1)), (Stage.FINISHED, date(2026, 6, 1))):
            if dice.random() < 0.7:
                made.stage = stage
                session.add(ProjectStage(project_id=made.id, stage=stage, on=day, by_name="Sam"))
    for _ in range(9):
        group = WorkingGroupFactory(
            founded_on=dice.choice([date(2025, 10, 1), date(2026, 5, 1)]),
            closed_on=dice.choice([None, None, date(2026, 6, 1)]),
        )
        session.add_all(
            WorkingGroupChallenge(group_id=group.id, challenge_id=id_) for id_ in some(dice, ids)
        )
        for _ in range(dice.randrange(3)):
            start = datetime(2026, dice.randrange(2, 10), 14, 14, 0)  # noqa: DTZ001 (on the wall)
            MeetingFactory(
                body=group.body,
                starts_local=start,
                ends_local=start + timedelta(hours=2),
                cancelled=dice.random() < 0.2,
            )
    session.commit()


def cells(page: Any) -> list[tuple[str, str]]:
    """The word and the address of every cell of the map."""
    table = page.html.find("table")
    return [
        (" ".join(cell.a.get_text(" ").split()), cell.a["href"])
        for row in table.tbody.find_all("tr")
        for cell in row.find_all("td")
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("as_of", [None, EARLIER])
@pytest.mark.parametrize("who", ["dana", "fay"])
def test_every_number_is_the_length_of_the_list_it_opens(request, session, seed, as_of, who):
    member = request.getfixturevalue(who)
    alliance(session, random.Random(seed))
    shown = cells(member.get(MAP + (f"?as_of={as_of}" if as_of else "")))
    assert len(shown) >= 6 * 3
    for word, address in shown:
        listed = len(member.get(address.partition("#")[0]).rows()[1:])
        number = int(word) if word.isdigit() else 0
        assert number == listed, f"{word} at {address}, which lists {listed}"


@pytest.mark.parametrize("who", ["dana", "fay"])
def test_who_names_no_challenge_is_counted_apart_and_listed(request, session, who):
    member = request.getfixturevalue(who)
    MembershipFactory()
    alliance(session, random.Random(11))
    links = member.get(MAP).html.select("#nowhere a")
    assert len(links) == 3
    for link in links:
        number = int(link.get_text().split()[0])
        assert len(member.get(str(link["href"])).rows()[1:]) == number > 0


def test_a_retired_challenge_stands_below_while_it_has_records(dana, session):
    first, *_, last = challenges(session)
    first.retired_on = last.retired_on = TODAY
    ProjectFactory(challenge_ids=[first.id], running=True)
    name, gone = first.name, last.name
    session.commit()
    rows = [row[0] for row in dana.get(MAP).rows()[1:]]
    assert rows[-1] == f"{name} Retired"
    assert not any(gone in row for row in rows)
    earlier = [row[0] for row in dana.get(f"{MAP}?as_of={TODAY - timedelta(days=1)}").rows()[1:]]
    assert earlier[0] == name
    assert gone in earlier


@pytest.mark.parametrize(
    ("who", "group", "faculty"),
    [
        ("dana", "Found one", "Tick it in the profile of whoever does"),
        ("fay", "See the other groups", "Tick it in your profile, if you do"),
        ("rea", "See the other groups", "Tick it in the profile of whoever does"),
    ],
)
def test_a_gap_has_words_and_what_to_do_for_whoever_looks(request, session, who, group, faculty):
    member, key = request.getfixturevalue(who), challenges(session)[0].key
    session.rollback()
    page = member.get(MAP)
    assert page.rows()[1][1:] == [
        "No member", "No prospect", "No faculty", "No project", "No group", "Nothing ahead",
    ]  # fmt: skip
    assert group in page.words
    assert faculty in page.words
    one = member.get(f"{MAP}/{key}")
    for says in ("No faculty work on it.", "No working group is open.", "Nothing lies ahead"):
        assert says in one.words
    for link in page.html.select("#missing a[href], .table a[href]"):
        member.ask(member.client.get, str(link["href"]), follow_redirects=True).close()


def test_what_lies_ahead_names_meetings_and_courses_in_their_order(dana, session):
    one = challenges(session)[0]
    group = WorkingGroupFactory(name="Lean plants")
    session.add(WorkingGroupChallenge(group_id=group.id, challenge_id=one.id))
    MeetingFactory(body=group.body, title="Summer meeting")
    MeetingFactory(body=group.body, title="Snowed in", cancelled=True)
    MeetingFactory(body=group.body, title="Long ago", held=True)
    ProjectFactory(
        title="Casting week", seats=9, challenge_ids=[one.id], starts_on=date(2026, 7, 1)
    )
    ProjectFactory(
        title="Not a course", challenge_ids=[one.id], starts_on=date(2026, 7, 1)
    )  # fmt: skip
    key = one.key
    session.commit()
    assert dana.get(f"{MAP}/{key}").rows()[1:] == [
        ["Jul 1, 2026", "Casting week", "Course"],
        ["Jul 14, 2026", "Summer meeting", "Lean plants"],
    ]


def test_nobody_knows_another_challenge(dana):
    dana.get(f"{MAP}/nonsense", status=404)
    assert "year-month-day" in dana.get(f"{MAP}?as_of=soon", status=400).text


def test_its_report_says_the_same_as_the_page(dana, session):
    alliance(session, random.Random(7))
    shown = [word if word.isdigit() else "0" for word, _ in cells(dana.get(MAP))]
    path = "/office/reports/challenge-map"
    lines = list(csv.DictReader(io.StringIO(dana.get(f"{path}.csv").text)))
    parts = [heading for heading in lines[0] if heading not in NO_PART]
    assert [line[part] for line in lines for part in parts] == shown
    assert all(
        (line[part] == "0") == (part.casefold() in line["Missing"].casefold())
        for line in lines
        for part in parts
        if line["Retired"] != "yes"
    )
    pdf = dana.ask(dana.client.get, f"{path}.pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.get_data())).pages)
    assert lines[0]["Challenge"] in re.sub(r"\s+", " ", text)


NO_PART = {"Challenge", "Missing", "Retired", "Challenge id"}
