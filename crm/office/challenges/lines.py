"""Whom to introduce to whom, as lines of a page and of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.reports.challenges.introductions import Introduction, Meeting
from crm.reports.challenges.rules import Rank
from crm.web.query import LONGEST

RANKS = {Rank.MEMBER: "Member", Rank.TALKED_TO: "In conversation", Rank.OTHER: "Prospect"}
HEADINGS = (
    "Company", "Standing", "Last contact", "Relationship manager", "Faculty", "Field",
    "Challenges shared", "Companies met", "Declared interest", "Company id", "Person id",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`acts`: label, address and icon of what this viewer can do about it."""

    company: Any
    rank: str
    one: Introduction
    acts: Sequence[tuple[str, str, str]]
    more: int
    """Said once, on the company's last line."""


def pairs(found: Sequence[Meeting], viewer: Viewer) -> list[Pair]:
    return [
        Pair(
            company=meeting.company,
            rank=RANKS[meeting.rank],
            one=one,
            acts=_acts(meeting.company, one, viewer),
            more=meeting.more if one is meeting.people[-1] else 0,
        )
        for meeting in found
        for one in meeting.people
    ]


def _acts(company: Any, one: Introduction, viewer: Viewer) -> list[tuple[str, str, str]]:
    name, about = one.shared.scholar.name, " and ".join(one.challenges)
    acts = []
    if viewer.may(P.TASKS_EDIT):
        title = f"Bring {name} and {company.name} together: {about}"[:LONGEST]
        url = url_for(
            "activities.new_task", company_id=company.id, title=title, owner=company.owner_id
        )
        acts.append(("Plan a convening", url, "task"))
    if viewer.may(P.TOUCHES_LOG) and company.owner is not None and company.owner_id != viewer.id:
        asks = f"May {name} be introduced to {company.name}? Both work on: {about}"[:LONGEST]
        url = url_for("activities.ask_owner", company_id=company.id, about=asks)
        acts.append((f"Ask {company.owner} first", url, "mail"))
    if viewer.may(P.TOUCHES_LOG):
        url = url_for("activities.new_touch", company_id=company.id)
        acts.append(("They have met: log it", url, "note"))
    return acts


def cells(found: Sequence[Meeting]) -> Iterator[tuple[object, ...]]:
    """The rows of a file, under `HEADINGS`."""
    for meeting in found:
        company = meeting.company
        for one in meeting.people:
            scholar = one.shared.scholar
            yield (
                company.name,
                RANKS[meeting.rank],
                company.last_touch_on,
                company.owner,
                scholar.name,
                scholar.field,
                "; ".join(one.challenges),
                scholar.met,
                one.interest,
                company.id,
                scholar.id,
            )
