"""Finding records by the beginnings of words: FTS5 on SQLite, a tsvector on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from crm.search.models import SearchEntry
from crm.search.rules import Kind, asked, rank

CANDIDATES = 200
"""How many entries are ranked, whatever the number that match."""
READ = 1000
"""How many that match are looked at for candidates: a common word costs no more than a rare one."""
ALL_OF_THEM = 2**31 - 1
EITHER = 2
"""Neither archived (1) nor not (0): both."""

_FTS = table("search_fts", column("rowid"), column("search_fts"))
_WORDS: ColumnElement[Any] = literal_column("search_entry.words")
_KIND: ColumnElement[str] = func.coalesce(SearchEntry.kind, "")
"""Hidden from the planner, which would else walk a whole kind instead of the full-text index."""

Scopes = Mapping[Kind, Select[Any] | None]
"""What a viewer may find: kinds, each with the ids they may see (None: all of them)."""


class matching_ids(FunctionElement[int]):  # noqa: N801 (reads like SQL)
    """`(SELECT record_id …)`: up to `most` (None: all) records of a kind that have all the words;
    only archived ones, only others, or (None) both.

    Streams on SQLite: the index is read no further than `most` asks for.
    """

    type = Integer()
    inherit_cache = True
    name = "matching_ids"

    def __init__(
        self,
        kind: Kind,
        question: tuple[str, ...],
        most: int | None,
        archived: bool | None = None,
    ) -> None:
        super().__init__(
            literal(_fts5(question), String),
            literal(_tsquery(question), String),
            literal(kind.value, String),
            literal(EITHER if archived is None else int(archived), Integer),
            literal(ALL_OF_THEM if most is None else most, Integer),
        )


@compiles(matching_ids, "sqlite")
def _on_sqlite(element: matching_ids, compiler: Any, **kw: Any) -> str:
    fts5, _, *rest = element.clauses
    words = compiler.process(fts5, **kw)
    return (
        "(SELECT e.record_id FROM search_fts CROSS JOIN search_entry AS e "
        f"ON e.id = search_fts.rowid WHERE search_fts MATCH {words} {_among(compiler, kw, *rest)})"
    )


@compiles(matching_ids, "postgresql")
def _on_postgresql(element: matching_ids, compiler: Any, **kw: Any) -> str:
    _, tsquery, *rest = element.clauses
    words = f"to_tsquery('simple', {compiler.process(tsquery, **kw)})"
    return (
        "(SELECT e.record_id FROM search_entry AS e "
        f"WHERE e.words @@ {words} {_among(compiler, kw, *rest)})"
    )


def _among(compiler: Any, kw: dict[str, Any], kind: Any, archived: Any, most: Any) -> str:
    """Placeholders in the order in which they stand. The kind is hidden like `_KIND`."""
    return (
        f"AND coalesce(e.kind, '') = {compiler.process(kind, **kw)} "
        f"AND (CAST(e.archived AS INTEGER) = {compiler.process(archived, **kw)} "
        f"OR {compiler.process(archived, **kw)} = {EITHER}) "
        f"LIMIT {compiler.process(most, **kw)}"
    )


@dataclass(frozen=True, kw_only=True)
class Found:
    """One result."""

    kind: Kind
    record_id: int
    title: str
    subtitle: str
    archived: bool


def find(
    session: Session, text: str, *, scopes: Scopes, limit: int = 50
) -> tuple[Sequence[Found], bool]:
    """What answers the text best, and whether more would have matched. One SELECT.

    At most `CANDIDATES` entries are ranked, half of them companies.
    """
    question = asked(text)
    kinds = [kind for kind in Kind if kind in scopes]
    if not question or not kinds:
        return (), False
    sqlite = session.get_bind().dialect.name == "sqlite"
    asking = _asking(sqlite, tuple((kind, scopes[kind]) for kind in kinds))
    words = _fts5(question) if sqlite else _tsquery(question)
    rows = session.execute(asking, {"words": words}).all()
    order = list(Kind)
    ranked = sorted(
        rows,
        key=lambda row: (
            row.archived,
            rank(question, row.title),
            order.index(Kind(row.kind)),
            row.title.casefold(),
            row.record_id,
        ),
    )
    best = [
        Found(
            kind=Kind(row.kind),
            record_id=row.record_id,
            title=row.title,
            subtitle=row.subtitle,
            archived=row.archived,
        )
        for row in ranked[:limit]
    ]
    return best, len(ranked) > limit or len(rows) >= CANDIDATES


@lru_cache(maxsize=256)  # a statement takes longer to write down than to answer
def _asking(sqlite: bool, scopes: tuple[tuple[Kind, Select[Any] | None], ...]) -> Any:
    """Of the first `READ` entries that match: so many companies, so many of the rest."""
    read = _matching(sqlite, scopes).limit(READ).cte("read")
    share = CANDIDATES // min(len(scopes), 2)
    first = read.c.kind == scopes[0][0].value
    groups = [select(read).where(part).limit(share).subquery() for part in (first, ~first)]
    return union_all(*(select(group) for group in groups))


def _matching(sqlite: bool, scopes: Sequence[tuple[Kind, Select[Any] | None]]) -> Select[Any]:
    found: Select[Any] = select(  # type: ignore[assignment]
        SearchEntry.kind,
        SearchEntry.record_id,
        SearchEntry.title,
        SearchEntry.subtitle,
        SearchEntry.archived,
    )
    words = bindparam("words", type_=String)
    if sqlite:
        found = found.join(_FTS, _FTS.c.rowid == SearchEntry.id).where(
            _FTS.c.search_fts.op("MATCH")(words)
        )
    else:
        found = found.where(_WORDS.op("@@")(func.to_tsquery("simple", words)))
    free = [kind.value for kind, scope in scopes if scope is None]
    allowed: list[ColumnElement[bool]] = [_KIND.in_(free)] if free else []
    for kind, scope in scopes:
        if scope is not None:
            allowed.append(and_(_KIND.in_([kind.value]), SearchEntry.record_id.in_(scope)))
    return found.where(or_(*allowed))


def _fts5(question: tuple[str, ...]) -> str:
    return " ".join(f'"{word}"*' for word in question)


def _tsquery(question: tuple[str, ...]) -> str:
    return " & ".join(f"{word}:*" for word in question)
