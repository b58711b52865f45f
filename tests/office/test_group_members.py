"""Who comes into a group, leads it and leaves it, in the browser's words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.journal.models import JournalEntry
from crm.mail.models import OutgoingMail
from crm.people.models import Person
from crm.working_groups.models import GroupAsking, WorkingGroup
from crm.working_groups.rules import JoinPolicy
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.memberships import MembershipFactory
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
LINKED = "linked with an account"


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


@pytest.mark.parametrize("way", ["join", "accept"])
def test_a_colleague_steps_in_for_who_has_left_and_the_page_says_so(sam, session, way):
    policy = JoinPolicy.OPEN if way == "join" else JoinPolicy.APPLICATION
    company, group = CompanyFactory(), WorkingGroupFactory(join_policy=policy)
    MembershipFactory(company=company, tier="start-up", years=1)
    gone = AffiliationFactory(company=company, person=PersonFactory(name="Knut Berg"), left=True)
    PlaceFactory(group=group, company=company, person=gone.person)
    person = AffiliationFactory(company=company, person=PersonFactory(name="Ann Ode")).person
    base, person_id = f"{GROUPS}/{group.id}", person.id
    address = f"{base}/members/join?company={company.id}"
    if way == "accept":
        asking = AskingFactory(group=group, company=company, person=person).id
        address = f"{GROUPS}/askings/{asking}/accept"
    session.commit()
    said = "Knut Berg has left the company: whoever comes in takes that place"
    assert said in sam.get(address).words
    done = sam.post(address, {"person": person_id, "starts_on": DAY})
    page = sam.get(done.location)
    assert "Knut Berg has left the company: the place ended" in page.words
    assert page.rows()[1][0].startswith("Ann Ode")
    assert "Has left the company" in page.html.find(id="other-days").get_text()


def test_somebody_of_the_university_comes_in_and_is_given_an_account(dana, fay, session):
    group = WorkingGroupFactory()
    AddressFactory(person=PersonFactory(name="Tomas Iriarte"), email="tomas@campus.example")
    base = f"{GROUPS}/{group.id}"
    session.commit()
    unknown = {"email": "nobody@campus.example", "starts_on": DAY}
    assert "Nobody of the university" in dana.post(f"{base}/university", unknown, status=422).words
    dana.post(f"{base}/university", {**unknown, "email": "Tomas@campus.example"})
    assert dana.get(base).rows()[1][:2] == ["Tomas Iriarte tomas@campus.example", "University"]
    place = told(session, select(Place.id))
    dana.post(f"{GROUPS}/places/{place}/account", {"account": str(fay.user_id)})
    assert told(session, select(Person.user_id)) == fay.user_id
    assert told(session, select(JournalEntry.actor_name).where(JournalEntry.act == LINKED)) == (
        dana.viewer.name
    )
    dana.post(f"{GROUPS}/places/{place}/take-back")
    assert told(session, select(func.count()).select_from(Place)) == 0


def test_an_account_is_one_person_s_and_a_company_s_people_have_none(dana, sam, fay, session):
    group = WorkingGroupFactory()
    PersonFactory(user_id=fay.user_id)
    place = PlaceFactory(group=group, university=True)
    address = f"{GROUPS}/places/{place.id}/account"
    of_company = f"{GROUPS}/places/{PlaceFactory(group=group).id}/account"
    session.commit()
    refused = dana.post(address, {"account": str(fay.user_id)}, status=422)
    assert "another person" in refused.words
    assert (
        "Not a valid choice" in dana.post(address, {"account": str(dana.user_id)}, status=422).words
    )
    assert "for a company" in dana.post(of_company, {"account": str(sam.user_id)}, status=422).words
    sam.post(address, {"account": str(sam.user_id)}, status=403)
    dana.post(address, {"account": ""})


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
