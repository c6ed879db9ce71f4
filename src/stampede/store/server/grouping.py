"""Groups: SQLite gives columns that are not grouped by from any row, PostgreSQL refuses them.

Our statements use that only for columns that are the same in all rows of a group; the least of equal values is any.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def grouped(tree: exp.Expr) -> exp.Expr:
    """The tree with ``min()`` around columns that are neither grouped by nor in an aggregate. Changed in place."""
    for select in list(tree.find_all(exp.Select)):
        group = select.args.get("group")
        if group is not None and group.expressions:
            _complete(select, _Keys(select, group))
    return tree


class _Keys:
    """What is grouped by. A number means a column of the answer, so does its alias."""

    def __init__(self, select: exp.Select, group: Any) -> None:
        aliases = {e.alias: e.this for e in select.expressions if isinstance(e, exp.Alias)}
        self._columns: set[tuple[str, str]] = set()
        self._others: set[str] = set()
        self._kinds: set[type[Any]] = set()
        for key in group.expressions:
            if isinstance(key, exp.Literal) and not key.is_string:
                picked = select.expressions[int(key.this) - 1]
                self._add(picked.this if isinstance(picked, exp.Alias) else picked)
            else:
                self._add(key)
                if isinstance(key, exp.Column) and not key.table and key.name in aliases:
                    self._add(aliases[key.name])

    def _add(self, key: Any) -> None:
        if isinstance(key, exp.Column):
            self._columns.add((key.table, key.name))
        else:
            self._kinds.add(type(key))
            self._others.add(key.sql())

    @property
    def names(self) -> set[str]:
        """Names of the columns among them."""
        return {name for _, name in self._columns}

    def has(self, node: Any) -> bool:
        """Whether an expression is one of them."""
        if isinstance(node, exp.Column):
            return (node.table, node.name) in self._columns
        return type(node) in self._kinds and node.sql() in self._others


def _complete(select: exp.Select, by: _Keys) -> None:
    places = [*select.expressions, *filter(None, (select.args.get("having"), select.args.get("order")))]
    aliases = {e.alias for e in select.expressions if isinstance(e, exp.Alias)}
    for place in places:
        for column in list(place.find_all(exp.Column)):
            if column.find_ancestor(exp.Select) is not select or _is_covered(column, place, by):
                continue
            if place.arg_key == "order" and not column.table and (column.name in aliases or column.name in by.names):
                continue
            least: exp.Expr = exp.Min(this=column.copy())
            column.replace(exp.alias_(least, column.name) if column is place else least)


def _is_covered(column: Any, place: Any, by: _Keys) -> bool:
    """Whether a column is in an aggregate, or in what is grouped by."""
    node = column
    while node is not None and not isinstance(node, exp.Select):
        if isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window):
            return True
        if by.has(node):
            return True
        if node is place:
            return False
        node = node.parent
    return False
