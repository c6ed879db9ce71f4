"""How statements of the house are said in MariaDB."""

from __future__ import annotations

import itertools
from typing import Any, Final

import sqlglot
from sqlglot import exp

from stampede.store.server.translate import Translator

#: text is compared byte by byte, blanks at its end too, as in SQLite
COLLATION: Final = "utf8mb4_nopad_bin"
#: the indexes of edges: a graph is walked as soon as it is written, before MariaDB knows that there are many
_EDGES: Final = ("job_edge_key_idx", "job_edge_child_idx")
#: levels that a forest below a sub-workflow is followed down
_DEEP: Final = 8


class MariaTranslator(Translator):
    """For MariaDB 10.6 and later (JSON_TABLE)."""

    dialect = "mysql"

    def __init__(self, schema: str, *, edges: tuple[str, ...] = _EDGES) -> None:
        """``edges`` are the indexes by which to walk a graph; none in databases of others."""
        super().__init__(schema)
        self._edges = edges

    def own(self, tree: exp.Expr) -> exp.Expr:
        for like in tree.find_all(exp.Like):
            if not like.meta.get("exact"):  # SQLite's LIKE does not tell A from a, our columns do
                like.set("this", exp.Lower(this=like.this.copy()))
                like.set("expression", exp.Lower(this=like.expression.copy()))
        for found in list(tree.find_all(exp.Filter)):
            found.replace(_counted_if(found))
        for division in tree.find_all(exp.Div):  # of whole numbers it would keep four digits
            division.set("this", exp.Mul(this=exp.paren(division.this.copy()), expression=exp.Literal.number("1e0")))
        for path in list(tree.find_all(exp.Subquery)):
            _from_above(path)
            _by_ancestors(path)
        for join in tree.find_all(exp.Join):
            if join.meta.get("ordered"):
                join.set("kind", "STRAIGHT")
        for table in tree.find_all(exp.Table):
            if self._edges and table.name == "job_edge" and isinstance(table.parent, (exp.From, exp.Join)):
                names = list(map(exp.to_identifier, self._edges))
                table.set("hints", [exp.IndexTableHint(this="FORCE", expressions=names)])
        for common in list(tree.find_all(exp.CTE)):
            common.set("materialized", None)  # MariaDB decides that itself
            _listed(common)
        for query in list(tree.find_all(exp.Select)):
            _flatten(query)
        for query in list(tree.find_all(exp.Select)):
            _name_all(query)
        if isinstance(tree, exp.Update):
            _by_list(tree)
        if isinstance(tree, exp.Create):
            _keyed(tree)
        return tree

    def json_rows(self, value: str, alias: str) -> exp.Expr:
        sql = f"SELECT 1 FROM JSON_TABLE(:{value}, '$[*]' COLUMNS(value LONGTEXT PATH '$')) AS {alias}"
        found = sqlglot.parse_one(sql, dialect="mysql").find(exp.Table)
        assert found is not None
        return found

    def upsert(self, insert: exp.Insert, table: str, given: list[str]) -> None:
        how, conflict = insert.args.get("alternative"), insert.args.get("conflict")
        insert.set("alternative", None)
        if how == "REPLACE":
            insert.meta["verb"] = "REPLACE"
            return
        if not given:  # a temporary table, of keys alone
            insert.meta["verb"] = "INSERT IGNORE"
            return
        if conflict is None or not conflict.expressions:  # what is there stays
            own = exp.column(given[0], table=table)
            changes: list[Any] = [exp.EQ(this=own, expression=own.copy())]
        else:
            changes = conflict.expressions
            for change in changes:
                for column in list(change.expression.find_all(exp.Column)):
                    if column.table == "excluded":
                        column.replace(exp.Anonymous(this="VALUES", expressions=[exp.column(column.name)]))
        insert.set("conflict", exp.OnConflict(duplicate=True, action=exp.var("UPDATE"), expressions=changes))

    def generated(self, tree: exp.Expr) -> str:
        text = super().generated(tree).replace("STRAIGHT JOIN", "STRAIGHT_JOIN")
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            return f"{text} CHARACTER SET utf8mb4 COLLATE {COLLATION}"
        verb = tree.meta.get("verb")
        return text.replace("INSERT", verb, 1) if verb else text


