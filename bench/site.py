"""The program and the bare pages in one server; each answer says how many statements it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import event
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import config
from bench.bare import create_bare
from crm.app import create_app
from crm.web.database import db

_counted = 0


def _counting(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The measuring client sends one request at a time, so one number is enough."""

    def counting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        before = _counted

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            headers.append(("X-Statements", str(_counted - before)))
            return start_response(status, headers, *more)

        return app(environ, start)

    return counting


def _count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    global _counted
    if not statement.startswith(("BEGIN", "PRAGMA")):
        _counted += 1


_settings = config.from_env()
_site = create_app(_settings)
with _site.app_context():
    for engine in db.engines.values():
        event.listen(engine, "before_cursor_execute", _count)
_bare = create_bare(_settings["SQLALCHEMY_DATABASE_URI"])
app = DispatcherMiddleware(_counting(_site.wsgi_app), {"/bare": _bare.wsgi_app})
