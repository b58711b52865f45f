"""Proves that the register holds: every sum to its rows, every end to its acts, every number.

Each check reads sets of rows and applies the rules to them again, so that no column is believed
because it says so. The page, `flask check` and the worker's nightly round ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import queries as accounts
from crm.accounts.rules import Role
from crm.journal.models import JournalEntry
from crm.mail.letters import Letter
from crm.reports.checks import dues, families, ledger, numbers, projects, terms
from crm.reports.checks.check import Check, Result

KIND = "self-check"
"""What the journal calls a nightly round."""
CHECKS: tuple[Check, ...] = (
    *dues.CHECKS, *ledger.CHECKS, *numbers.CHECKS, *terms.CHECKS, *families.CHECKS,
    *projects.CHECKS,
)  # fmt: skip


def results(session: Session, day: date) -> Sequence[Result]:
    """Every check, made now. Reads only; `day` is today."""
    return [Result(check=check, outcome=check.look(session, day)) for check in CHECKS]


def red(made: Sequence[Result]) -> Sequence[Result]:
    return [result for result in made if not result.green]


def last_round(session: Session) -> JournalEntry | None:
    """The latest nightly round, as the journal has it."""
    rounds = select(JournalEntry).where(JournalEntry.kind == KIND)
    return session.scalars(rounds.order_by(JournalEntry.id.desc()).limit(1)).first()


def in_words(made: Sequence[Result]) -> str:
    """`All 14 checks hold`, or `2 of 14 checks are red: Ledger, Numbers`."""
    wrong = red(made)
    if not wrong:
        return f"All {len(made)} checks hold"
    names = ", ".join(result.check.name for result in wrong)
    are = "is" if len(wrong) == 1 else "are"
    return f"{len(wrong)} of {len(made)} checks {are} red: {names}"


def letters(
    session: Session, made: Sequence[Result], *, day: date, programme: str, link: str
) -> list[Letter]:
    """To each director, if something is red; once a night."""
    if not red(made):
        return []
    facts = {
        "programme": programme,
        "says": in_words(made),
        "red": [
            {
                "name": result.check.name,
                "proves": result.check.proves,
                "rows": len(result.outcome.faults),
            }
            for result in red(made)
        ],
        "link": link,
    }
    return [
        Letter(
            name="self-check",
            to=address,
            facts=facts,
            dedupe_key=f"{KIND}:{day.isoformat()}:{user_id}",
        )
        for user_id, address in accounts.addresses(session, Role.DIRECTOR)
    ]
