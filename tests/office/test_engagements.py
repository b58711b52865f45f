"""Engagements in the browser's words: facilities, who takes part, what they give and lend."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.mail.models import OutgoingMail
from crm.partnerships.facility_models import Participation
from crm.partnerships.models import Contribution, Evidence, ThanksLetter
from crm.partnerships.rules import FacilityStage, Stage
from crm.people.rules import name_key
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
)
from tests.factories.memberships import PDF
from tests.factories.partnerships import (
    ContributionFactory,
    EvidenceFactory,
    FacilityFactory,
    ParticipationFactory,
    ThanksFactory,
)

BASE = "/office/engagements"
DAY = TODAY.isoformat()
MILL = {
    "title": "Five-axis mill", "kind": "equipment", "given": "loan", "on": DAY, "about": "",
    "location": "Bay 4", "upkeep": "Theirs", "licence_ends_on": "2026-08-14", "facility": "",
    "contact": "Ilse Roth", "responsible": "Tomas Iriarte", "property_tag": "MT-0042",
}  # fmt: skip
VALUE = {
    "basis": "lease value", "amount": "180,000", "currency": "USD", "valuer": "donor",
    "valued_by": "Their controller", "valued_on": DAY,
}  # fmt: skip


def chosen(html: Any, name: str) -> str:
    """The value of a select."""
    field = html.find("select", attrs={"name": name})
    value: str = (field.find("option", selected=True) or field.find("option"))["value"]
    return value


def the_giver(session: Any) -> int:
    company = CompanyFactory(name="Sagamore Machine Tools")
    contact, _ = (
        PersonFactory(name=name, name_key=name_key(name)) for name in ("Ilse Roth", "Tomas Iriarte")
    )
    AffiliationFactory(company=company, person=contact)
    AddressFactory(person=contact, email="ilse@sagamore.example")
    company_id: int = company.id
    session.commit()
    return company_id


def test_a_loan_from_its_offer_to_its_return(sam, session):
    company = the_giver(session)
    form = sam.get(f"{BASE}/contributions/new?company={company}")
    assert f"Sagamore Machine Tools (#{company})" in form.text
    sent = {**MILL, "company": "Sagamore Machine Tools"}
    nobody = sam.post(f"{BASE}/contributions/new", {**sent, "contact": "No One"}, status=422)
    assert "Nobody on record is called “No One”" in nobody.words
    lent = sam.post(f"{BASE}/contributions/new", {**sent, "kind": "services"}, status=422)
    assert "Services cannot be lent" in lent.words
    page = sam.post(f"{BASE}/contributions/new", sent).location
    words = sam.get(page).words
    for word in ("Five-axis mill", "Bay 4", "Tomas Iriarte", "MT-0042", "Not valued yet", "Aug 14"):
        assert word in words
    assert "in 60 days" not in words
    for stage in ("accepted", "delivered", "in use"):
        sam.post(f"{page}/stage", {"stage": stage, "on": DAY, "reason": ""})
    for listed in (page, BASE, "/office/"):
        assert "in 60 days" in sam.get(listed).words
    letter = f"{BASE}/letters/{told(session, select(ThanksLetter.id))}"
    assert "Thank you for the loan: Five-axis mill" in sam.get(letter).words
    assert told(session, select(OutgoingMail.id)) is None
    worded = {**sam.get(letter).hidden(), "text": "Dear Ilse,\r\n\r\nwhat a mill!"}
    for wrong in (" ", "Thank\x00you"):
        kept = sam.post(f"{letter}/release", {**worded, "text": wrong}, status=422)
        assert kept.html.find("textarea", attrs={"name": "text", "aria-invalid": "true"})
    sam.post(f"{letter}/release", worded)
    sent = session.execute(select(OutgoingMail.to, OutgoingMail.subject, OutgoingMail.body)).one()
    session.rollback()
    assert tuple(sent) == (
        "ilse@sagamore.example",
        "Thank you for the loan: Five-axis mill",
        "Dear Ilse,\n\nwhat a mill!",
    )
    assert "what a mill!" in sam.get(letter).words
    sam.post(f"{page}/stage", {"stage": "returned", "on": DAY, "reason": ""})
    over = sam.get(page).words
    assert "Next stage" not in over
    assert "in 60 days" not in over
    sam.post(f"{page}/stage", {"stage": "in use", "on": DAY}, status=422)


def test_a_stage_taken_back_stays_to_be_read(sam, session):
    page = f"{BASE}/contributions/{ContributionFactory(stages=(Stage.ACCEPTED,)).id}"
    session.commit()
    assert "Say why" in sam.post(f"{page}/take-back", {"reason": ""}, status=422).words
    sam.post(f"{page}/take-back", {"reason": "The other mill"})
    assert "taken back by Sam Okafor: The other mill" in sam.get(page).words
    again = sam.post(f"{page}/take-back", {"reason": "All of it"}, status=422)
    assert "It is only offered" in again.words


def test_an_offer_of_the_wrong_day_and_company_is_put_right(sam, fay, session):
    CompanyFactory(name="Nimbrel Cobots")
    page = f"{BASE}/contributions/{ContributionFactory(licence_ends_on=TODAY).id}"
    rightly = {"company": "Nimbrel Cobots", "version": "1"}
    session.commit()
    day = sam.get(page).html.find("a", attrs={"aria-label": "Change the day of “offered”"})["href"]
    assert day not in fay.get(page).text
    late = sam.post(day, {"on": "2026-06-16", "seen": "2026-01-05"}, status=422)
    assert "The latest day is June 15, 2026" in late.words
    sam.post(day, {"on": "2026-01-02", "seen": "2026-01-05"})
    assert (
        "January 3" in sam.post(day, {"on": "2026-01-03", "seen": "2026-01-05"}, status=409).words
    )
    sam.post(f"{page}/company", rightly)
    sam.post(f"{page}/company", rightly, status=409)
    words = sam.get(page).words
    for told_ in ("Nimbrel Cobots", "put right", "Jan 5, 2026 became Jan 2, 2026"):
        assert told_ in words


def test_a_value_is_entered_with_its_evidence(sam, session):
    page = f"{BASE}/contributions/{ContributionFactory(lent=True).id}"
    session.commit()
    for wrong, said in (
        ({"amount": "many"}, "Write the amount like"),
        ({"amount": ""}, "Enter an amount above zero"),
        ({"basis": ""}, "Choose on which basis"),
        ({"valuer": ""}, "Say who valued it"),
        ({"valued_by": ""}, "Name who valued it"),
        ({"basis": "appraisal"}, "An appraisal is an appraiser’s".replace("’", "'")),
        ({"valued_on": "2026-07-01"}, "today or before"),
    ):
        refused = sam.post(f"{page}/value", {**VALUE, **wrong, "version": "1"}, status=422)
        assert said in refused.words
    sam.post(f"{page}/value", {**VALUE, "version": "1"})
    assert "$180,000" in sam.get(page).words
    assert "$190,000" not in sam.get(page).words
    late = {**VALUE, "amount": "190,000", "version": "1"}
    both = sam.post(f"{page}/value", late, status=409).words
    assert "USD 180,000.00" in both
    assert "USD 190,000.00" in both
    file = {"file": (io.BytesIO(PDF), "prices.pdf"), "title": "Price list"}
    sam.post(f"{page}/evidence/new", file, content_type="multipart/form-data")
    words = sam.get(page).words
    assert "Price list" in words
    served = sam.get(f"{BASE}/evidence/{told(session, select(Evidence.id))}").response
    assert served.headers["Content-Disposition"].startswith("attachment")
    text = {"file": (io.BytesIO(b"text"), "prices.txt"), "title": "Price list"}
    refused = sam.post(f"{page}/evidence/new", text, status=422, content_type="multipart/form-data")
    assert "neither a PDF nor a Word document" in refused.words
    sam.post(f"{page}/value", {"basis": "", "amount": "", "version": "2"})
    assert "Not valued yet" in sam.get(page).words


def test_the_history_of_a_value_is_in_its_currencies(sam, session):
    page = f"{BASE}/contributions/{ContributionFactory(lent=True).id}"
    session.commit()
    for version, (amount, currency) in enumerate(
        (("500", "EUR"), ("600", "EUR"), ("700", "USD"), ("800", "USD")), 1
    ):
        said = {"amount": amount, "currency": currency, "version": str(version)}
        sam.post(f"{page}/value", {**VALUE, **said})
    history = sam.get(page).words
    for change in ("€500 became €600", "€600 became $700", "$700 became $800"):
        assert f"Amount {change}" in history


def test_who_edits_what_somebody_else_has_changed_sees_both(sam, session):
    page = f"{BASE}/contributions/{ContributionFactory(title='Mill').id}/edit"
    session.commit()
    sent = {"kind": "equipment", "given": "gift", "version": "1", "facility": ""}
    sam.post(page, {**sent, "title": "A lathe"})
    both = sam.post(page, {**sent, "title": "A press"}, status=409).words
    assert "A lathe" in both
    assert "A press" in both
    loan_end = {**sent, "title": "A press", "loan_ends_on": "2027-01-01", "version": "2"}
    assert "Only a loan has an end" in sam.post(page, loan_end, status=422).words


def test_the_ledger_is_of_a_day_with_sums_by_basis_and_currency(sam, session):
    accepted = {"stages": (Stage.ACCEPTED,)}  # on 12 January
    ContributionFactory(title="Press", valued=10_000_00, **accepted)
    ContributionFactory(title="Lathe", valued=5_000_00, **accepted)
    ContributionFactory(title="Saw", valued=700_00, currency="EUR", **accepted)
    ContributionFactory(title="Furnace", valued=900_000_00)
    ContributionFactory(title="Rigging", services=True, **accepted)
    session.commit()
    page = sam.get(f"{BASE}/contributions")
    assert len([row for row in page.rows() if "Company" in row[1]]) == 6
    sums = [row for row in page.rows() if row[0].startswith(("List price", "Not countable"))]
    assert sums == [
        ["List price less educational discount", "1", "EUR", "€700"],
        ["List price less educational discount", "2", "USD", "$15,000"],
        ["Not countable", "1", "", ""],
    ]
    before = sam.get(f"{BASE}/contributions?as_of=2026-01-11")
    assert "Nothing listed had been accepted" in before.words
    assert "No contribution is like that" in sam.get(f"{BASE}/contributions?as_of=2026-01-04").words
    for asked, found in (
        ("q=lath", "Lathe"),
        ("kind=services", "Rigging"),
        ("show=offered", "Furnace"),
    ):
        words = sam.get(f"{BASE}/contributions?{asked}").words
        assert found in words
        assert "Saw" not in words
    assert sam.get(f"{BASE}/contributions?kind=gold", status=400)


def test_the_ledger_is_sorted_and_narrowed_to_a_company(sam, fay, session):
    arden, birch = CompanyFactory(name="Arden Alloys"), CompanyFactory(name="Birch Tools")
    accepted = {"stages": (Stage.ACCEPTED,)}
    ContributionFactory(title="Press", company=birch, valued=700_00, **accepted)
    ContributionFactory(title="Lathe", company=arden, valued=900_00, **accepted)
    ContributionFactory(title="Saw", company=arden)
    id_ = arden.id
    session.commit()

    def titles(question: str, who: Any = sam) -> list[str]:
        page = who.get(f"{BASE}/contributions?{question}").html
        return [one.find("a").text for one in page.select("table.stack tbody th") if one.find("a")]

    assert titles("") == ["Lathe", "Saw", "Press"]
    assert titles("sort=-company") == ["Press", "Lathe", "Saw"]
    assert titles("sort=title") == ["Lathe", "Press", "Saw"]
    assert titles("sort=-value") == ["Lathe", "Press", "Saw"]
    assert titles("sort=value") == ["Press", "Lathe", "Saw"]
    assert titles("sort=accepted")[-1] == titles("sort=-accepted")[-1] == "Saw"
    assert len(titles("sort=ends")) == 3
    assert titles(f"company={id_}&sort=-title", fay) == ["Saw", "Lathe"]
    fay.get(f"{BASE}/contributions?sort=value", status=400)  # it would tell what is worth more
    page = sam.get(f"{BASE}/contributions?company={id_}")
    assert page.html.find("h1").text.strip() == "Contributions of Arden Alloys"
    assert page.html.find("a", href=f"{BASE}/contributions/new?company={id_}")
    here = f"{BASE}/contributions?company={id_}"
    assert sam.get(f"/office/companies/{id_}").html.find("a", href=here)


def test_the_ledger_is_taken_along_as_it_is_filtered(sam, fay, session):
    given = ContributionFactory(title="Lathe", valued=731_419_00, stages=(Stage.ACCEPTED,))
    ContributionFactory(title="Rigging", services=True)
    id_ = given.id
    session.commit()
    page = sam.get(f"{BASE}/contributions?kind=equipment")
    address = page.html.find("a", attrs={"aria-label": "Export as CSV"})["href"]
    assert address == f"{BASE}/contributions.csv?kind=equipment"
    for who, sees in ((sam, "731419.00"), (fay, None)):
        rows = list(csv.DictReader(io.StringIO(who.get(address).text.lstrip("\ufeff"))))
        assert [row["Contribution"] for row in rows] == ["Lathe"]
        assert rows[0]["Contribution id"] == str(id_)
        assert rows[0].get("Value") == sees
        assert sees or "731" not in str(rows)
        who.get(f"{BASE}/contributions.xlsx?kind=equipment")


def test_faculty_see_what_and_when_and_nothing_of_its_value(fay, session):
    contact = PersonFactory(name="Ilse Roth")
    mill = ContributionFactory(
        contact=contact, title="Mill", valued=73_131_700, upkeep="Theirs, at 900 a year",
        gift_reference="G-17", location="Bay 4", stages=(Stage.ACCEPTED, Stage.ENDED),
    )  # fmt: skip
    file, letter = EvidenceFactory(contribution_id=mill.id), ThanksFactory(contribution_id=mill.id)
    ids = (mill.id, file.id, letter.id)
    session.commit()
    page, ledger = f"{BASE}/contributions/{ids[0]}", f"{BASE}/contributions"
    words = fay.get(page).words
    assert "Bay 4" in words
    assert "Jan 12, 2026" in words
    for text in (fay.get(page).text, fay.get(ledger).text, fay.get("/office/search?q=mill").text):
        for kept in (
            "731,317",
            "USD",
            "900 a year",
            "G-17",
            "Price list",
            "Worn out",
            "controller",
        ):
            assert kept not in text
        assert "List price" not in text
    fay.get(f"{BASE}/evidence/{ids[1]}", status=403)
    fay.get(f"{BASE}/letters/{ids[2]}", status=403)
    fay.post(f"{page}/stage", {"stage": "ended", "on": DAY}, status=403)
    assert "Record an offer" not in fay.get(BASE).words


def test_a_reader_sees_values_and_changes_nothing(rea, session):
    page = f"{BASE}/contributions/{ContributionFactory(valued=18_000_000).id}"
    session.commit()
    words = rea.get(page).words
    assert "$180,000" in words
    assert "Enter value" not in words
    rea.post(f"{page}/value", VALUE, status=403)


def test_a_facility_is_put_on_record_and_moved_along(sam, session):
    sent = {"name": "Teaching factory", "place": "Hall 3", "stage": "planning", "on": "2026-01-05"}
    page = sam.post(f"{BASE}/facilities/new", sent).location
    twice = sam.post(f"{BASE}/facilities/new", sent, status=422)
    assert "a facility of this name already" in twice.words
    sam.post(f"{page}/stage", {"stage": "building", "on": "2026-03-01", "reason": ""})
    back = {"stage": "planning", "on": DAY, "reason": ""}
    assert "Say why" in sam.post(f"{page}/stage", back, status=422).words
    assert "Building" in sam.get(BASE).rows()[1][1]
    sam.post(f"{page}/stage", {"stage": "closed", "on": DAY, "reason": "The hall is let"})
    assert "Teaching factory" not in sam.get(BASE).words
    assert "Teaching factory" in sam.get(f"{BASE}?show=all").words
    assert "The hall is let" in sam.get(page).words
    edit = {"name": "Teaching shop", "version": "1"}
    sam.post(f"{page}/edit", edit)
    assert "Teaching shop" in sam.get("/office/search?q=shop").words
    assert (
        "Teaching hall"
        in sam.post(f"{page}/edit", {"name": "Teaching hall", "version": "1"}, status=409).words
    )


def test_a_company_takes_part_and_leaves(sam, session):
    page = f"{BASE}/facilities/{FacilityFactory().id}"
    company_page = f"/office/companies/{CompanyFactory(name='Nimbrel Cobots').id}"
    session.commit()
    sent = {"company": "Nimbrel Cobots", "kind": "planning", "starts_on": "2026-02-01"}
    sam.post(f"{page}/participations/new", sent)
    twice = sam.post(f"{page}/participations/new", sent, status=422)
    assert "takes part in the planning since February 1, 2026" in twice.words
    unknown = {**sent, "company": "Nobody Inc"}
    assert (
        "No company is called" in sam.post(f"{page}/participations/new", unknown, status=422).words
    )
    part = told(session, select(Participation.id))
    edit = f"{BASE}/participations/{part}/edit"
    ended = {"kind": "planning", "starts_on": "2026-02-01", "last_day": "2026-01-31"}
    wrong = sam.post(edit, {**ended, "version": "1"}, status=422)
    assert "end before it begins" in wrong.words
    sam.post(edit, {**ended, "last_day": "2026-06-14", "version": "1"})
    assert "Jun 15, 2026" in sam.get(page).words
    assert "Nimbrel" not in sam.get(f"{BASE}/participations").words
    assert "Nimbrel" in sam.get(f"{BASE}/participations?show=all&kind=planning").words
    assert "Nimbrel" in sam.get(company_page).words
    sam.post(f"{BASE}/participations/{part}/take-back")
    assert "No company takes part so far" in sam.get(page).words


def test_a_facility_s_page_has_what_is_given_for_it_and_takes_an_offer(sam, session):
    facility = FacilityFactory(name="Pilot foundry")
    gift = ContributionFactory(facility=facility, title="Induction furnace")
    ContributionFactory(title="A lathe for no facility")
    ids = facility.id, gift.id
    session.commit()
    page = sam.get(f"{BASE}/facilities/{ids[0]}")
    given = page.html.find(id="contributions")
    assert given.find("a", href=f"{BASE}/contributions/{ids[1]}").text == "Induction furnace"
    assert "A lathe" not in given.text
    assert given.find("a", href=f"{BASE}/contributions?facility={ids[0]}")
    form = sam.get(f"{BASE}/contributions/new?facility={ids[0]}").html
    assert chosen(form, "facility") == str(ids[0])
    assert chosen(form, "kind") == chosen(form, "given") == ""
    sent = {**MILL, "company": "", "kind": "", "given": "", "contact": "", "responsible": ""}
    refused = sam.post(f"{BASE}/contributions/new", sent, status=422).words
    assert "Say what kind of thing it is." in refused
    assert "Say how it is given." in refused


@pytest.mark.parametrize(
    ("stage", "follows"),
    [("planning", "building"), ("building", "operation"), ("operation", "closed"),
     ("closed", "operation")],
)  # fmt: skip
def test_the_stage_that_follows_is_chosen_already(sam, session, stage, follows):
    id_ = FacilityFactory(stage=FacilityStage(stage)).id
    session.commit()
    assert chosen(sam.get(f"{BASE}/facilities/{id_}/stage").html, "stage") == follows


def test_participations_are_found_by_company_and_facility(sam, session):
    foundry, line = FacilityFactory(name="Foundry"), FacilityFactory(name="Line")
    for name, at in (("Arden Alloys", foundry), ("Birch Tools", foundry), ("Arden Robots", line)):
        ParticipationFactory(company=CompanyFactory(name=name), facility=at)
    id_ = foundry.id
    session.commit()

    def names(question: str) -> list[str]:
        page = sam.get(f"{BASE}/participations?{question}").html
        return [one.find("a").text for one in page.select("tbody th")]

    assert names(f"facility={id_}") == ["Arden Alloys", "Birch Tools"]
    assert names("q=arden") == ["Arden Alloys", "Arden Robots"]
    assert names(f"q=arden&facility={id_}") == ["Arden Alloys"]
    assert names("q=%26") == []
    link = sam.get(f"{BASE}/participations?q=arden").html.find(
        "a", attrs={"aria-label": "Export as CSV"}
    )["href"]
    rows = list(csv.DictReader(io.StringIO(sam.get(link).text.lstrip("\ufeff"))))
    assert [row["Facility"] for row in rows] == ["Foundry", "Line"]
    sam.get(f"{BASE}/participations.xlsx")
    count = sam.get(BASE).html.find("a", href=f"{BASE}/participations?facility={id_}")
    assert count.text == "2"


def test_a_name_that_is_not_whole_is_asked_back(sam, session):
    company, facility = CompanyFactory(name="Sagamore Machine Tools"), FacilityFactory()
    twins = [CompanyFactory(name="Acme").id for _ in range(2)]
    address, named = f"{BASE}/facilities/{facility.id}/participations/new", company.id
    sent = {"kind": "planning", "starts_on": DAY}
    session.commit()
    refused = sam.post(address, {**sent, "company": "Sagamore"}, status=422)
    assert f"Is it Sagamore Machine Tools (#{named})?" in refused.words
    refused = sam.post(address, {**sent, "company": "acme"}, status=422)
    assert "Is it Acme (#{}), or Acme (#{})?".format(*twins) in refused.words
    assert "pick one" in sam.post(address, {**sent, "company": "Nobody"}, status=422).words


def test_people_are_looked_up_from_a_contribution_by_who_may_see_them(sam, fay, session):
    professor, contact = ProfileFactory(person=PersonFactory()).person, PersonFactory()
    gift = ContributionFactory(responsible=professor, contact=contact)
    page, known, unknown = f"{BASE}/contributions/{gift.id}", professor.id, contact.id
    session.commit()
    for who, sees in ((sam, {known, unknown}), (fay, {known})):
        html = who.get(page).html
        linked = {one["href"] for one in html.select("#about a[href^='/office/people/']")}
        assert linked == {f"/office/people/{id_}" for id_ in sees}


def test_a_company_s_page_tells_its_part_and_what_it_gave(fay, session):
    company = CompanyFactory()
    ParticipationFactory(company=company, facility=FacilityFactory(name="Foundry"))
    ContributionFactory(company=company, title="A furnace", stages=(Stage.ACCEPTED,), valued=500)
    page = f"/office/companies/{company.id}"
    session.commit()
    words = fay.get(page).words
    assert "Foundry Development, since Feb 1, 2026" in words
    assert "A furnace since Jan 12, 2026 Accepted" in words
    assert "Contribution accepted Sam Okafor · Jan 12, 2026 A furnace" in words


@pytest.mark.parametrize(("days", "seen"), [(91, False), (90, True), (-3, True)])
def test_what_ends_soon_stands_on_the_home_page(dana, session, days, seen):
    ContributionFactory(
        title="Mill of the day",
        lent=True,
        stages=(Stage.ACCEPTED,),
        loan_ends_on=TODAY + timedelta(days=days),
    )
    session.commit()
    for page in ("/office/", BASE):
        assert ("Mill of the day" in dana.get(page).words) is seen


def test_the_letters_that_wait_are_listed_for_who_releases_them(sam, rea, session):
    waits, out = (ThanksFactory(contribution=ContributionFactory(title=t)) for t in ("Mill", "Saw"))
    out.released_at, out.released_by = waits.drafted_at, "Sam Okafor"
    link = f"{BASE}/letters/{waits.id}"
    session.commit()
    card = sam.get(BASE).html.find(id="letters")
    assert [one["href"] for one in card.find_all("a")] == [link]
    assert "Mill" in card.text
    assert rea.get(BASE).html.find(id="letters") is None


def test_the_record_s_history_names_who_and_what(sam, session):
    company = the_giver(session)
    sent = {**MILL, "company": "Sagamore Machine Tools"}
    page = sam.post(f"{BASE}/contributions/new", sent).location
    sam.post(f"{page}/stage", {"stage": "accepted", "on": DAY, "reason": ""})
    words = sam.get(page).words
    assert "Contribution moved: Five-axis mill" in words
    assert "Ilse Roth" in words
    assert told(session, select(Contribution.company_id)) == company


def test_a_contribution_and_who_is_named_with_it_lead_to_each_other(sam, fay, session):
    company = CompanyFactory(name="Sagamore")
    contact = AffiliationFactory(company=company, person=PersonFactory(name="Ilse Roth")).person
    tomas = PersonFactory(name="Tomas Iriarte")
    mill = ContributionFactory(
        company=company, title="Mill", contact=contact, responsible=tomas, valued=73_131_700,
        stages=(Stage.ACCEPTED,),
    )  # fmt: skip
    page, person = f"{BASE}/contributions/{mill.id}", f"/office/people/{tomas.id}"
    contact_page = f"/office/people/{contact.id}"
    session.commit()
    shown = sam.get(page).text
    assert person in shown
    assert contact_page in shown
    assert "Mill Sagamore · answers for it" in sam.get(person).words
    faculty = fay.get(page)
    assert "Tomas Iriarte" in faculty.words
    assert "Ilse Roth" not in faculty.words
    assert person not in faculty.text
