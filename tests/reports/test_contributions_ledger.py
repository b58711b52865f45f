"""The ledger of contributions, held against its own rows; and what faculty get of it."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.partnerships import queries, rules
from crm.partnerships.queries import ContributionSearch
from crm.partnerships.rules import Basis, Given, Stage
from crm.reports import contributions_ledger as ledger
from crm.reports.contributions_ledger import PART
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.partnerships import ContributionFactory, step

REA = Viewer(id=1, name="Rea", email="rea@office.example", roles=frozenset({Role.READER}))
PATH = "/office/reports/contributions-ledger"
FIRST = date(2026, 1, 5)


def told(session: Any, day: date = TODAY) -> list[dict[str, Any]]:
    session.flush()
    headings = [column.heading for column in ledger.columns(REA)]
    rows = ledger.rows(session, day=day, viewer=REA)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def _currency(dice: random.Random) -> dict[str, str]:
    return {"currency": dice.choice(["USD", "USD", "EUR"])}


def register(dice: random.Random) -> list[tuple[Any, list[tuple[Stage, date]]]]:
    """Contributions with the steps that stand; some were struck."""
    found = []
    for _ in range(25):
        made = ContributionFactory(
            lent=dice.random() < 0.4,
            **dice.choice([{}, {"valued": dice.randrange(1, 10**9), **_currency(dice)}]),
        )
        steps, day = [(Stage.OFFERED, FIRST)], FIRST
        while following := rules.may_become(steps[-1][0], given=made.given):
            if dice.random() < 0.3:
                break
            day += timedelta(days=dice.randrange(30))
            stage = dice.choice(following)
            came = step(made, stage, day)
            if dice.random() < 0.2:
                came.struck_at, came.struck_reason, came.struck_by = NOW, "A mistake", "Sam"
                continue
            steps.append((stage, day))
        found.append((made, steps))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_its_sums_are_those_of_its_rows_on_any_day(session, seed):
    dice = random.Random(seed)
    made = register(dice)
    session.flush()
    for _ in range(6):
        day = FIRST + timedelta(days=dice.randrange(-3, 150))
        stages, sums, numbers = {}, defaultdict(int), defaultdict(int)
        for contribution, steps in made:
            come = [(stage, on) for stage, on in steps if on <= day]
            if come:
                stages[contribution.id] = come[-1][0]
            if any(stage is Stage.ACCEPTED for stage, _ in come):
                key = (contribution.basis, contribution.currency)
                numbers[key] += 1
                sums[key] += contribution.amount_minor or 0
        rows = told(session, day)
        assert {row["Contribution id"]: row["Stage"] for row in rows} == stages
        said = {
            (one.basis, one.amount and one.amount.currency): (
                one.number,
                one.amount.minor if one.amount else 0,
            )
            for one in queries.sums(session, ContributionSearch(day=day))
        }
        assert said == {key: (numbers[key], sums[key]) for key in numbers}
        by_part: dict[Any, int] = defaultdict(int)
        for row in rows:
            if row["Value"] and not row[PART].startswith((ledger.OFFER, ledger.NOTHING)):
                by_part[row[PART], row["Currency"]] += row["Value"].minor
        assert by_part == {
            (basis.capitalize(), currency): minor
            for (basis, currency), minor in sums.items()
            if basis is not None
        }


def test_offers_and_bases_have_no_common_sum(dana, session):
    accepted = {"stages": (Stage.ACCEPTED,)}
    ContributionFactory(title="Press", valued=100_00, **accepted)
    ContributionFactory(title="Lathe", valued=30_00, basis=Basis.COMPARABLES, **accepted)
    ContributionFactory(title="Furnace", valued=7_000_00)
    ContributionFactory(title="Saw", valued=20_00, stages=(Stage.ENDED,))
    session.commit()
    words = dana.get(PATH).words
    assert "Comparables 1 row · Value $30" in words
    assert "Offer: list price less educational discount 1 row · Value $7,000" in words
    assert "Came to nothing: list price less educational discount 1 row · Value $20" in words
    assert "Offer: list" in dana.get(f"{PATH}?as_of=2026-01-11").words
    assert "Came to nothing" not in dana.get(f"{PATH}?as_of=2026-01-11").words
    for sum_ in ("$130", "$7,130", "$7,100", "$7,020"):
        assert sum_ not in words
    book = openpyxl.load_workbook(io.BytesIO(dana.get(f"{PATH}.xlsx").response.get_data()))
    cells = {cell.value for row in book.active for cell in row}
    assert 130 not in cells
    paper = PdfReader(io.BytesIO(dana.get(f"{PATH}.pdf").response.get_data()))
    assert "Furnace" in "".join(page.extract_text() for page in paper.pages)


def test_faculty_get_what_and_when(fay, session):
    company = CompanyFactory(name="Sagamore")
    ContributionFactory(
        company=company, title="Mill", valued=73_131_700, gift_reference="G-17", given=Given.LOAN,
        stages=(Stage.ACCEPTED, Stage.DELIVERED),
    )  # fmt: skip
    session.commit()
    text = fay.get(f"{PATH}.csv").response.get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["Contribution"], row["Stage"], row[PART]) == ("Mill", "delivered", "Accepted")
    assert row["Delivered on"] == "2026-01-19"
    for kept in ("731", "G-17", "Lease", "lease", "controller", "Value", "Currency"):
        assert kept not in text
    assert "731" not in fay.get(PATH).words


def test_it_leads_to_the_record(dana, session):
    made = ContributionFactory(title="Press").id
    session.commit()
    links = {a["href"] for a in dana.get(PATH).html.select("tbody a")}
    assert f"/office/engagements/contributions/{made}" in links
