"""Reading a checked configuration out of TOML: every fault is collected, with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from crm.kit.toml import Document, Path, Problem

T = TypeVar("T")

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_KEY = 40
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Section:
    """One table of the file. Each reader notes what is wrong and hands back a stand-in.

    Call `done()` after the last of them: what was not asked for is a slip of the pen.
    """

    def __init__(
        self, document: Document, problems: list[Problem], path: Path = (), values: object = None
    ) -> None:
        self._document = document
        self._problems = problems
        self._path = path
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._asked: set[str] = set()

    @property
    def key(self) -> str:
        return str(self._path[-1]) if self._path else ""

    @property
    def heading(self) -> str:
        return f"[{'.'.join(map(str, self._path))}]"

    def fault(self, reason: str, key: str | None = None) -> None:
        path = self._path if key is None else (*self._path, key)
        self._problems.append(Problem(self._document.line(path), reason))

    def has(self, key: str) -> bool:
        return key in self._values

    def is_word(self, key: str, word: str) -> bool:
        self._asked.add(key)
        return self._values.get(key) == word

    def text(self, key: str, *, most: int = 200, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            return self._wrong(key, value, "a text in quotes", "")
        text = value.strip()
        if not text and default != "":
            self.fault(f"“{key}” is empty", key)
        if len(text) > most:
            self.fault(f"“{key}” is longer than {most} characters", key)
        if "\x00" in text:
            self.fault(f"“{key}” contains a NUL character", key)
        return text

    def mail(self, key: str, *, default: str | None = None) -> str:
        address = self.text(key, most=254, default=default)
        if address and not MAIL.fullmatch(address):
            self.fault(f"“{key}” has to be an e-mail address", key)
        return address

    def texts(self, key: str, *, most: int = 200) -> tuple[str, ...]:
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            return self._wrong(key, values, 'a list of texts, ["so", "and so"]', ())
        for value in values:
            if not value.strip() or len(value) > most:
                self.fault(f"“{key}” has an entry that is empty or beyond {most} characters", key)
        return tuple(value.strip() for value in values)

    def choice(self, key: str, options: Collection[str]) -> str:
        value = self._take(key, None)
        if value not in options:
            wanted = " or ".join(f'"{option}"' for option in options)
            return self._wrong(key, value, wanted, "")
        return str(value)

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wanted = f"a whole number from {least} to {most:,}"
            return self._wrong(key, value, wanted, least)
        return value

    def maybe_whole(self, key: str, *, least: int, most: int) -> int | None:
        if key not in self._values:
            return None
        return self.whole(key, least=least, most=most)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            return self._wrong(key, value, "true or false", False)
        return value

    def day(self, key: str) -> date:
        value = self._take(key, None)
        if not isinstance(value, date) or isinstance(value, datetime):
            return self._wrong(key, value, "a day, written 2023-10-16", date.min)
        return value

    def raw(self, key: str) -> object:
        """The value as TOML gave it, for what only the caller can judge; None if missing."""
        return self._take(key, None)

    def section(self, key: str) -> Section:
        value = self._take(key, None)
        path = (*self._path, key)
        if not isinstance(value, dict):
            self._wrong(key, value, f"a table, headed [{'.'.join(map(str, path))}]", None)
            return Section(self._document, [], path)  # what it lacks is said already
        return Section(self._document, self._problems, path, value)

    def keyed(self) -> list[Section]:
        """The tables of this table, by their keys: `digital = { … }` or `[tiers.member]`."""
        return [self.section(key) for key in self._checked_keys()]

    def keyed_texts(self, *, most: int = 200) -> dict[str, str]:
        """The entries of this table: `research = "Research"`."""
        return {key: self.text(key, most=most) for key in self._checked_keys()}

    def entries(self) -> list[tuple[str, object]]:
        """The entries of this table as TOML gave them, for what may be a text or a table."""
        return [(key, self._values[key]) for key in self._checked_keys()]

    def listed(self, key: str) -> list[Section]:
        """The tables of a list: `people = [{ … }, { … }]`."""
        values = self._take(key, None)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            return self._wrong(key, values, "a list of tables, [{ … }, { … }]", [])
        return [
            Section(self._document, self._problems, (*self._path, key, place), value)
            for place, value in enumerate(values)
        ]

    def once(self, what: str, values: Iterable[str]) -> None:
        """No two entries of this table may share this: `what` is how it is called."""
        seen: set[str] = set()
        for value in values:
            if value and value in seen:
                self.fault(f"two entries of {self.heading} have the {what} “{value}”")
            seen.add(value)

    def done(self) -> None:
        for key in self._values.keys() - self._asked:
            known = get_close_matches(key, self._asked, n=1)
            hint = f"; is “{known[0]}” meant?" if known else ""
            self.fault(f"“{key}” means nothing here{hint}", key)

    def _take(self, key: str, default: object) -> Any:
        self._asked.add(key)
        return self._values.get(key, default)

    def _checked_keys(self) -> list[str]:
        keys = list(self._values)
        if not keys:
            self.fault(f"{self.heading} has no entries")
        for key in keys:
            if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
                reason = f"the key “{key}” is not of small letters, digits and hyphens"
                self.fault(f"{reason}, at most {LONGEST_KEY}", key)
        return keys

    def _wrong(self, key: str, value: object, wanted: str, stand_in: T) -> T:
        if value is None:
            where = self.heading if self._path else "the file"
            self.fault(f"“{key}” is missing in {where}: {wanted}")
        else:
            self.fault(f"“{key}” has to be {wanted}", key)
        return stand_in
