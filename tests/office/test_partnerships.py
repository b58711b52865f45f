"""Major partnerships in the browser's words: from needs to hand-off, and who sees what of it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.activities.models import Interest
from crm.activities.rules import Shown, Stake
from crm.companies.models import Company
from crm.partnerships.area_models import Area
from crm.partnerships.workspace_models import Convened, Convening, Handoff, NdaFile, Screening
from crm.partnerships.workspace_rules import Nda, Result
from crm.people.rules import name_key
from crm.pipeline.models import Opportunity
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.activities import TouchFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory
from tests.factories.memberships import PDF
from tests.factories.pipeline import OpportunityFactory, stage_of
from tests.factories.workspaces import (
    AreaFactory,
    ConvenedFactory,
    HandoffFactory,
    NdaFileFactory,
    PartnershipFactory,
    ScopeFactory,
    ScreeningFactory,
)

BASE = "/office/engagements"
LIST = f"{BASE}/partnerships"
DAY = TODAY.isoformat()
CLEAR = {
    "screened_on": DAY, "screened_by": "Export control", "service": "Consolidated lists",
    "result": "clear", "valid_until": "", "note": "",
}  # fmt: skip
NEEDS = {
    "title": "Batteries", "needs_text": "Seven thousand people\ncome along", "needs_on": DAY,
    "needs_by": "Charlotte Bemis", "lead": "Fay Lindgren", "relations_contact": "Automotive desk",
    "on": DAY, "owner": "",
}  # fmt: skip
SCOPE = {
    "text": "The ladder first", "deliverables": "Twelve teachers", "starts_on": DAY,
    "last_day": "2030-06-14", "estimate": "4,200,000", "currency": "USD",
}  # fmt: skip


def morrow(session: Any) -> int:
    """A company, somebody of it, and two of the faculty, one with a stake in it."""
    company = CompanyFactory(name="Morrow & Pike Motors")
    people = {
        name: PersonFactory(name=name, name_key=name_key(name))
        for name in ("Charlotte Bemis", "Fay Lindgren", "Tomas Iriarte")
    }
    AffiliationFactory(company=company, person=people["Charlotte Bemis"])
    session.add(
        Interest(
            person_id=people["Tomas Iriarte"].id, company_id=company.id, stake=Stake.ADVICE,
            starts_on=TODAY, declared_on=TODAY, by_name="Sam Okafor",
        )
    )  # fmt: skip
    company_id: int = company.id
    session.commit()
    return company_id


def test_a_partnership_from_needs_to_hand_off(sam, session):
    company = morrow(session)
    words = sam.get(f"/office/companies/{company}").words
    assert "Not screened for restricted parties" in words
    form = sam.get(f"{LIST}/new?company={company}")
    assert f"Morrow &amp; Pike Motors (#{company})" in form.text
    sent = {**NEEDS, "company": "Morrow & Pike Motors"}
    wrong = sam.post(f"{LIST}/new", {**sent, "needs_by": "Fay Lindgren"}, status=422)
    assert "This person is not at the company" in wrong.words
    page = sam.post(f"{LIST}/new", sent).location
    words = sam.get(page).words
    for said in (
        "Needs stated",
        "come along",
        "Charlotte Bemis",
        "Automotive desk",
        "Not screened",
    ):
        assert said in words
    asked = {"person": "Tomas Iriarte", "field": "Twins", "on": DAY}
    refused = sam.post(f"{page}/faculty/new", asked, status=422).words
    assert "is not screened for restricted parties. Record its screening first." in refused
    stage = stage_of("partnership", "faculty-convened").id
    session.rollback()
    version = told(session, select(Opportunity.version))
    move = {"stage": str(stage), "on": DAY, "version": str(version)}
    form = sam.get(f"{page}/stage").html
    assert form.select_one("#stage option[selected]").text == "Needs stated"
    assert "Record its screening first" in sam.post(f"{page}/stage", move, status=422).words
    partnership = page.rsplit("/", 1)[1]
    screened = f"{BASE}/companies/{company}/screenings/new?partnership={partnership}"
    assert sam.post(screened, CLEAR).location == f"{page}#screening"
    sam.post(f"{page}/stage", move)
    sam.post(f"{page}/faculty/new", asked)
    words = sam.get(page).words
    assert "Screened: clear" in words
    assert "Declared interest: paid advice" in words
    answer = f"{LIST}/faculty/{told(session, select(Convened.id))}/answer"
    sam.post(answer, {"answer": "interested", "on": DAY, "field": "Twins", "version": "1"})
    area = {"title": "Ladder", "text": "", "on": DAY, "faculty": told(session, select(Convened.id))}
    sam.post(f"{page}/areas/new", area)
    area_page = f"{LIST}/areas/{told(session, select(Area.id))}"
    assert (
        "Interest is needed on both sides"
        in sam.post(f"{area_page}/agree", {"on": DAY}, status=422).words
    )
    keen = {
        "company_interest": "strong", "company_by": "Charlotte", "company_on": DAY,
        "university_interest": "interested", "university_by": "", "university_on": DAY,
        "version": "1",
    }  # fmt: skip
    sam.post(f"{area_page}/interest", keen)
    assert "Wanted by both" in sam.get(page).words
    sam.post(f"{area_page}/agree", {"on": DAY})
    assert "Agreed Jun 15, 2026" in sam.get(page).words
    hand = {"to_whom": "Ada Quill", "on": DAY, "reference": ""}
    assert "No scope is written yet" in sam.post(f"{page}/hand-off", hand, status=422).words
    many = sam.post(f"{page}/scope", {**SCOPE, "estimate": "much", "seen": "0"}, status=422)
    assert "Write the amount like" in many.words
    sam.post(f"{page}/scope", {**SCOPE, "seen": "0"})
    assert "$4,200,000" in sam.get(page).words
    sam.post(f"{page}/hand-off", hand)
    words = sam.get(page).words
    assert "Hand-off to the research office 0 days in this stage" in words
    assert "Ada Quill" in words
    reference = f"{LIST}/hand-offs/{told(session, select(Handoff.id))}"
    sam.post(f"{reference}/reference", {"reference": "SR-2417"})
    assert "Number SR-2417" in sam.get(page).words
    sam.post(f"{reference}/take-back", {"reason": "The wrong scope"})
    assert "taken back by Sam Okafor: The wrong scope" in sam.get(page).words
    company_page = sam.get(f"/office/companies/{company}").words
    for said in ("Batteries", "Screened: clear", "Area agreed"):
        assert said in company_page


def test_an_opportunity_that_stands_gets_the_workspace(sam, session):
    company = CompanyFactory(name="Polwarth Energy")
    opportunity = OpportunityFactory(company=company, mode_key="partnership")
    page = f"/office/opportunities/{opportunity.id}"
    session.commit()
    link = sam.get(page).html.find("a", string="Open one")
    sent = {**NEEDS, "company": "Polwarth Energy", "needs_by": "", "lead": ""}
    workspace = sam.post(str(link["href"]), sent).location
    assert told(session, select(Opportunity.partnership_id)) == int(workspace.rsplit("/", 1)[1])
    assert sam.get(page).html.find("a", href=workspace)
    again = sam.post(f"{LIST}/new", sent, status=422)
    assert "has a workspace already" in again.words


def test_a_convening_is_logged_with_people_of_both_sides(sam, fay, session):
    company = morrow(session)
    made = PartnershipFactory(company=session.get_one(Company, company))
    ours = ConvenedFactory(partnership_id=made.id).person
    page = f"{LIST}/{made.id}"
    ours_id = ours.id
    session.commit()
    form = sam.get(f"{page}/convenings/new")
    boxes = {
        str(box["name"]): str(box["value"])
        for box in form.html.find_all("input", type="checkbox")
        if box["name"] in ("theirs", "ours")
    }
    assert boxes["ours"] == str(ours_id)
    sent = {"kind": "meeting", "on": DAY, "text": "Ladder first", **boxes}
    empty = sam.post(f"{page}/convenings/new", {**sent, "text": ""}, status=422)
    assert "Write a line" in empty.words
    sam.post(f"{page}/convenings/new", sent)
    words = sam.get(page).words
    assert "Ladder first" in words
    assert "Charlotte Bemis" in words
    opportunity = told(session, select(Opportunity.id))
    for place in (f"/office/companies/{company}", f"/office/opportunities/{opportunity}"):
        assert "Ladder first" in sam.get(place).words
    fay.post(f"{page}/convenings/new", {"kind": "call", "on": DAY, "text": "Ten minutes on rungs"})
    assert "Ten minutes on rungs" in fay.get(page).words
    stranger = {**sent, "ours": "999999"}
    sam.post(f"{page}/convenings/new", stranger, status=422)


def test_nda_and_ip_are_kept_with_their_files(sam, fay, rea, session):
    page = f"{LIST}/{PartnershipFactory(title='Batteries').id}"
    session.commit()
    until = TODAY + timedelta(days=60)
    nda = {"state": "signed", "signed_on": "", "expires_on": until.isoformat(), "note": "Mutual"}
    late = sam.post(f"{page}/nda", {**nda, "version": "1"}, status=422)
    assert "Say on which day both sides had signed" in late.words
    sam.post(f"{page}/nda", {**nda, "signed_on": DAY, "version": "1"})
    assert (
        "409"
        not in sam.post(f"{page}/nda", {**nda, "signed_on": DAY, "version": "1"}, status=409).words[
            :3
        ]
    )
    ip = {"state": "under discussion", "on": DAY, "text": "Background stays", "version": "2"}
    sam.post(f"{page}/ip", ip)
    file = {"file": (io.BytesIO(PDF), "nda.pdf"), "title": "As signed"}
    sam.post(f"{page}/nda/files/new", file, content_type="multipart/form-data")
    text = {"file": (io.BytesIO(b"text"), "nda.txt"), "title": "As signed"}
    refused = sam.post(
        f"{page}/nda/files/new", text, status=422, content_type="multipart/form-data"
    )
    assert "neither a PDF nor a Word document" in refused.words
    stored = f"{BASE}/nda-files/{told(session, select(NdaFile.id))}"
    for reader, notes, files in ((sam, True, True), (rea, False, True), (fay, False, False)):
        words = reader.get(page).words
        assert "NDA ends in 60 days" in words
        assert "Under discussion" in words
        for note in ("Mutual", "Background stays"):
            assert (note in words) is notes
        assert ("As signed" in words) is files
        reader.get(stored, status=200 if files else 403)
    assert "NDA ends in 60 days" in sam.get("/office/").words


def test_a_screening_is_recorded_and_struck(sam, fay, rea, session):
    made = PartnershipFactory(screened=False)
    page, company = f"{LIST}/{made.id}", made.company_id
    session.commit()
    record = f"{BASE}/companies/{company}/screenings/new"
    assert sam.post(record, {**CLEAR, "note": "Checked twice"}).location.endswith("#screening")
    until = sam.post(record, {**CLEAR, "result": "denied", "valid_until": DAY}, status=422)
    assert "Only a clear result is good until a day" in until.words
    strike = f"{BASE}/screenings/{told(session, select(Screening.id))}/strike"
    for reader, who, note in ((sam, True, True), (rea, True, False), (fay, False, False)):
        words = reader.get(page).words
        assert "Clear" in words
        assert ("Export control" in words) is who
        assert ("Checked twice" in words) is note
    assert "Say why" in sam.post(strike, {"reason": ""}, status=422).words
    sam.post(strike, {"reason": "Another company"})
    words = sam.get(page).words
    assert "struck by Sam Okafor: Another company" in words
    assert "Not screened" in words
    for path in (record, strike):
        rea.post(path, CLEAR, status=403)
        fay.post(path, CLEAR, status=403)


def test_board_and_list_are_one_search(sam, session):
    lead = PersonFactory(name="Fay Lindgren")
    one = PartnershipFactory(title="Batteries", lead_id=lead.id, pipe={"value_minor": 420_000_000})
    doubted = PartnershipFactory(title="Doors", screened=False)
    ScreeningFactory(company=doubted.company, result=Result.POSSIBLE)
    won = PartnershipFactory(title="Seats", pipe={"won_on": TODAY})
    ids, lead_id = (one.id, doubted.id, won.id), lead.id
    session.commit()
    board = sam.get(LIST)
    titles = [column.get_text() for column in board.html.select(".board h2")]
    assert titles[0] == "Needs stated"
    assert len(titles) == 9
    assert "$4,200,000" in board.words
    assert "Possible match" in board.words
    assert "Seats" not in board.words
    assert "Doors" not in sam.get(f"{LIST}?faculty={lead_id}").words
    table = sam.get(f"{LIST}?display=table").words
    assert "Batteries" in table
    assert "Seats" not in table
    assert "Seats" in sam.get(f"{LIST}?display=table&show=closed").words
    assert "No partnership is like that" in sam.get(f"{LIST}?display=table&q=nothing").words
    stage = stage_of("partnership", "areas-agreed").id
    session.rollback()
    sam.post(f"{LIST}/move", {"card": str(ids[0]), "stage": str(stage)})
    assert "Areas agreed" in sam.get(f"{LIST}?display=table&q=batt").words
    refused = sam.post(f"{LIST}/move", {"card": str(ids[1]), "stage": str(stage)}, status=409)
    assert "possible match" in refused.words
    sam.post(f"{LIST}/move", {"card": "x", "stage": "1"}, status=400)


def test_who_may_see_no_money_sees_scope_without_estimate(fay, rea, session):
    made = PartnershipFactory(title="Batteries", pipe={"value_minor": 420_000_000})
    ScopeFactory(partnership_id=made.id, text="The ladder", estimate_minor=310_000_000)
    page = f"{LIST}/{made.id}"
    session.commit()
    words = fay.get(page).words
    assert "The ladder" in words
    for path in (page, LIST, f"{LIST}?display=table", "/office/reports/major-partnerships"):
        text = fay.get(path).text
        assert "4,200,000" not in text
        assert "3,100,000" not in text
        assert "Estimate" not in text
    assert "$3,100,000" in rea.get(page).words
    csv = rea.ask(rea.client.get, "/office/reports/major-partnerships.csv").get_data(as_text=True)
    assert "3100000.00" in csv


def test_faculty_read_a_workspace_and_change_nothing(fay, rea, session):
    made = PartnershipFactory()
    area = AreaFactory(partnership_id=made.id, wanted=True)
    scope = ScopeFactory(partnership_id=made.id)
    handoff = HandoffFactory(partnership_id=made.id, scope_id=scope.id)
    one = ConvenedFactory(partnership_id=made.id)
    page = f"{LIST}/{made.id}"
    acts = [
        *(f"{page}/{act}" for act in ("edit", "stage", "step", "close", "reopen", "nda", "ip")),
        *(f"{page}/{act}" for act in ("faculty/new", "areas/new", "scope", "hand-off")),
        *(f"{LIST}/areas/{area.id}/{act}" for act in ("edit", "interest", "agree", "drop")),
        f"{LIST}/areas/{area.id}/take-up",
        f"{LIST}/faculty/{one.id}/answer",
        f"{LIST}/hand-offs/{handoff.id}/take-back",
        f"{LIST}/new",
    ]
    session.commit()
    for reader in (fay, rea):
        found = reader.get(page)
        assert not [a for a in found.html.find_all("a") if str(a.get("href", "")) in acts]
        for act in acts:
            reader.post(act, {}, status=403)


def test_a_workspace_is_closed_after_its_opportunity_and_opened_again(sam, session):
    made = PartnershipFactory()
    page = f"{LIST}/{made.id}"
    pipe = f"/office/opportunities/{session.scalars(select(Opportunity.id)).one()}"
    session.commit()
    closing = {"on": DAY, "how": "Agreement signed"}
    assert "win it or lose it first" in sam.post(f"{page}/close", closing, status=422).words
    sam.post(f"{pipe}/win", {"on": DAY, "version": "1"})
    sam.post(f"{page}/close", closing)
    words = sam.get(page).words
    assert "Closed Jun 15, 2026" in words
    assert "Agreement signed" in words
    scope = sam.post(f"{page}/scope", {**SCOPE, "seen": "0"}, status=422)
    assert "Open it again first" in scope.words
    sam.post(f"{page}/reopen")
    sam.post(f"{page}/scope", {**SCOPE, "seen": "0"})


def test_who_writes_over_somebody_elses_words_sees_both(sam, session):
    made = PartnershipFactory(title="Batteries")
    area = AreaFactory(partnership_id=made.id, title="Ladder")
    one = ConvenedFactory(partnership_id=made.id)
    ScopeFactory(partnership_id=made.id, text="The ladder")
    page = f"{LIST}/{made.id}"
    area_page, answer = f"{LIST}/areas/{area.id}", f"{LIST}/faculty/{one.id}/answer"
    session.commit()
    for path, first, then in (
        (f"{page}/edit", {"title": "Packs"}, {"title": "Cells"}),
        (f"{area_page}/edit", {"title": "Rungs"}, {"title": "Steps"}),
        (answer, {"answer": "declined", "on": DAY}, {"answer": "interested", "on": DAY}),
    ):
        sam.post(path, {**first, "version": "1"})
        both = sam.post(path, {**then, "version": "1"}, status=409).words
        assert str(next(iter(first.values()))) in both
        assert str(next(iter(then.values()))) in both
    sam.post(f"{page}/scope", {**SCOPE, "seen": "1"})
    both = sam.post(f"{page}/scope", {**SCOPE, "text": "All of it", "seen": "1"}, status=409).words
    assert "The ladder first" in both
    assert "All of it" in both
    sam.post(f"{page}/scope", {**SCOPE, "seen": ""}, status=422)


def test_areas_are_dropped_and_taken_up_again(sam, fay, session):
    made = PartnershipFactory()
    area = AreaFactory(partnership_id=made.id, title="Recycling")
    page, area_page = f"{LIST}/{made.id}", f"{LIST}/areas/{area.id}"
    session.commit()
    sam.post(f"{area_page}/drop", {"on": DAY, "reason": "Not theirs to decide"})
    assert "Not theirs to decide" in sam.get(page).words
    assert "Not theirs to decide" not in fay.get(page).words
    sam.post(f"{area_page}/agree", {"on": DAY}, status=422)
    sam.post(f"{area_page}/take-up")
    assert "Dropped Jun 15" not in sam.get(page).words


def test_a_person_of_the_faculty_is_shown_with_their_partnerships(sam, fay, session):
    lead = PersonFactory(name="Fay Lindgren")
    led = PartnershipFactory(title="Batteries", lead_id=lead.id)
    asked = PartnershipFactory(title="Doors")
    ConvenedFactory(partnership_id=asked.id, person=lead)
    page, titles = f"/office/people/{lead.id}", (led.title, asked.title)
    session.commit()
    words = sam.get(page).words
    assert all(title in words for title in titles)
    assert "lead faculty" in words
    assert "interested" in words


def test_a_workspace_is_found_by_its_title_and_areas(fay, session):
    made = PartnershipFactory(title="Battery assembly")
    AreaFactory(partnership_id=made.id, title="Trainingladder")
    session.commit()
    for words in ("battery", "trainingladder"):
        assert "Battery assembly" in fay.get(f"/office/search?q={words}").words


def test_what_needs_somebody_stands_on_home(sam, rea, session):
    doubted = PartnershipFactory(title="Doors", screened=False)
    ScreeningFactory(company=doubted.company, result=Result.POSSIBLE)
    PartnershipFactory(title="Seats", nda=Nda.SIGNED, nda_signed_on=TODAY, nda_expires_on=TODAY)
    page = f"{LIST}/{doubted.id}"
    session.commit()
    words = sam.get("/office/").words
    for said in ("Possible match", "NDA ends today", "No next step"):
        assert said in words
    assert "Possible match" not in rea.get("/office/").words
    owner = {"title": "Ask the office", "due_on": DAY, "owner": ""}
    sam.post(f"{page}/step", owner)
    assert "Ask the office" in sam.get(page).words


@pytest.mark.parametrize("path", ["/partnerships", "/partnerships?display=table"])
def test_an_empty_list_says_how_to_begin(sam, path):
    assert "Open a workspace" in sam.get(f"{BASE}{path}").words


def test_the_report_tells_the_stage_of_a_day(sam, session):
    made = PartnershipFactory(title="Batteries", nda=Nda.ASKED)
    scope = ScopeFactory(partnership_id=made.id)
    HandoffFactory(partnership_id=made.id, scope_id=scope.id, reference="SR-1")
    NdaFileFactory(partnership_id=made.id)
    TouchFactory(company=made.company)
    session.commit()
    told_now = sam.get("/office/reports/major-partnerships").words
    for said in ("Batteries", "Needs stated", "SR-1", "asked"):
        assert said in told_now
    before = sam.get("/office/reports/major-partnerships?as_of=2026-01-04").words
    assert "Batteries" not in before


def test_faculty_meet_whom_they_were_convened_with(fay, session):
    mine, other = PartnershipFactory(title="Batteries"), PartnershipFactory(title="Doors")
    ConvenedFactory(partnership_id=mine.id, person=PersonFactory(user_id=fay.user_id))
    seen, people = {}, {}
    for name, made, shown in (
        ("Charlotte Bemis", mine, Shown.IN_FULL),
        ("Quinn Veiled", mine, Shown.IN_CONTACT),
        ("Otto Stranger", other, Shown.IN_FULL),
    ):
        people[name] = AffiliationFactory(
            company=made.company, person=PersonFactory(name=name, name_key=name_key(name))
        ).person
        touch = TouchFactory(company=made.company, shown=shown, with_=[people[name]])
        session.add(Convening(partnership_id=made.id, touch_id=touch.id))
        seen[f"/office/people/{people[name].id}"] = name == "Charlotte Bemis"
    companies = [made.company.name for made in (mine, other)]
    session.commit()
    for page, known in seen.items():
        fay.get(page, status=200 if known else 404)
    words = fay.get("/office/my-companies").words
    assert companies[0] in words
    assert companies[1] not in words


def test_of_a_convening_shown_as_contact_its_kind_is_not_told(fay, dana, session):
    made = PartnershipFactory(title="Batteries")
    touch = TouchFactory(company=made.company, shown=Shown.IN_CONTACT)
    session.add(Convening(partnership_id=made.id, touch_id=touch.id))
    page, company_id = f"{BASE}/partnerships/{made.id}", made.company_id
    session.commit()
    summary = f"/office/reports/engagement-summary?company={company_id}"
    for who, kind in ((dana, "call"), (fay, "in contact")):
        entry = who.get(page).html.select_one("#convenings .timeline li, #convenings li")
        assert kind.capitalize() in entry.text
        assert (entry.select_one(".i-call") is not None) is (who is dana)
        assert f"Batteries: {kind}" in who.get(summary).words


def test_an_opportunity_says_whether_its_company_is_screened(sam, session):
    made = PartnershipFactory(screened=False)
    alliance = OpportunityFactory()
    theirs = select(Opportunity.id).where(Opportunity.partnership_id == made.id)
    page = f"/office/opportunities/{session.scalars(theirs).one()}"
    other, company_id = f"/office/opportunities/{alliance.id}", made.company_id
    session.commit()
    assert "Not screened" in sam.get(page).words
    assert sam.get(page).html.find("a", href=f"{BASE}/companies/{company_id}/screenings/new")
    assert "Screening" not in sam.get(other).words


def test_with_an_archived_company_no_workspace_opens_but_a_screening_is_kept(sam, session):
    company = CompanyFactory(archived_on=TODAY)
    opportunity = OpportunityFactory(company=company, mode_key="partnership")
    pages = f"/office/companies/{company.id}", f"/office/opportunities/{opportunity.id}"
    record = f"{BASE}/companies/{company.id}/screenings/new"
    new = f"{LIST}/new?company={company.id}"
    session.commit()
    for page in pages:
        shown = sam.get(page).html
        assert shown.find("a", href=record)
        assert not shown.find("a", href=new)
    sam.post(record, {**CLEAR, "result": "denied"})
    assert told(session, select(Screening.result)) is Result.DENIED
