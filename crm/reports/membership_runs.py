"""When each company was a member: unbroken runs of days in force, told by its terms and acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships import rules
from crm.memberships.models import Interruption, Membership


@dataclass(frozen=True, kw_only=True)
class Run:
    """From the first day in force to the first one that is not. `ended_by`: the membership whose
    end or termination ended it."""

    starts_on: date
    ends_before: date
    begun_by: int
    ended_by: int
    reason: str | None


def of_all(session: Session, day: date) -> Mapping[int, Sequence[Run]]:
    """The runs of each company that was ever a member by a day, as known today.

    Two statements, then `rules`: a run is broken by a single day without rights.
    """
    stops: dict[int, list[Any]] = defaultdict(list)
    for stop in session.scalars(select(Interruption).order_by(Interruption.terminated_on)):
        stops[stop.membership_id].append(stop)
    terms: dict[int, list[Any]] = defaultdict(list)
    found = session.execute(
        select(
            Membership.id,
            Membership.company_id,
            Membership.starts_on,
            memberships.RUNS_BEFORE.label("runs_before"),
            Membership.occupied_before,
            Membership.company_signed_on,
            Membership.programme_signed_on,
            Membership.terminated_on,
            Membership.termination_reason,
            Membership.grace_days,
        )
        .where(memberships.executed_by(day), Membership.starts_on <= day)
        .order_by(Membership.company_id, Membership.starts_on, Membership.id)
    )
    for term in found:
        terms[term.company_id].append(term)
    return {
        company_id: runs
        for company_id, its in terms.items()
        if (runs := list(_joined(_stretches(its, stops))))
    }


def _stretches(terms: Sequence[Any], stops: Mapping[int, Sequence[Any]]) -> Iterator[Run]:
    """The days in force of each term, one after the other."""
    for place, term in enumerate(terms):
        executed = rules.executed_on(term.company_signed_on, term.programme_signed_on)
        assert executed is not None  # others were not asked for
        period = Period(term.starts_on, term.runs_before)
        succeeded_on = _succeeded_on(terms[place + 1 :])
        ends = rules.grace_ends_before(period, term.grace_days, succeeded_on)
        reason = None
        if term.terminated_on is not None and term.terminated_on <= ends:
            ends, reason = term.terminated_on, term.termination_reason
        begins = max(term.starts_on, executed)
        for stop in stops.get(term.id, ()):
            if begins < stop.terminated_on < ends:
                yield _run(term, begins, stop.terminated_on, stop.termination_reason)
            begins = max(begins, stop.reinstated_on)
        if begins < ends:
            yield _run(term, begins, ends, reason)


def _succeeded_on(later: Sequence[Any]) -> date | None:
    """When the company's next term takes over from grace: when it runs and both have signed. One
    that was terminated before it began never does."""
    return min(
        (
            max(term.starts_on, executed)
            for term in later
            if term.occupied_before > term.starts_on
            and (executed := rules.executed_on(term.company_signed_on, term.programme_signed_on))
        ),
        default=None,
    )


def _run(term: Any, starts_on: date, ends_before: date, reason: str | None) -> Run:
    return Run(
        starts_on=starts_on,
        ends_before=ends_before,
        begun_by=term.id,
        ended_by=term.id,
        reason=reason,
    )


def _joined(stretches: Iterable[Run]) -> Iterator[Run]:
    """Those that follow on each other without a gap are one."""
    run: Run | None = None
    for stretch in stretches:
        if run is not None and stretch.starts_on <= run.ends_before:
            run = replace(
                run,
                ends_before=max(run.ends_before, stretch.ends_before),
                ended_by=stretch.ended_by,
                reason=stretch.reason,
            )
            continue
        if run is not None:
            yield run
        run = stretch
    if run is not None:
        yield run
