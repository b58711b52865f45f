from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from crm.companies.models import Affiliation
from crm.journal.models import JournalEntry
from crm.people.models import Consent, Person, PersonAddress
from tests.conftest import NOW, TODAY
from tests.factories.activities import TouchFactory
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
)
from tests.factories.partnerships import ContributionFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory

NAUGHTY = ["<script>alert(1)</script>", "'; DROP TABLE person; --", "‮RTL‬", "🤖", "=1+1"]


@pytest.fixture
def ada_byron(session):
    """The id of a champion at Acme, with phone, note and consent."""
    there = AffiliationFactory(
        person__name="Ada Byron",
        person__phone="+1 617 555 0100",
        person__note="Prefers mornings",
        company__name="Acme",
        champion=True,
    )
    AddressFactory(person=there.person, email="ada@acme.example")
    person_id = there.person_id
    session.add(
        Consent(
            person_id=person_id,
            purpose="news",
            given_at=NOW,
            notice_version="2026-01",
            source="interest form",
        )
    )
    session.commit()
    return person_id


def of(session, model):
    """The only one there is, read afresh and let go."""
    found = session.scalars(select(model)).all()
    session.expunge_all()
    session.rollback()
    return found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Ada Byron", "Zoë Čapek"]),
        ("?q=capek", ["Zoë Čapek"]),
        ("?q=ada@acme.example", ["Ada Byron"]),
        ("?part=champion", ["Ada Byron"]),
        ("?part=billing", []),
        ("?sort=-name", ["Zoë Čapek", "Ada Byron"]),
        ("?sort=-created", ["Zoë Čapek", "Ada Byron"]),
        ("?archived=only", []),
    ],
)
def test_the_list_is_searched_filtered_and_ordered(sam, session, ada_byron, asked, found):
    PersonFactory(name="Zoë Čapek", name_key="capek zoe")
    session.commit()
    assert [row[0] for row in sam.get(f"/office/people{asked}").rows()[1:]] == found


def test_a_row_says_where_they_work(sam, ada_byron):
    assert sam.get("/office/people").rows()[1] == [
        "Ada Byron",
        "Vice-president, manufacturing",
        "Acme",
        "ada@acme.example",
        "champion",
    ]


@pytest.mark.parametrize(
    "asked", ["part=x", "company=x", "company=99999999999", "sort=note", "page=-1"]
)
def test_what_cannot_be_asked_is_refused(sam, asked):
    sam.get(f"/office/people?{asked}", status=400)


def test_the_list_costs_the_same_with_many(sam, session, statements):
    def cost(count):
        for _ in range(count):
            AddressFactory(person=AffiliationFactory().person)
        session.commit()
        sam.get("/office/people")
        statements.clear()
        page = sam.get("/office/people")
        return len(statements), len(page.text.encode())

    few, _ = cost(3)
    many, size = cost(57)
    assert few == many <= 6
    assert size <= 40 * 1024


def test_a_page_shows_all_of_a_person(sam, ada_byron):
    words = sam.get(f"/office/people/{ada_byron}").words
    for said in ("Ada Byron", "Acme", "+1 617 555 0100", "Prefers mornings", "News", "created"):
        assert said in words


def test_a_page_costs_the_same_with_much_on_it(sam, session, ada_byron, statements):
    def cost():
        sam.get(f"/office/people/{ada_byron}")
        statements.clear()
        sam.get(f"/office/people/{ada_byron}")
        return len(statements)

    few = cost()
    person = session.get_one(Person, ada_byron)
    for year in range(1950, 2010):
        AffiliationFactory(
            person=person, starts_on=date(year, 1, 1), ends_before=date(year + 1, 1, 1)
        )
        AddressFactory(person=person, is_primary=False)
        TouchFactory(by_id=sam.user_id, with_=[person])
    session.commit()
    assert cost() == few <= 14


def test_faculty_see_whom_they_met_by_name_title_and_work_address_only(
    fay, dana, session, ada_byron
):
    assert "Nobody you have met yet" in fay.get("/office/people").words
    fay.get(f"/office/people/{ada_byron}", status=404)
    assert "Ada" not in fay.get("/office/people.csv").text
    assert "Ada" not in fay.get("/office/search?q=ada").words
    assert "Ada" not in fay.get("/office/search?q=ada&part=palette").text
    met = AffiliationFactory(person__name="Met Person", person__phone="+1 617 555 0199").person
    AddressFactory(person=met, email="met@acme.example")
    TouchFactory(by_id=fay.user_id, with_=[met])
    TouchFactory(by_id=dana.user_id, with_=[met, session.get_one(Person, ada_byron)])
    met_id = met.id
    session.commit()
    page = fay.get(f"/office/people/{met_id}")
    assert "met@acme.example" in page.words
    for unsaid in ("555 0199", "History", "Consent", "Edit", "New job"):
        assert unsaid not in page.words
    assert [row[0] for row in fay.get("/office/people").rows()[1:]] == ["Met Person"]
    exported = fay.get("/office/people.csv").text
    assert "Met Person" in exported
    assert "Phone" not in exported
    assert "0199" not in exported
    assert "Met Person" in fay.get("/office/search?q=met").words


