"""Many rows of one statement: which of them can go together, and how.

Rows of an ``INSERT … VALUES`` go as one statement with many rows, or through the server's bulk path. Where a row that
is there already is changed, two rows of the same key may not go together: they go one round after the other, in order,
so that the database ends as if each had come alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlglot import exp

from stampede.store.server import shapes
from stampede.store.server.translate import Statement

Row = tuple[Any, ...]


class Insertion(msgspec.Struct, frozen=True):
    """An ``INSERT`` of values in the order of their marks. ``head`` goes before the rows, ``tail`` after them; ``key``
    are the places of the values that tell rows apart where a known row is changed, empty where it is left."""

    table: str
    columns: tuple[str, ...]
    head: str
    tail: str
    key: tuple[int, ...]


def insertion(statement: Statement) -> Insertion | None:
    """The statement as an insertion of rows; None when it is something else."""
    tree = statement.tree
    if not isinstance(tree, exp.Insert) or not isinstance(tree.expression, exp.Values):
        return None
    rows = tree.expression.expressions
    if len(rows) != 1 or [v.this for v in rows[0].expressions if isinstance(v, exp.Var)] != [
        f"\x01p{n}\x02" for n in range(1, len(rows[0].expressions) + 1)
    ]:
        return None
    head, values, tail = statement.text.partition(" VALUES ")
    at = tail.find(" ON ")
    tail = tail[at:] if at >= 0 else ""
    target = tree.this
    name = target.this.name if isinstance(target, exp.Schema) else target.name
    known = tuple(shapes.columns_of(name))
    columns = tuple(c.name for c in target.expressions) if isinstance(target, exp.Schema) else known
    return Insertion(name, columns, head + values, tail, _key(tree, name, columns))


def into(statement: Statement) -> str | None:
    """The declared table that a statement inserts rows into; None where it does something else."""
    tree = statement.tree
    if not isinstance(tree, exp.Insert):
        return None
    name = str(tree.this.this.name if isinstance(tree.this, exp.Schema) else tree.this.name)
    return name if shapes.columns_of(name) else None


def _key(tree: Any, table: str, columns: tuple[str, ...]) -> tuple[int, ...]:
    conflict = tree.args.get("conflict")
    if tree.meta.get("verb") == "REPLACE":
        names: Sequence[str] = shapes.key_of(table, frozenset(columns)) if shapes.columns_of(table) else columns[:1]
    elif conflict is None or not conflict.expressions:
        return ()
    elif conflict.args.get("conflict_keys"):
        names = [k.name for k in conflict.args["conflict_keys"]]
    else:
        names = shapes.key_of(table, frozenset(columns)) if shapes.columns_of(table) else columns[:1]
    return tuple(columns.index(name) for name in names if name in columns)


def rounds(rows: Sequence[Row], key: tuple[int, ...]) -> Iterator[list[Row]]:
    """The rows in groups in which no key comes twice; a row comes after all earlier ones of its key."""
    if not key:
        yield list(rows)
        return
    counts: dict[Row, int] = {}
    groups: list[list[Row]] = []
    for row in rows:
        own = tuple(row[k] for k in key)
        turn = counts.get(own, 0)
        counts[own] = turn + 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(row)
    yield from groups
