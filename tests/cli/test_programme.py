from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.council.models import Body
from crm.journal.models import JournalEntry
from crm.memberships.benefit_models import Benefit, TierBenefit
from crm.memberships.models import Membership, Tier
from crm.people.models import DirectoryEntry
from crm.pipeline.models import LostReason, Mode, Stage
from crm.programme.models import Challenge, FocusArea, Programme
from tests.conftest import ROOT, TODAY

FILE = (ROOT / "programme.toml").read_text(encoding="utf-8")
TABLES = (
    Programme, Challenge, FocusArea, Mode, Stage, LostReason, Tier, Benefit, TierBenefit, Body,
    DirectoryEntry,
)  # fmt: skip


@pytest.fixture
def run(app: Flask, session: Session, tmp_path: Path):
    """Run a command on a programme file with passages replaced."""

    def run(command: str, *changes: tuple[str, str], text: str = FILE) -> Result:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "programme.toml"
        file.write_text(text, encoding="utf-8")
        session.rollback()  # the command writes on a connection of its own
        return app.test_cli_runner().invoke(args=["programme", command, str(file)])

    return run


def counts(session):
    tables = (*TABLES, JournalEntry)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_loading_again_changes_nothing(run, session):
    before = counts(session)
    result = run("load")
    assert result.exit_code == 0
    assert result.stdout == "Manufacturing@MIT: loaded from programme.toml\n"
    assert counts(session) == before


def test_a_changed_file_updates_and_is_journalled(run, session):
    before = counts(session)
    assert (
        run("load", ("fee = 250_000", "fee = 260_000"), ("Rethink lean", "Rethink")).exit_code == 0
    )
    assert counts(session)[:-1] == before[:-1]
    assert session.scalar(select(Tier.fee_minor).where(Tier.key == "member")) == 26_000_000
    entry = session.scalars(
        select(JournalEntry).where(JournalEntry.kind == "tier").order_by(JournalEntry.id)
    ).all()[-1]
    assert entry.changes == {"fee_minor": [25_000_000, 26_000_000]}
    assert session.scalar(select(func.count()).select_from(Membership)) == 0


def test_what_is_taken_out_is_retired_and_comes_back(run, session):
    out = ('community        = "Community"\n', "")
    people = ('  { name = "Haden Quinlan" },\n', "")
    stage = ('negotiation       = { probability = 80, name = "Negotiation" }\n', "")
    before = counts(session)
    assert run("load", out, people, stage).exit_code == 0
    assert counts(session)[:-1] == before[:-1]
    area = session.scalars(select(FocusArea).where(FocusArea.key == "community")).one()
    person = session.scalars(
        select(DirectoryEntry).where(DirectoryEntry.name == "Haden Quinlan")
    ).one()
    gone = session.scalars(select(Stage).where(Stage.key == "negotiation").order_by(Stage.id)).all()
    assert area.retired_on == person.retired_on == TODAY
    assert [stage.retired_on for stage in gone] == [TODAY, None]
    assert run("load").exit_code == 0
    session.expire_all()
    assert area.retired_on is person.retired_on is None


def test_a_wrong_file_is_refused_whole_with_lines(run, session):
    before = counts(session)
    result = run("load", ("fee = 0", "fee = -1"), ("grace_days = 60", "grace_days = x"))
    assert result.exit_code == 1
    assert "programme.toml is not taken over." in result.stderr
    assert counts(session) == before


def test_checking_says_what_is_wrong_and_changes_nothing(run, session):
    before = counts(session)
    good = run("check")
    assert (good.exit_code, good.stdout) == (
        0,
        "programme.toml is right: Manufacturing@MIT, 3 modes, 5 tiers, 4 challenges\n",
    )
    bad = run("check", ("grace_days = 60", "grace_days = -1"), ("fee = 0", 'fee = "free"'))
    assert bad.exit_code == 1
    first, second = bad.stderr.splitlines()[1:]
    line = FILE[: FILE.index("grace_days")].count("\n") + 1
    assert (
        first == f"programme.toml, line {line}: “grace_days” has to be a whole number from 0 to 366"
    )
    assert "“fee”: Write the amount" in second
    assert counts(session) == before


def test_a_file_that_is_no_text_is_refused(app, tmp_path):
    file = tmp_path / "latin.toml"
    file.write_bytes("# one\n# Düsseldorf\n".encode("latin-1"))
    result = app.test_cli_runner().invoke(args=["programme", "check", str(file)])
    assert result.exit_code == 1
    assert "latin.toml, line 2: not UTF-8 text" in result.stderr
