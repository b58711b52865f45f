"""Bodies and their seats in the browser's words: proposals, letters, chairs, committees."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.council.models import Body, Chair, Holding, Nomination, Seat, SeatLetter
from crm.council.rules import ELECTED
from crm.mail.models import OutgoingMail
from tests.cast import told
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.council import HoldingFactory, NominationFactory, SeatFactory
from tests.factories.memberships import MembershipFactory

COUNCIL = "/office/council"


def seated(name: str = "Casco Biologics", **more: Any) -> Seat:
    seat: Seat = SeatFactory(company=CompanyFactory(name=name, **more))
    MembershipFactory(company=seat.company)
    return seat


def test_propose_confirm_and_release_the_letter(sam, session):
    seat = seated()
    person = AffiliationFactory(company=seat.company, person=PersonFactory(name="Dev Patel")).person
    AddressFactory(person=person, email="dev@casco.example")
    base, who = f"{COUNCIL}/seats/{seat.id}", person.id
    session.commit()
    sent = {"person": who, "starts_on": "2026-06-20", "proposed_by": "Himself", "note": "Ready"}
    sam.post(f"{base}/representative/propose", sent)
    words = sam.get(base).words
    assert "Dev Patel as representative from Jun 20, 2026" in words
    assert "Proposed by Himself, Jun 15, 2026 · Ready" in words
    assert "Nobody is named" in words
    again = sam.post(f"{base}/representative/propose", sent, status=422)
    assert "Confirm or decline that first" in again.words
    id_ = told(session, select(Nomination.id))
    sam.post(f"{COUNCIL}/nominations/{id_}/confirm")
    words = sam.get(base).words
    assert "Confirmed by Sam Okafor, Jun 15, 2026" in words
    assert "Followed by Dev Patel from Jun 20, 2026." in words
    assert "just now" not in sam.post(f"{COUNCIL}/nominations/{id_}/confirm", status=409).words
    letter = told(session, select(SeatLetter.id))
    page = sam.get(f"{COUNCIL}/letters/{letter}")
    assert "Welcome to the Industry Leadership Council" in page.words
    assert "you speak for Casco Biologics" in page.words
    assert told(session, select(OutgoingMail.id)) is None
    drafted = page.html.find("textarea").text.strip()
    unchanged = {"text": drafted.replace("\n", "\r\n"), "to": "dev@casco.example"}
    unchanged["seen"] = page.hidden()["seen"]
    sam.post(f"{COUNCIL}/letters/{letter}/release", unchanged)
    assert told(session, select(OutgoingMail.to)) == "dev@casco.example"
    assert told(session, select(OutgoingMail.body)).strip() == drafted
    assert "Released by Sam Okafor" in sam.get(f"{COUNCIL}/letters/{letter}").words
    sam.post(f"{COUNCIL}/letters/{letter}/release", unchanged, status=409)


def test_a_proposal_is_declined_with_a_reason(dana, session):
    nomination = NominationFactory(seat=seated())
    id_, seat_id = nomination.id, nomination.seat_id
    session.commit()
    missing = dana.post(f"{COUNCIL}/nominations/{id_}/decline", {}, status=422)
    assert "Say why" in missing.words
    dana.post(f"{COUNCIL}/nominations/{id_}/decline", {"reason": "Leaves in autumn"})
    words = dana.get(f"{COUNCIL}/seats/{seat_id}").words
    assert "Declined by Dana Whitfield" in words
    assert "Leaves in autumn" in words


def test_a_letter_that_is_not_needed_is_dropped(sam, session):
    holding = HoldingFactory(seat=seated())
    id_ = holding.id
    session.commit()
    sam.post(f"{COUNCIL}/holdings/{id_}/end", {"ends_before": "2026-06-10", "reason": ""})
    letter = told(session, select(SeatLetter.id))
    assert "Held back" in sam.get(f"{COUNCIL}/letters/{letter}").words  # nobody knows an address
    worded = {"text": "Thank you.", "to": "dev@casco.example", "seen": "nothing"}
    sam.post(f"{COUNCIL}/letters/{letter}/release", worded, status=409)
    sam.post(f"{COUNCIL}/letters/{letter}/drop")
    sam.get(f"{COUNCIL}/letters/{letter}", status=404)


def test_faculty_see_neither_proposals_nor_letters(fay, rea, session):
    nomination = NominationFactory(seat=seated(), note="Between us")
    holding = HoldingFactory(seat=nomination.seat)
    session.add(
        SeatLetter(
            seat_id=holding.seat_id,
            person_id=holding.person_id,
            holding_id=holding.id,
            kind="welcome",
            drafted_at=holding.created_at,
        )
    )
    session.flush()
    letter, id_ = session.scalars(select(SeatLetter.id)).one(), nomination.id
    page = f"{COUNCIL}/seats/{nomination.seat_id}"
    session.commit()
    words = fay.get(page).words
    assert "Between us" not in words
    assert "Proposals" not in words
    fay.get(f"{COUNCIL}/letters/{letter}", status=403)
    assert "Between us" in rea.get(page).words
    for member in (fay, rea):
        assert "Confirm" not in member.get(page).words
        member.post(f"{COUNCIL}/nominations/{id_}/confirm", status=403)
        member.post(f"{COUNCIL}/nominations/{id_}/decline", {"reason": "No"}, status=403)
        member.post(f"{COUNCIL}/letters/{letter}/release", status=403)


def test_related_companies_have_a_line_each_and_one_seat(rea, session):
    top = seated("Aldous")
    below = seated("Aldous Castings", parent=top.company)
    name = HoldingFactory(seat=top).person.name
    pages = f"{COUNCIL}/seats/{below.id}", f"{COUNCIL}/seats/{top.id}"
    session.commit()
    rows = {row[0]: row for row in rea.get(COUNCIL).rows()[1:]}
    assert rows["Aldous Castings"][1] == "Member: shares the seat of Aldous"
    assert all(row[2].startswith(name) for row in rows.values())
    assert "1 Seats" in rea.get(COUNCIL).words
    assert "Another seat speaks for this company today. Aldous" in rea.get(pages[0]).words
    assert "Who shares this seat today Aldous Castings" in rea.get(pages[1]).words


def test_members_without_a_seat_have_a_line_too(rea, session):
    MembershipFactory(company=CompanyFactory(name="Loomline"), tier="start-up", years=1)
    session.commit()
    assert rea.get(COUNCIL).rows()[1][:2] == ["Loomline", "Start-up: no seat"]


def test_a_committee_has_its_own_roster_and_takes_whoever_is_on_record(sam, session):
    page = f"{COUNCIL}?body=steering"
    found = select(Seat.id).join(Seat.body).where(Body.key == "steering").order_by(Seat.id)
    seat = told(session, found.limit(1))
    PersonFactory(name="Julie Shah", name_key="shah julie")
    session.commit()
    assert len(sam.get(page).rows()) == 9
    base = f"{COUNCIL}/seats/{seat}"
    sent = {"person": "Somebody Else", "starts_on": "2026-06-01"}
    assert "Nobody on record" in sam.post(f"{base}/representative/name", sent, status=422).words
    sam.post(f"{base}/representative/name", sent | {"person": "Julie Shah"})
    assert "Julie Shah since Jun 1, 2026" in sam.get(base).words
    assert "Julie Shah" in sam.get(page).words
    eve = sam.get(f"{page}&as_of=2026-05-31").words
    assert "no one is named; followed by Julie Shah from Jun 1, 2026" in eve
    sam.get(f"{COUNCIL}?body=nobody", status=400)


def test_associates_elect_one_of_theirs(sam, session):
    company = CompanyFactory(name="Brook Automation")
    MembershipFactory(company=company, tier="associate", years=2)
    session.commit()
    seat = told(session, select(Seat.id).where(Seat.title == ELECTED))
    base = f"{COUNCIL}/seats/{seat}"
    assert "Nobody of the associates is on record" in sam.get(f"{base}/alternate/name").words
    who = AffiliationFactory(company=company, person=PersonFactory(name="Bea Brook")).person_id
    session.commit()
    assert sam.get(COUNCIL).rows()[1][1] == "Associate: shared elected seat"
    sam.post(f"{base}/representative/name", {"person": who, "starts_on": "2026-06-01"})
    words = sam.get(base).words
    assert "Bea Brook since Jun 1, 2026" in words
    assert "Who shares this seat today Brook Automation" in words
    assert sam.get(COUNCIL).rows()[1][2] == "Bea Brook since Jun 1, 2026"


def test_the_chair_is_marked_and_gives_up(sam, session):
    holding = HoldingFactory(seat=seated())
    name, who, body = holding.person.name, holding.person_id, holding.seat.body_id
    session.commit()
    sam.post(f"{COUNCIL}/bodies/{body}/chair", {"person": who, "starts_on": "2026-06-01"})
    page = sam.get(COUNCIL)
    assert f"Chair: {name}" in page.html.get_text(" ")
    assert page.rows()[1][2] == f"{name} Chair since Oct 1, 2025"
    same = {"person": who, "starts_on": "2026-06-10"}
    refused = sam.post(f"{COUNCIL}/bodies/{body}/chair", same, status=422)
    assert "the chair on that day already" in refused.words
    chair = told(session, select(Chair.id))
    sam.post(f"{COUNCIL}/chairs/{chair}/end", {"ends_before": "2026-06-15"})
    assert sam.get(COUNCIL).rows()[1][2] == f"{name} since Oct 1, 2025"
    assert "until Jun 14, 2026" in sam.get(COUNCIL).words


def test_the_chair_of_who_lost_the_seat_is_vacant(sam, session):
    seat = seated()
    holding = HoldingFactory(seat=seat)
    name, who, body = holding.person.name, holding.person_id, seat.body_id
    heir = AffiliationFactory(company=seat.company).person_id
    page = f"{COUNCIL}/seats/{seat.id}/representative/hand-over"
    session.commit()
    sam.post(f"{COUNCIL}/bodies/{body}/chair", {"person": who, "starts_on": "2026-06-01"})
    sam.post(page, {"person": heir, "starts_on": "2026-06-15"})
    words = sam.get(COUNCIL).html.get_text(" ")
    assert f"Chair vacant: {name} no longer sits on it" in words
    assert f"Chair: {name}" in sam.get(f"{COUNCIL}?as_of=2026-06-14").html.get_text(" ")


def test_before_a_term_begins_its_seat_is_not_named_yet(rea, session):
    seat = SeatFactory(company=CompanyFactory(name="Alba"))
    term = MembershipFactory(company=seat.company, upcoming=True)
    pages = f"/office/memberships/{term.id}", f"/office/companies/{seat.company_id}"
    session.commit()
    assert rea.get(COUNCIL).rows()[1][2] == "Not named yet"
    for page in pages:
        assert "not named yet" in rea.get(page).words.casefold()


def test_the_chain_says_how_the_role_went_on(rea, session):
    seat = seated()
    first = HoldingFactory(seat=seat, starts_on=date(2025, 10, 1), ends_before=date(2026, 1, 1))
    name = HoldingFactory(
        seat=seat, starts_on=date(2026, 1, 1), ends_before=date(2026, 3, 1)
    ).person.name
    HoldingFactory(seat=seat, starts_on=date(2026, 4, 1))
    page = f"{COUNCIL}/seats/{first.seat_id}"
    session.commit()
    words = rea.get(page).words
    assert f"handed over to {name}" in words
    assert "vacant until Mar 31, 2026" in words


@pytest.mark.parametrize(
    "path",
    ["/nominations/999999/decline", "/letters/999999", "/chairs/999999/end", "/bodies/999/chair"],
)
def test_what_is_not_there_is_not_found(sam, path):
    sam.get(COUNCIL + path, status=404)


def test_home_lists_champions_at_risk_with_the_reason(dana, fay, session):
    left = AffiliationFactory(
        company=seated().company, person=PersonFactory(name="Elena Marsh"), left=True
    )
    seat = session.scalars(select(Seat).where(Seat.company_id == left.company_id)).one()
    HoldingFactory(seat=seat, person=left.person)
    session.commit()
    words = dana.get("/office/").words
    assert "Champions at risk" in words
    assert "Elena Marsh Casco Biologics · has left the company · vacant for more than" in words
    assert "Champions at risk" not in fay.get("/office/").words
    assert told(session, select(Holding.id)) is not None
