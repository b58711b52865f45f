"""Working groups in the browser's words: founded, closed, written to, and what they make."""

from __future__ import annotations

import io

from sqlalchemy import func, select

from crm.mail.models import OutgoingMail
from crm.programme.models import Challenge
from crm.working_groups.models import Deliverable, GroupMailing
from crm.working_groups.rules import JoinPolicy
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.ballots import BallotFactory
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.meetings import MeetingFactory
from tests.factories.memberships import PDF, MembershipFactory
from tests.factories.working_groups import (
    AskingFactory,
    DeliverableFactory,
    PlaceFactory,
    WorkingGroupFactory,
)
from tests.office.test_group_members import DAY, GROUPS


def test_a_group_is_founded_and_found_again(sam, session):
    challenge = told(session, select(Challenge.id).where(Challenge.key == "lean"))
    sent = {
        "name": "Lean plants", "join_policy": "open to members", "founded_on": DAY,
        "challenges": [str(challenge)], "charter": "# Why\n<script>alert(1)</script> **now**",
        "summary": "Slack and its uses",
    }  # fmt: skip
    address = sam.post(f"{GROUPS}/new", sent).location
    page = sam.get(address)
    assert "Rethink lean for resilience" in page.words
    assert "<strong>now</strong>" in page.text
    assert "<script>alert" not in page.text
    for question in ("?q=lean", f"?challenge={challenge}", "?q=resil"):
        assert "Lean plants" in sam.get(GROUPS + question).words
    assert "Lean plants" not in sam.get(f"{GROUPS}?show=closed").words
    assert "Lean plants" in sam.get("/office/search?q=slack").words
    assert sam.get(f"{GROUPS}?show=everything", status=400)
    assert "Enter the group" in sam.post(f"{GROUPS}/new", {**sent, "name": ""}, status=422).words


def test_who_edits_what_somebody_else_has_changed_sees_both(sam, session):
    group = WorkingGroupFactory(name="Lean plants")
    address = f"{GROUPS}/{group.id}"
    session.commit()
    sent = {"join_policy": "by invitation", "founded_on": DAY, "version": "1", "charter": ""}
    sam.post(f"{address}/edit", {**sent, "name": "Lean and more"})
    page = sam.post(f"{address}/edit", {**sent, "name": "Leaner"}, status=409)
    assert "Lean and more" in page.words
    assert "Leaner" in page.words


def test_a_letter_is_looked_at_and_let_out_once(sam, session):
    group = WorkingGroupFactory(name="Lean plants")
    AddressFactory(person=PlaceFactory(group=group).person, email="ann@here.example")
    base = f"{GROUPS}/{group.id}"
    session.commit()
    looked = sam.post(f"{base}/mailings/new", {"subject": "Agenda", "text": "Bring a line."})
    page = sam.get(looked.location)
    assert "1 member of the group gets a letter of their own" in page.words
    assert "Lean plants: Agenda" in page.words
    assert told(session, select(func.count()).select_from(OutgoingMail)) == 0
    mailing = told(session, select(GroupMailing.id))
    release = f"{GROUPS}/mailings/{mailing}/release"
    sam.post(f"{GROUPS}/mailings/{mailing}/edit", {"subject": "A", "text": "B", "version": "1"})
    sam.post(release, {"version": "1"}, status=409)  # not what was looked at
    sam.post(release, {"version": "2"})
    assert "let out already" in sam.post(release, {"version": "2"}, status=409).words
    assert told(session, select(func.count()).select_from(OutgoingMail)) == 1
    assert "1 letter" in sam.get(base).words
    sam.post(f"{GROUPS}/mailings/{mailing}/discard", status=409)


def test_files_are_served_as_attachments(sam, rea, ada, session):
    group_id = WorkingGroupFactory().id
    session.commit()
    base = f"{GROUPS}/{group_id}"
    sent = {"title": "Minutes", "file": (io.BytesIO(PDF), "minutes.pdf")}
    sam.post(f"{base}/files/new", sent)
    bad = {"title": "Minutes", "file": (io.BytesIO(b"<html>"), "minutes.pdf")}
    assert "neither a PDF" in sam.post(f"{base}/files/new", bad, status=422).words
    [link] = [a["href"] for a in rea.get(base).html.find_all("a") if "/files/" in a.get("href", "")]
    answer = rea.get(link).response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    ada.get(link, status=403)


