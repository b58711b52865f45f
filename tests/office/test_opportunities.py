from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.activities.models import Task, Touch
from crm.memberships.models import Membership
from crm.pipeline import queries
from crm.pipeline.models import LostReason, Mode, Opportunity, OpportunityTouch
from tests.conftest import TODAY
from tests.factories.activities import TouchFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.memberships import tier
from tests.factories.pipeline import OpportunityFactory, stage_of

WEEK = timedelta(days=7)


@pytest.fixture
def opportunity(session):
    made = OpportunityFactory(
        company=CompanyFactory(name="Northlake Turbine Works"),
        at="qualified",
        value_minor=1_500_000_00,
        note="Their CFO wavers",
    )
    session.commit()
    return made


@pytest.fixture
def url(opportunity, session):
    path = f"/office/opportunities/{opportunity.id}"
    session.commit()
    return path


def test_the_page_tells_where_it_stands(dana, url):
    page = dana.get(url)
    for said in ("Northlake Turbine Works", "Qualified 20 %", "14 days in this stage", "$1,500,000",
                 "$300,000", "Their CFO wavers", "No next step is planned"):  # fmt: skip
        assert said in page.words, said
    now = page.html.select_one(".track [aria-current=step]")
    assert now.get_text(" ").startswith("Qualified")


def test_who_sees_what_of_it(sam, rea, fay, ada, url, opportunity, session):
    session.add_all(
        OpportunityTouch(opportunity_id=opportunity.id, touch_id=touch.id)
        for touch in (
            TouchFactory(company=opportunity.company, text="Likes the lean group"),
            TouchFactory(company=opportunity.company, text="Secret merger", confidential=True),
            TouchFactory(company=opportunity.company, text="Struck text", struck=True),
        )
    )
    session.commit()
    assert "Secret merger" in sam.get(url).words
    reading = rea.get(url)
    assert "Likes the lean group" in reading.words
    for hidden in ("Secret merger", "Their CFO wavers", "Struck text"):
        assert hidden not in reading.text
    assert reading.html.select("main form") == []
    for member in (fay, ada):
        member.get(url, status=403)
    for act in ("edit", "move", "park", "intent", "win", "lose", "step", "contact"):
        for member in (rea, fay, ada):
            member.get(f"{url}/{act}", status=403)
            member.post(f"{url}/{act}", status=403)
    for act in ("unpark", "reopen"):
        rea.post(f"{url}/{act}", status=403)


def test_ids_that_are_none(dana):
    for wrong in ("0", "-1", "x", "99999999999", "999999"):
        dana.get(f"/office/opportunities/{wrong}", status=404)
        dana.post(f"/office/opportunities/{wrong}/move", status=404)


def test_it_moves_and_says_why_not(sam, url, session, opportunity):
    target = stage_of("alliance", "negotiation").id
    session.commit()
    sam.post(f"{url}/move", {"stage": target, "on": TODAY.isoformat()})
    page = sam.get(url)
    assert "Negotiation 80 %" in page.words
    assert "Moved to Negotiation" in page.words
    again = sam.post(f"{url}/move", {"stage": target, "on": TODAY.isoformat()}, status=422)
    assert "stands at “Negotiation” already" in again.words
    ahead = {"stage": target, "on": "2026-07-01"}
    assert "Choose today" in sam.post(f"{url}/move", ahead, status=422).words
    for wrong in ({"stage": "x"}, {"on": "soon", "stage": target}, {"stage": ""}):
        sam.post(f"{url}/move", {"on": TODAY.isoformat(), **wrong}, status=422)


def test_two_who_edit_at_once_see_it(sam, dana, url):
    version = sam.get(f"{url}/edit").html.select_one("input[name=version]")["value"]
    dana.post(f"{url}/park", {"parked_until": "2026-09-01"})
    stale = sam.post(f"{url}/edit", {"version": version, "value": "5"}, status=409)
    assert "changed this opportunity" in stale.words
    assert "Parked until Sep 1, 2026" in sam.get(url).words
    sam.post(f"{url}/unpark")
    assert "Parked until" not in sam.get(url).words.split("History")[0]


