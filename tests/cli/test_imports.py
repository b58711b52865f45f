from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.companies.models import Company
from tests.conftest import ROOT

SAMPLES = ROOT / "docs" / "samples"


@pytest.fixture
def run(app, session):
    def run(*arguments):
        session.rollback()
        return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])

    return run


def test_the_samples_are_taken_in_their_order_and_again_change_nothing(run, dana):
    for kind, first, again in (
        ("companies", "3 added, 0 changed, 0 unchanged", "0 added, 0 changed, 3 unchanged"),
        ("people", "2 added, 0 changed, 0 unchanged", "0 added, 0 changed, 2 unchanged"),
        ("opportunities", "3 added, 0 changed, 0 unchanged", "0 added, 0 changed, 3 unchanged"),
        ("touches", "2 added, 0 changed, 0 unchanged", "0 added, 0 changed, 2 unchanged"),
        ("memberships", "3 added, 0 changed, 0 unchanged", "0 added, 0 changed, 3 unchanged"),
        ("invoices", "4 added, 0 changed, 0 unchanged", "0 added, 0 changed, 4 unchanged"),
        ("payments", "3 added, 0 changed, 0 unchanged", "0 added, 0 changed, 3 unchanged"),
    ):
        file = SAMPLES / f"{kind}.csv"
        for said in (first, again):
            result = run(kind, "import", file)
            assert result.exit_code == 0, result.output
            assert result.stdout.startswith(f"{kind}.csv: {said}")
    proved = run("check")
    assert proved.exit_code == 0, proved.output


def test_a_refused_file_fails_with_rows_and_columns_on_stderr(run, session, tmp_path: Path):
    file = tmp_path / "mine.csv"
    file.write_bytes("Name;Country\nAcmé;Atlantis\nBolt;US\n".encode("latin-1"))
    result = run("companies", "import", file)
    assert result.exit_code == 1
    assert "mine.csv: Row 2, column “Country”: This country is not known" in result.stderr
    assert "mine.csv was not imported: 1 fault." in result.stderr
    assert result.stdout == ""
    assert session.scalar(select(func.count()).select_from(Company)) == 0


@pytest.mark.parametrize("data", [b"", b"Name\nA\x00B\n", b"PK\x03\x04", b'Name,City\n"open\n'])
def test_a_file_that_is_no_table_fails_the_command(run, tmp_path: Path, data):
    file = tmp_path / "mine.csv"
    file.write_bytes(data)
    result = run("companies", "import", file)
    assert result.exit_code == 1
    assert "mine.csv was not imported." in result.stderr


def test_a_dry_run_says_so(run, session, tmp_path: Path):
    file = tmp_path / "mine.csv"
    file.write_text("Name\nAcme\n")
    result = run("companies", "import", file, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout == (
        "mine.csv: 1 added, 0 changed, 0 unchanged (dry run: nothing was written)\n"
    )
    assert session.scalar(select(func.count()).select_from(Company)) == 0
