"""One list over several databases: each gives its part in order, and the parts are put together.

Rows that are equal in all they are sorted by go by database (by a digest of its URL, so that the order stays when
databases come and go), then by key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Any, Final

from stampede.query.collections import cursor
from stampede.query.collections.counts import kept_count
from stampede.query.collections.order import Order
from stampede.query.collections.pages import (
    COUNTED,
    PAGE,
    Count,
    Found,
    Page,
    check_limit,
    count,
    found_after,
    found_all,
    is_there,
)
from stampede.query.collections.question import Question
from stampede.store.reader import Reader

#: beyond every key (keys begin with a number)
_BEYOND: Final = 2**63 - 1

#: a database, and what it is asked
Part = tuple[Reader, Question]


def merged_page(parts: Sequence[Part], *, limit: int = PAGE, after: str | None = None) -> Page[Any]:
    """A page of the list over all parts, which are asked the same of different databases. As ``pages.page``."""
    check_limit(limit)
    there = sorted(((digest(r), r, q) for r, q in parts if is_there(r, q)), key=lambda part: part[0])
    if not there:
        return Page(items=[], total=0)
    first = there[0][2]
    mark = first.cursor_mark
    behind = None if after is None else cursor.read(after, mark, len(first.order.expressions) + 1)
    rows: list[tuple[str, Found]] = []
    more = False
    for name, reader, question in there:
        own, rest = found_after(reader, question, _behind(question.order, name, behind), limit)
        rows += [(name, row) for row in own]
        more = more or rest
    rows.sort(key=lambda row: first.order.rank(row[1].place))  # stable: equal ones stay by database, then key
    more = more or len(rows) > limit
    rows = rows[:limit]
    totals = [kept_count(reader, question) for _, reader, question in there]
    known = [t for t in totals if t is not None]
    return Page(
        items=[row.item for _, row in rows],
        next=cursor.write(mark, [*rows[-1][1].place, rows[-1][0]]) if more else None,
        total=sum(known) if len(known) == len(totals) else None,
    )


def merged_all(parts: Sequence[Part]) -> Iterator[Any]:
    """All rows of all parts, one by one, in constant memory."""
    if not parts:
        return
    order = parts[0][1].order
    by_digest = sorted(parts, key=lambda part: digest(part[0]))
    for row in merge(*(found_all(r, q) for r, q in by_digest), key=lambda row: order.rank(row.place)):
        yield row.item


def merged_count(parts: Sequence[Part], *, most: int = COUNTED) -> Count:
    """How many rows all parts have together."""
    counts = [count(reader, question, most=most) for reader, question in parts]
    return Count(sum(c.value for c in counts), exact=all(c.exact for c in counts))


def digest(reader: Reader) -> str:
    """What stands for a database in a cursor: it tells nothing of where that is."""
    return hashlib.blake2b(reader.url.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _behind(order: Order, name: str, behind: Sequence[Any] | None) -> list[Any] | None:
    """The place in one database behind which its rows follow that of the cursor, which may be of another."""
    if behind is None:
        return None
    *place, of = behind
    if name == of:
        return place
    beyond = _BEYOND if (name < str(of)) != order.key_descends else -_BEYOND
    return [*place[: len(order.terms)], *[beyond] * len(order.collection.key)]
