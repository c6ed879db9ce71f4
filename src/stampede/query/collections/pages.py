"""Lists page by page, as a stream, and counted.

A page is found in two steps: which rows (by the columns that decide it), then all columns of these. Which way leads to
them is chosen by the counts that the database keeps: what has few rows is found by workflow and state and sorted, what
has many is read in the order of an index until the page is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

import msgspec

from stampede.errors import UsageError
from stampede.query.collections import cursor
from stampede.query.collections.column import pruned
from stampede.query.collections.counts import about, failures, kept_count
from stampede.query.collections.order import Stretch, all_at_once, stretches
from stampede.query.collections.parts import FAILED
from stampede.query.collections.question import Question, clause
from stampede.query.collections.searching import narrowed
from stampede.query.collections.shelf import may_lack, on_shelf
from stampede.store.reader import Reader, Row

#: rows of a page unless told otherwise, and at most
PAGE: Final = 100
MOST: Final = 10_000
#: fewer rows than this are sorted sooner than an index is walked
FEW: Final = 20_000
#: steps of SQLite's machine after which walking an index is given up: few of its rows fulfil the filter
STEPS: Final = 1_000_000
#: rows that are counted one by one at most
COUNTED: Final = 100_000

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """Some rows of a list. ``next`` is the cursor of the rows after them, None at the end; ``total`` how many rows the
    whole list has, where the database keeps that number."""

    items: list[T]
    next: str | None = None
    total: int | None = None


class Count(msgspec.Struct, frozen=True):
    """How many rows there are: exactly, or at least so many."""

    value: int
    exact: bool = True


class Found(msgspec.Struct, frozen=True):
    """A row: its place in the list (the values it was sorted by, then its key), and the row itself."""

    place: Row
    item: Any


def page(reader: Reader, question: Question, *, limit: int = PAGE, after: str | None = None) -> Page[Any]:
    """The rows that follow a cursor (None: the first), at most ``limit`` of them.

    Items are the structs of the collection, or dictionaries when the question names fields. Raises UsageError for a
    limit out of range or a cursor of another question, DatabaseError.
    """
    check_limit(limit)
    mark = question.cursor_mark
    behind = None if after is None else cursor.read(after, mark, len(question.order.expressions))
    if not is_there(reader, question):
        return Page(items=[], total=0)
    rows, more = found_after(reader, question, behind, limit)
    return Page(
        items=[row.item for row in rows],
        next=cursor.write(mark, rows[-1].place) if more else None,
        total=kept_count(reader, question),
    )


def check_limit(limit: int) -> None:
    """Raise UsageError for a page that is too short or too long."""
    if not 1 <= limit <= MOST:
        raise UsageError(f"A page has from 1 to {MOST} rows.")


def found_after(
    reader: Reader, question: Question, behind: Sequence[Any] | None, limit: int
) -> tuple[list[Found], bool]:
    """At most ``limit`` rows behind a place (None: from the first on), and whether there are more."""
    places = _places(reader, question, behind, limit + 1)
    more = len(places) > limit
    places = places[:limit]
    rows = _rows_at(reader, question, places)
    return [Found(place, item) for place, item in zip(places, question.made_all(rows), strict=True)], more


def iterate(reader: Reader, question: Question) -> Iterator[Any]:
    """All rows, one by one, in constant memory, from one state of the database. Raises DatabaseError."""
    return (row.item for row in found_all(reader, question))


def found_all(reader: Reader, question: Question) -> Iterator[Found]:
    """All rows with their places, one by one."""
    if not is_there(reader, question):
        return
    where, values = question.conditions()
    stretch = all_at_once(question.order, None, plain="+" if question.order.terms else "")
    places = question.order.expressions
    columns = ", ".join([*places, *(c.sql for c in question.columns)])
    source = pruned(question.collection.source, columns, *where)
    sql = f"SELECT {columns} FROM {source}{clause(where)} ORDER BY {stretch.order}"
    for row in reader.iterate(sql, values):
        yield Found(row[: len(places)], question.made(row[len(places) :]))


def count(reader: Reader, question: Question, *, most: int = COUNTED) -> Count:
    """How many rows there are: from the counts that are kept where these tell, else one by one up to ``most``.

    Raises DatabaseError.
    """
    if not is_there(reader, question):
        return Count(0)
    kept = kept_count(reader, question)
    if kept is not None:
        return Count(kept)
    where, values = question.conditions()
    source = pruned(question.collection.source, *where)
    row = reader.one(
        f"SELECT count(*) FROM (SELECT 1 FROM {source}{clause(where)} LIMIT {int(most) + 1})",
        values,
    )
    found = int(row[0]) if row else 0
    return Count(min(found, most), exact=found <= most)


def is_there(reader: Reader, question: Question) -> bool:
    """Whether the database has the table, and the scope any workflow."""
    if question.scope.workflows is not None and not question.scope.workflows:
        return False
    return not question.collection.table or bool(reader.columns(question.collection.table))


def _places(reader: Reader, question: Question, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """Sort values and keys of the rows that follow, in order."""
    if question.search:
        among = narrowed(reader, question, FEW)
        if among is not None:
            stretch = all_at_once(question.order, after, plain="+" if question.order.terms else "")
            where, values = among.conditions(free=True, free_scope=True)
            return reader.rows(*_sql(question, question.collection.source, stretch, limit, where, values))
    kept = on_shelf(reader, question)
    if kept is not None:
        found = _shelved(reader, question, kept, after, limit)
        if found is not None:
            return found
    if question.of_failures and failures(reader, question) <= FEW:
        return _sorted(reader, question, after, limit, of_failures=True)
    if _walks(reader, question):
        found = _walked(reader, question, after, limit)
        if found is not None:
            return found
    return _sorted(reader, question, after, limit)


def _sorted(
    reader: Reader, question: Question, after: Sequence[Any] | None, limit: int, *, of_failures: bool = False
) -> list[Row]:
    """The rows that follow, found by the filter and sorted."""
    stretch = all_at_once(question.order, after, plain="+" if question.order.terms else "")
    if not of_failures:
        return reader.rows(*_sql(question, question.collection.source, stretch, limit))
    where, values = question.conditions(free=True, free_scope=True)
    stretch.where.append(FAILED)
    return reader.rows(*_sql(question, question.collection.walk, stretch, limit, where, values))


def _shelved(
    reader: Reader, question: Question, kept: Question, after: Sequence[Any] | None, limit: int
) -> list[Row] | None:
    """The rows that follow, read from a shelf; None when too few of those fulfil the filter. What has no value of what
    is sorted by does not lie there."""
    found: list[Row] = []
    sort = question.order.terms[0].column
    for plain, stretch in zip(stretches(question.order, after), stretches(kept.order, after), strict=True):
        if len(found) >= limit:
            break
        if f"{sort.sql} IS NULL" not in plain.where:
            rows = reader.rows_within(STEPS, *_sql(kept, kept.collection.source, stretch, limit - len(found)))
        elif may_lack(question):
            rows = reader.rows(*_sql(question, question.collection.source, plain, limit - len(found)))
        else:
            rows = []
        if rows is None:
            return None
        found += rows
    return found


def _walked(reader: Reader, question: Question, after: Sequence[Any] | None, limit: int) -> list[Row] | None:
    """The rows that follow, read in the order of an index; None when too few of those rows fulfil the filter."""
    found: list[Row] = []
    for stretch in stretches(question.order, after):
        if len(found) >= limit:
            break
        way = _way(question, stretch)
        walked = question.order.terms[0].column if question.order.terms else None
        if walked is not None and f"{walked.sql} IS NULL" in stretch.where and not may_lack(question):
            continue  # the filter leaves none of these
        where, values = question.conditions(free=True, free_scope=_is_free(question, way), walked=walked)
        sql = _sql(question, way, stretch, limit - len(found), where, values)
        # to read all of an index of the source itself costs no more than to look for the rows otherwise
        bounded = bool(question.order.terms) and way == question.collection.walk
        rows = reader.rows_within(STEPS, *sql) if bounded else reader.rows(*sql)
        if rows is None:
            return None
        found += rows
    return found


def _is_free(question: Question, way: str) -> bool:
    """Whether the index that gives the order does not know workflows."""
    terms = question.order.terms
    return way == question.collection.walk or (bool(terms) and terms[0].column.walk_all and not question.scope.is_one)


def _way(question: Question, stretch: Stretch) -> str:
    """The FROM clause that is read in the order of a stretch."""
    collection, terms = question.collection, question.order.terms
    if not collection.walk or any(f"{t.column.sql} IS NULL" in stretch.where for t in terms):
        return collection.source
    return collection.source if terms and not terms[0].column.walk else collection.walk


def _walks(reader: Reader, question: Question) -> bool:
    """Whether to read in the order of an index, not to look for what the filter wants and sort it."""
    terms = question.order.terms
    if terms:
        first = terms[0].column
        if not (first.walk or first.walk_all or (first.walk_one and question.scope.is_one)):
            return False
    rows = about(reader, question)
    return rows is None or rows > FEW


def _sql(
    question: Question, source: str, stretch: Stretch, limit: int, where: list[str] | None = None,
    values: list[Any] | None = None,
) -> tuple[str, list[Any]]:  # fmt: skip
    """The question for places, and the values of its marks."""
    if where is None or values is None:
        where, values = question.conditions()
    columns = ", ".join(question.order.expressions)
    condition = clause([*where, *stretch.where])
    source = pruned(source, columns, condition)
    return f"SELECT {columns} FROM {source}{condition} ORDER BY {stretch.order} LIMIT {limit}", values + stretch.values


def _rows_at(reader: Reader, question: Question, places: list[Row]) -> list[Row]:
    """All columns that are asked for, of the rows with these keys, in this order."""
    keys = question.collection.key
    if not places:
        return []
    if len(keys) == 1:
        return _rows_of(reader, question, [place[-1] for place in places])
    marks = ", ".join(f"({n}, {', '.join('?' * len(keys))})" for n in range(len(places)))
    names = [f"k{n}" for n in range(len(keys))]
    columns = ", ".join(c.sql for c in question.columns)
    equal = " AND ".join(f"{key} = picked.{name}" for key, name in zip(keys, names, strict=True))
    found = reader.rows(
        f"WITH picked(place, {', '.join(names)}) AS (VALUES {marks}) SELECT picked.place, {columns} FROM picked "
        f"CROSS JOIN {pruned(question.collection.by_key, columns)} WHERE {equal}",
        [value for place in places for value in place[-len(keys) :]],
    )
    return [row[1:] for row in sorted(found, key=itemgetter(0))]


def _rows_of(reader: Reader, question: Question, keys: list[Any]) -> list[Row]:
    """The same where one column tells rows apart."""
    (key,) = question.collection.key
    columns = ", ".join(c.sql for c in question.columns)
    found = reader.rows(
        f"SELECT {key}, {columns} FROM {pruned(question.collection.by_key, columns)} "
        f"WHERE {key} IN ({', '.join('?' * len(keys))})",
        keys,
    )
    rows = {row[0]: row[1:] for row in found}
    return [rows[one] for one in keys if one in rows]
