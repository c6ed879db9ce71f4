"""How statements of the house are said in PostgreSQL."""

from __future__ import annotations

from typing import Any, Final

import sqlglot
from sqlglot import exp

from stampede.store.server import shapes
from stampede.store.server.grouping import grouped
from stampede.store.server.translate import Translator
from stampede.store.server.truth import truthful

#: columns that always have a value: an index gives their order whatever comes of rows without one
_NUMBERS: Final = frozenset({
    "wf_id", "job_id", "job_instance_id", "host_id", "task_id", "invocation_id", "problem_id", "change_id", "row_id",
})  # fmt: skip


class PostgresTranslator(Translator):
    """For PostgreSQL 13 and later."""

    dialect = "postgres"
    temporary = "pg_temp"

    def own(self, tree: exp.Expr) -> exp.Expr:
        for like in list(tree.find_all(exp.Like)):
            if not like.meta.get("exact"):  # SQLite's LIKE does not tell A from a
                like.replace(exp.ILike(this=like.this.copy(), expression=like.expression.copy()))
        for found in tree.find_all(exp.GroupConcat):
            found.set("this", exp.Cast(this=found.this.copy(), to=exp.DataType.build("text")))
        if isinstance(tree, exp.Create):
            _bytewise(tree)
        _begin_wide(tree)
        truthful(tree)
        for most in reversed(list(tree.find_all(exp.Greatest, exp.Least))):
            most.replace(_unless_null(most))
        for ordered in tree.find_all(exp.Ordered):
            if isinstance(ordered.this, exp.Column) and ordered.this.name in _NUMBERS:
                ordered.set("nulls_first", bool(ordered.args.get("desc")))
        return grouped(tree)

    def json_rows(self, value: str, alias: str) -> exp.Expr:
        sql = f"SELECT 1 FROM (SELECT JSONB_ARRAY_ELEMENTS_TEXT(CAST(%({value})s AS JSONB)) AS value) AS {alias}"
        found = sqlglot.parse_one(sql, dialect="postgres").find(exp.Subquery)
        assert found is not None
        return found

    def upsert(self, insert: exp.Insert, table: str, given: list[str]) -> None:
        how, conflict = insert.args.get("alternative"), insert.args.get("conflict")
        insert.set("alternative", None)
        if conflict is not None:
            return
        if how == "IGNORE":
            insert.set("conflict", exp.OnConflict(action=exp.var("DO NOTHING"), duplicate=False))
            return
        known = shapes.columns_of(table)
        key = shapes.key_of(table, frozenset(given)) if known else (given[0],)
        changes: list[Any] = [
            exp.EQ(this=exp.column(c), expression=exp.column(c, table="excluded")) for c in given if c not in key
        ]
        number = shapes.number_of(table)
        if number is not None and number not in given:  # the row is a new one
            changes.append(exp.EQ(this=exp.column(number), expression=exp.var("DEFAULT")))
        action = exp.var("DO UPDATE" if changes else "DO NOTHING")
        keys = [exp.column(k) for k in key]
        conflict = exp.OnConflict(action=action, duplicate=False, conflict_keys=keys, expressions=changes or None)
        insert.set("conflict", conflict)


def _bytewise(create: Any) -> None:
    """Text of a temporary table is compared as that of the others is: by another collation no index of it is used."""
    for column in create.find_all(exp.ColumnDef):
        if column.args["kind"].is_type("text"):
            collation = exp.CollateColumnConstraint(this=exp.to_identifier("C", quoted=True))
            own = exp.ColumnConstraint(kind=collation)
            column.set("constraints", [own, *(column.args.get("constraints") or [])])


def _begin_wide(tree: Any) -> None:
    """What a recursive query begins with has the types of what it goes on with, and our numbers have 64 bits."""
    for common in tree.find_all(exp.With):
        if common.args.get("recursive"):
            for table in common.expressions:
                for picked in table.this.left.selects if isinstance(table.this, exp.SetOperation) else ():
                    if isinstance(picked, exp.Literal) and not picked.is_string:
                        picked.replace(exp.Cast(this=picked.copy(), to=exp.DataType.build("bigint")))


def _unless_null(most: Any) -> Any:
    """SQLite's ``max(a, b)`` has no value when one of them has none; PostgreSQL leaves that one out."""
    doubtful = [a for a in (most.this, *most.expressions) if not isinstance(a, exp.Literal)]
    same = type(most)(this=most.this.copy(), expressions=[e.copy() for e in most.expressions], ignore_nulls=True)
    if not doubtful:
        return same
    nothing = exp.or_(*(exp.Is(this=exp.paren(a.copy()), expression=exp.Null()) for a in doubtful))
    return exp.Case(ifs=[exp.If(this=nothing, true=exp.Null())], default=same)