def test_it_is_edited_and_typed_values_stay(sam, url, session, opportunity):
    sent = {
        "owner": sam.user_id,
        "tier": tier("member").id,
        "value": "750,000",
        "currency": "EUR",
        "expected_on": "2026-09-01",
        "source": "Trade fair",
        "note": "A note",
    }
    session.commit()
    wrong = sam.post(f"{url}/edit", {**sent, "value": "lots", "source": "x" * 201}, status=422)
    assert wrong.html.select_one("input[name=value]")["value"] == "lots"
    sam.post(f"{url}/edit", sent)
    session.expire_all()
    assert opportunity.value_minor == 750_000_00
    assert (opportunity.currency, opportunity.source) == ("EUR", "Trade fair")
    assert opportunity.owner_id == sam.user_id
    session.commit()
    words = sam.get(url).words
    assert "€750,000" in words
    assert "Sam Okafor" in words


def test_a_win_starts_a_membership(dana, url, session, opportunity):
    form = dana.get(f"{url}/win")
    assert "Win and start the membership" in form.words
    sent = {"tier": tier("founding").id, "starts_on": "2026-09-01", "on": TODAY.isoformat()}
    session.commit()
    wrong = dana.post(f"{url}/win", {**sent, "starts_on": ""}, status=422)
    assert "on which day the term starts" in wrong.words
    assert "negative" in dana.post(f"{url}/win", {**sent, "fee": "-1"}, status=422).words
    dana.post(f"{url}/win", sent)
    membership = session.scalars(select(Membership)).one()
    assert (membership.fee_minor, membership.starts_on) == (500_000_00, date(2026, 9, 1))
    assert membership.ends_before == date(2029, 9, 1)
    its_page = f"/office/memberships/{membership.id}"
    session.commit()
    page = dana.get(url)
    assert "Won Jun 15, 2026" in page.words
    assert page.html.find("a", href=its_page)
    assert "won already" in dana.post(f"{url}/win", sent, status=422).words
    assert "became a membership" in dana.post(f"{url}/reopen", status=409).words


def test_other_modes_are_won_with_a_day(dana, session):
    factories = f"/office/opportunities/{OpportunityFactory(mode_key='factories').id}"
    session.commit()
    assert "starts no membership" in dana.get(f"{factories}/win").words
    dana.post(f"{factories}/win", {"on": TODAY.isoformat()})
    assert "Won Jun 15, 2026" in dana.get(factories).words
    dana.post(f"{factories}/reopen")
    assert "Identified 5 %" in dana.get(factories).words


def test_lost_and_reopened_and_the_reason_is_confidential(dana, rea, url, session, opportunity):
    reason = session.scalars(select(LostReason.id).where(LostReason.key == "alliance.fee")).one()
    upkeep = session.scalars(select(LostReason.id).where(LostReason.key == "factories.upkeep"))
    foreign = upkeep.one()
    session.commit()
    sent = {"reason": reason, "on": TODAY.isoformat(), "note": "Half the fee would do"}
    dana.post(f"{url}/lose", {**sent, "reason": foreign}, status=422)
    dana.post(f"{url}/lose", {**sent, "reason": ""}, status=422)
    dana.post(f"{url}/lose", sent)
    page = dana.get(url)
    assert "Half the fee would do" in page.words
    assert "Lost for Fee" in page.words
    assert "Lost Jun 15, 2026: Fee" in dana.get("/office/pipeline?display=table&state=lost").words
    for path in (url, "/office/pipeline?display=table&state=lost"):
        reading = rea.get(path)
        assert "Half the fee" not in reading.text
        assert "Fee" not in reading.words.replace("Fees", "")
    dana.post(f"{url}/reopen")
    assert "Qualified 20 %" in dana.get(url).words


