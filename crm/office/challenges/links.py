"""Where a number of the map leads, and what to do where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import url_for

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.programme.models import Challenge
from crm.reports.challenges.map import Line
from crm.reports.challenges.rules import Part

NONE = {
    Part.MEMBERS: "No member",
    Part.PROSPECTS: "No prospect",
    Part.FACULTY: "No faculty",
    Part.PROJECTS: "No project",
    Part.GROUPS: "No group",
    Part.AHEAD: "Nothing ahead",
}
"""Where a number would be 0."""
SAYS = {
    Part.MEMBERS: "No member cares about it.",
    Part.PROSPECTS: "No prospect cares about it.",
    Part.FACULTY: "No faculty work on it.",
    Part.PROJECTS: "No project runs.",
    Part.GROUPS: "No working group is open.",
    Part.AHEAD: "Nothing lies ahead.",
}


def cells(line: Line, as_of: date | None) -> list[tuple[str, int, str, str]]:
    """Each part's name, number, what is said where there is none, and its list."""
    return [
        (part.value, line.counts[part], NONE[part], list_of(part, line, as_of)) for part in Part
    ]


def list_of(part: Part, line: Line, as_of: date | None) -> str:
    """The list that has as many rows as the number says; `as_of` None: of today."""
    challenge, day = line.challenge, as_of and as_of.isoformat()
    if part in (Part.MEMBERS, Part.PROSPECTS):
        standing = part.value.removesuffix("s")
        return url_for("companies.index", challenge=challenge.key, standing=standing, as_of=day)
    if part is Part.FACULTY:
        return url_for("people.index", challenge=challenge.id)
    if part is Part.PROJECTS:
        return url_for("projects.index", challenge=challenge.id, show="running", as_of=day)
    if part is Part.GROUPS:
        return url_for("working_groups.index", challenge=challenge.id, as_of=day)
    return url_for("challenges.show", key=challenge.key, as_of=day, _anchor="ahead")


def nowhere(counts: Mapping[Part, int], as_of: date | None) -> list[tuple[str, str]]:
    """Who names no challenge: how many, and their list."""
    day = as_of and as_of.isoformat()
    lists = {
        Part.MEMBERS: url_for("companies.index", challenge="none", standing="member", as_of=day),
        Part.PROSPECTS: url_for(
            "companies.index", challenge="none", standing="prospect", as_of=day
        ),
        Part.FACULTY: url_for("people.index", challenge="none"),
    }
    return [(f"{counts[part]:,} {part}", url) for part, url in lists.items() if counts.get(part)]


def remedy(part: Part, challenge: Challenge, viewer: Viewer) -> tuple[str, str]:
    """What to do about a gap, for this viewer: its words and its address."""
    if part is Part.MEMBERS:
        prospects = url_for("companies.index", challenge=challenge.key, standing="prospect")
        return "See the prospects who do", prospects
    if part is Part.PROSPECTS:
        words = "Tick it on a company’s page" if viewer.may(P.COMPANIES_EDIT) else "All companies"
        return words, url_for("companies.index", standing="prospect")
    if part is Part.FACULTY:
        if viewer.may(P.TOUCHES_LOG) and not viewer.may(P.PEOPLE_EDIT):
            return "Tick it in your profile, if you do", url_for("people.my_profile")
        return "Tick it in the profile of whoever does", url_for("people.index")
    if part is Part.PROJECTS:
        proposed = url_for("projects.index", challenge=challenge.id, show="proposed")
        return "See what is proposed", proposed
    if part is Part.GROUPS:
        if viewer.may(P.COUNCIL_EDIT):
            return "Found one", url_for("working_groups.new")
        return "See the other groups", url_for("working_groups.index")
    groups = url_for("working_groups.index", challenge=challenge.id)
    return "Plan a meeting of a group that works on it", groups
