"""How a dossier is cut: every line once, five outcomes, what somebody chose before the rest."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from crm.kit.periods import Period, year_up_to
from crm.reports.dossier import chapters as cut
from crm.reports.dossier.chapters import CHAPTERS, COUNTED, MOST_OUTCOMES, WORTH, Outcome
from crm.reports.dossier.dossier import days_of
from crm.reports.engagement.lines import Line, Sort

DAYS = some.dates(date(2024, 1, 1), date(2026, 12, 31))
LINES = some.lists(
    some.builds(
        Line,
        company_id=some.just(1),
        on=DAYS,
        sort=some.sampled_from(Sort),
        what=some.text(max_size=9),
        id=some.integers(1, 9),
        url=some.integers(1, 9).map("/office/projects/{}".format),
        outcome=some.text(max_size=9),
        number=some.integers(1, 9),
    ),
    max_size=30,
)
CHOSEN = some.lists(
    some.builds(
        Outcome,
        on=DAYS,
        text=some.text(min_size=1, max_size=9),
        record=some.none() | some.integers(1, 9).map("/office/projects/{}".format),
        highlight_id=some.integers(1, 99),
    ),
    max_size=8,
)


def test_every_kind_of_line_has_one_chapter():
    listed = [sort for sorts in CHAPTERS.values() for sort in sorts]
    assert sorted(listed) == sorted(Sort)
    assert set(COUNTED) <= set(Sort)
    assert set(WORTH) <= set(Sort)


@given(LINES)
def test_every_line_stands_in_one_chapter_and_counts_there(lines):
    found = cut.chapters(lines)
    assert sorted(map(id, lines)) == sorted(id(line) for one in found for line in one.lines)
    summed = {sort: number for one in found for sort, number in one.totals}
    assert summed == cut.totals(lines)
    assert all(one.lines for one in found)


@given(LINES, DAYS)
def test_counts_are_those_of_the_lines_of_their_days(lines, last):
    this_year = year_up_to(last)
    before = year_up_to(this_year.starts_on - timedelta(days=1))
    days = Period(date(2025, 3, 1), date(2026, 3, 1))
    counted = cut.counts(lines, days=days, this_year=this_year, year_before=before)
    assert this_year.starts_on == before.ends_before
    for one in counted:
        for span, number in (
            (days, one.in_all),
            (this_year, one.this_year),
            (before, one.year_before),
        ):
            told = [line for line in lines if line.sort is one.sort and line.on in span]
            assert number == sum(line.number for line in told)
    missing = set(COUNTED) - {one.sort for one in counted}
    assert not [
        line for line in lines if line.sort in missing
        and any(line.on in span for span in (days, this_year, before))
    ]  # fmt: skip


@given(CHOSEN, LINES)
def test_five_outcomes_the_chosen_first_and_no_record_twice(chosen, lines):
    found = cut.outcomes(chosen, lines)
    assert len(found) <= MOST_OUTCOMES
    assert list(found[: len(chosen)]) == chosen[:MOST_OUTCOMES]
    rest = found[len(chosen) :]
    records = [one.record for one in rest]
    assert len(set(records)) == len(records)
    assert not set(records) & {one.record for one in chosen[:MOST_OUTCOMES]}
    worth = {line.url for line in lines if line.sort in WORTH}
    told = {one.record for one in found}
    assert len(found) == MOST_OUTCOMES or worth <= told, "what is worth telling is told"


def test_what_came_out_goes_before_what_was_attended():
    meeting, paper = (
        Line(
            company_id=1, on=date(2026, 5, day), sort=sort, what=what, id=day, url=f"/office/{day}"
        )
        for day, sort, what in ((9, Sort.MEETING, "Council"), (2, Sort.PROJECT_OUTPUT, "A paper"))
    )
    assert [one.text for one in cut.outcomes([], [meeting, paper])] == ["A paper", "Council"]


def test_without_a_term_a_dossier_is_of_the_last_year():
    assert days_of((), date(2026, 6, 15)) == Period(date(2025, 6, 16), date(2026, 6, 16))
    assert year_up_to(date(2024, 2, 29)) == Period(date(2023, 3, 1), date(2024, 3, 1))
