"""One line for each thing worth telling: words for a person, JSON for machines in production."""

from __future__ import annotations

import logging
import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request
from structlog.typing import Processor

from crm.web.session import viewer

log = logging.getLogger("crm.requests")

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def configure(*, production: bool) -> None:
    """Write the log of our own and of every library in one form; once a process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if production
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("crm").setLevel(logging.INFO if production else logging.WARNING)


def init_app(app: Flask) -> None:
    """Give each request an id that its log lines and its answer carry."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "") if app.config["PROXY_HOPS"] else ""
        g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers["X-Request-Id"] = g.request_id
        # The route, not the address: words of people and secrets of links are not for a log.
        if log.isEnabledFor(logging.INFO):
            told = {
                "method": request.method,
                "route": request.url_rule.rule if request.url_rule else None,
                "status": response.status_code,
                "milliseconds": round(1000 * (time.perf_counter() - g.began)),
                "user": who.id if (who := viewer()) else None,
            }
            log.info("answered", extra=told)
        return response
