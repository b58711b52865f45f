"""A record's history in people's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm.companies.models import Company
from crm.companies.operations import LABELS
from crm.journal.queries import Line
from crm.kit.countries import name_of

KINDS = {
    "company_domain": "Domain",
    "company_challenge": "Challenge",
    "person_address": "Address",
    "touch": "Contact report",
}
FIELDS = {
    **LABELS,
    "ends_before": "Ends before",
    "starts_on": "Starts on",
    "archived_on": "Archived on",
    "done_on": "Done on",
    "due_on": "Due on",
    "struck_at": "Struck out at",
}
ENDS_IN_ID = "_id"


def told(lines: Sequence[Line]) -> list[tuple[str, Line, list[tuple[str, Any, Any]]]]:
    """What happened, the entry, and its changes as (field, before, after)."""
    return [(_what(line), line, _changes(line)) for line in lines]


def _what(line: Line) -> str:
    kind = KINDS.get(line.kind, line.kind.replace("_", " ").capitalize())
    return f"{kind} {line.act}" + (f": {line.label}" if line.label else "")


def _changes(line: Line) -> list[tuple[str, Any, Any]]:
    return [
        (_field(name), _value(name, before), _value(name, after))
        for name, (before, after) in line.changes.items()
        if name not in ("company_id", "person_id", "name_key")
    ]


def _field(name: str) -> str:
    plain = name.removesuffix(ENDS_IN_ID).replace("_", " ").capitalize()
    return FIELDS.get(name, plain)


def _value(name: str, value: Any) -> Any:
    if name.endswith(ENDS_IN_ID) and value is not None:
        return f"#{value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("country", "incorporated_in", "ultimate_parent_country"):
        return name_of(value) or None
    return value


def countries_of(company: Company) -> dict[str, str]:
    return {
        "incorporated": name_of(company.incorporated_in),
        "ultimate": name_of(company.ultimate_parent_country),
    }
