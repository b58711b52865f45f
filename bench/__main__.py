"""`make bench`: the whole table, on both databases, at three sizes. BENCH=quick is one size."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the wheel with PostgreSQL misses XDG_RUNTIME_DIR
    from bench import bulk, money, pages, server

SIZES = (1_000, 10_000, 100_000)


def main() -> None:
    quick = os.environ.get("BENCH") == "quick"
    print(f"{server.processor()}; every page beside the bare one, under one server, in turn")
    for kind in ("postgresql", "sqlite"):
        found = {}
        for companies in (10_000,) if quick else SIZES:
            with tempfile.TemporaryDirectory(prefix="crm-bench") as folder:
                found[companies] = _at(kind, companies, Path(folder), quick=quick)
        if not quick:
            print(f"\n{kind}: from {SIZES[0]:,} to {SIZES[-1]:,} companies")
            pages.report_growth(found[SIZES[0]], found[SIZES[-1]])
    money.papers()


def _at(kind: str, companies: int, folder: Path, *, quick: bool) -> list[pages.Measured]:
    began = time.perf_counter()
    with server.database(kind, companies, folder) as url:
        filled = time.perf_counter() - began
        print(f"\n{kind}, {companies:,} companies (filled in {filled:.0f} s)", flush=True)
        with server.served(url, folder, "wsgi:app") as alone:
            client = alone.signed_in()
            for page in pages.PAGES:
                client.get(page.path)
            client.close()
            rss, uss = alone.memory()
            said = "reached" if rss <= 140 and uss <= 60 else "missed"
            quickly = alone.seconds_to_first_answer
            print(f"  a worker: RSS {rss:.0f} MiB, USS {uss:.0f} MiB  {said}")
            print(
                f"  start to first answer: {quickly:.1f} s"
                f"  {'reached' if quickly <= 2.5 else 'missed'}"
            )
        with server.served(url, folder) as running:
            client = running.signed_in()
            measured = pages.measure(client, quick=quick)
            pages.report(measured)
            bulk.exports(running, client, companies, quick=quick)
            client.close()
            bulk.public_form(running, quick=quick)
            if companies == 10_000:
                bulk.import_companies(running, folder, 10_000)
        if companies == 10_000:
            money.seed(url)
            with server.served(url, folder) as running:
                client = running.signed_in()
                money.measure(client)
                client.close()
    return measured


if __name__ == "__main__":
    main()