def test_faculty_see_the_people_of_companies_they_look_after(fay, session):
    company = CompanyFactory(owner_id=fay.user_id)
    AffiliationFactory(company=company, person__name="Looked After")
    AffiliationFactory(company=company, person__name="Left Before", left=True)
    AffiliationFactory(company=company, person__name="To Come", starts_on=date(2026, 8, 1))
    AffiliationFactory(company=company, person__name="Until July", ends_before=date(2026, 7, 1))
    session.commit()
    assert [row[0] for row in fay.get("/office/people").rows()[1:]] == [
        "Looked After",
        "Until July",
    ]


def test_faculty_see_who_is_with_them_in_a_working_group_while_they_are(fay, session):
    lean, other = WorkingGroupFactory(), WorkingGroupFactory()
    own = PersonFactory(name="Fay Lindqvist", user_id=fay.user_id)
    place = PlaceFactory(group=lean, university=True, person=own)
    ada = PlaceFactory(group=lean).person
    AddressFactory(person=ada, email="ada@acme.example")
    past = PlaceFactory(
        group=lean, starts_on=date(2025, 10, 1), ends_before=date(2026, 3, 1)
    ).person
    left = PlaceFactory(group=lean).person
    session.execute(
        update(Affiliation)
        .where(Affiliation.person_id == left.id)
        .values(ends_before=date(2026, 3, 1))
    )
    stranger = PlaceFactory(group=other).person
    session.commit()
    assert "ada@acme.example" in fay.get(f"/office/people/{ada.id}").words
    for unknown in (past, left, stranger):
        fay.get(f"/office/people/{unknown.id}", status=404)
    place.ends_before = TODAY
    session.commit()
    fay.get(f"/office/people/{ada.id}", status=404)


def test_an_export_asks_what_for_and_the_journal_keeps_it(sam, session, ada_byron):
    asked = sam.get("/office/people/export?q=ada")
    assert "What the list is for" in asked.words
    assert asked.html.find("input", {"name": "q", "type": "hidden"})["value"] == "ada"
    answer = sam.get("/office/people.csv?q=ada&reason=Symposium invitations")
    assert len(answer.text.splitlines()) == 2
    assert "ada@acme.example,'+1 617 555 0100," in answer.text
    sam.get("/office/people.csv")
    exports = select(JournalEntry.label).where(JournalEntry.act == "exported")
    assert session.scalars(exports.order_by(JournalEntry.id)).all() == [
        "people.csv: Symposium invitations",
        "people.csv: no reason given",
    ]


def test_a_new_person_is_kept_with_address_and_company(sam, session):
    company_id = CompanyFactory(name="Acme").id
    session.commit()
    assert f"Acme (#{company_id})" in sam.get(f"/office/people/new?company={company_id}").text
    sam.post(
        "/office/people/new",
        {
            "name": "Ada Byron",
            "email": "Ada@Acme.Example",
            "company": f"Acme (#{company_id})",
            "title": "Countess",
        },
    )
    (person,), (address,), (job,) = (of(session, m) for m in (Person, PersonAddress, Affiliation))
    assert (person.name_key, address.email_key) == ("byron ada", "ada@acme.example")
    assert (job.company_id, job.title) == (company_id, "Countess")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the person’s name."),
        ({"name": "x" * 300}, "Please keep this to 200 characters."),
        ({"email": "no address"}, "does not look like an e-mail address"),
        ({"email": "ADA@acme.example"}, "already belongs to Ada Byron"),
        ({"company": "Nobody Ltd"}, "No company is called"),
        ({"phone": "\x00"}, "cannot be stored"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sam, ada_byron, typed, said):
    page = sam.post("/office/people/new", {"name": "New", "title": "Typed title", **typed}, 422)
    assert said in page.words
    assert "Typed title" in page.text


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_naughty_names_come_back_as_they_were(sam, session, naughty):
    sam.post("/office/people/new", {"name": naughty, "note": naughty})
    (person,) = of(session, Person)
    assert (person.name, person.note) == (naughty, naughty)
    assert sam.get(f"/office/people/{person.id}").html.find("h1").get_text() == naughty