#: names of the workflows above each, from the roots down: MariaDB knows no row of the query around a WITH inside it
_ABOVE: Final = """(WITH RECURSIVE `up`(`wf`, `prefix`, `depth`) AS (
    SELECT `wf_id`, CAST('' AS CHAR(20000)), 0 FROM `workflow` WHERE `parent_wf_id` IS NULL
    UNION ALL SELECT `u`.`wf_id`, CONCAT(`up`.`prefix`,
        COALESCE(`u`.`dax_label`, REPLACE(`u`.`dag_file_name`, '.dag', ''), SUBSTRING(`u`.`wf_uuid`, 1, 8)), '/'),
        `up`.`depth` + 1
    FROM `up` JOIN `workflow` AS `u` ON `u`.`parent_wf_id` = `up`.`wf` WHERE `up`.`depth` < 32)
  SELECT CONCAT(`up`.`prefix`, `j`.`exec_job_id`) FROM `up` WHERE `up`.`wf` = `j`.`wf_id` LIMIT 1)"""


def _from_above(path: Any) -> None:
    """The path of a job (``query.collections.parts``), which goes up from each row, the other way round."""
    common = path.this.args.get("with_")
    if common is not None and common.expressions[0].alias == "up":
        said = sqlglot.parse_one(f"SELECT {_ABOVE}", dialect="mysql").find(exp.Subquery)
        assert said is not None
        path.replace(said)


def _by_ancestors(path: Any) -> None:
    """A forest (``query.collections.workflows``), which goes down from each row: MariaDB has no recursion that knows
    the row around it. Of a root it is all that names it as such, at any depth; of a workflow below one, what has it
    among its next ancestors."""
    common = path.this.args.get("with_") if isinstance(path.this, exp.Select) else None
    if common is None or common.expressions[0].alias != "forest":
        return
    body = path.this.copy()
    body.set("with_", None)
    for column in body.find_all(exp.Column):
        if column.table == "forest":
            column.set("this", exp.to_identifier("wf_id"))
    body.set("from_", exp.From(this=exp.alias_(exp.to_table("workflow"), "forest", table=True)))
    above = ["forest", *(f"a{n}" for n in range(1, _DEEP + 1))]
    for below, one in itertools.pairwise(above):
        body = body.join(
            f"workflow AS {one}", on=f"{one}.wf_id = {below}.parent_wf_id", join_type="LEFT", dialect="mysql"
        )
    ancestors = ", ".join(f"{one}.wf_id" for one in above)
    path.set("this", body.where(
        f"forest.root_wf_id = w.root_wf_id AND (w.wf_id = w.root_wf_id OR w.wf_id IN ({ancestors}))", dialect="mysql",
    ))  # fmt: skip


def _listed(common: Any) -> None:
    """``WITH x(a, b) AS (VALUES …)`` as it stands: as a query in FROM its columns would have names by their values."""
    query = common.this
    source = query.args["from_"].this if isinstance(query, exp.Select) and query.args.get("from_") else None
    if isinstance(source, exp.Values):
        rows = (", ".join(_value(v) for v in row.expressions) for row in source.expressions)
        common.set("this", exp.var(f"VALUES {', '.join(f'({row})' for row in rows)}"))


