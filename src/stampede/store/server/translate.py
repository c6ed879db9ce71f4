"""A statement of the house, written for SQLite, in the dialect of a server.

What a parser and generator of many dialects knows is left to it (sqlglot). Each text is translated once and kept; the
texts of a process are few, since values never stand in them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlglot
from sqlglot import exp

from stampede.store.server import rewriting, shapes
from stampede.store.server.marks import named

#: translated texts that are kept: the lists of marks in some of them vary
_KEPT: Final = 2_000
_WITHOUT: Final = re.compile(r"\s+WITHOUT\s+ROWID\s*$", re.I)
#: how a mark travels through the generator
_MARK: Final = re.compile("\x01(\\w+)\x02")
_LONE_PERCENT: Final = re.compile("%")


class Statement(msgspec.Struct, frozen=True):
    """A statement as the server wants it, its marks as ``%(name)s``; what it was translated from, as a tree."""

    text: str
    marks: tuple[str, ...]
    tree: Any


class Translator:
    """Translates for one kind of server. ``schema`` is where its tables are ("" where that has no name)."""

    dialect = ""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self._kept: OrderedDict[str, Statement] = OrderedDict()

    def translated(self, sql: str, views: Mapping[str, exp.Query] | None = None) -> Statement:
        """The statement in the dialect of the server; ``views`` are queries that stand for tables of these names."""
        known = self._kept.get(sql) if not views else None
        if known is not None:
            return known
        made = self._made(self.tree(sql, views))
        if not views:
            self._kept[sql] = made
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def tree(self, sql: str, views: Mapping[str, exp.Query] | None = None) -> exp.Expr:
        """The statement as a tree that the server understands."""
        text, _ = named(_WITHOUT.sub("", sql))
        tree = sqlglot.parse_one(text, dialect="sqlite")
        if views:
            tree = expanded(tree, views)
        self._insert(tree)
        for table in list(tree.find_all(exp.Table)):
            self._table(table)
        rewriting.plain(tree)
        rewriting.casts(tree)
        if isinstance(tree, exp.Create):
            rewriting.typed(tree)
        return self.own(tree)

    def own(self, tree: exp.Expr) -> exp.Expr:
        """What only this kind of server wants."""
        raise NotImplementedError

    def json_rows(self, value: str, alias: str) -> exp.Expr:
        """Rows with a column ``value``, one an element of the JSON list of a mark."""
        raise NotImplementedError

    def upsert(self, insert: exp.Insert, table: str, given: list[str]) -> None:
        """Say what becomes of a row that is there already as the server says it."""
        raise NotImplementedError

    def _made(self, tree: exp.Expr) -> Statement:
        for mark in list(tree.find_all(exp.Placeholder)):
            mark.replace(exp.Var(this=f"\x01{mark.name}\x02"))
        text = self.generated(tree).replace("%", "%%")
        return Statement(_MARK.sub(r"%(\1)s", text), tuple(dict.fromkeys(_MARK.findall(text))), tree)

    def generated(self, tree: exp.Expr) -> str:
        """The text of a tree."""
        return tree.sql(dialect=self.dialect, identify=True)

    def _table(self, table: Any) -> None:
        function = table.this
        if isinstance(function, exp.Anonymous) and function.name.lower() == "json_each":
            table.replace(self.json_rows(function.expressions[0].name, table.alias or "listed"))
            return
        place = {"temp": self.temporary, "main": self.schema}.get(table.db)
        if place is not None:
            table.set("db", exp.to_identifier(place) if place else None)

    #: where temporary tables are
    temporary = ""

    def _insert(self, tree: exp.Expr) -> None:
        if not isinstance(tree, exp.Insert):
            return
        target = tree.this
        if isinstance(target, exp.Schema):
            name, given = target.this.name, [c.name for c in target.expressions]
        else:
            name, given = target.name, list(shapes.columns_of(target.name))
        conflict = tree.args.get("conflict")
        if conflict is not None:
            conflict.set("conflict_keys", [exp.column(k.find(exp.Column).name) for k in conflict.args["conflict_keys"]])
            own = exp.to_identifier(name)
            for change in conflict.expressions:
                for column in change.expression.find_all(exp.Column):
                    if not column.table and column.find_ancestor(exp.Select) is None:
                        column.set("table", own.copy())
        if conflict is not None or tree.args.get("alternative"):
            self.upsert(tree, name, given)


def expanded(tree: exp.Expr, views: Mapping[str, exp.Query]) -> exp.Expr:
    """The tree with queries in the place of the tables that they stand for; ``main.NAME`` is the table itself."""
    for table in list(tree.find_all(exp.Table)):
        view = views.get(table.name)
        if view is None or table.db == "main" or _is_common(table):
            continue
        alias = exp.TableAlias(this=exp.to_identifier(table.alias or table.name))
        table.replace(exp.Subquery(this=view.copy(), alias=alias, joins=table.args.get("joins")))
    return tree


def _is_common(table: Any) -> bool:
    """Whether a name is that of a common table expression of the statement around it."""
    node = table.parent
    while node is not None:
        common = node.args.get("with_")
        if common is not None and any(c.alias == table.name for c in common.expressions):
            return True
        node = node.parent
    return False
