"""Working groups as strangers read them: who presents itself, and what is for everybody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.programme.models import Challenge
from crm.working_groups import published
from crm.working_groups.models import (
    Deliverable,
    DeliverableAuthor,
    DeliverableStage,
    WorkingGroupChallenge,
)
from crm.working_groups.rules import DeliverableKind, Readers, Stage, may_read
from tests.conftest import TODAY
from tests.factories.companies import PersonFactory
from tests.factories.memberships import PDF
from tests.factories.working_groups import (
    DeliverableFactory,
    GroupFileFactory,
    WorkingGroupFactory,
)


def publish(session, group, title="Six plants", *, on=date(2026, 5, 4), **more):
    """For everybody, by a link."""
    told = {
        "stage": Stage.PUBLISHED, "readers": Readers.PUBLIC, "link": "https://a.example/six", **more
    }  # fmt: skip
    made = DeliverableFactory(group=group, title=title, kind=DeliverableKind.CASE_STUDY, **told)
    session.add(
        DeliverableStage(deliverable_id=made.id, stage=Stage.PUBLISHED, on=on, by_name="Sam")
    )
    session.flush()
    return made


def test_open_groups_that_present_themselves_are_shown(stranger, session):
    lean = WorkingGroupFactory(name="Lean plants", summary="Slack and <its> uses")
    challenge = session.scalars(select(Challenge).where(Challenge.key == "lean")).one()
    session.add(WorkingGroupChallenge(group_id=lean.id, challenge_id=challenge.id))
    WorkingGroupFactory(name="Quiet group")
    WorkingGroupFactory(name="Bygone group", summary="It was", closed_on=TODAY)
    closes = TODAY + timedelta(days=1)
    WorkingGroupFactory(name="Closing group", summary="Still there", closed_on=closes)
    WorkingGroupFactory(name="Coming group", summary="Soon", founded_on=closes)
    session.commit()
    page = stranger.get("/groups")
    assert "Lean plants Slack and <its> uses Rethink lean for resilience" in page.words
    assert "Closing group" in page.words
    for hidden in ("Quiet group", "Bygone group", "Coming group", "charter", "To learn from"):
        assert hidden not in page.words


def test_what_is_published_for_everybody_is_told_with_its_day_and_authors(stranger, session):
    made = publish(session, WorkingGroupFactory(name="Lean plants", summary="Slack"), about="Lines")
    for name in ("Fay Lindgren", "Anne Bø"):
        session.add(
            DeliverableAuthor(deliverable_id=made.id, person_id=PersonFactory(name=name).id)
        )
    publish(session, WorkingGroupFactory(name="Quiet group"), "Later", on=date(2026, 6, 1))
    session.commit()
    page = stranger.get("/groups")
    told = "Six plants Case study · May 4, 2026 · Lean plants Anne Bø, Fay Lindgren Lines Read it"
    assert told in page.words
    assert page.words.index("Later") < page.words.index("Six plants")
    assert "Quiet group" not in page.words
    assert page.html.find("a", href="https://a.example/six")["rel"] == ["noopener", "noreferrer"]


def test_a_file_is_saved_and_of_others_there_is_nothing(stranger, session):
    group = WorkingGroupFactory()
    file_id = GroupFileFactory(group_id=group.id).id
    with_file = {"link": None, "file_id": file_id}
    for_all = publish(session, group, **with_file)
    hidden = [
        publish(session, group, "For members", **with_file, readers=Readers.MEMBERS),
        publish(session, group, "Draft", **with_file, stage=Stage.REVIEW),
        publish(session, group, "Taken back", **with_file, stage=Stage.DROPPED),
        publish(session, group, "Elsewhere"),
    ]  # fmt: skip
    at = f"/groups/publications/{for_all.id}"
    missing = [f"/groups/publications/{one.id}" for one in hidden]
    session.commit()
    page = stranger.get("/groups")
    assert page.html.find("a", href=at)
    for one in ("For members", "Draft", "Taken back"):
        assert one not in page.words
    answer = stranger.get(at).response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.get_data() == PDF
    for address in [*missing, "/groups/publications/999999"]:
        stranger.get(address, status=404)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("readers", Readers)
def test_who_may_read_is_one_rule(session, stage, readers):
    made = DeliverableFactory(
        group=WorkingGroupFactory(), stage=stage, readers=readers, link="https://a.example"
    )
    found = session.scalars(select(Deliverable.id).where(published.may_read())).all()
    assert (made.id in found) is may_read(stage, readers)
    assert may_read(stage, readers) is (stage == "published" and readers == "public")


def test_a_long_list_has_pages(stranger, session):
    group = WorkingGroupFactory()
    for number in range(26):
        publish(session, group, f"Paper {number:02}", on=date(2026, 1, 1 + number))
    session.commit()
    assert "Paper 00" not in stranger.get("/groups").words
    assert "Paper 00" in stranger.get("/groups?page=2").words


def test_nothing_yet_says_so_and_the_first_page_leads_there(stranger):
    page = stranger.get("/groups")
    assert "will present themselves here" in page.words
    assert "will stand here" in page.words
    assert stranger.get("/").html.find("main").find("a", href="/groups")
