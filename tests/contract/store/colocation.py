"""Which joins of a statement find their rows on one node, when tables are spread over several by a column.

Rows of two spread tables lie on the same node where their columns of distribution are equal. So a join is *co-located*
where the statement says that these are equal, by itself or through other columns; what it says in a subquery counts
where the column comes out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from stampede.store.schema import metadata
from stampede.store.server.translate import expanded

#: how rows of tables meet that need not lie on one node
JOINED = "joined on other columns"
EACH = "asked for each row"
LIMITED = "asked for each row, with LIMIT"
OUTER = "left join from a table that is on every node"
Place = tuple[str, str]


class Apart(NamedTuple):
    """Two tables whose rows a statement brings together from several nodes."""

    one: str
    other: str
    how: str


class Spread:
    """Judges statements of PostgreSQL. ``columns`` are the columns of distribution by table; ``scratch`` are the
    statements that made the temporary tables and views that others look into."""

    def __init__(self, columns: Mapping[str, str], scratch: Iterable[str]) -> None:
        self.columns = dict(columns)
        self._views: dict[str, exp.Query] = {}
        self._schema: dict[str, dict[str, str]] = {
            t.name: dict.fromkeys((c.name for c in t.columns), "TEXT") for t in metadata.sorted_tables
        }
        for text in scratch:
            made: Any = sqlglot.parse_one(text, dialect="postgres")
            if made.kind == "VIEW":
                self._views[made.this.name] = expanded(made.expression, self._views)  # type: ignore[assignment]
            elif isinstance(made.this, exp.Schema):
                names = [c.name for c in made.this.expressions if isinstance(c, exp.ColumnDef)]
                self._schema[made.this.this.name] = dict.fromkeys(names, "TEXT")

    def apart(self, text: str) -> set[Apart]:
        """What the statement brings together from several nodes."""
        if not self._concerns(text):
            return set()
        tree = self._whole(text)
        if not any(t.name in self.columns for t in tree.find_all(exp.Table)):
            return set()
        for table in tree.find_all(exp.Table):
            table.set("db", None)
        tree = qualify(tree, schema=self._schema, dialect="postgres", validate_qualify_columns=False)
        known: dict[int, _Level] = {}
        levels = []
        for scope in traverse_scope(tree):
            levels.append(_Level(scope, known, self.columns))
            known[id(scope.expression)] = levels[-1]
        return {found for level in levels for found in level.apart()}

    def beside(self, text: str) -> set[str]:
        """The tables of ours in a statement that has spread ones too, and that are not spread."""
        if not self._concerns(text):
            return set()
        names = {t.name for t in self._whole(text).find_all(exp.Table)}
        return (names & metadata.tables.keys()) - self.columns.keys() if names & self.columns.keys() else set()

    def _concerns(self, text: str) -> bool:
        """Whether it can be about spread tables: it is not worth parsing otherwise."""
        return any(name in text for name in (*self.columns, *self._views))

    def _whole(self, text: str) -> exp.Expr:
        return expanded(sqlglot.parse_one(text, dialect="postgres"), self._views)


class _Level:
    """One SELECT, or a UNION of some."""

    def __init__(self, scope: Scope, known: dict[int, _Level], spread: Mapping[str, str]) -> None:
        self._scope = scope
        self._known = known
        self._of: dict[Place, Place] = {}
        #: the spread tables by alias, with the columns that tell the node of a row; a subquery that needs rows of all
        #: nodes has none
        self.keys: dict[str, frozenset[str]] = {}
        self.tables: dict[str, str] = {}
        for alias, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table):
                if source.name in spread:
                    self.keys[alias], self.tables[alias] = frozenset([spread[source.name]]), source.name
            elif (inner := known.get(id(source.expression))) is not None and inner.spread_table():
                self.keys[alias], self.tables[alias] = inner.given(), inner.spread_table()
        for one, other in self._equal():
            self._of[self.root(one)] = self.root(other)

    def root(self, place: Place) -> Place:
        """What stands for all columns that are equal to this one."""
        while place in self._of:
            place = self._of[place]
        return place

    def nodes(self, alias: str) -> set[Place]:
        """What the node of this table's rows follows from."""
        return {self.root((alias, column)) for column in self.keys[alias]}

    def spread_table(self) -> str:
        """The first of the spread tables here or in the parts of a UNION, or ""."""
        parts = [self._known[id(s.expression)].spread_table() for s in self._scope.set_operation_scopes or ()]
        return next((name for name in [*self.tables.values(), *parts] if name), "")

    def given(self) -> frozenset[str]:
        """The columns that come out of it and still tell the node."""
        if self._scope.set_operation_scopes:
            parts = [self._known[id(s.expression)] for s in self._scope.set_operation_scopes]
            names = [p._scope.expression.named_selects for p in parts]
            places = [
                {n for n, name in enumerate(all_) if name in p.given()} for p, all_ in zip(parts, names, strict=True)
            ]
            return frozenset(names[0][n] for n in set.intersection(*places))
        select = self._scope.expression
        if select.args.get("limit") or not self.keys:
            return frozenset()
        told = self.told()
        grouped = select.args.get("group")
        if grouped is not None and not any(self._tells(c, told) for c in grouped.find_all(exp.Column)):
            return frozenset()
        for window in select.find_all(exp.Window):
            if not any(self._tells(c, told) for c in window.args.get("partition_by") or ()):
                return frozenset()
        return frozenset(s.alias_or_name for s in select.selects if self._tells(s.unalias(), told))

    def _tells(self, column: Any, told: set[Place]) -> bool:
        return isinstance(column, exp.Column) and self.root((column.table, column.name)) in told

    def apart(self) -> Iterator[Apart]:
        """What is brought together here."""
        yield from self._joined()
        yield from self._left()
        yield from self._for_each()

    def _joined(self) -> Iterator[Apart]:
        aliases = sorted(self.keys)
        for n, one in enumerate(aliases):
            for other in aliases[n + 1 :]:
                if not self.nodes(one) & self.nodes(other):
                    first, second = sorted((self.tables[one], self.tables[other]))
                    yield Apart(first, second, JOINED)

    def _left(self) -> Iterator[Apart]:
        if not isinstance(self._scope.expression, exp.Select):
            return
        before = self._scope.expression.args.get("from_")
        met = [before.this] if before is not None else []
        for join in self._scope.expression.args.get("joins") or ():
            name = join.this.alias_or_name
            if join.side == "LEFT" and name in self.keys and not any(m.alias_or_name in self.keys for m in met):
                yield Apart(met[0].name or met[0].alias, self.tables[name], OUTER)
            met.append(join.this)

    def _for_each(self) -> Iterator[Apart]:
        """A subquery that looks at the row around it finds its own rows on that row's node, or it does not."""
        outside = [(c.table, c.name) for c in self._scope.external_columns]
        if not outside or not self.keys or not self._scope.is_subquery:
            return
        own = next(iter(self.tables.values()))
        told = self.told()
        for place in outside:
            around = self._around(place[0])
            if around is not None and self.root(place) in told and around.root(place) in around.told():
                if self._scope.expression.args.get("limit"):
                    yield Apart(own, around.named(place[0]), LIMITED)
                return
        around = self._around(outside[0][0])
        yield Apart(own, around.named(outside[0][0]) if around is not None else outside[0][0], EACH)

    def told(self) -> set[Place]:
        """All that nodes follow from."""
        return set().union(*(self.nodes(alias) for alias in self.keys))

    def named(self, alias: str) -> str:
        """The table of an alias."""
        source = self._scope.sources.get(alias)
        return source.name if isinstance(source, exp.Table) else alias

    def _around(self, alias: str) -> _Level | None:
        scope = self._scope.parent
        while scope is not None:
            if alias in scope.selected_sources:
                return self._known[id(scope.expression)]
            scope = scope.parent
        return None

    def _equal(self) -> Iterator[tuple[Place, Place]]:
        """The columns that every row has equal."""
        select = self._scope.expression
        if not isinstance(select, exp.Select):
            return
        said = [j.args.get("on") for j in select.args.get("joins") or ()]
        where = select.args.get("where")
        said.append(where.this if where is not None else None)
        for condition in filter(None, said):
            for part in _parts(condition):
                one, other = part.this, part.args.get("expression")
                if isinstance(part, exp.EQ) and isinstance(one, exp.Column) and isinstance(other, exp.Column):
                    a, b = (one.table, one.name), (other.table, other.name)
                    if a != b:
                        yield a, b


def _parts(condition: Any) -> Iterator[Any]:
    """What a condition says, where all of it has to hold."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _parts(condition.left)
        yield from _parts(condition.right)
    else:
        yield condition
