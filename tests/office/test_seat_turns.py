"""What is ahead for a seat, and what of it can be undone, in the browser's words."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update

from crm.council.models import Holding, Seat, SeatLetter
from crm.mail.models import OutgoingMail
from crm.web.filters import day
from tests.cast import told
from tests.conftest import NOW
from tests.factories.companies import AddressFactory, AffiliationFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory
from tests.office.test_seats import COUNCIL, seated


def test_the_seat_passes_to_its_own_alternate(sam, session):
    ann = HoldingFactory(seat=seated())
    bo = HoldingFactory(seat=ann.seat, alternate=True)
    page, ids, name = (
        f"{COUNCIL}/seats/{ann.seat_id}",
        (ann.person_id, bo.person_id),
        bo.person.name,
    )
    session.commit()
    form = sam.get(f"{page}/representative/hand-over")
    assert f"If it is {name}, they are the alternate up to that day" in form.words
    assert f'value="{ids[0]}"' not in form.text
    sam.post(f"{page}/representative/hand-over", {"person": ids[1], "starts_on": "2026-06-15"})
    chain = {row[:2]: row[3] for row in map(tuple, sam.get(page).rows()[1:])}
    assert chain[name, "Alternate"] == "Jun 14, 2026"
    assert chain[name, "Representative"] == ""
    alone = sam.post(
        f"{page}/alternate/name", {"person": ids[1], "starts_on": "2026-07-01"}, status=422
    )
    assert "hand over as representative first" in alone.words


def test_of_a_released_letter_each_page_says_where_it_is(sam, session):
    seat = seated()
    person = AffiliationFactory(company=seat.company).person
    to = AddressFactory(person=person).email
    base, who = f"{COUNCIL}/seats/{seat.id}", person.id
    session.commit()

    def named_and_released() -> tuple[str, str]:
        sam.post(f"{base}/representative/name", {"person": who, "starts_on": "2026-07-01"})
        letter = f"{COUNCIL}/letters/{told(session, select(SeatLetter.id))}"
        shown = sam.get(letter).hidden()
        assert shown["to"] == to
        welcome = {**shown, "text": "Welcome: you speak for Casco Biologics."}
        sam.post(f"{letter}/release", welcome)
        holding = told(session, select(Holding.id))
        return letter, f"{COUNCIL}/holdings/{holding}/take-back"

    letter, back = named_and_released()
    assert "Waits in the outbox" in sam.get(letter).words
    sam.post(back)
    assert "stay below" not in sam.get(base).words
    assert told(session, select(OutgoingMail.id)) is None
    sam.get(letter, status=404)
    letter, back = named_and_released()
    session.execute(update(OutgoingMail).values(sent_at=NOW))
    session.commit()
    sam.post(back)
    assert "Letters about it went out already" in sam.get(base).words
    words = sam.get(letter).words
    assert "Held back" not in words
    assert "What it tells of was taken back" in words
    assert "Went out Jun 15, 2026" in words
    assert "you speak for Casco Biologics" in words
    assert "what it tells of was taken back" in sam.get(base).words


def test_stepping_down_is_moved_and_taken_back_until_the_day(sam, session):
    holding = HoldingFactory(seat=seated())
    act, page = f"{COUNCIL}/holdings/{holding.id}", f"{COUNCIL}/seats/{holding.seat_id}"
    session.commit()
    assert "Stays on" not in sam.get(page).words
    sam.post(f"{act}/end", {"ends_before": "2026-07-01", "reason": "Retires", "seen": ""})
    assert "Change the last day" in sam.get(page).words
    assert "without them from Jul 1, 2026 on" in sam.get(f"{act}/end").words
    sam.post(f"{act}/end", {"ends_before": "2026-08-01", "reason": "", "seen": "2026-07-01"})
    assert "Jul 31, 2026" in sam.get(page).words
    assert "Stays on" in sam.get(page).words
    sam.post(f"{act}/stay")
    words = sam.get(page).words
    assert "stays on." in words
    assert "Jul 31, 2026" not in sam.get(page).rows()[1]
    sam.post(f"{act}/stay", status=409)


def test_the_roster_says_what_is_ahead(sam, session):
    seat = seated()
    july = date(2026, 7, 1)
    HoldingFactory(seat=seat, ends_before=july)
    name = HoldingFactory(seat=seat, starts_on=july).person.name
    HoldingFactory(seat=seat, alternate=True, ends_before=date(2026, 8, 1))
    last = HoldingFactory(seat=seated("Aldous"), alternate=True, starts_on=july).person.name
    session.commit()
    rows = {row[0]: row for row in sam.get(COUNCIL).rows()[1:]}
    ends = f"since Oct 1, 2025, until Jun 30, 2026, followed by {name} from Jul 1, 2026"
    assert ends in rows["Casco Biologics"][2]
    assert rows["Casco Biologics"][3].endswith("since Oct 1, 2025, until Jul 31, 2026")
    assert rows["Aldous"][3] == f"followed by {last} from Jul 1, 2026"
    rows = {row[0]: row for row in sam.get(f"{COUNCIL}?as_of=2026-07-01").rows()[1:]}
    assert rows["Casco Biologics"][2] == f"{name} since Jul 1, 2026"


def test_a_seat_whose_holder_left_is_named_anew(sam, session):
    left = AffiliationFactory(company=seated().company, left=True)
    seat = session.scalars(select(Seat).where(Seat.company_id == left.company_id)).one()
    HoldingFactory(seat=seat, person=left.person)
    new = AffiliationFactory(company=seat.company).person
    page, who, name, gone = f"{COUNCIL}/seats/{seat.id}", new.id, left.person.name, left.ends_before
    session.commit()
    words = sam.get(page).words
    assert "Name representative" in words
    assert "Hand over" not in words
    sent = {"person": who, "starts_on": "2026-06-15"}
    refused = sam.post(f"{page}/representative/hand-over", sent, status=422)
    assert "Name one instead" in refused.words
    sam.post(f"{page}/representative/name", sent)
    held = next(row for row in sam.get(page).rows()[1:] if row[0] == name)
    assert held[3:6] == [
        day(gone - timedelta(days=1)), "vacant until Jun 14, 2026", "left the company",
    ]  # fmt: skip
    assert session.scalars(select(SeatLetter.person_id)).all() == [who]


def test_a_roster_ahead_says_which_terms_it_counts_on(sam, session):
    for renewed in (False, False, True):
        seat = SeatFactory()
        term = MembershipFactory(company=seat.company, starts_on=date(2025, 10, 1), years=1)
        if renewed:
            MembershipFactory(company=seat.company, starts_on=term.ends_before, years=1)
    session.commit()
    eve = sam.get(f"{COUNCIL}?as_of=2026-09-30")
    assert "unless" not in eve.words
    assert "Meetings attended so far" in eve.rows()[0]
    day_after = sam.get(f"{COUNCIL}?as_of=2026-10-01").words
    assert "2 terms end before this day unless they are renewed" in day_after
    assert "Meetings attended" in sam.get(COUNCIL).rows()[0]