def test_an_edit_of_what_changed_meanwhile_shows_both(sam, dana, ada_byron):
    path = f"/office/people/{ada_byron}/edit"
    version = sam.get(path).hidden()["version"]
    dana.post(path, {"name": "Ada King", "version": version})
    page = sam.post(path, {"name": "Ada Lovelace", "version": version}, 409)
    assert "Ada King" in page.words
    assert "Ada Lovelace" in page.words


def test_a_change_of_job_is_one_act_and_overwrites_nothing(sam, session, ada_byron):
    new_id = CompanyFactory(name="Borealis").id
    session.commit()
    (old,) = of(session, Affiliation)
    sam.post(
        f"/office/people/{ada_byron}/move",
        {
            "company": f"Borealis (#{new_id})",
            "title": "President",
            "on": "2026-06-01",
            "leaves": str(old.id),
            "email": "ada@borealis.example",
        },
    )
    before, after = of(session, Affiliation)
    assert (before.ends_before, before.title) == (date(2026, 6, 1), old.title)
    assert (after.company_id, after.starts_on) == (new_id, date(2026, 6, 1))
    alias, primary = of(session, PersonAddress)
    assert (alias.email, alias.is_primary) == ("ada@acme.example", False)
    assert (primary.email, primary.is_primary) == ("ada@borealis.example", True)
    assert "ada@acme.example" in sam.get(f"/office/people/{ada_byron}").words
    assert [row[0] for row in sam.get("/office/people?q=ada@acme").rows()[1:]] == ["Ada Byron"]


def test_a_change_of_job_that_is_refused_changes_nothing(sam, session, ada_byron):
    (old,) = of(session, Affiliation)
    page = sam.post(
        f"/office/people/{ada_byron}/move",
        {"company": "Acme", "on": "2026-06-01", "leaves": "", "email": "new@acme.example"},
        422,
    )
    assert "already at this company" in page.words
    assert len(of(session, Affiliation)) == len(of(session, PersonAddress)) == 1
    assert old.ends_before is None


def test_addresses_are_added_promoted_and_retired(sam, session, ada_byron):
    path = f"/office/people/{ada_byron}/addresses"
    sam.post(path, {"email": "ada@home.example"})
    first, second = of(session, PersonAddress)
    sam.post(f"{path}/{first.id}/retire", status=409)
    sam.post(f"{path}/{second.id}/primary")
    first, second = of(session, PersonAddress)
    assert (first.is_primary, second.is_primary) == (False, True)
    sam.post(f"{path}/{second.id}/explode", status=404)
    AddressFactory(person__name="Bob", email="bob@x.example")
    session.commit()
    assert "belongs to Bob" in sam.post(path, {"email": "BOB@x.example"}, 422).words


def test_roles_and_days_at_a_company_are_changed(sam, session, ada_byron):
    (job,) = of(session, Affiliation)
    path = f"/office/affiliations/{job.id}/edit"
    sam.post(path, {"title": "CEO", "billing": "y", "last_day": "2026-05-31", "version": "1"})
    (job,) = of(session, Affiliation)
    assert (job.title, job.billing, job.champion) == ("CEO", True, False)
    assert job.ends_before == date(2026, 6, 1)
    sam.post(path, {"starts_on": "2026-01-01", "last_day": "2025-01-01", "version": "2"}, 422)
    assert "CEO" in sam.post(path, {"title": "President", "version": "1"}, 409).words
    sam.get("/office/affiliations/999999/edit", status=404)


def test_a_consent_is_withdrawn(sam, session, ada_byron):
    (consent,) = of(session, Consent)
    sam.post(f"/office/people/{ada_byron}/consents/{consent.id}/withdraw")
    (consent,) = of(session, Consent)
    assert consent.withdrawn_at is not None


def test_archived_people_leave_the_list_and_come_back(sam, ada_byron):
    sam.post(f"/office/people/{ada_byron}/archive")
    assert sam.get("/office/people").rows() == []
    sam.post(f"/office/people/{ada_byron}/restore")
    assert len(sam.get("/office/people").rows()) == 2


def test_who_may_what(stranger, ada, rea, fay, ada_byron):
    stranger.get("/office/people", status=302)
    ada.get("/office/people", status=403)
    ada.get("/office/people.csv", status=403)
    assert "Ada Byron" in rea.get(f"/office/people/{ada_byron}").words
    for member in (rea, fay):
        member.get("/office/people/new", status=403)
        member.post(f"/office/people/{ada_byron}/archive", status=403)
        member.post(f"/office/people/{ada_byron}/addresses", status=403)


