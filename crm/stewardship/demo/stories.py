"""The demo's stories as they stand in the files beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.activities.rules import Shown, TouchKind

Facts = Mapping[str, Any]
"""A table of a file; the keys are explained where they are used."""
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Contact:
    """A contact report, from a line such as `-30 call staff confidential | Ann, Bob | What`."""

    on: int
    kind: TouchKind
    by: str
    people: tuple[str, ...]
    text: str
    shown: Shown
    confidential: bool


@dataclass(frozen=True)
class Stories:
    users: tuple[Facts, ...]
    tasks: tuple[Facts, ...]
    companies: tuple[Facts, ...]
    inquiries: tuple[Facts, ...]
    meetings: tuple[Facts, ...]
    committees: tuple[Facts, ...]
    scholars: tuple[Facts, ...]
    groups: tuple[Facts, ...]
    ballots: tuple[Facts, ...]
    calls: tuple[Facts, ...]
    projects: tuple[Facts, ...]
    facilities: tuple[Facts, ...]
    contributions: tuple[Facts, ...]
    benefit_uses: tuple[Facts, ...]
    partnerships: tuple[Facts, ...]


def read() -> Stories:
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]

    def gathered(key: str) -> tuple[Facts, ...]:
        return tuple(entry for file in files for entry in file.get(key, ()))

    return Stories(
        users=gathered("user"),
        tasks=gathered("task"),
        companies=gathered("company"),
        inquiries=gathered("inquiry"),
        meetings=gathered("meeting"),
        committees=gathered("committee"),
        scholars=gathered("scholar"),
        groups=gathered("group"),
        ballots=gathered("ballot"),
        calls=gathered("call"),
        projects=gathered("project"),
        facilities=gathered("facility"),
        contributions=gathered("contribution"),
        benefit_uses=gathered("benefit_use"),
        partnerships=gathered("partnership"),
    )


def contact(line: str) -> Contact:
    head, people, text = (part.strip() for part in line.split("|", 2))
    on, kind, by, *how = head.split()
    said = " ".join(how)
    return Contact(
        on=int(on),
        kind=TouchKind(kind),
        by=by,
        people=tuple(name.strip() for name in people.split(",") if name.strip()),
        text=text,
        shown=Shown.IN_CONTACT if said == "in contact" else Shown.IN_FULL,
        confidential=said == "confidential",
    )