def test_a_deliverable_is_planned_moved_and_published(sam, session):
    group_id = WorkingGroupFactory(name="Lean plants").id
    session.commit()
    sent = {"title": "Roadmap", "kind": "roadmap", "readers": "public", "due_on": "2026-06-01"}
    address = sam.post(f"{GROUPS}/{group_id}/deliverables/new", sent).location
    assert "Overdue" in sam.get(address).words
    assert "Roadmap Lean plants due 14 days ago" in sam.get("/office/").words
    moved = {"stage": "published", "on": DAY}
    assert "a link or a file" in sam.post(f"{address}/stage", moved, status=422).words
    bad = {**sent, "link": "javascript:alert(1)", "version": "1"}
    assert "not a web address" in sam.post(f"{address}/edit", bad, status=422).words
    sam.post(f"{address}/edit", {**bad, "link": "https://a.example/map"})
    sam.post(f"{address}/edit", {**bad, "link": "https://b.example"}, status=409)
    sam.post(f"{address}/stage", moved)
    words = sam.get(address).words
    assert "Overdue" not in words
    assert "https://a.example/map" in words
    assert "Deliverables overdue" not in sam.get("/office/").words


def test_the_link_is_given_as_it_is_published(sam, session):
    planned = DeliverableFactory(group=WorkingGroupFactory(name="Lean plants"))
    address = f"{GROUPS}/deliverables/{planned.id}"
    session.commit()
    moved = {"stage": "published", "on": DAY}
    bad = sam.post(f"{address}/stage", {**moved, "link": "javascript:alert(1)"}, status=422)
    assert "web address" in bad.words
    sam.post(f"{address}/stage", {**moved, "link": "https://a.example/map"})
    assert "https://a.example/map" in sam.get(address).words


def test_what_is_not_sent_does_not_say_that_it_is(sam, session):
    group = WorkingGroupFactory(name="Lean plants", join_policy=JoinPolicy.INVITATION)
    at = f"{GROUPS}/{group.id}"
    session.commit()
    assert "Record an invitation" in sam.get(at).words
    assert "“With kind regards” and your name are added" in sam.get(f"{at}/mailings/new").words


def test_a_reader_reads_and_changes_nothing(rea, session):
    group_id = WorkingGroupFactory(name="Lean plants").id
    session.commit()
    page = rea.get(f"{GROUPS}/{group_id}")
    assert page.html.find("main").find("form") is None
    rea.get(f"{GROUPS}/{group_id}/edit", status=403)
    rea.post(f"{GROUPS}/new", {}, status=403)


def test_a_closed_group_is_told_of_and_takes_nothing_more(dana, session):
    group = WorkingGroupFactory(name="Lean plants")
    PlaceFactory(group=group)
    DeliverableFactory(group=group)
    base = f"{GROUPS}/{group.id}"
    session.commit()
    early = {"on": "2020-01-01", "reason": "Done"}
    assert "founded on" in dana.post(f"{base}/close", early, status=422).words
    dana.post(f"{base}/close", {**early, "on": DAY})
    words = dana.get(base).words
    assert "Closed Jun 15, 2026" in words
    assert "0 members" in words
    assert "Lean plants" in dana.get(f"{GROUPS}?show=closed").words
    closed = {"subject": "Late", "text": "Too late"}
    assert "closed since" in dana.post(f"{base}/mailings/new", closed, status=422).words
    assert told(session, select(func.count()).select_from(Deliverable)) == 1


