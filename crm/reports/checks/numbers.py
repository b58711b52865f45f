"""The check of numbers: given in a row, without a gap or a repeat."""

from __future__ import annotations

import re
from collections import Counter as Counted
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from crm.invoices.models import Counter, CreditNote, Invoice
from crm.journal.models import JournalEntry
from crm.reports.checks.check import Check, Fault, Outcome

NUMBER = re.compile(r"([A-Z]+)-([0-9]{4})-([0-9]{4,9})")
"""As `billing.next_number` writes one; others came from elsewhere and are in no series of ours."""
Series = tuple[str, int]
_CREDITS = select(CreditNote.number)


def numbers(session: Session, day: date) -> Outcome:
    """Numbers that were imported with their past are taken as they came: below the highest of
    them some may be missing."""
    given: dict[Series, list[int]] = defaultdict(list)
    count = 0
    for asked in (select(Invoice.number).where(Invoice.number.is_not(None)), _CREDITS):
        for number in session.scalars(asked):
            count += 1
            read = NUMBER.fullmatch(number or "")
            if read is not None:
                given[read[1], int(read[2])].append(int(read[3]))
    counters: dict[Series, int] = {
        (series, year): last
        for series, year, last in session.execute(
            select(Counter.series, Counter.year, Counter.last)
        )
    }
    faults: list[Fault] = []
    for series in sorted({*given, *counters}):
        known, last = given[series], counters.get(series, 0)
        if not len(known) == len(set(known)) == max(known, default=0) == last:
            faults += _numbered_wrong(session, series, known, last)
    return Outcome(count=count, of="numbers", faults=tuple(faults))


def _numbered_wrong(
    session: Session, series: Series, known: Sequence[int], last: int
) -> Iterator[Fault]:
    name = f"{series[0]}-{series[1]}"
    highest = max(known, default=0)
    if last != highest:
        says = f"The counter stands at {last}, the highest number is {highest}."
        yield Fault(about=None, label=name, says=says)
    for place, times in sorted(Counted(known).items()):
        if times > 1:
            yield Fault(about=None, label=f"{name}-{place:04d}", says=f"Given {times} times.")
    before = _highest_imported(session, name)
    for place in sorted({place for place in known if place > before}):
        if place > before + 1:
            until = f" to {place - 1:04d}" if place > before + 2 else ""
            yield Fault(about=None, label=f"{name}-{before + 1:04d}{until}", says="Missing.")
        before = place


def _highest_imported(session: Session, name: str) -> int:
    imported = exists().where(
        JournalEntry.kind == Invoice.__journal__,
        JournalEntry.record_id == Invoice.id,
        JournalEntry.act == "imported",
    )
    found = session.scalars(
        select(Invoice.number).where(Invoice.number.startswith(f"{name}-"), imported)
    )
    places = [read[3] for number in found if (read := NUMBER.fullmatch(number or ""))]
    return max(map(int, places), default=0)


CHECKS = (
    Check(
        name="Numbers",
        proves="No number of a series and year is missing or given twice, and the counter stands "
        "at the last. Imported numbers keep the gaps they came with.",
        look=numbers,
    ),
)
