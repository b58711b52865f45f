"""How gunicorn serves the app: a few processes that share what was loaded before the fork."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

wsgi_app = "wsgi:app"
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True
control_socket_disable = True
timeout = 60
graceful_timeout = 20
keepalive = 5
loglevel = "warning"
# The heartbeat is a file; on a slow disk it would take a worker for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def when_ready(server: Any) -> None:
    """The app is loaded, no worker is forked: what is there now is never garbage.

    Without it every full collection walks the whole program and every worker copies its pages.
    """
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A page makes many objects that die with it: collect more rarely than after each 700."""
    gc.set_threshold(50_000, 20, 50)
