"""For whoever watches the machines: alive, and ready."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from crm.accounts.policy import Permission as P
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("health", __name__)


@pages.get("/healthz", needs=P.EVERYONE)
def healthz() -> ResponseReturnValue:
    """Alive. The launcher starts the server only when migrations and demo are in."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@pages.get("/readyz", needs=P.EVERYONE)
def readyz() -> ResponseReturnValue:
    """The database answers and stands at the newest migration; else 503."""
    found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    scripts = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    ready = found == scripts.get_current_head()
    said = "ready\n" if ready else "migrations are missing: run flask db upgrade\n"
    return said, 200 if ready else 503, {"Content-Type": "text/plain; charset=utf-8"}
