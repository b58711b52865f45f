"""Random acts on a company's terms, held against a diary that is kept day by day."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.invoices.rules import BilledTooMuch
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.memberships import changing, operations, queries
from crm.memberships.models import Membership
from crm.memberships.operations import Side
from crm.memberships.rules import IN_FORCE, DuesFrequency, Status
from tests.enrolment.test_changes import SIGNED, edge, owed_by_year, signed, ties_out
from tests.factories.memberships import tier

ONE = timedelta(days=1)
FIRST, LAST = date(2018, 1, 1), date(2042, 1, 1)


@dataclass
class Diary:
    """What a clerk would have written down of one term: days, and nothing derived."""

    term: Membership
    starts_on: date
    ends_before: date
    signed_on: date
    away: list[tuple[date, date | None]] = field(default_factory=list)

    def began(self) -> bool:
        return all(over is not None or begun > self.starts_on for begun, over in self.away)

    def says(self, day: date, later: list[date]) -> Status:
        if any(begun <= day and (over is None or day < over) for begun, over in self.away):
            return Status.TERMINATED
        if day < self.starts_on:
            return Status.UPCOMING
        if day < self.ends_before:
            return Status.ACTIVE
        if any(self.ends_before <= start <= day for start in later):
            return Status.LAPSED
        in_grace = day < self.ends_before + 60 * ONE
        return Status.GRACE if in_grace else Status.LAPSED


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_acts_answers_for_any_day_as_the_diary_does(session: Session, seed: int):
    dice = random.Random(seed)
    today = date(2024, 1, 31) + timedelta(days=dice.randrange(400))
    term = signed(
        session,
        starts_on=today - timedelta(days=dice.randrange(200)),
        years=dice.randint(1, 4),
        frequency=dice.choice([f for f in DuesFrequency if f is not DuesFrequency.BY_HAND]),
        fee=Money(dice.randrange(1, 10**8), "USD"),
    )
    diary = [Diary(term, term.starts_on, term.ends_before, SIGNED)]
    done = 0
    for _ in range(16):
        today += timedelta(days=dice.randrange(200))
        try:
            with session.begin_nested():
                _act(session, dice, diary, today)
            done += 1
        except (RuleBroken, BilledTooMuch):
            session.expire_all()
    assert done
    _hold_together(session, diary, dice)


def _act(session: Session, dice: random.Random, diary: list[Diary], today: date) -> None:
    page = diary[-1]
    term = queries.get(session, page.term.id)
    told = {"reason": "The dice said so", **edge(today)}
    match dice.choice(["extend", "amend", "terminate", "reinstate", "renew"]):
        case "extend":
            days = dice.randint(1, 120)
            changing.extend(session, term, days=days, **told)
            page.ends_before += timedelta(days=days)
        case "amend":
            day = term.starts_on + timedelta(days=dice.randrange(1500))
            fee = Money(dice.randrange(1, 10**8), "USD")
            offered = tier(dice.choice(["member", "associate"]))
            enrolment.amend(session, term, from_on=day, tier=offered, fee=fee, **told)
        case "terminate":
            on = today + timedelta(days=dice.randint(-60, 200))
            enrolment.terminate(session, term, on=on, **told)
            page.away = [(a, b) for a, b in page.away if b is not None] + [(on, None)]
        case "reinstate":
            was = term.terminated_on
            enrolment.reinstate(session, term, on=today, **told)
            page.away = [(a, b) for a, b in page.away if b is not None]
            if was is not None and was < today:
                page.away.append((was, today))
        case "renew":
            draft = NewMembership(term.company_id, term.tier_id, today, 2, Money(999, "USD"))
            new = enrolment.renew(session, term, draft, **edge(today))
            operations.release(session, new, **edge(today))
            for side in Side:
                operations.sign(session, new, side, on=today, **edge(today))
            diary.append(Diary(new, new.starts_on, new.ends_before, today))


def _hold_together(session: Session, diary: list[Diary], dice: random.Random) -> None:
    edges = {day for page in diary for day in (page.starts_on, page.ends_before)}
    edges |= {day + 60 * ONE for day in edges}
    edges |= {day for page in diary for pair in page.away for day in pair if day}
    days = {day + n * ONE for day in edges for n in (-1, 0, 1)}
    days |= {FIRST + timedelta(days=dice.randrange((LAST - FIRST).days)) for _ in range(40)}
    for day in sorted(days):
        told = dict(session.execute(select(Membership.id, queries.status_on(day))).all())
        in_force = 0
        for place, page in enumerate(diary):
            later = [max(p.starts_on, p.signed_on) for p in diary[place + 1 :] if p.began()]
            if day < page.signed_on:
                continue
            expected = page.says(day, later)
            assert told[page.term.id] == expected.value, (day, page)
            in_force += expected in IN_FORCE
        assert in_force <= 1, f"a company counts twice on {day}"
    for page in diary:
        term = queries.get(session, page.term.id)
        if term.terminated_on is None:
            assert ties_out(session, term)
        else:
            fees = dict(enumerate((f.minor for f in queries.fees_of(session, term)), 1))
            assert all(minor <= fees[y] for y, minor in owed_by_year(session, term).items())
