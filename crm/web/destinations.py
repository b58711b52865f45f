"""Where a redirect may lead: to a page of ours and nowhere else."""

from __future__ import annotations

import re

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")
"""A slash and then neither a second one nor anything a browser would read as one."""
LONGEST = 2000


def own_path(given: str | None, otherwise: str) -> str:
    """The path given, if it is one of ours and not the way in or out; else the other."""
    if not given or len(given) > LONGEST or not _OWN_PATH.fullmatch(given):
        return otherwise
    return otherwise if given.startswith(("/sign-in", "/sign-out")) else given
