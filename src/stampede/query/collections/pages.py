"""Lists page by page, as a stream, and counted.

A page is found in two steps: which rows (by the columns that decide it), then all columns of these. Which way leads to
them is chosen by the counts that the database keeps: what has few rows is found by workflow and state and sorted, what
has many is read in the order of an index until the page is full.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

import msgspec

from stampede.errors import UsageError
from stampede.query.collections import cursor
from stampede.query.collections.order import Stretch, all_at_once, stretches
from stampede.query.collections.question import Question
from stampede.query.collections.scope import Scope, size_of
from stampede.store.sqlite import Reader, Row

#: rows of a page unless told otherwise, and at most
PAGE: Final = 100
MOST: Final = 10_000
#: fewer rows than this are sorted sooner than an index is walked
FEW: Final = 20_000
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


def page(reader: Reader, question: Question, *, limit: int = PAGE, after: str | None = None) -> Page[Any]:
    """The rows that follow a cursor (None: the first), at most ``limit`` of them.

    Items are the structs of the collection, or dictionaries when the question names fields. Raises UsageError for a
    limit out of range or a cursor of another question, DatabaseError.
    """
    check_limit(limit)
    mark = question.cursor_mark
    behind = None if after is None else cursor.read(after, mark, len(question.order.expressions))
    if not _is_there(reader, question):
        return Page(items=[], total=0)
    places = _places(reader, question, behind, limit + 1)
    more = len(places) > limit
    places = places[:limit]
    return Page(
        items=[question.made(row) for row in _rows_at(reader, question, places)],
        next=cursor.write(mark, places[-1]) if more else None,
        total=_kept_count(reader, question),
    )


def check_limit(limit: int) -> None:
    """Raise UsageError for a page that is too long, or has nothing."""
    if not 1 <= limit <= MOST:
        raise UsageError(f"A page has from 1 to {MOST} rows.")


def iterate(reader: Reader, question: Question) -> Iterator[Any]:
    """All rows, one by one, in constant memory, from one state of the database. Raises DatabaseError."""
    if not _is_there(reader, question):
        return
    where, values = question.conditions()
    stretch = all_at_once(question.order, None, plain="+" if question.order.terms else "")
    columns = ", ".join(c.sql for c in question.columns)
    sql = f"SELECT {columns} FROM {question.collection.source}{_clause(where)} ORDER BY {stretch.order}"
    for row in reader.iterate(sql, values):
        yield question.made(row)


def count(reader: Reader, question: Question, *, most: int = COUNTED) -> Count:
    """How many rows there are: from the counts that are kept where these tell, else one by one up to ``most``.

    Raises DatabaseError.
    """
    if not _is_there(reader, question):
        return Count(0)
    kept = _kept_count(reader, question)
    if kept is not None:
        return Count(kept)
    where, values = question.conditions()
    row = reader.one(
        f"SELECT count(*) FROM (SELECT 1 FROM {question.collection.source}{_clause(where)} LIMIT {int(most) + 1})",
        values,
    )
    found = int(row[0]) if row else 0
    return Count(min(found, most), exact=found <= most)


def _is_there(reader: Reader, question: Question) -> bool:
    """Whether the database has the table, and the scope any workflow."""
    if question.scope.workflows is not None and not question.scope.workflows:
        return False
    return not question.collection.table or bool(reader.columns(question.collection.table))


def _places(reader: Reader, question: Question, after: list[Any] | None, limit: int) -> list[Row]:
    """Sort values and keys of the rows that follow, in order."""
    if not _walks(reader, question):
        plain = "+" if question.order.terms else ""
        source = question.collection.source
        return _chosen(reader, question, source, all_at_once(question.order, after, plain=plain), limit, free=False)
    found: list[Row] = []
    for stretch in stretches(question.order, after):
        if len(found) >= limit:
            break
        found += _chosen(reader, question, _way(question, stretch), stretch, limit - len(found), free=True)
    return found


def _way(question: Question, stretch: Stretch) -> str:
    """The FROM clause that is read in the order of a stretch."""
    collection, terms = question.collection, question.order.terms
    if not collection.walk or any(f"{t.column.sql} IS NULL" in stretch.where for t in terms):
        return collection.source
    return collection.source if terms and not terms[0].column.walk else collection.walk


def _walks(reader: Reader, question: Question) -> bool:
    """Whether to read in the order of an index, not to look for what the filter wants and sort it."""
    terms = question.order.terms
    first = terms[0].column if terms else None
    by_name = first is not None and question.collection.sort == first.name and len(question.scope.workflows or ()) == 1
    if first is not None and not first.walk and not by_name:
        return False
    about = _about(reader, question)
    return about is None or about > FEW


def _about(reader: Reader, question: Question) -> int | None:
    """About how many rows the filter leaves, as far as kept counts tell; None when nothing tells."""
    total = size_of(reader, question.collection, question.scope)
    if question.collection.name == "jobs":
        named = question.filter.asks("name")
        if named is not None and question.scope.workflows is not None:
            return len(named.values) * len(question.scope.workflows)
        states = _states(question)
        if states is not None:
            return _in_states(reader, question.scope, states)
    return total


def _states(question: Question) -> list[str] | None:
    """The node states that the filter leaves; None when it leaves all."""
    condition = question.filter.asks("state")
    if condition is not None:
        return [str(v) for v in condition.values if v is not None]
    condition = question.filter.asks("word")
    within = question.collection.by_name["word"].within
    if condition is None or within is None:
        return None
    return list(dict.fromkeys(within[1].get(str(v), str(v)) for v in condition.values if v is not None))


def _in_states(reader: Reader, scope: Scope, states: list[str]) -> int:
    """How many jobs are in some states, by the counts that are kept (service nodes are counted one by one)."""
    where, values = scope.sql("s.wf_id")
    kept = [s for s in states if s != "service"]
    total = 0
    if kept:
        row = reader.one(f"SELECT {', '.join(f'sum(s.{s})' for s in kept)} FROM workflow_summary s{_clause(where)}",
                         values)  # fmt: skip
        total = sum(n or 0 for n in row or ())
    if "service" in states:
        where, values = scope.sql("j.wf_id")
        row = reader.one(f"SELECT count(*) FROM job j{_clause([*where, 'j.node_state = ?'])}", [*values, "service"])
        total += row[0] if row else 0
    return total


def _kept_count(reader: Reader, question: Question) -> int | None:
    """The exact number of rows, where the database keeps it; None where it has to be counted."""
    conditions = question.filter.conditions
    if question.search:
        return None
    if question.collection.name == "jobs":
        if not conditions:
            return (size_of(reader, question.collection, question.scope) or 0) + _in_states(
                reader, question.scope, ["service"]
            )
        only = conditions[0]
        if len(conditions) == 1 and only.field.name == "state" and only.operator == "=" and None not in only.values:
            return _in_states(reader, question.scope, [str(v) for v in dict.fromkeys(only.values)])
    if question.collection.name == "job_instances" and not conditions:
        return size_of(reader, question.collection, question.scope)
    return None


def _chosen(reader: Reader, question: Question, source: str, stretch: Stretch, limit: int, *, free: bool) -> list[Row]:
    walking = free and source == question.collection.walk
    where, values = question.conditions(free=free, free_scope=walking)
    columns = ", ".join(question.order.expressions)
    return reader.rows(
        f"SELECT {columns} FROM {source}{_clause([*where, *stretch.where])} ORDER BY {stretch.order} LIMIT {limit}",
        [*values, *stretch.values],
    )


def _rows_at(reader: Reader, question: Question, places: list[Row]) -> list[Row]:
    """All columns that are asked for, of the rows with these keys, in this order."""
    keys = question.collection.key
    if not places:
        return []
    marks = ", ".join(f"({', '.join('?' * len(keys))})" for _ in places)
    names = [f"k{n}" for n in range(len(keys))]
    columns = ", ".join(c.sql for c in question.columns)
    equal = " AND ".join(f"{key} = picked.{name}" for key, name in zip(keys, names, strict=True))
    return reader.rows(
        f"WITH picked({', '.join(names)}) AS (VALUES {marks}) SELECT {columns} FROM picked CROSS JOIN "
        f"{question.collection.by_key} WHERE {equal}",
        [value for place in places for value in place[-len(keys) :]],
    )


def _clause(where: list[str]) -> str:
    return f" WHERE {' AND '.join(where)}" if where else ""
