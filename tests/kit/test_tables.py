from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit import tables
from crm.kit.tables import Unreadable

PLAIN = "Name,Town\nMüller Präzision,Köln\nØrsted,Århus\n"


def cells(data: bytes) -> list[list[str]]:
    return [list(row.cells) for row in tables.read(data).rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(encoding: str, delimiter: str, newline: str) -> None:
    text = PLAIN.replace(",", delimiter).replace("\n", newline)
    table = tables.read(text.encode(encoding))
    assert table.headings == ("Name", "Town")
    assert [list(row.cells) for row in table.rows] == [
        ["Müller Präzision", "Köln"],
        ["Ørsted", "Århus"],
    ]


def test_what_windows_calls_latin_1_keeps_its_dashes_and_euros() -> None:
    assert cells("Name;Note\nAcme;“5 €” – paid\n".encode("cp1252")) == [["Acme", "“5 €” – paid"]]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    table = tables.read(b'Name,Note\nAcme,"two\nlines"\n\nBolt,\n')
    assert [(row.number, list(row.cells)) for row in table.rows] == [
        (2, ["Acme", "two\nlines"]),
        (4, ["Bolt", ""]),
    ]


def test_cells_come_back_as_they_stand() -> None:
    assert cells(b'A,B,C\n  x ,"""q"", ;",\'=1+1\n') == [["  x ", '"q", ;', "'=1+1"]]


def test_short_rows_are_filled_and_empty_cells_beyond_the_headings_dropped() -> None:
    assert cells(b"A,B,,\n1\n2,3, ,\n") == [["1", ""], ["2", "3"]]


def test_a_separator_line_as_excel_writes_it_is_obeyed() -> None:
    table = tables.read(b"sep=;\nName, full;Town\nAcme, Inc.;Lynn\n")
    assert table.headings == ("Name, full", "Town")
    assert table.rows[0].number == 3


def test_commas_within_quoted_headings_do_not_choose_the_delimiter() -> None:
    table = tables.read(b'"Name, legal, full";Town\nAcme;Lynn\n')
    assert table.headings == ("Name, legal, full", "Town")


def test_a_file_of_headings_alone_is_a_table_without_rows() -> None:
    assert tables.read(b"\nName,Town\n").rows == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n,,\n", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"Name\nAc\x00me\n", "NUL character on line 2"),
        (b"A,B\n1,2,3\n", "Row 2: 3 cells, but there are 2 headings"),
        (b'A,B\n1,2\n3,"4\n5\n', "Row 3: A quotation mark opens here"),
        (b'A,B\n"1"x,2\n', "Row 2: After a closing quotation mark"),
        (b"A,,C\n1,2,3\n", "Row 1: Column 2 has no heading"),
        (b"Name,name \nx,y\n", "Row 1, column \u201cname\u201d: This heading stands twice"),
        (b"A\n" + b"x" * 100_001, "Row 2, column \u201cA\u201d: More than 100,000 characters"),
        (b"A\n" + b"x" * 140_000, "Row 2: A cell is far too long"),
        (b",".join(b"%d" % n for n in range(201)), "Row 1: More than 200 columns"),
        (b"\xff\xfeA\x00\n\x00B", "broken character on line"),
        ("Name\nMüller\nÖrsted\nÅbo\n".encode() + b"\xfc\n", "broken character on line 5"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        tables.read(data)
    assert words in str(refused.value)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(Unreadable, match=r"Row 4: The file has more than 2 rows"):
        tables.read(b"A\n1\n2\n3\n", most_rows=2)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(texts, texts), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("One", "Two"), *rows])
    kept = [list(row) for row in rows if any(cell.strip() for cell in row)]
    assert cells(out.getvalue().encode("utf-8")) == kept
    assert cells(out.getvalue().encode("utf-16")) == kept


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    try:
        table = tables.read(data)
    except Unreadable:
        return
    assert all(len(row.cells) == len(table.headings) for row in table.rows)
