"""Benefits in words. Pure."""

from __future__ import annotations


def counted(number: int, unit: str, units: str) -> str:
    """`1 place`, `3 places`."""
    return f"{number:,} {unit if number == 1 else units}"
