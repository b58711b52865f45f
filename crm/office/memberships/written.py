"""Sums that people write one a line, and the same sums written back for them to edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from crm.kit.money import Money, plain

MOST_LINES = 200
LINE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[\s:,;]+(\S.*)")
Read = TypeVar("Read")


class Unreadable(ValueError):
    """What is wrong, line by line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def instalments(text: str, currency: str) -> tuple[tuple[date, Money], ...]:
    """`2026-10-01 250,000`, one a line. Raises `Unreadable`."""
    return _each(text, lambda line: _instalment(line, currency))


def amounts(text: str, currency: str) -> tuple[Money, ...]:
    """`250,000`, one a line. Raises `Unreadable`."""
    return _each(text, lambda line: Money.parse(line, currency))


def instalments_as_text(parts: Iterable[tuple[date, Money]]) -> str:
    return "\n".join(f"{day.isoformat()} {plain(amount)}" for day, amount in parts)


def amounts_as_text(parts: Iterable[Money]) -> str:
    return "\n".join(plain(amount) for amount in parts)


def _instalment(line: str, currency: str) -> tuple[date, Money]:
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError("Write a day and an amount, such as 2026-10-01 250,000.")
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        raise ValueError(f"{found[1]} is no day of the calendar.") from None
    if not 1990 <= day.year <= 2120:
        raise ValueError(f"{found[1]} is too far from today.")
    return day, Money.parse(found[2], currency)


def _each(text: str, read: Callable[[str], Read]) -> tuple[Read, ...]:
    """Empty lines count in the numbering and for nothing else."""
    found, problems = [], []
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise Unreadable([f"Write at most {MOST_LINES} lines."])
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(read(line.strip()))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    if problems:
        raise Unreadable(problems)
    return tuple(found)
