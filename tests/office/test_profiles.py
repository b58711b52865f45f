"""What people of the university work on: by which companies and colleagues are matched."""

from __future__ import annotations

from sqlalchemy import select

from crm.people.models import Profile
from crm.programme.models import Challenge
from tests.factories.companies import AffiliationFactory, PersonFactory, ProfileFactory

SAID = {"field": "Wear of cutting tools", "about": "Forty machines, one sensor."}


def fays(session, fay):
    person = PersonFactory(name="Fay Lindqvist", user_id=fay.user_id)
    url = f"/office/people/{person.id}"
    session.commit()
    return url


def test_faculty_write_their_own(fay, session):
    url = fays(session, fay)
    lean, digital = session.scalars(select(Challenge).order_by(Challenge.number).limit(2))
    first, both = [str(lean.id)], [str(lean.id), str(digital.id)]
    name = digital.name
    session.commit()
    assert fay.get("/office/my-profile", status=302).html.find("a")["href"] == url
    assert "Say in a line what it is" in fay.post(f"{url}/profile", {}, status=422).words
    fay.post(f"{url}/profile", {**SAID, "challenges": both, "version": "0"})
    page = fay.get(url)
    for said in (*SAID.values(), name):
        assert said in page.words
    fay.post(f"{url}/profile", {**SAID, "challenges": first, "version": "1"})
    assert name not in fay.get(url).words
    stale = fay.post(f"{url}/profile", {"field": "Else", "version": "1"}, status=409)
    assert "Wear of cutting tools" in stale.words
    assert session.scalars(select(Profile.version)).one() == 2


def test_a_version_of_a_profile_that_is_none_is_told(fay, session):
    url = fays(session, fay)
    fay.post(f"{url}/profile", {**SAID, "version": "7"}, status=409)


def test_nobody_but_the_office_writes_another_s(fay, sam, rea, session):
    colleague = PersonFactory(name="Mireille Okonjo")
    ProfileFactory(person=colleague)
    url = f"/office/people/{colleague.id}"
    session.commit()
    assert "Process control for additive manufacturing" in fay.get(url).words
    for ask in (fay.get, fay.post):
        ask(f"{url}/profile", status=404)
    rea.get(f"{url}/profile", status=403)
    sam.post(f"{url}/profile", {**SAID, "version": "1"})
    assert "Wear of cutting tools" in rea.get(url).words


def test_who_is_linked_with_nobody_is_told_whom_to_ask(fay):
    fay.get("/office/my-profile", status=302)
    assert "ask the office" in fay.get("/office/").words


def test_who_works_at_a_company_is_none_of_the_faculty(sam, session):
    there = AffiliationFactory(company__name="Acme").person
    url = f"/office/people/{there.id}/profile"
    session.commit()
    refused = sam.post(url, {**SAID, "version": "0"}, status=422)
    assert "They work at a company" in refused.words
    assert session.scalars(select(Profile)).all() == []
