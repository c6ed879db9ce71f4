"""In which order a list is, and what of it follows a row.

Rows are sorted by some columns and, where those are equal, by key. Rows without a value come last whether the order is
up or down. What follows a row falls into *stretches* that lie one after the other (equal so far and further on by key;
greater; without a value): each is a range of an index, if there is one, which a single condition would not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stampede.errors import UsageError
from stampede.query.collections.column import Collection, Column
from stampede.query.filters import unknown

#: columns that a list is sorted by at most
MOST_TERMS = 8


class Term(msgspec.Struct, frozen=True):
    """A column that a list is sorted by, and whether the largest comes first."""

    column: Column
    descending: bool = False


class Order(msgspec.Struct, frozen=True):
    """The order of a list. ``str()`` gives the text it was read from."""

    collection: Collection
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return ",".join(f"{'-' if t.descending else ''}{t.column.name}" for t in self.terms)

    @property
    def key_descends(self) -> bool:
        """The key goes the way of the column before it, so that one index has both."""
        return bool(self.terms) and self.terms[-1].descending

    def rank(self, place: Sequence[Any]) -> tuple[_Ranked, ...]:
        """What sorts rows of several databases as SQLite sorts those of one; keys are not compared."""
        return tuple(_Ranked(value, term.descending) for term, value in zip(self.terms, place, strict=False))

    @property
    def expressions(self) -> list[str]:
        """What a cursor holds of a row: the values it was sorted by, then its key."""
        return [*(t.column.sql for t in self.terms), *self.collection.key]


class _Ranked:
    """A value among others of its column: none comes last, numbers before text, as in SQLite."""

    __slots__ = ("_descending", "_value")

    def __init__(self, value: Any, descending: bool) -> None:
        self._value = (isinstance(value, str), value) if value is not None else None
        self._descending = descending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ranked) and self._value == other._value

    def __lt__(self, other: _Ranked) -> bool:
        if self._value is None or other._value is None:
            return self._value is not None and other._value is None
        return self._value > other._value if self._descending else self._value < other._value

    __hash__ = None  # type: ignore[assignment]


class Stretch(msgspec.Struct, frozen=True):
    """Rows that follow each other: conditions, values of their marks, and how they are sorted."""

    where: list[str]
    values: list[Any]
    order: str


def read_order(collection: Collection, text: str | None) -> Order:
    """The order that ``-duration_s,name`` asks for; None or empty: the collection's own.

    Raises UsageError for what is not known, or cannot be sorted by.
    """
    terms: list[Term] = []
    for piece in (text or collection.sort).split(",") if text or collection.sort else ():
        name = piece.strip()
        descending = name.startswith("-")
        name = name.removeprefix("-").removeprefix("+").strip()
        column = collection.by_name.get(name)
        if column is None or not column.sortable:
            known = [c.name for c in collection.columns if c.sortable]
            raise UsageError(f"Sort: {unknown('column to sort by', name, known)}")
        if any(t.column.name == name for t in terms):
            raise UsageError(f"Sort: {name} is named twice.")
        terms.append(Term(column, descending))
    if len(terms) > MOST_TERMS:
        raise UsageError(f"Sort: a list is sorted by at most {MOST_TERMS} columns.")
    return Order(collection, tuple(terms))


def all_at_once(order: Order, after: Sequence[Any] | None, *, plain: str = "") -> Stretch:
    """All that follows a row (None: everything) as one stretch, for what has no index anyway.

    ``plain`` goes before each expression: ``+`` keeps SQLite from taking an index for its sake.
    """
    where: list[str] = []
    values: list[Any] = []
    if after is not None:
        following = list(_following(order, after, plain))
        where = ["(" + " OR ".join(f"({' AND '.join(s.where)})" for s in following) + ")"]
        values = [v for s in following for v in s.values]
    return Stretch(where, values, _sorted(order, order.terms, plain=plain))


def stretches(order: Order, after: Sequence[Any] | None) -> Iterator[Stretch]:
    """What follows a row (None: everything), stretch by stretch."""
    if after is not None:
        yield from _following(order, after)
    elif order.terms and order.terms[0].column.nullable:
        first = order.terms[0].column.sql
        yield Stretch([f"{first} IS NOT NULL"], [], _sorted(order, order.terms))
        yield Stretch([f"{first} IS NULL"], [], _sorted(order, order.terms[1:]))
    else:
        yield Stretch([], [], _sorted(order, order.terms))


def _following(order: Order, after: Sequence[Any], plain: str = "") -> Iterator[Stretch]:
    """The stretches behind a row whose sort values and key are known, nearest first."""
    keys = [plain + k for k in order.collection.key]
    count = len(order.terms)
    values, key = after[:count], after[count:]
    equal, bound = _equal(order.terms, values, plain)
    sign = "<" if order.key_descends else ">"
    beyond = f"({', '.join(keys)}) {sign} ({', '.join('?' * len(keys))})" if len(keys) > 1 else f"{keys[0]} {sign} ?"
    yield Stretch([*equal, beyond], [*bound, *key], _sorted(order, ()))
    for depth in range(count - 1, -1, -1):
        term, value = order.terms[depth], values[depth]
        if value is None:
            continue  # nothing comes after what has no value
        equal, bound = _equal(order.terms[:depth], values, plain)
        greater = f"{plain}{term.column.sql} {'<' if term.descending else '>'} ?"
        yield Stretch([*equal, greater], [*bound, value], _sorted(order, order.terms[depth:]))
        if term.column.nullable:
            yield Stretch(
                [*equal, f"{plain}{term.column.sql} IS NULL"], bound, _sorted(order, order.terms[depth + 1 :])
            )


def _equal(terms: Sequence[Term], values: Sequence[Any], plain: str) -> tuple[list[str], list[Any]]:
    where = [f"{plain}{t.column.sql} {'IS NULL' if v is None else '= ?'}" for t, v in zip(terms, values, strict=False)]
    return where, [v for _, v in zip(terms, values, strict=False) if v is not None]


def _sorted(order: Order, terms: Sequence[Term], *, plain: str = "") -> str:
    """ORDER BY these columns, then by key."""
    pieces = []
    for number, term in enumerate(terms):
        way = "DESC" if term.descending else "ASC"
        # SQLite has no value before all others; the first term of a stretch has one in each row
        last = " NULLS LAST" if term.column.nullable and not term.descending and (number or plain) else ""
        pieces.append(f"{plain}{term.column.sql} {way}{last}")
    way = "DESC" if order.key_descends else "ASC"
    return ", ".join([*pieces, *(f"{plain}{k} {way}" for k in order.collection.key)])
