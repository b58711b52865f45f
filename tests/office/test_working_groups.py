"""Working groups in the browser's words: founded, joined, written to, and what they make."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import func, select

from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.mail.models import OutgoingMail
from crm.people.models import Person
from crm.programme.models import Challenge
from crm.working_groups.models import Deliverable, GroupAsking, GroupMailing, WorkingGroup
from crm.working_groups.rules import JoinPolicy
from tests.conftest import TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.memberships import PDF, MembershipFactory
from tests.factories.working_groups import (
    AskingFactory,
    DeliverableFactory,
    GroupFileFactory,
    MailingFactory,
    PlaceFactory,
    WorkingGroupFactory,
)

GROUPS = "/office/working-groups"
DAY = TODAY.isoformat()


def told(session: Any, asked: Any) -> Any:
    """One value, and the lock let go again: SQLite has one writer, and the page wants to be it."""
    value = session.scalar(asked)
    session.rollback()
    return value


def chaired_by(who: Any, session: Any) -> WorkingGroup:
    group = WorkingGroupFactory(name="Lean plants")
    person = PersonFactory(name="Fay of the faculty", user_id=who.user_id)
    AddressFactory(person=person, email="fay@campus.example")
    PlaceFactory(group=group, person=person, university=True, role=PlaceRole.CHAIR)
    session.commit()
    return group


def of_a_member(name: str = "Halvorsen Bearings") -> tuple[int, int]:
    """A company and one of its people."""
    company = CompanyFactory(name=name)
    MembershipFactory(company=company)
    return company.id, AffiliationFactory(
        company=company, person=PersonFactory(name="Ann Ode")
    ).person_id


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


def test_a_member_joins_leads_and_leaves(sam, session):
    group_id, (company, person) = WorkingGroupFactory().id, of_a_member()
    session.commit()
    base = f"{GROUPS}/{group_id}"
    assert "Halvorsen Bearings" in sam.get(f"{base}/members/join").words
    join = f"{base}/members/join?company={company}"
    assert "Places it has left in this group: 2" in sam.get(join).words
    sam.post(join, {"person": person, "starts_on": "2026-06-01"})
    twice = sam.post(join, {"person": person, "starts_on": DAY}, status=422)
    assert "in the group on that day" in twice.words
    place = told(session, select(Place.id))
    sent = {"role": "chair", "on": "2026-06-10", "reason": "Elected"}
    sam.post(f"{GROUPS}/places/{place}/role", sent)
    assert (sam.get(base).rows()[1][:3]) == [
        "Ann Ode Vice-president, manufacturing",
        "Halvorsen Bearings",
        "Chair",
    ]
    company_page = sam.get(f"/office/companies/{company}").words
    assert "Ann Ode, chair 1 of 2 left" in company_page
    assert "It may join 1 more group of 2" in company_page
    now = told(session, select(Place.id).where(Place.role == PlaceRole.CHAIR))
    ended = {"how": "left", "on": DAY, "reason": ""}
    assert "Say why" in sam.post(f"{GROUPS}/places/{now}/end", ended, status=422).words
    sam.post(f"{GROUPS}/places/{now}/end", {**ended, "reason": "New job"})
    words = sam.get(base).words
    assert "Nobody is in this group today" in words
    assert "New job" in words


def test_an_application_is_recorded_and_answered(sam, session):
    group_id = WorkingGroupFactory(join_policy=JoinPolicy.APPLICATION).id
    company, person = of_a_member()
    session.commit()
    base = f"{GROUPS}/{group_id}"
    refused = sam.post(
        f"{base}/members/join?company={company}", {"person": person, "starts_on": DAY}, status=422
    )
    assert "by application" in refused.words
    sam.post(f"{base}/members/apply?company={company}", {"person": person, "note": "Our line"})
    assert "Application of Jun 15, 2026 · Our line" in sam.get(base).words
    asking = told(session, select(GroupAsking.id))
    no_reason = sam.post(f"{GROUPS}/askings/{asking}/refuse", {"reason": ""}, status=422)
    assert "Say why" in no_reason.words
    sam.post(f"{GROUPS}/askings/{asking}/accept", {"starts_on": DAY})
    assert "Ann Ode" in sam.get(base).rows()[1][0]
    again = sam.post(f"{GROUPS}/askings/{asking}/accept", {"starts_on": DAY}, status=422)
    assert "accepted already" in again.words


def test_somebody_of_the_university_comes_in_and_is_given_an_account(dana, session):
    group = WorkingGroupFactory()
    AddressFactory(person=PersonFactory(name="Tomas Iriarte"), email="tomas@campus.example")
    base = f"{GROUPS}/{group.id}"
    session.commit()
    unknown = {"email": "nobody@campus.example", "starts_on": DAY}
    assert "Nobody on record" in dana.post(f"{base}/university", unknown, status=422).words
    dana.post(f"{base}/university", {**unknown, "email": "Tomas@campus.example"})
    assert dana.get(base).rows()[1][:2] == ["Tomas Iriarte tomas@campus.example", "University"]
    place = told(session, select(Place.id))
    dana.post(f"{GROUPS}/places/{place}/account", {"account": str(dana.user_id)})
    assert told(session, select(Person.user_id)) == dana.user_id
    dana.post(f"{GROUPS}/places/{place}/take-back")
    assert told(session, select(func.count()).select_from(Place)) == 0


def test_an_account_is_one_person_s(dana, session):
    group = WorkingGroupFactory()
    PersonFactory(user_id=dana.user_id)
    place = PlaceFactory(group=group, university=True)
    address = f"{GROUPS}/places/{place.id}/account"
    session.commit()
    refused = dana.post(address, {"account": str(dana.user_id)}, status=422)
    assert "another person" in refused.words
    dana.post(address, {"account": ""})


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


def test_who_chairs_a_group_edits_it_and_no_other(fay, session):
    mine, other = chaired_by(fay, session), WorkingGroupFactory(name="Another")
    theirs = {
        "edit": f"{GROUPS}/{other.id}/edit",
        "join": f"{GROUPS}/{other.id}/members/join",
        "write": f"{GROUPS}/{other.id}/mailings/new",
        "file": f"{GROUPS}/{other.id}/files/new",
        "plan": f"{GROUPS}/{other.id}/deliverables/new",
        "asking": f"{GROUPS}/askings/{AskingFactory(group=other).id}/accept",
        "mailing": f"{GROUPS}/mailings/{MailingFactory(group_id=other.id).id}",
        "place": f"{GROUPS}/places/{PlaceFactory(group=other).id}/end",
        "stage": f"{GROUPS}/deliverables/{DeliverableFactory(group=other).id}/stage",
    }
    file_id, own, other_id = GroupFileFactory(group_id=other.id).id, mine.id, other.id
    session.commit()
    for address in theirs.values():
        fay.get(address, status=404)
    for address in (f"{theirs['mailing']}/release", f"{theirs['mailing']}/discard"):
        fay.post(address, {"version": "1"}, status=404)
    assert "Another" in fay.get(f"{GROUPS}/{other_id}").words
    assert "Edit" not in fay.get(f"{GROUPS}/{other_id}").words.split()
    fay.get(f"{GROUPS}/files/{file_id}")
    fay.get(f"{GROUPS}/{own}/edit")
    fay.get(f"{GROUPS}/{own}/close", status=403)
    place = told(session, select(Place.id).where(Place.body_id == own))
    fay.get(f"{GROUPS}/places/{place}/role", status=403)
    looked = fay.post(f"{GROUPS}/{own}/mailings/new", {"subject": "Agenda", "text": "Come."})
    fay.post(f"{looked.location}/release", {"version": "1"})
    sent = told(session, select(OutgoingMail.reply_to))
    assert sent == fay.viewer.email


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
