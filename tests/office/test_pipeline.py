from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest

from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.pipeline import OpportunityFactory, stage_of

PIPELINE = "/office/pipeline"


def test_the_board_has_a_column_a_stage_with_count_value_and_weighted_value(dana, session):
    OpportunityFactory(
        company=CompanyFactory(name="Northlake"), at="qualified", value_minor=1_000_000_00
    )
    OpportunityFactory(at="qualified", value_minor=500_000_00, currency="EUR")
    OpportunityFactory(at="qualified", value_minor=99_00, parked_until=TODAY + timedelta(days=9))
    session.commit()
    page = dana.get(PIPELINE)
    columns = page.html.select(".board .col")
    assert len(columns) == 8
    words = " ".join(columns[2].get_text(" ").split())
    assert words.startswith("Qualified 3 €500,000 · $1,000,099 20 % = €100,000 · $200,000")
    assert "Northlake" in words
    assert "Parked until Jun 24, 2026" in words
    assert page.html.select_one("form#move")


def test_the_table_lists_the_rest_of_a_long_column(dana, session):
    for _ in range(17):
        OpportunityFactory(at="negotiation")
    session.commit()
    page = dana.get(PIPELINE)
    column = page.html.select(".board .col")[6]
    assert len(column.select("li")) == 15
    rest = dana.get(column.select_one(".col-more")["href"])
    assert len(rest.rows()) == 18


def test_filters_narrow_board_and_table_alike(dana, session):
    OpportunityFactory(
        company=CompanyFactory(name="Müller Werke"), owner_id=dana.user_id, source="Fair"
    )
    OpportunityFactory(company=CompanyFactory(name="Casco"), stage_since=TODAY - timedelta(days=60))
    session.commit()
    for asked, found in (
        ("q=muller", "Müller"),
        ("owner=me", "Müller"),
        ("source=fair", "Müller"),
        ("stalled=1", "Casco"),
        ("owner=nobody", "Casco"),
    ):
        other = {"Müller": "Casco", "Casco": "Müller"}[found]
        for display in ("board", "table"):
            words = dana.get(f"{PIPELINE}?{asked}&display={display}").words
            assert found in words, (asked, display)
            assert other not in words, (asked, display)


