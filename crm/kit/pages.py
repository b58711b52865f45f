"""One page of a longer answer, at a cost that does not grow with its length.

Whoever asks with the same `Select` again has its count and its parts built already: see
`docs/decisions/0012-speed-beside-a-bare-page.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression

T = TypeVar("T")
COUNT_UP_TO = 10_000
LAST = -1
"""The page number that asks for the end of the list."""


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """`number` is 1-based, or `LAST`; `total` stops at `COUNT_UP_TO` and then `more` is set."""

    items: Sequence[T]
    number: int
    size: int
    total: int
    more: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def is_last(self) -> bool:
        return self.number == LAST or (not self.more and self.number >= self.pages)

    @property
    def total_text(self) -> str:
        return f"{self.total:,}+" if self.more else f"{self.total:,}"

    @property
    def first(self) -> int | None:
        """Row number of the first item; None where nobody counted that far."""
        if self.number == LAST or not self.items:
            return None
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int | None:
        return None if self.first is None else self.first + len(self.items) - 1

    @property
    def has_previous(self) -> bool:
        return self.number != 1

    @property
    def has_next(self) -> bool:
        return not self.is_last


def count_up_to(session: Session, found: Select[Any], limit: int = COUNT_UP_TO) -> tuple[int, bool]:
    """How many rows, and whether there are more than `limit` of them."""
    total = session.scalar(_counting(found, limit))
    return min(total or 0, limit), (total or 0) > limit


def page_of(
    session: Session,
    found: Select[Any],
    *,
    number: int,
    size: int = 50,
    counted: Select[Any] | None = None,
) -> Page[Row[Any]]:
    """The rows of one page. Two statements. `found` needs an order that cannot tie.

    `counted` finds the same rows without the joins that only adorn them: it is quicker to count.

    A page beyond the counted part is clipped to it; `LAST` reads the end in reverse order,
    so that the last page costs what the first one does.
    """
    total, more = count_up_to(session, found if counted is None else counted)
    pages = max(1, -(-total // size))
    if number == LAST and not more:
        number = pages
    if number == LAST:
        rows = session.execute(_part(backwards(found), size, 0)).all()
        return Page(items=rows[::-1], number=LAST, size=size, total=total, more=more)
    number = min(max(number, 1), pages)
    start = (number - 1) * size
    wanted = min(size, total - start) if not more else size
    if wanted > 0 and start > total // 2 and not more:
        rows = session.execute(_part(backwards(found), wanted, total - start - wanted)).all()
        rows = rows[::-1]
    else:
        rows = session.execute(_part(found, size, start)).all()
    return Page(items=rows, number=number, size=size, total=total, more=more)


def part_of(rows: Sequence[T], *, number: int, size: int = 50) -> Page[T]:
    """One page of rows that are all at hand."""
    pages = max(1, -(-len(rows) // size))
    number = pages if number == LAST else min(max(number, 1), pages)
    start = (number - 1) * size
    return Page(items=rows[start : start + size], number=number, size=size, total=len(rows))


@lru_cache(maxsize=256)
def _counting(found: Select[Any], limit: int) -> Select[Any]:
    capped = found.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    return select(func.count()).select_from(capped.limit(limit + 1).subquery())


@lru_cache(maxsize=256)
def _part(found: Select[Any], limit: int, offset: int) -> Select[Any]:
    return found.limit(limit).offset(offset)


@lru_cache(maxsize=256)
def backwards(found: Select[Any]) -> Select[Any]:
    """The same rows in the opposite order."""
    return found.order_by(None).order_by(*(_turned(clause) for clause in found._order_by_clauses))


def _turned(clause: ColumnElement[Any]) -> ColumnElement[Any]:
    if not isinstance(clause, UnaryExpression) or clause.modifier is None:
        return clause.desc()
    inner: ColumnElement[Any] = clause.element
    if clause.modifier is operators.desc_op:
        return inner.asc()
    if clause.modifier is operators.nulls_first_op:
        return _turned(inner).nulls_last()
    if clause.modifier is operators.nulls_last_op:
        return _turned(inner).nulls_first()
    return inner.desc()
