from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.csv import guard, stream, unguard
from crm.kit.money import Money

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
nasty = st.builds("".join, st.tuples(st.text("'=+-@\t\r\n \u3000\uff1d\u00a0", max_size=4), texts))


class Word(StrEnum):
    ODD = "=odd"


@given(nasty)
def test_a_guarded_text_comes_back_and_does_not_run(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text).lstrip()[:1] not in set("=+-@\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("text", ["=1+1", "+1 617 253 0000", "-", "@x", "\t=1", "'=1", " =1"])
def test_what_would_run_is_guarded(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", ["", "O'Brien", "'quoted'", "a=b", "12", "'"])
def test_what_would_not_is_left_alone(text: str) -> None:
    assert guard(text) == text


@given(st.lists(st.tuples(nasty, nasty), max_size=900))
def test_a_file_reads_back_cell_by_cell(rows: list[tuple[str, str]]) -> None:
    written = "".join(stream(["a", "b"], rows))
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [tuple(map(unguard, row)) for row in read[1:]] == rows


def test_values_are_written_for_machines() -> None:
    row = [
        None,
        -5,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
        Decimal("1E+5"),
        Money(-10_000_003, "USD"),
        True,
        Word.ODD,
        'Zürich, "A"\nB',
    ]
    written = "".join(stream(["h"] * len(row), [row])).split("\r\n", 1)[1]
    assert written == (
        ",-5,2024-02-29,2024-02-29T12:00:00+00:00,100000,-100000.03,yes,'=odd,"
        '"Zürich, ""A""\nB"\r\n'
    )


def test_the_headings_leave_before_the_first_row_is_asked_for() -> None:
    def rows() -> list[list[str]]:
        raise AssertionError("asked too early")

    first = next(stream(["Company"], (row for row in iter(rows, None))))
    assert first == "Company\r\n"


def test_chunks_hold_many_rows() -> None:
    chunks = list(stream(["n"], ([n] for n in range(1000))))
    assert len(chunks) == 4
    assert "".join(chunks).count("\r\n") == 1001
