"""TOML with the line of every value, for a file that people write and we refuse with a reason.

`tomllib` judges the syntax and makes the values; the scanner here only finds where each of them
stands, and may therefore trust that the text is valid.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Keys and positions from the top: `("tiers", "founding", "fee")`, `("people", 0, "name")`.
Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\n,]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True)
class Problem:
    """What is wrong, in words for whoever edits the file, and on which line (from 1)."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class BadFile(ValueError):
    """The file was not taken; every problem found in it, in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Document:
    values: dict[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Where the value stands, or the nearest thing around it if it is not there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """The values of a TOML text and their lines. Raises `BadFile` on a fault of syntax."""
    text = text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile([_syntax_problem(text, str(error))]) from None
    except RecursionError:
        raise BadFile([Problem(1, "lists or tables are nested too deeply")]) from None
    return Document(values, _Scanner(text).lines())


def _syntax_problem(text: str, message: str) -> Problem:
    found = _POSITION.search(message)
    reason = _POSITION.sub("", message).rstrip(".")
    if reason.startswith(("Cannot overwrite", "Cannot declare", "Duplicate inline table key")):
        reason = "this key stands in the file twice"
    if found is None or found[1] is None:
        return Problem(text.rstrip().count("\n") + 1, f"{reason}, at the end of the file")
    return Problem(int(found[1]), f"{reason} (column {found[2]})")


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}  # of arrays of tables, `[[so]]`

    def lines(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)
        return self._lines

    def _header(self) -> Path:
        in_array = self._text.startswith("[[", self._at)
        self._advance(2 if in_array else 1)
        path: Path = ()
        keys = self._keys()
        for key in keys[:-1]:
            path = self._note((*path, key))
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        path = self._note((*path, keys[-1]))
        if in_array:
            length = self._lengths.setdefault(path, 0)
            self._lengths[path] = length + 1
            path = self._note((*path, length))
        self._advance(2 if in_array else 1)
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for key in self._keys():
            path = self._note((*path, key))
        self._advance(1)  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while not keys or self._text[self._at] == ".":
            self._advance(1 if keys else 0)
            self._skip(_SPACE)
            written = self._skip(_KEY)
            quoted = written[0] in "\"'"
            keys.append(tomllib.loads(f"key = {written}")["key"] if quoted else written)
            self._skip(_SPACE)
        return keys

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening in "\"'":
            self._skip(_TEXT)
        elif opening not in "[{":
            self._skip(_SCALAR)
        else:
            self._advance(1)
            self._skip(_GAP)
            place = 0
            while self._text[self._at] not in "]}":
                if opening == "[":
                    self._value(self._note((*path, place)))
                else:
                    self._pair(path)
                place += 1
                self._skip(_GAP)
            self._advance(1)

    def _note(self, path: Path) -> Path:
        self._lines.setdefault(path, self._line)
        return path

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        skipped = found[0] if found else ""
        self._line += skipped.count("\n")
        self._at += len(skipped)
        return skipped

    def _advance(self, characters: int) -> None:
        self._at += characters
