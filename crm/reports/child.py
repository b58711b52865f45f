"""Heavy libraries run in a process of their own: no web worker ever imports them.

One module of this room, fed by its standard input and read by its standard output, is given a
time limit and ends with its answer: memory and crashes are its own. See docs/decisions.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crm.kit.errors import CRMError

ROOT = Path(__file__).parent.parent.parent
SECONDS = 30
"""Ten times what the longest of them takes on a slow machine."""


class ReportFailed(CRMError):
    """The report's own process broke off, or took too long."""


def ask(module: str, question: bytes) -> bytes:
    """What `python -m module` answers. Raises `ReportFailed`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=question,
            capture_output=True,
            cwd=ROOT,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise ReportFailed("This report took too long. Please try again shortly.") from None
    except subprocess.CalledProcessError as broken:
        said = broken.stderr.decode(errors="replace")[-2000:]
        raise ReportFailed("This report could not be made.") from RuntimeError(said)
    return done.stdout
