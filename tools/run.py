"""`make run`: prepares the database, then runs web server and worker until one of them ends."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import config

GRACE_SECONDS = 25
BIN = Path(sys.executable).parent


class CannotStart(Exception):
    """Said to the person at the terminal, without a traceback."""


class Stopped(BaseException):
    """Somebody asked us to end: Ctrl-C, a service manager, a closed terminal."""


def main() -> int:
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, _stop)
    children: list[subprocess.Popen[bytes]] = []
    try:
        port = _port(os.environ.get("PORT") or "8000")
        address = _settings()["BASE_URL"]
        environment = os.environ | {"PORT": str(port), "FLASK_APP": "wsgi"}
        sign_ins = _prepare(environment)
        children.append(_start(environment, "gunicorn"))
        children.append(_start(environment, "flask", "worker"))
        _wait_until_healthy(port, children)
        print(f"\nAlliance CRM runs at {address}/\n{sign_ins}Ctrl-C ends it.", flush=True)
        return _wait_for_an_end(children)
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stopped:
        return 0
    finally:
        _end(children)


def _stop(number: int, frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the ending.
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, signal.SIG_IGN)
    raise Stopped


def _settings() -> dict[str, Any]:
    try:
        return config.from_env()
    except (config.BadSetting, OSError, ValueError) as wrong:
        raise CannotStart(str(wrong)) from None


def _port(text: str) -> int:
    """The port, if it is one and is free."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CannotStart(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            raise CannotStart(f"Port {text} needs more rights; take one above 1023.") from None
        except OSError:
            raise CannotStart(
                f"Port {text} is in use. End what listens there, or take another:"
                f" make run PORT={int(text) % 65535 + 1}"
            ) from None
    return int(text)


def _prepare(environment: dict[str, str]) -> str:
    """Migrate; fill a new database. Gives what to tell the person about signing in."""
    process = _start(environment, "flask", "site", "prepare", stdout=subprocess.PIPE)
    try:
        said, _ = process.communicate()
    finally:
        _end([process])
    if process.returncode:
        raise CannotStart("The database could not be prepared; the reason is above.")
    return said.decode()


def _start(
    environment: dict[str, str], command: str, *arguments: str, stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches us alone, and we end the children in good order."""
    return subprocess.Popen(
        [BIN / command, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=_die_with_the_parent,
    )


def _die_with_the_parent() -> None:
    """Be sent SIGTERM when the launcher is killed and cannot say goodbye (Linux alone knows it)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def _wait_until_healthy(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Return when the site answers, or at once when a child has died."""
    while all(child.poll() is None for child in children):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)


def _wait_for_an_end(children: list[subprocess.Popen[bytes]]) -> int:
    """The code of the child that ended first; neither is meant to."""
    while True:
        for child in children:
            if (code := child.poll()) is not None:
                print(f"`{Path(child.args[0]).name}` ended with {code}.", file=sys.stderr)
                return code if code > 0 else 1
        time.sleep(0.2)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    ends = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
