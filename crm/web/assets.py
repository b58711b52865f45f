"""Addresses of static files that change with their content: browsers may keep them for good."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent.parent.parent / "static"


@cache
def asset(path: str) -> str:
    """`app.css` → `/static/app.css?v=1f0c…`; a file that is missing stops the page at once."""
    digest = sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"
