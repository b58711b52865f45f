"""A form of the office sent twice is kept once; sent anew with other words, it is another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy

from sqlalchemy import func, select

from crm.accounts.models import SentForm
from crm.companies.models import Company

NEW = "/office/companies/new"


def token_of(page) -> str:
    return page.hidden()["form_token"]


def count(session) -> int:
    session.commit()
    return session.scalar(select(func.count()).select_from(Company)) or 0


def test_a_second_click_leads_where_the_first_did(sam, session):
    form = {"form_token": token_of(sam.get(NEW)), "name": "Northlake Turbine Works"}
    first = sam.post(NEW, form)
    second = sam.post(NEW, form)
    assert first.location == second.location
    assert "sent twice" in sam.get(second.location).text
    assert count(session) == 1


def test_a_page_one_went_back_to_and_filled_in_anew_counts(sam, session):
    form = {"form_token": token_of(sam.get(NEW)), "name": "Northlake Turbine Works"}
    sam.post(NEW, form)
    sam.post(NEW, {**form, "name": "Casco Biologics"})
    assert count(session) == 2


def test_what_was_refused_can_be_sent_again(sam, session):
    form = {"form_token": token_of(sam.get(NEW)), "name": ""}
    sam.post(NEW, form, status=422)
    sam.post(NEW, form, status=422)
    assert session.scalar(select(func.count()).select_from(SentForm)) == 0


def test_of_many_clicks_at_once_one_is_kept(sam, session):
    form = {"form_token": token_of(sam.get(NEW)), "name": "Tidewater Yards"}
    cookie = sam.client.get_cookie("session")

    def click(_: int):
        other = copy(sam)  # the same browser, once more
        other.client = sam.app.test_client()
        other.client.set_cookie("session", cookie.value)
        return other.post(NEW, form)

    with ThreadPoolExecutor(6) as clicks:
        pages = list(clicks.map(click, range(6)))
    assert len({page.location for page in pages}) == 1
    assert count(session) == 1
