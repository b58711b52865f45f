"""Lists leave as workbooks, too: the same rows as their CSV, and journalled."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from sqlalchemy import select

from crm.journal.models import JournalEntry
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory

LISTS = ("companies", "people")


def sheet_of(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.response.get_data())).active


@pytest.mark.parametrize("name", LISTS)
def test_the_workbook_has_the_rows_of_the_csv(dana, session, name):
    for place in range(3):
        AffiliationFactory(
            company=CompanyFactory(name=f"+Casco {place}"),
            person=PersonFactory(name=f"=Noor {place}"),
        )
    session.commit()
    heads, *rows = csv.reader(io.StringIO(dana.get(f"/office/{name}.csv").text))
    sheet = sheet_of(dana.get(f"/office/{name}.xlsx?reason=Symposium"))
    written = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert written[0] == heads
    assert len(written) == len(rows) + 1
    said = {cell for row in written for cell in row}
    assert ("+Casco 1" if name == "companies" else "=Noor 1") in said
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    labels = session.scalars(select(JournalEntry.label).where(JournalEntry.act == "exported")).all()
    assert any(label.startswith(f"{name}.xlsx") for label in labels)


@pytest.mark.parametrize("name", LISTS)
def test_who_may_not_see_the_list_gets_no_workbook(ada, stranger, name):
    ada.get(f"/office/{name}.xlsx", status=403)
    stranger.get(f"/office/{name}.xlsx", status=302)
