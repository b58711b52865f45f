from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit import toml

EXAMPLE = '''\
# A comment, with = and [brackets]
title = "One"  # trailing
"quoted key" = 'x = [1]'

[plain]
a.b = 1
list = [
  1, # one
  # [ not this ]
  { inner = "}", more = [
    2] },
  """a
  [b] "" \\""" \\
  c""",
]
day = 1979-05-27 07:32:00
text = """
] = {
""""

[[people]]
name = 'Ann'
[[people]]
name = \'\'\'it's
two\'\'\'
[people.home]
town = "Lynn"
[[people.jobs]]
at = "Acme"
[[people.jobs]]
at = "Bolt"
'''


def paths(value: Any, path: toml.Path = ()) -> Iterator[toml.Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*path, place))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted key",), 3),
        (("plain",), 5),
        (("plain", "a", "b"), 6),
        (("plain", "list"), 7),
        (("plain", "list", 0), 8),
        (("plain", "list", 1), 10),
        (("plain", "list", 1, "more", 0), 11),
        (("plain", "list", 2), 12),
        (("plain", "day"), 16),
        (("people", 0, "name"), 22),
        (("people", 1), 23),
        (("people", 1, "home", "town"), 27),
        (("people", 1, "jobs", 1, "at"), 31),
    ],
)
def test_every_value_has_its_line(path: toml.Path, line: int) -> None:
    assert toml.read(EXAMPLE).line(path) == line


def test_the_scanner_finds_what_tomllib_reads_and_nothing_else() -> None:
    document = toml.read(EXAMPLE)
    assert set(document.lines) == set(paths(document.values))


def test_what_is_missing_is_told_by_the_line_of_what_is_around_it() -> None:
    assert toml.read(EXAMPLE).line(("people", 1, "home", "street", 3)) == 26
    assert toml.read(EXAMPLE).line(("nothing",)) == 1


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    text = "\N{BYTE ORDER MARK}" + EXAMPLE.replace("\n", "\r\n")
    assert toml.read(text) == toml.read(EXAMPLE)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = \n", 2, "Invalid value"),
        ("a = 1\n\na = 2\n", 3, "twice"),
        ("[a]\nb = 1\n[a]\n", 3, "twice"),
        ("a = { b = 1, b = 2 }", 1, "twice"),
        ('a = 1\nb = "open', 2, "Unterminated string"),
        ("a = [1,\n2\n", 2, "end of the file"),
        ("a = \x00", 1, "Invalid"),
        ("a = " + "[" * 50_000, 1, "nested too deeply"),
    ],
)
def test_a_fault_of_syntax_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(toml.BadFile) as refused:
        toml.read(text)
    [problem] = refused.value.problems
    assert problem.line == line
    assert words in problem.reason


keys = st.text("abc -.\"'#=[]é\t", min_size=1, max_size=4)
scalars = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.dates(date(1900, 1, 1)),
    st.text("ab \"'#=[]{},\n\\é", max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(keys, values, max_size=4)


def written(value: object, draw: st.DrawFn, *, inline: bool = False) -> str:
    """One of the several ways to write a value in TOML."""
    gap = "" if inline else draw(st.sampled_from(["", "\n", " # ] } ,\n", "\n\n  "]))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if draw(st.booleans()) and not inline:
            return '"""\n' + value.replace("\\", "\\\\").replace('"""', '""\\"') + '\\"' + '"""'
        return json.dumps(value)
    if isinstance(value, list):
        return (
            "[" + ",".join(gap + written(item, draw, inline=inline) for item in value) + gap + "]"
        )
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)} = {written(v, draw, inline=True)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return str(value)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for key, value in draw(tables).items():
        lines.append(f"{json.dumps(key)} = {written(value, draw)}  # = [x]")
    for key, table in draw(st.dictionaries(st.sampled_from(["T1", "T2"]), tables)).items():
        lines += ["", f"[{key}]"] + [
            f"{json.dumps(k)} = {written(v, draw)}" for k, v in table.items()
        ]
    for table in draw(st.lists(tables, max_size=3)):
        lines += ["[[ L . 'x' ]]"] + [
            f"{json.dumps(k)} = {written(v, draw)}" for k, v in table.items()
        ]
    return "\n".join(lines) + "\n"


@given(documents())
def test_the_scanner_agrees_with_tomllib_on_any_document(text: str) -> None:
    document = toml.read(text)
    assert set(document.lines) == set(paths(document.values))
    assert all(1 <= line <= text.count("\n") for line in document.lines.values())
