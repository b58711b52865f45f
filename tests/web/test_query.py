"""What is read from the address bar fits the columns it is compared with, or is refused."""

from __future__ import annotations

import pytest
from flask import Flask

from crm.kit.db import MAX_ID
from crm.web import query
from crm.web.query import BadQuery

TOO_LARGE = [
    str(MAX_ID + 1),
    "0000000000199999999999999999999",
    "00000000001" + "9" * 5000,
    "9" * 5000,
]


@pytest.mark.parametrize("typed", [*TOO_LARGE, "0", "-1", "1.0", "\u0663"])
@pytest.mark.parametrize("read", [lambda: query.number("n"), lambda: query.page()])
def test_a_number_no_column_holds_is_refused(read, typed):
    with (
        Flask(__name__).test_request_context(query_string={"n": typed, "page": typed}),
        pytest.raises(BadQuery, match="is a number from 1 to"),
    ):
        read()


def test_a_number_is_read():
    with Flask(__name__).test_request_context("/?n=2147483647&page=200"):
        assert (query.number("n"), query.page()) == (MAX_ID, query.MOST_PAGES)


@pytest.mark.parametrize("typed", TOO_LARGE)
def test_lists_and_files_refuse_them(dana, typed):
    for path in ("/office/companies", "/office/companies.csv", "/office/people.csv?company=1"):
        argument = "company" if "people" in path else "owner"
        dana.get(path.partition("?")[0], status=400, query_string={argument: typed})
    dana.get("/office/tasks", status=400, query_string={"page": typed})