def test_a_next_step_and_a_contact(sam, url, session, opportunity):
    met = AffiliationFactory(company=opportunity.company).person
    met_id, met_name = met.id, met.name
    session.commit()
    sam.post(f"{url}/step", {"title": "Send the terms", "due_on": "2026-06-20", "owner": ""})
    sam.post(f"{url}/step", {"title": "", "due_on": "x"}, status=422)
    task = session.scalars(select(Task)).one()
    assert (task.title, task.company_id) == ("Send the terms", opportunity.company_id)
    session.commit()
    assert "Send the terms" in sam.get(url).words
    assert "Send the terms" in sam.get("/office/pipeline").words
    contact = {"kind": "call", "on": "2026-06-14", "text": "Call, 25 min", "people": [met_id]}
    assert met_name in sam.get(f"{url}/contact").words
    sam.post(f"{url}/contact", {**contact, "people": [met_id + 1000]}, status=422)
    sam.post(f"{url}/contact", {**contact, "kind": "séance"}, status=422)
    sam.post(f"{url}/contact", contact)
    touch = session.scalars(select(Touch)).one()
    assert (touch.text, touch.by_id) == ("Call, 25 min", sam.user_id)
    session.commit()
    assert "Call, 25 min" in sam.get(url).words


def test_a_letter_of_intent_is_noted_and_taken_back(sam, url):
    sam.post(f"{url}/intent", {"intent_on": "2026-06-01"})
    assert "Letter of intent Jun 1, 2026" in sam.get(url).words
    sam.post(f"{url}/intent", {"intent_on": "2026-12-01"}, status=422)
    sam.post(f"{url}/intent", {"intent_on": ""})
    assert "Jun 1, 2026 Opened" not in sam.get(url).words.replace("Letter of intent Jun", "")


def test_one_is_opened_by_hand(sam, session):
    company = CompanyFactory(name="Loomline")
    CompanyFactory(name="Twin")
    CompanyFactory(name="Twin")
    company_id = company.id
    mode_id = session.scalars(select(Mode.id).where(Mode.key == "partnership")).one()
    session.commit()
    shown = sam.get(f"/office/pipeline/new?company={company_id}&mode=partnership")
    assert shown.html.select_one("input[name=company]")["value"] == f"Loomline (#{company_id})"
    sent = {"company": f"Loomline (#{company_id})", "mode": mode_id, "value": "1000000"}
    for wrong, status in (("Nobody", 422), ("Twin", 422), ("", 422), ("Loomline (#99999)", 404)):
        sam.post("/office/pipeline/new", {**sent, "company": wrong}, status=status)
    answer = sam.post("/office/pipeline/new", sent)
    made = session.scalars(select(Opportunity)).one()
    assert answer.location == f"/office/opportunities/{made.id}"
    assert (made.company_id, made.value_minor) == (company_id, 100_000_000)
    (change,) = queries.history(session, made.id)
    assert change.move == "opened"


@pytest.mark.parametrize("text", ["x" * 30_000, "<script>alert(1)</script>", "ﷺ‮ 🙂", "a\x00b"])
def test_naughty_texts(sam, url, session, text):
    status = 422 if "\x00" in text or len(text) > 20_000 else 302
    kind = {"kind": "note", "on": "2026-06-14"}
    sam.post(f"{url}/contact", {**kind, "text": text}, status=status)
    sam.post(f"{url}/step", {"title": text, "due_on": "2026-06-20"}, status=status)
    sam.post(f"{url}/edit", {"note": text, "source": text}, status=status)
    assert "<script>alert" not in sam.get(url).text


def test_few_statements_whatever_hangs_on_it(dana, url, session, opportunity, statements):
    for _ in range(6):
        OpportunityFactory(company=opportunity.company)
        touch = TouchFactory(company=opportunity.company)
        session.add(OpportunityTouch(opportunity_id=opportunity.id, touch_id=touch.id))
    session.commit()
    dana.get(url)
    statements.clear()
    dana.get(url)
    assert len(statements) <= 12, statements
