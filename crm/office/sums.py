"""In which currency the sums of journal entries are, where an entry does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm.journal.queries import Line


def currencies(lines: Sequence[Line], present: str) -> Iterator[tuple[str, str]]:
    """Before and after, for each line, newest first.

    An entry names the currency only where that changed. Others have the one from which the next
    change led away; what was never changed, the `present` one.
    """
    of: dict[tuple[str, int | None], str] = {}
    for line in lines:
        record = (line.kind, line.record_id)
        known = of.get(record, present)
        before, after = line.changes.get("currency", (known, known))
        of[record] = before or known
        yield before or known, after or known
