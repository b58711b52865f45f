"""A real Chromium: the machine's own, else Debian's, else Playwright's."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = [
    "--headless",
    "--no-sandbox",  # it cannot have one as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing it loads lies outside this machine, whatever a page says.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class NoBrowser(RuntimeError):
    """The browser tests cannot run here; they are not skipped."""


def executable() -> str:
    """The path of a Chromium that runs; installs one if there is none, one process at a time."""
    with (Path(tempfile.gettempdir()) / f"crm-chromium-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _on_the_machine() or _from_apt() or _from_playwright()
    if found:
        return found
    raise NoBrowser(
        "The browser tests need Chromium. None was found on the PATH"
        f" ({', '.join(NAMES)}), and neither apt-get (as root) nor"
        " `playwright install chromium` could install one. Install Chromium and run them again."
    )


def _on_the_machine() -> str | None:
    for name in NAMES:
        path = shutil.which(name)
        # Some distributions put a stub there that only says how to install the real one.
        if path and _runs(path, "--version"):
            return path
    return None


def _from_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ("install", "-y", "--no-install-recommends", "chromium", "fonts-liberation")
    if _runs("apt-get", "update", **quiet) and _runs("apt-get", *install, **quiet):
        return _on_the_machine()
    return None


def _from_playwright() -> str | None:
    if not _runs(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    where = "from playwright.sync_api import sync_playwright as s\n"
    where += "with s() as p: print(p.chromium.executable_path)"
    said = subprocess.run([sys.executable, "-c", where], capture_output=True, text=True, check=True)
    path = said.stdout.strip()
    return path if _runs(path, "--version") else None


def _runs(*command: str, **environment: str) -> bool:
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | environment)
    return done.returncode == 0