def test_a_group_that_closes_is_open_until_then(dana, session):
    group = WorkingGroupFactory(name="Lean plants", join_policy=JoinPolicy.APPLICATION)
    base, asking = f"{GROUPS}/{group.id}", AskingFactory(group=group).id
    session.commit()
    dana.post(f"{base}/close", {"on": "2026-12-31", "reason": "Done"})
    assert "Closes Dec 31, 2026" in dana.get(base).words
    assert "Closes Dec 31, 2026" in dana.get(GROUPS).words
    assert "withdrawn" in dana.get(f"{base}").words.casefold()
    dana.get(f"{base}/members/apply")
    dana.post(f"{GROUPS}/askings/{asking}/refuse", {"reason": "Late"}, status=422)
    dana.post(f"{base}/mailings/new", {"subject": "The last months", "text": "Read on."})
    later = {"on": "2027-01-31", "reason": "Later"}
    assert "an earlier day" in dana.post(f"{base}/close", later, status=422).words
    early = dana.post(f"{base}/close", {"on": "2025-09-01", "reason": "Never"}, status=422)
    assert "founded on October 1, 2025" in early.words


def test_reports_tell_rosters_and_deliverables_of_a_day(fay, session):
    group = WorkingGroupFactory(name="Lean plants")
    company = CompanyFactory(name="Halvorsen Bearings")
    MembershipFactory(company=company)
    person = PersonFactory(name="Ann Ode")
    AffiliationFactory(company=company, person=person, left=True)
    PlaceFactory(group=group, company=company, person=person)
    DeliverableFactory(group=group, title="=Roadmap", due_on=TODAY)
    session.commit()
    now = fay.get("/office/reports/group-rosters").rows()
    assert now[0] == ["Group", "Company", "Person", "Role", "Since", "Until", "Standing"]
    assert now[1][:4] == ["Lean plants", "Halvorsen Bearings", "Ann Ode", "member"]
    assert now[1][-1] == "has left the company"
    then = fay.get("/office/reports/group-rosters?as_of=2026-02-01").rows()
    assert then[1][-1] == "sits"
    made = fay.get("/office/reports/deliverables").rows()
    assert made[1][:4] == ["Lean plants", "=Roadmap", "roadmap", "planned"]
    assert len(fay.get("/office/reports/deliverables?as_of=2025-12-31").rows()) <= 1
    for name in ("group-rosters", "deliverables"):
        for ending in ("csv", "xlsx", "pdf"):
            fay.get(f"/office/reports/{name}.{ending}").response.close()
    rosters = fay.get("/office/reports/group-rosters.csv").text.lstrip("\ufeff")
    assert rosters.startswith("Group,Company,Person,Role,Since,Until,Company id,Person id")
    assert "'=Roadmap" in fay.get("/office/reports/deliverables.csv").text


def test_the_page_leads_to_its_meetings_and_ballots(sam, dana, rea, session):
    group = WorkingGroupFactory(name="Lean plants")
    meeting = MeetingFactory(body=group.body, title="Kick-off")
    MeetingFactory(body=group.body, title="Long past", held=True)
    MeetingFactory(body=group.body, title="Called off", cancelled=True)
    ballot = BallotFactory(body=group.body, title="Who chairs it?")
    BallotFactory(title="Of the council")
    at = f"{GROUPS}/{group.id}"
    kept = (
        f"/office/meetings/{meeting.id}",
        f"/office/bodies/{group.id}/meetings",
        f"/office/ballots/{ballot.id}",
        f"/office/ballots?body={group.id}",
    )
    plan, other = (
        f"/office/bodies/{group.id}/meetings/new",
        f"/office/council/meetings?body={group.id}",
    )
    session.commit()
    page = rea.get(at)
    links = {a["href"] for a in page.html.find("main").find_all("a")}
    assert links.issuperset(kept)
    assert plan not in links
    assert "Called off" not in page.html.find(id="meetings").get_text()
    assert "Of the council" not in page.words
    assert plan in {a["href"] for a in sam.get(at).html.find_all("a")}
    listed = rea.get(other)
    assert "Meetings of the Lean plants" in listed.words
    assert "Kick-off" in listed.words
    rea.get("/office/council/meetings?body=999", status=404)