def test_a_field_offers_people_by_where_they_are(sam, fay, session, ada_byron):
    company_id = session.scalar(select(Affiliation.company_id))
    session.rollback()
    professor = ProfileFactory(person=PersonFactory(name="Ada Brandt")).person
    number = professor.id
    session.commit()

    def offered(who, among=""):
        page = who.get(f"/office/people/suggest?q=ada{among}")
        return [(option["value"], option.text) for option in page.html.find_all("option")]

    at_work, of_us = (
        (f"Ada Byron (#{ada_byron})", "Vice-president, manufacturing, Acme"),
        (f"Ada Brandt (#{number})", ""),
    )
    assert offered(sam) == [of_us, at_work]
    assert offered(sam, f"&company={company_id}") == [at_work]
    assert offered(sam, "&of=university") == [of_us]
    assert offered(fay) == [of_us]  # whom faculty have not met is offered to none of them
    assert sam.get("/office/people/suggest?q=").text.strip() == ""


def test_a_field_asks_for_people_as_it_should(sam, session, ada_byron):
    company_id = session.scalar(select(Affiliation.company_id))
    session.rollback()
    at = f"company={company_id}"
    for path, name, among in (
        (f"engagements/contributions/new?{at}", "contact", f"?{at}"),
        (f"engagements/contributions/new?{at}", "responsible", "?of=university"),
        ("engagements/contributions/new", "contact", ""),
        (f"companies/{company_id}/interests/new", "person", ""),
    ):
        field = sam.get(f"/office/{path}").html.find("input", attrs={"name": name})
        assert field["data-suggest"] == f"/office/people/suggest{among}"


def test_a_page_tells_what_somebody_answers_for_or_is_asked_about(sam, fay, session):
    professor = ProfileFactory(person=PersonFactory()).person
    contact = AffiliationFactory().person
    TouchFactory(by_id=fay.user_id, with_=[contact])  # they have met
    gift = ContributionFactory(title="Five-axis mill", responsible=professor, contact=contact)
    ids, address = (professor.id, contact.id), f"/office/engagements/contributions/{gift.id}"
    session.commit()
    for who, sees in ((sam, ("answers for it", "contact of the company")),
                      (fay, ("answers for it", None))):  # fmt: skip
        for id_, words in zip(ids, sees, strict=True):
            card = who.get(f"/office/people/{id_}").html.find(id="contributions")
            assert (card is not None) == (words is not None)
            if card is not None:
                assert words in card.text
                assert card.find("a", href=address)


def test_a_professor_s_page_has_the_contacts_they_reported(sam, fay, rea, session):
    professor = ProfileFactory(person=PersonFactory(user_id=fay.user_id)).person
    TouchFactory(by_id=fay.user_id, text="Rang about the lean line")
    TouchFactory(by_id=fay.user_id, text="Their numbers", confidential=True)
    TouchFactory(by_id=sam.user_id, text="Sam alone")
    page = f"/office/people/{professor.id}"
    session.commit()
    for who, confidential in ((sam, True), (fay, True), (rea, False)):
        words = who.get(page).html.find(id="contacts").text
        assert "Rang about the lean line" in words
        assert ("Their numbers" in words) is confidential
        assert "Sam alone" not in words


def test_a_director_says_whose_sign_in_it_is(dana, sam, fay, session, ada_byron):
    professor = PersonFactory(name="Tomas Iriarte").id
    session.commit()
    page, address = f"/office/people/{professor}", f"/office/people/{professor}/account"
    sam.get(address, status=403)
    assert "Sign-in" not in sam.get(page).words
    assert dana.get(page).html.find("a", href=address)
    assert dana.get(f"/office/people/{ada_byron}").html.find(id="sign-in") is None
    offered = [one["value"] for one in dana.get(address).html.select("select option")]
    assert str(fay.user_id) in offered
    assert str(dana.user_id) not in offered
    home = fay.get("/office/my-profile", status=302).location
    assert "A director does it on your page" in fay.get(home).words
    dana.post(address, {"account": str(fay.user_id)})
    assert "Their sign-in is linked" in dana.get(page).words
    fay.get(f"{page}/profile")
    other = f"/office/people/{ada_byron}/account"
    taken = dana.post(other, {"account": str(sam.user_id)}, status=422)
    assert "only people of the university" in taken.words
    dana.post(address, {"account": ""})
    fay.get(f"{page}/profile", status=404)
