"""Which pages are measured, and what they are to reach beside the bare one."""

from __future__ import annotations

import math
import statistics
import sys
from dataclasses import dataclass, field

from bench.client import Client

ROUNDS, IN_A_ROUND = 6, 30
QUICK_ROUNDS, QUICK_IN_A_ROUND = 2, 10
BARE = "/bare/list"


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    ratio: float
    statements: int
    kilobytes: int | None = 40


PAGES = (
    Page("companies, first page", "/office/companies", 3.5, 6),
    Page("companies, last page", "/office/companies?page=last", 3.5, 6),
    Page("companies, filtered", "/office/companies?q=granite&sector=energy", 3.5, 6),
    Page("people, first page", "/office/people", 3.5, 6),
    Page("people, last page", "/office/people?page=last", 3.5, 6),
    Page("board", "/office/pipeline", 3.5, 6),
    Page("pipeline as a table", "/office/pipeline?display=table", 3.5, 6),
    Page("inquiries", "/office/inquiries", 3.5, 6),
    Page("memberships", "/office/memberships", 3.5, 6),
    Page("company", "/office/companies/7", 4.0, 12, None),
    Page("search, a rare word", "/office/search?q=c777", 3.0, 6),
    Page("search, a common word", "/office/search?q=granite", 3.0, 6),
    Page("home", "/office/", 4.0, 14, None),
)


@dataclass
class Measured:
    page: Page
    status: int = 0
    statements: int | None = None
    size: int = 0
    seconds: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[math.ceil(len(self.seconds) * 0.99) - 1]

    @property
    def ratio(self) -> float:
        return self.p50 / statistics.median(self.beside)

    def misses(self) -> list[str]:
        """What is not reached, in words."""
        found = []
        if self.ratio > self.page.ratio:
            found.append(f"> {self.page.ratio} x bare")
        if self.p99 > 4 * self.p50:
            found.append("p99 > 4 x p50")
        if self.statements is not None and self.statements > self.page.statements:
            found.append(f"> {self.page.statements} statements")
        if self.page.kilobytes and self.size > self.page.kilobytes * 1024:
            found.append(f"> {self.page.kilobytes} KB")
        return found


def measure(client: Client, *, quick: bool) -> list[Measured]:
    """Each page and the bare one in turn, in several rounds."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    times = QUICK_IN_A_ROUND if quick else IN_A_ROUND
    found = []
    for page in PAGES:
        first = client.get(page.path)
        client.get(page.path)
        kept = client.get(page.path)
        found.append(Measured(page, first.status, kept.statements, len(first.body)))
    for _ in range(rounds):
        for one in found:
            if one.status != 200:
                continue
            for _ in range(times):
                one.beside.append(client.get(BARE).seconds)
                one.seconds.append(client.get(one.page.path).seconds)
    return found


def report(measured: list[Measured]) -> None:
    print(f"  {'page':24} {'bare':>7} {'p50':>7} {'ratio':>6} {'p99':>7} {'stmts':>5} {'bytes':>7}")
    for one in measured:
        if one.status != 200:
            print(f"  {one.page.name:24} answered {one.status}")
            continue
        print(
            f"  {one.page.name:24} {1000 * statistics.median(one.beside):5.1f}ms"
            f" {1000 * one.p50:5.1f}ms {one.ratio:6.2f} {1000 * one.p99:5.1f}ms"
            f" {one.statements!s:>5} {one.size:7}  {', '.join(one.misses()) or 'reached'}"
        )
    sys.stdout.flush()


def report_growth(small: list[Measured], large: list[Measured]) -> None:
    """How much slower each page is with a hundred times as many companies: at most 1.3 x."""
    for before, after in zip(small, large, strict=True):
        if before.status == after.status == 200:
            growth = after.ratio / before.ratio
            more = (after.statements or 0) - (before.statements or 0)
            said = "reached" if growth <= 1.3 and not more else "more than 1.3 x"
            print(
                f"  {before.page.name:24} {growth:5.2f} x, {more:+d} statements,"
                f" {after.size - before.size:+d} bytes  {said}"
            )
