"""Exports, the public form, the import: what moves many rows, or is asked by many at once."""

from __future__ import annotations

import csv
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench import names
from bench.client import Client
from bench.server import BIN, ROOT, Running

CONNECTIONS = 4
MEBIBYTE = 1024 * 1024


def exports(running: Running, client: Client, companies: int, *, quick: bool) -> None:
    for kind, least, more, first_byte in (("csv", 0.5, 10, 0.05), ("xlsx", 0.7, 30, None)):
        path = f"/office/companies.{kind}"
        if (status := client.get(path).status) != 200:
            print(f"  {path} answered {status}")
            continue
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        firsts, grown = [], 0.0
        for _ in range(2 if quick else 4):
            bare = client.get(f"/bare/export.{kind}")
            rates["bare"].append(companies / bare.seconds)
            with _peak(running) as peak:
                ours = client.get(path)
            rates["ours"].append(companies / ours.seconds)
            firsts.append(ours.first_byte)
            grown = max(grown, peak[0])
        bare_rate, rate = statistics.median(rates["bare"]), statistics.median(rates["ours"])
        misses = [f"< {least} of bare"] if rate < least * bare_rate else []
        if grown > more:
            misses.append(f"memory > {more} MiB")
        if first_byte and statistics.median(firsts) > first_byte:
            misses.append("first byte > 50 ms")
        print(
            f"  {kind} export: {rate:,.0f} rows/s, bare {bare_rate:,.0f} ({rate / bare_rate:.0%}),"
            f" first byte {1000 * statistics.median(firsts):.0f} ms, memory +{grown:.0f} MiB"
            f"  {', '.join(misses) or 'reached'}",
            flush=True,
        )


def public_form(running: Running, *, quick: bool) -> None:
    """Four people at once send the interest form, as often as they can; the same for bare rows."""
    posts = 100 if quick else 400
    one = Client(running.port)
    forms = [one.fields("/join") for _ in range(posts)]
    one.close()
    if not forms[0]:
        print("  /join has no form")
        return
    time.sleep(3.5)  # what comes back sooner is suspected of being sent by a program
    filled = [
        {
            **hidden,
            "company": names.company(number),
            "website": f"https://new{number}.example",
            "name": names.person(number),
            "email": f"someone{number}@new{number}.example",
            "message": "Is founding still open? Our budget locks on 30 September.",
        }
        for number, hidden in enumerate(forms)
    ]
    bare, codes = _posted(running, "/bare/insert", [{"message": "Is it?"}] * posts)
    ours, codes = _posted(running, "/join", filled)
    wrong = sorted(codes - {302, 303})
    said = "reached" if ours >= 0.2 * bare and not wrong else "missed"
    print(
        f"  public form at {CONNECTIONS} connections: {ours:.0f}/s, bare insert {bare:.0f}/s"
        f" ({ours / bare:.0%}){f', answers {wrong}' if wrong else ''}  {said}",
        flush=True,
    )


def _posted(running: Running, path: str, forms: list[dict[str, str]]) -> tuple[float, set[int]]:
    codes: set[int] = set()

    def send(part: list[dict[str, str]]) -> None:
        client = Client(running.port)
        for form in part:
            codes.add(client.post(path, form).status)
        client.close()

    parts = [forms[start::CONNECTIONS] for start in range(CONNECTIONS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, parts))
    return len(forms) / (time.perf_counter() - began), codes


def import_companies(running: Running, folder: Path, rows: int) -> None:
    """`flask companies import` of a file of new and known companies, less the command's start."""
    took = {}
    for count in (1, rows):
        file = folder / f"import-{count}.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["Name", "Website", "Sector", "City", "Country"])
            for n in range(count):
                writer.writerow(
                    [f"{names.company(n)} Ltd", f"i{n}.example", "energy", "Oslo", "NO"]
                )
        began = time.perf_counter()
        done = subprocess.run(
            [BIN / "flask", "companies", "import", str(file)],
            cwd=ROOT,
            env=running.settings,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"  import failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
            return
        took[count] = time.perf_counter() - began
    rate = (rows - 1) / (took[rows] - took[1])
    print(f"  import: {rate:,.0f} rows/s  {'reached' if rate >= 5000 else '< 5,000 rows/s'}")


@contextmanager
def _peak(running: Running) -> Iterator[list[float]]:
    """How many MiB the workers grow at most meanwhile, in its only item."""
    workers = running.workers()
    before = {worker.pid: worker.memory_info().rss for worker in workers}
    grown, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            for worker in workers:
                more = (worker.memory_info().rss - before[worker.pid]) / MEBIBYTE
                grown[0] = max(grown[0], more)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield grown
    finally:
        ended.set()
        watcher.join()
