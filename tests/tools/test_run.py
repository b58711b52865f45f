"""`make run`'s launcher, as a process: what it says, and how it ends."""

from __future__ import annotations

import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.servers import (
    ROOT,
    Site,
    environment,
    free_port,
    prepare_site,
    running_site,
    stop,
    wait_for,
)


def launch(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.run"],
        cwd=ROOT,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def children(site: Site) -> list[psutil.Process]:
    return psutil.Process(site.process.pid).children(recursive=True)


def running(site: Site, command: str) -> int:
    return sum(command in " ".join(child.cmdline()) for child in children(site))


def started(folder: Path):
    return running_site(f"sqlite:///{folder}/crm.sqlite", folder, DEMO="0")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare_site(f"sqlite:///{folder}/crm.sqlite", folder, DEMO="0")
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """A data folder as the first start leaves it."""
    return shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)


def test_it_starts_web_server_and_worker_and_ends_both(tmp_path: Path) -> None:
    with started(tmp_path) as site:
        wait_for(lambda: running(site, "gunicorn") == 3)  # one that leads, two that answer
        assert running(site, "flask worker") == 1
        wait_for(lambda: f"runs at {site.address}/" in site.log.read_text())
        assert "flask users add" in site.log.read_text()  # nobody can sign in so far
        left = children(site)
        assert stop(site.process) == 0
        assert psutil.wait_procs(left, timeout=5)[1] == []


def test_ctrl_c_ends_both(folder: Path) -> None:
    with started(folder) as site:
        left = children(site)
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(30) == 0
        assert psutil.wait_procs(left, timeout=5)[1] == []


@pytest.mark.parametrize("which", ["gunicorn", "worker"])
def test_a_child_that_dies_ends_the_other(folder: Path, which: str) -> None:
    with started(folder) as site:
        left = children(site)
        victim = next(
            child
            for child in psutil.Process(site.process.pid).children()
            if which in " ".join(child.cmdline())
        )
        victim.kill()
        assert site.process.wait(30) != 0
        assert psutil.wait_procs(left, timeout=5)[1] == []


def test_the_key_is_made_once_and_for_its_owner_only(folder: Path) -> None:
    key = folder / "secret_key"
    made = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with started(folder):
        assert key.read_text() == made


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = launch(PORT=str(port), CRM_DATA_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} is in use.")
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_that_is_none(tmp_path: Path) -> None:
    ended = launch(PORT="eighty", CRM_DATA_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert "must be a number from 1 to 65535" in ended.stderr


@pytest.mark.parametrize("key", ["", "weak"])
def test_production_needs_a_strong_key(tmp_path: Path, key: str) -> None:
    ended = launch(
        PORT=str(free_port()), CRM_DATA_DIR=str(tmp_path), CRM_ENV="production", SECRET_KEY=key
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("CRM_ENV=production needs SECRET_KEY")
    assert list(tmp_path.iterdir()) == []
