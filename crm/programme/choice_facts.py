"""What `programme.toml` lets people choose from: entries with a key and a name."""

from __future__ import annotations

from dataclasses import dataclass

from crm.kit.sections import Section


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry people choose from: its key, for ever, and its name, for the moment."""

    key: str
    name: str


def choices(section: Section) -> tuple[Choice, ...]:
    entries = section.keyed_texts()
    section.once("name", entries.values())
    return tuple(Choice(key=key, name=name) for key, name in entries.items())
