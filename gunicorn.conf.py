"""How gunicorn serves the app: a few processes that share what was loaded before the fork."""

from __future__ import annotations

import ctypes
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

# What is loaded stays: looking for garbage meanwhile takes a fifth of the start. See `when_ready`.
gc.disable()


def when_ready(server: Any) -> None:
    """The app is loaded, no worker is forked: what is there now is shared, and never garbage.

    Without it every full collection walks the whole program and every worker copies its pages.
    """
    load_templates = getattr(server.app.callable, "load_templates", None)
    if load_templates is not None:
        load_templates()
    give_large_blocks_back()
    gc.collect()
    gc.freeze()
    gc.enable()


def give_large_blocks_back() -> None:
    """Checking a password takes 19 MiB for 20 ms, which glibc would keep in each worker.

    It learns from the first such block to keep the next; told once, it does not learn.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mmap_threshold, arena_max = -3, -8
        mallopt(mmap_threshold, 1024 * 1024)
        mallopt(arena_max, 2)


def post_fork(server: Any, worker: Any) -> None:
    """A page makes many objects that die with it: collect more rarely than after each 700."""
    gc.set_threshold(50_000, 20, 50)
