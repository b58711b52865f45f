"""The renewals board and one term's panel."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from crm.mail.models import OutgoingMail
from crm.memberships.models import Membership
from crm.retention.models import RenewalPlan
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    UserFactory,
)
from tests.factories.memberships import MembershipFactory, tier

BOARD = "/office/renewals"


@pytest.fixture
def term(session):
    company = CompanyFactory(name="Verano", owner_id=UserFactory(name="Una Berg").id)
    job = AffiliationFactory(company=company, champion=True)
    AddressFactory(person=job.person, email="chief@verano.example")
    made = MembershipFactory(company=company, starts_on=date(2024, 1, 1), fee_minor=73_131_700)
    known = SimpleNamespace(id=made.id, founding=tier("founding").id)
    session.commit()
    return known


def test_the_board_and_the_table_show_the_same_terms(term, dana):
    words = dana.get(BOARD).words
    assert "1 term in force" in words
    assert "270 days 1 $731,317 Verano Member, $731,317" in words
    assert "Ends in 200 days" in words
    row = dana.get(f"{BOARD}?display=table").rows()[1]
    assert row[0] == "Verano"
    assert "Una Berg" in row
    assert "Verano" not in dana.get(f"{BOARD}?display=table&lane=grace").words
    dana.get(f"{BOARD}?lane=soon", status=400)
    dana.get(f"{BOARD}?display=list", status=400)


def test_faculty_see_standing_and_dates_and_no_more(term, fay, sam):
    sam.post(f"{BOARD}/{term.id}", {"likelihood": "63", "note": "CFO", "version": "0"})
    sam.post(f"{BOARD}/{term.id}/step", {"title": "Send the dossier", "due_on": "2026-07-01"})
    for display in ("board", "table", "rates"):
        words = fay.get(f"{BOARD}?display={display}").text
        for hidden in ("731,317", "63 %", "Send the dossier", f"{BOARD}/{term.id}"):
            assert hidden not in words
    fay.get(f"{BOARD}/{term.id}", status=403)
    assert "63 %" in sam.get(BOARD).words
    assert "Send the dossier" in sam.get(BOARD).words


def test_a_plan_is_made_and_the_renewal_starts_from_it(term, session, sam):
    panel = f"{BOARD}/{term.id}"
    sam.post(panel, {"likelihood": "200", "fee": "lots", "version": "0"}, status=422)
    sam.post(panel, {"likelihood": "80", "tier": term.founding, "fee": "400,000", "version": "0"})
    page = sam.get(panel)
    assert page.html.find("input", id="likelihood")["value"] == "80"
    stale = sam.post(panel, {"likelihood": "5", "version": "0"}, status=409)
    assert "80 %" in stale.words
    link = f"/office/memberships/{term.id}/renew"
    assert page.html.find("a", href=link)
    form = sam.get(link)
    assert form.html.find("input", id="fee")["value"] == "400000.00"
    assert form.html.find("option", selected=True)["value"] == str(term.founding)
    sent = {
        "tier": term.founding, "starts_on": "2027-01-01", "years": "3", "fee": "400000",
        "currency": "USD", "frequency": "yearly",
    }  # fmt: skip
    sam.post(link, sent)
    assert "See the drafted renewal" in sam.get(panel).words
    assert "Renewal drafted" in sam.get(BOARD).words
    drafted = session.scalars(select(Membership).order_by(Membership.id.desc())).first()
    assert (drafted.predecessor_id, drafted.fee_minor) == (term.id, 400_000_00)


def test_a_next_step_is_a_task_and_refused_beside_its_field(term, sam):
    panel = f"{BOARD}/{term.id}"
    refused = sam.post(f"{panel}/step", {"title": "", "due_on": "soon"}, status=422)
    assert "Say what is to be done." in refused.words
    sam.post(f"{panel}/step", {"title": "Send the dossier", "due_on": "2026-07-01"})
    assert "Send the dossier" in sam.get(panel).words
    sam.post(f"{panel}/step", {"title": "Call", "due_on": "2026-07-02"}, status=422)


def test_a_notice_is_read_released_and_told(term, session, dana):
    panel = f"{BOARD}/{term.id}"
    page = dana.get(panel)
    assert "The Member membership of Verano" in page.words
    assert "no billing contact with an address" in page.words
    dana.post(f"{panel}/notices/champion")
    assert session.scalars(select(OutgoingMail.to)).all() == ["chief@verano.example"]
    session.rollback()
    assert "Released on Jun 15, 2026" in dana.get(panel).words
    dana.post(f"{panel}/notices/champion", status=409)
    dana.post(f"{panel}/notices/billing", status=409)
    dana.post(f"{panel}/notices/press", status=404)


def test_who_reads_changes_nothing_and_a_draft_has_no_renewal(term, session, rea, dana):
    panel = f"{BOARD}/{term.id}"
    assert "Save plan" not in rea.get(panel).words
    rea.post(panel, {"likelihood": "5"}, status=403)
    rea.post(f"{panel}/step", {}, status=403)
    rea.post(f"{panel}/notices/champion", status=403)
    assert session.scalar(select(RenewalPlan.id)) is None
    session.rollback()
    draft = MembershipFactory(drafted=True).id
    session.commit()
    dana.get(f"{BOARD}/{draft}", status=404)


def test_rates_are_told_by_year_of_start(session, dana):
    first = MembershipFactory(starts_on=date(2022, 1, 1), years=3)
    MembershipFactory(company=first.company, starts_on=date(2025, 1, 1))
    MembershipFactory(starts_on=date(2022, 3, 1), years=3)
    session.commit()
    rows = dana.get(f"{BOARD}?display=rates").rows()
    assert ["2022", "2", "1", "0", "1", "0", "50 %", "50 %"] in rows
    assert ["2022", "$500,000", "$250,000", "$0", "$250,000", "$0", "50 %", "50 %"] in rows


def test_rates_by_number_of_terms_know_no_currency(session, dana, fay):
    """Nor do faculty, who see only these."""
    for currency in ("USD", "EUR"):
        MembershipFactory(starts_on=date(2022, 1, 1), years=1, currency=currency)
    session.commit()
    page = fay.get(f"{BOARD}?display=rates")
    assert ["2022", "2", "0", "0", "2", "0", "0 %", "100 %"] in page.rows()
    assert "EUR" not in page.text
    named = [row[0] for row in dana.get(f"{BOARD}?display=rates").rows()]
    assert {"2022", "2022 EUR", "2022 USD"} <= set(named)
