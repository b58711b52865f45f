"""What a company is, without a database."""

from __future__ import annotations

from enum import StrEnum


class Headcount(StrEnum):
    """How many people work there, in bands: an exact number is never true for long."""

    MICRO = "1–49"
    SMALL = "50–499"
    MEDIUM = "500–4,999"
    LARGE = "5,000–19,999"
    GLOBAL = "20,000+"