def _by_list(update: exp.Update) -> None:
    """``UPDATE t … WHERE t.name IN (SELECT name FROM listed)``, which MariaDB would ask for each row of ``t``, as a
    join that begins at the list."""
    for among in update.args["where"].find_all(exp.In) if update.args.get("where") else ():
        query = among.args.get("query")
        listed = query.this if isinstance(query, exp.Subquery) else query
        if not isinstance(listed, exp.Select) or listed.args.get("where") or not isinstance(among.this, exp.Column):
            continue
        source = listed.args["from_"].this
        if among.find_ancestor(exp.Select) is not None or not isinstance(source, exp.Table):
            continue
        name = exp.column(listed.selects[0].name, table=source.name)
        found = exp.EQ(this=exp.column(among.this.name, table=update.this.name), expression=name)
        changed = update.this.copy()
        among.replace(exp.true())
        start = source.copy()
        start.set("joins", [exp.Join(this=changed, kind="STRAIGHT", on=found)])
        update.set("this", start)
        return


def _value(value: Any) -> str:
    return f"\x01{value.name}\x02" if isinstance(value, exp.Placeholder) else str(value.sql(dialect="mysql"))


def _flatten(query: Any) -> None:
    """An aggregate over the first few rows of a query that knows the row around it: MariaDB has no such query in FROM.
    All rows are taken instead, which our statements do not tell from a few too many."""
    source = query.args["from_"].this if query.args.get("from_") else None
    if not isinstance(source, exp.Subquery) or query.args.get("where") or not query.find_ancestor(exp.Select):
        return
    inner = source.this
    if not isinstance(inner, exp.Select) or inner.args.get("limit") is None:
        return
    own = {t.alias_or_name for t in inner.find_all(exp.Table, exp.Subquery)}
    if all(not c.table or c.table in own for c in inner.find_all(exp.Column)):
        return
    meant = {p.alias_or_name: p.this if isinstance(p, exp.Alias) else p for p in inner.selects}
    for column in [c for picked in query.selects for c in picked.find_all(exp.Column)]:
        column.replace(meant[column.name].copy())
    for name in ("from_", "joins", "where"):
        query.set(name, inner.args.get(name))


def _name_all(query: Any) -> None:
    """MariaDB names a column of a query in FROM by its text, and will not have two of the same."""
    inside = query.parent
    while isinstance(inside, exp.SetOperation):
        if inside.this is not query and inside.left is not query:
            return
        query, inside = inside, inside.parent
    if not isinstance(inside, (exp.Subquery, exp.CTE)):
        return
    first = query
    while isinstance(first, exp.SetOperation):
        first = first.left
    for number, picked in enumerate(list(first.selects)):
        if not isinstance(picked, (exp.Alias, exp.Column, exp.Star)):
            picked.replace(exp.alias_(picked.copy(), f"column_{number}"))


def _counted_if(found: Any) -> exp.Expr:
    """An aggregate of some rows only, by leaving the others without a value."""
    aggregate, condition = found.this.copy(), found.expression.this.copy()
    value = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this.copy()
    aggregate.set("this", exp.Case(ifs=[exp.If(this=condition, true=value)]))
    return aggregate  # type: ignore[no-any-return]


def _keyed(create: exp.Create) -> None:
    """A text of any length can be unique in MariaDB, but no primary key; an index of its beginning finds it."""
    schema = create.this
    extra: list[Any] = []
    for column in schema.expressions if isinstance(schema, exp.Schema) else ():
        if isinstance(column, exp.ColumnDef) and column.args["kind"].is_type("varbinary"):
            column.set("kind", exp.DataType.build("LONGBLOB", dialect="mysql"))
        if not isinstance(column, exp.ColumnDef) or not column.args["kind"].is_type("text"):
            continue
        column.set("kind", exp.DataType.build("LONGTEXT", dialect="mysql"))
        constraints = column.args.get("constraints") or []
        if any(isinstance(c.kind, exp.PrimaryKeyColumnConstraint) for c in constraints):
            column.set("constraints", None)
            extra += [exp.var(f"UNIQUE (`{column.name}`)"), exp.var(f"INDEX (`{column.name}`(191))")]
    if extra:
        schema.set("expressions", [*schema.expressions, *extra])
