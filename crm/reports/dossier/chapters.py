"""How a dossier is cut: its chapters, what its first page counts and which outcomes it shows. Pure.

Every line of the engagement summary stands in one chapter, so that both have the same totals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.kit.periods import Period
from crm.reports.engagement.lines import Line, Sort

MOST_OUTCOMES = 5

CHAPTERS: Mapping[tuple[str, str], tuple[Sort, ...]] = {
    ("membership", "Membership and council"): (
        Sort.MEMBERSHIP,
        Sort.SEAT,
        Sort.MEETING,
        Sort.VOTE,
        Sort.GOAL,
    ),
    ("groups", "Working groups"): (Sort.GROUP_OUTPUT, Sort.GROUP_MEETING, Sort.GROUP),
    ("projects", "Projects"): (Sort.PROJECT_OUTPUT, Sort.PROJECT),
    ("students", "Students, courses and training"): (Sort.STUDENT, Sort.SEATS),
    ("benefits", "Benefits used"): (Sort.BENEFIT,),
    ("partnerships", "Major partnerships"): (Sort.PARTNERSHIP, Sort.CONVENING),
    ("factories", "Education and research factories"): (Sort.CONTRIBUTION, Sort.FACILITY),
    ("contacts", "Contacts with the university"): (Sort.CONTACT,),
}
"""By key, which is its place on the page, and title."""
COUNTED: Mapping[Sort, str] = {
    Sort.MEETING: "Meetings of the council and its committees attended",
    Sort.VOTE: "Votes cast",
    Sort.GROUP_MEETING: "Working group meetings attended",
    Sort.GROUP_OUTPUT: "Working group publications",
    Sort.PROJECT: "Projects begun or finished",
    Sort.PROJECT_OUTPUT: "Project outputs",
    Sort.STUDENT: "Students in projects",
    Sort.SEATS: "Seats in courses and trainings",
    Sort.BENEFIT: "Benefits used, places and introductions",
    Sort.CONVENING: "Convenings of the major partnership",
    Sort.CONTRIBUTION: "Steps of contributions",
    Sort.CONTACT: "Contacts with the university",
}
"""What a first page counts, in its order; what is not here stands in a chapter alone."""
WORTH = (
    Sort.PROJECT_OUTPUT,
    Sort.GROUP_OUTPUT,
    Sort.GOAL,
    Sort.PARTNERSHIP,
    Sort.STUDENT,
    Sort.SEATS,
    Sort.PROJECT,
    Sort.CONTRIBUTION,
    Sort.BENEFIT,
    Sort.MEETING,
)
"""What a management asks for first: what came out, then who came in, then what was done."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many in the days asked for, in the year that ends with them and in the year before."""

    sort: Sort
    label: str
    in_all: int
    this_year: int
    year_before: int

    @property
    def chapter(self) -> str:
        """The key of the one whose lines it counts."""
        return next(key for (key, _), sorts in CHAPTERS.items() if self.sort in sorts)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    key: str
    title: str
    lines: Sequence[Line]

    @property
    def totals(self) -> Sequence[tuple[Sort, int]]:
        """Of each kind of line that the chapter has, as the engagement summary counts them."""
        return [(sort, number) for sort, number in totals(self.lines).items()]

    def tells(self, what: str) -> bool:
        """Whether any line says this: what none does needs no column."""
        return any(getattr(line, what) for line in self.lines)


def totals(lines: Iterable[Line]) -> Counter[Sort]:
    found: Counter[Sort] = Counter()
    for line in lines:
        found[line.sort] += line.number
    return found


def chapters(lines: Iterable[Line]) -> Sequence[Chapter]:
    """Those with a line in them; each line in the chapter of its kind, by day."""
    listed = list(lines)
    cut = (
        Chapter(key=key, title=title, lines=[line for line in listed if line.sort in sorts])
        for (key, title), sorts in CHAPTERS.items()
    )
    return [chapter for chapter in cut if chapter.lines]


def counts(
    lines: Sequence[Line], *, days: Period, this_year: Period, year_before: Period
) -> Sequence[Count]:
    """Of what there was any in one of these spans; `lines` are those of all of them."""
    of_each = [
        totals(line for line in lines if line.on in span) for span in (days, this_year, year_before)
    ]
    return [
        Count(
            sort=sort,
            label=label,
            in_all=of_each[0][sort],
            this_year=of_each[1][sort],
            year_before=of_each[2][sort],
        )
        for sort, label in COUNTED.items()
        if any(found[sort] for found in of_each)
    ]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`highlight_id` None: nobody chose it, it is the best that the lines have."""

    on: date
    text: str
    record: str | None
    highlight_id: int | None = None


def outcomes(chosen: Sequence[Outcome], lines: Iterable[Line]) -> Sequence[Outcome]:
    """Five: those that somebody chose, the latest first, then the best of the lines.

    A line whose record stands there already is not told twice.
    """
    found = list(chosen[:MOST_OUTCOMES])
    told = {outcome.record for outcome in found}
    worth = (line for line in lines if line.sort in WORTH)
    for line in sorted(worth, key=lambda line: (WORTH.index(line.sort), -line.on.toordinal())):
        if len(found) == MOST_OUTCOMES:
            break
        if line.url not in told:
            told.add(line.url)
            found.append(Outcome(on=line.on, text=sentence(line), record=line.url))
    return found


def sentence(line: Line) -> str:
    """What happened, as an outcome: to be reworded by whoever chooses it."""
    if line.sort is Sort.STUDENT:
        return f"A student worked with you: {line.what}, in {line.outcome}"
    if line.sort is Sort.SEATS:
        return f"{line.outcome} in {line.what}"
    return f"{line.what}: {line.outcome}" if line.outcome else line.what
