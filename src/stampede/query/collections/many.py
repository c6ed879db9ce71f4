"""Pages of one list over several databases: the rows of all of them in one order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Any

from stampede.query.collections import cursor
from stampede.query.collections.order import Order
from stampede.query.collections.pages import PAGE, Page, _is_there, _kept_count, _places, _rows_at, check_limit
from stampede.query.collections.question import Question
from stampede.store.sqlite import Reader, Row


def page_of_many(
    readers: Sequence[tuple[Reader, Question]], *, limit: int = PAGE, after: str | None = None
) -> Page[Any]:
    """The rows that follow a cursor in all databases, at most ``limit``.

    All questions are the same but for what only their database knows. Their order has to tell rows of different
    databases apart (it ends with a uuid): the key of a row is that of its own database. Raises UsageError,
    DatabaseError.
    """
    check_limit(limit)
    if not readers:
        return Page(items=[], total=0)
    order = readers[0][1].order
    mark = readers[0][1].cursor_mark
    behind = None if after is None else cursor.read(after, mark, len(order.expressions))
    rows: list[tuple[int, Row]] = []
    totals: list[int | None] = []
    for number, (reader, question) in enumerate(readers):
        if not _is_there(reader, question):
            totals.append(0)
            continue
        rows += [(number, place) for place in _places(reader, question, behind, limit + 1)]
        totals.append(_kept_count(reader, question))
    first = heapq.nsmallest(limit + 1, rows, key=_by(order))
    chosen = first[:limit]
    known = [n for n in totals if n is not None]
    return Page(
        items=_items(readers, chosen), next=cursor.write(mark, chosen[-1][1]) if len(first) > limit else None,
        total=sum(known) if len(known) == len(totals) else None,
    )  # fmt: skip


def _items(readers: Sequence[tuple[Reader, Question]], chosen: list[tuple[int, Row]]) -> list[Any]:
    found: dict[tuple[int, Row], Any] = {}
    for number, (reader, question) in enumerate(readers):
        places = [place for n, place in chosen if n == number]
        for place, row in zip(places, _rows_at(reader, question, places), strict=True):
            found[number, place] = question.made(row)
    return [found[one] for one in chosen]


def _by(order: Order) -> Callable[[tuple[int, Row]], Any]:
    """The order of SQL: by each column up or down, what has no value last."""

    def compared(one: tuple[int, Row], other: tuple[int, Row]) -> int:
        for term, a, b in zip(order.terms, one[1], other[1], strict=False):
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return (-1 if a < b else 1) * (-1 if term.descending else 1)
        return one[0] - other[0]

    return cmp_to_key(compared)
