"""A dossier on paper: its first page for a board, then every line, then the money if it is asked
for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from crm.kit.periods import in_words
from crm.reports import paper
from crm.reports.columns import Section
from crm.reports.dossier.chapters import Chapter
from crm.reports.dossier.dossier import Dossier
from crm.reports.engagement.lines import Line
from crm.reports.files import printed, shown, sums_of
from crm.retention.rules import GoalState

MOST_COMING = 6
"""That have room on the first page."""


def as_pdf(
    dossier: Dossier,
    *,
    programme: str,
    facts: Mapping[str, Any],
    place: str,
    absolute: Callable[[str], str],
    today: date,
) -> bytes:
    """On US Letter. `facts` are the programme's, as loaded; `absolute` makes a page's address one
    that leads there from anywhere."""
    last = dossier.last_day
    span = f"{in_words(dossier.days.starts_on)} to {in_words(last)}"
    data = {
        "programme": programme,
        "alliance": facts.get("alliance", ""),
        "university": facts.get("university", "") or programme,
        "contact": facts.get("contact", ""),
        "company": dossier.company.name,
        "about": " · ".join(filter(None, (dossier.company.sector, place))),
        "span": span,
        "facts": _facts(dossier),
        "goals": [(goal.text, _goal(goal.state, goal.by_on)) for goal in dossier.goals],
        "outcomes": [
            (shown(one.on), one.text, absolute(one.record) if one.record else "")
            for one in dossier.outcomes
        ],
        "count_heads": dossier.count_heads,
        "counts": [
            (one.label, *(f"{number:,}" for number in dossier.counted(one)))
            for one in dossier.counts
        ],
        "presence": [f"{one.there} of {one.of} meetings: {one.body}" for one in dossier.presence],
        "coming": [
            (shown(one.on), one.what, absolute(one.url)) for one in dossier.coming[:MOST_COMING]
        ],
        "more_coming": max(0, len(dossier.coming) - MOST_COMING),
        "chapters": [_chapter(chapter, absolute) for chapter in dossier.chapters],
        "benefits": _printed(dossier.benefits),
        "money": [_printed(part) for part in dossier.money or ()],
        "as_of": in_words(last),
        "foot": f"{programme} · {dossier.company.name}, {span} · printed {shown(today)}",
    }
    (pdf,) = paper.typeset("dossier", [data])
    return pdf


def _printed(part: Section | None) -> dict[str, Any] | None:
    """With the sums of its columns of money; how many rows there are is seen."""
    if part is None:
        return None
    sums = list(sums_of(part.columns, part.rows))[1:]
    return printed(part.title, part.columns, part.rows, part.empty, sums)


def _facts(dossier: Dossier) -> Sequence[tuple[str, str]]:
    since = dossier.member_since
    found = [
        ("Member since", in_words(since) if since else ""),
        ("Champion", ", ".join(dossier.champions)),
        ("Contact in our team", dossier.manager or ""),
    ]
    return [(label, value) for label, value in found if value]


def _goal(state: GoalState, by_on: date | None) -> str:
    if state is GoalState.REACHED:
        return "reached"
    return f"by {shown(by_on)}" if by_on else "open"


def _chapter(chapter: Chapter, absolute: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": chapter.title,
        "totals": [f"{sort}: {number:,}" for sort, number in chapter.totals],
        "lines": [_line(line, absolute) for line in chapter.lines],
    }


def _line(line: Line, absolute: Callable[[str], str]) -> dict[str, str]:
    return {
        "on": shown(line.on),
        "sort": line.sort,
        "what": line.what,
        "url": line.link or absolute(line.url),
        "people": line.company_people,
        "university": line.university_people,
        "outcome": line.outcome,
        "challenges": line.challenges,
    }