@pytest.mark.parametrize(
    "asked",
    ["mode=none", "owner=x", "owner=99999999999", "stage=-1", "sort=id", "display=table&page=0",
     "challenge=x", "parked=x", "display=x", "state=x",
     "display=table&page=999999", "q=" + "x" * 300],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(dana, asked):
    dana.get(f"{PIPELINE}?{asked}", status=400)


def test_every_sort_has_an_order(dana, session):
    OpportunityFactory(value_minor=100)
    OpportunityFactory()
    session.commit()
    for sort in ("company", "stage", "value", "owner", "step", "since", "expected"):
        for sign in ("", "-"):
            assert (
                len(dana.get(f"{PIPELINE}?display=table&state=all&sort={sign}{sort}").rows()) == 3
            )


def test_a_card_moves_and_the_board_keeps_its_filters(sam, session):
    opportunity = OpportunityFactory(company=CompanyFactory(name="Loomline"))
    opportunity_id, stage_id = opportunity.id, stage_of("alliance", "negotiation").id
    session.commit()
    answer = sam.post(
        f"{PIPELINE}/move?owner=nobody", {"opportunity": opportunity_id, "stage": stage_id}
    )
    assert answer.location == f"{PIPELINE}?owner=nobody"
    page = sam.get(answer.location)
    assert "Loomline: moved to “Negotiation”." in page.words
    column = page.html.select(".board .col")[6]
    assert "Loomline" in column.get_text()


def test_a_card_that_cannot_move_says_why(sam, session):
    opportunity_id = OpportunityFactory().id
    foreign = stage_of("factories").id
    session.commit()
    sam.post(f"{PIPELINE}/move", {"opportunity": opportunity_id, "stage": foreign}, status=409)
    sam.post(f"{PIPELINE}/move", {"opportunity": "x", "stage": foreign}, status=400)
    sam.post(f"{PIPELINE}/move", {"opportunity": 999_999, "stage": foreign}, status=404)


def test_who_sees_the_pipeline_and_who_moves(dana, sam, fay, rea, ada, session):
    opportunity_id = OpportunityFactory().id
    stage_id = stage_of("alliance", "qualified").id
    session.commit()
    for member in (fay, ada):
        member.get(PIPELINE, status=403)
        member.get(f"{PIPELINE}?display=table", status=403)
    reading = rea.get(PIPELINE)
    assert reading.html.select_one("form#move") is None
    for member in (fay, rea, ada):
        member.post(
            f"{PIPELINE}/move", {"opportunity": opportunity_id, "stage": stage_id}, status=403
        )


def test_few_statements_and_bytes_whatever_the_rows(dana, session, statements):
    for key in ("identified", "qualified", "negotiation", "terms-sent", "internal-approval"):
        for _ in range(20):
            OpportunityFactory(at=key, value_minor=500_000_00, owner_id=dana.user_id)
    session.commit()
    dana.get(PIPELINE)
    for display in ("board", "table"):
        statements.clear()
        page = dana.get(f"{PIPELINE}?display={display}")
        assert len(statements) <= 6, statements
        assert len(page.text.encode()) <= 40_000


def test_a_view_is_saved_shared_and_removed(dana, sam, rea):
    query = "owner=nobody&stalled=1"
    answer = dana.post("/office/saved-views/pipeline", {"name": "Nobody’s", "query": query})
    assert answer.location == f"{PIPELINE}?{query}"
    dana.post("/office/saved-views/pipeline", {"name": "All", "query": "", "shared": "y"})
    mine = dana.get(PIPELINE).html.select(".view a")
    assert [link.get_text() for link in mine] == ["All", "Nobody’s"]
    for member in (sam, rea):
        shown = member.get(PIPELINE)
        assert [link.get_text() for link in shown.html.select(".view a")] == ["All"]
        assert shown.html.select(".view form") == []
    remove = dana.get(PIPELINE).html.select_one(".view form")["action"]
    sam.post(remove, status=404)
    rea.post(remove, status=403)
    dana.post(remove)
    assert len(dana.get(PIPELINE).html.select(".view")) == 1


def test_a_view_needs_a_name_of_its_own_and_leads_nowhere_else(dana):
    path = "/office/saved-views/pipeline"
    dana.post(path, {"name": "Mine", "query": "q=a&page=3"})
    dana.post(path, {"name": "Mine", "query": "q=b"}, status=409)
    assert "Give the view a name" in dana.get(dana.post(path, {"query": "q=b"}).location).words
    answer = dana.post(path, {"name": "Away", "query": "//elsewhere.example/?q=" + "x" * 3000})
    assert answer.location.startswith(PIPELINE)
    dana.post("/office/saved-views/elsewhere", {"name": "x", "query": ""}, status=404)
    dana.post(path, {"name": "x" * 61, "query": "\x00=1"})
    assert [a["href"] for a in dana.get(PIPELINE).html.select(".view a")] == [f"{PIPELINE}?q=a"]


def test_who_may_not_open_a_page_leaves_no_view_on_it(dana, fay):
    view = {"name": "Look here", "query": "", "shared": "y"}
    fay.post("/office/saved-views/pipeline", view, status=404)
    assert "Look here" not in dana.get("/office/pipeline").words
    fay.post("/office/saved-views/companies", view)
    assert "Look here" in dana.get("/office/companies").words


def test_the_files_are_the_table_and_keep_reasons_from_readers(dana, rea, fay, session):
    made = OpportunityFactory(
        company=CompanyFactory(name="=Kestrel"), value_minor=1_000_01, at="qualified", source="+1"
    )
    OpportunityFactory(mode_key="factories")
    made_id, company_id = made.id, made.company_id
    session.commit()
    heads, *rows = csv.reader(io.StringIO(dana.get(f"{PIPELINE}.csv?mode=alliance").text))
    assert rows == [
        ["'=Kestrel", "Industry Alliance", "Qualified", "20", "1000.01", "200.00", "USD", "", "",
         "", "2026-06-01", "", "'+1", "", "2026-06-01", "", "", str(company_id), str(made_id), ""]
    ]  # fmt: skip
    assert heads[-1] == "Lost reason"
    assert "Lost reason" not in rea.get(f"{PIPELINE}.csv").text
    answer = dana.get(f"{PIPELINE}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.response.get_data())).active
    assert sheet["A2"].value == "=Kestrel"
    assert sheet["E2"].value == 1000.01
    assert sheet.max_row == 3
    for ending in ("csv", "xlsx"):
        fay.get(f"{PIPELINE}.{ending}", status=403)
        dana.get(f"{PIPELINE}.{ending}?mode=x", status=400)


@pytest.mark.parametrize("page", ["companies", "people"])
def test_other_lists_have_views_too(sam, page):
    sam.post(f"/office/saved-views/{page}", {"name": "Müller", "query": "q=muller"})
    link = sam.get(f"/office/{page}").html.select_one(".view a")
    assert (link.get_text(), link["href"]) == ("Müller", f"/office/{page}?q=muller")
    assert sam.get(f"/office/{page}?q=muller").html.select_one(".view-here")
