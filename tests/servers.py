"""The program as it is run for real, started for tests: web server, worker and a mail server."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PASSWORD = "a demonstration to be forgotten"


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Site:
    """A running site with the demo in it."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str]
    password: str = PASSWORD


def environment(**settings: str) -> dict[str, str]:
    """What a child gets of this process's environment, and no setting of ours by accident."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | settings


def prepare_site(database_url: str, folder: Path, **settings: str) -> None:
    """What `make run` does before it starts: migrated, with the demo, templates compiled."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "site", "prepare"]
    given = _of_a_site(database_url, folder, **settings)
    subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True)


def _of_a_site(database_url: str, folder: Path, **settings: str) -> dict[str, str]:
    return environment(
        DATABASE_URL=database_url,
        CRM_DATA_DIR=str(folder),
        CRM_DEMO_PASSWORD=PASSWORD,
        **settings,
    )


@contextmanager
def running_site(database_url: str, folder: Path, **settings: str) -> Iterator[Site]:
    """`make run` on a port of its own; the folder keeps its data and its log."""
    port = free_port()
    given = _of_a_site(
        database_url,
        folder,
        PORT=str(port),
        FORM_LIMIT="1000 per minute",
        PYTHONUNBUFFERED="1",
        **settings,
    )
    log = folder / "site.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        site = Site(f"http://127.0.0.1:{port}", process, log, given)
        try:
            wait_until_healthy(port, process, log)
            yield site
        finally:
            stop(process)


@contextmanager
def web_server(database_url: str, folder: Path, **settings: str) -> Iterator[int]:
    """gunicorn alone, before a database that is prepared; gives its port."""
    port = free_port()
    given = environment(
        PORT=str(port),
        DATABASE_URL=database_url,
        CRM_DATA_DIR=str(folder),
        FORM_LIMIT="100000 per minute",
        **settings,
    )
    log = folder / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "gunicorn"],
            cwd=ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(port, process, log)
            yield port
        finally:
            stop(process)


@contextmanager
def running_worker(given: dict[str, str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own; when the test is over, however it ended, it is not left behind."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=given, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_healthy(
    port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 120
) -> None:
    """Return when /healthz answers 200; fail with the log when the process ends before."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise AssertionError(f"The site ended with {process.returncode}:\n{log.read_text()}")
        if _healthy(port):
            return
        time.sleep(0.02)  # `make bench` measures by it how quickly the site answers
    raise AssertionError(f"The site did not answer in {seconds} s:\n{log.read_text()}")


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return as soon as it is true; fail if it does not become so in time."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], seconds: float = 30) -> int:
    """End it as Ctrl-C or a service manager does, and give its code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    return process.returncode
