"""SQLite's ways that the servers do not know, said in ways that both of them do."""

from __future__ import annotations

from typing import Any, Final

from sqlglot import exp

from stampede.store.server import shapes

#: the number of a row in the order of writing, for which servers have a column
ROW_NUMBER: Final = "row_id"
_TYPES: Final = {"integer": "bigint", "real": "double", "text": "text", "blob": "varbinary"}


def plain(tree: exp.Expr) -> exp.Expr:
    """What is the same on all servers. The tree is changed in place."""
    for join in tree.find_all(exp.Join):
        if join.args.get("kind") == "CROSS" and join.args.get("on") is not None:
            join.set("kind", "INNER")
            join.meta["ordered"] = True  # SQLite does not change the order of these
    for column in tree.find_all(exp.Column):
        if column.name == "rowid":
            column.set("this", exp.to_identifier(ROW_NUMBER))
    for glob in list(tree.find_all(exp.Glob)):
        glob.replace(_as_like(glob))
    for among in list(tree.find_all(exp.In)):
        if not among.expressions and among.args.get("query") is None and among.args.get("unnest") is None:
            among.replace(exp.EQ(this=exp.Literal.number(0), expression=exp.Literal.number(1)))  # in an empty list
    for part in list(tree.find_all(exp.Substring)):
        start = part.args.get("start")
        if isinstance(start, exp.Neg) and part.args.get("length") is None:  # so many from the end
            part.replace(exp.Right(this=part.this.copy(), expression=start.this.copy()))
    for number, subquery in enumerate(tree.find_all(exp.Subquery)):
        if isinstance(subquery.parent, (exp.From, exp.Join)) and not subquery.alias:
            subquery.set("alias", exp.TableAlias(this=exp.to_identifier(f"part_{number}")))
    return tree


def _as_like(glob: Any) -> exp.Expr:
    """``x GLOB p`` as LIKE: ``*`` and ``?`` are the marks that we use, and ``[[]`` a bracket."""
    pattern = glob.expression
    changes = (("[[]", "["), ("\\", "\\\\"), ("%", "\\%"), ("_", "\\_"), ("*", "%"), ("?", "_"))
    for old, new in changes:
        pattern = exp.Anonymous(this="REPLACE", expressions=[pattern, exp.Literal.string(old), exp.Literal.string(new)])
    like = exp.Like(this=glob.this.copy(), expression=pattern)
    like.meta["exact"] = True
    return like


def typed(create: exp.Create) -> None:
    """Give the columns of a temporary table the types that SQLite does without. Changed in place."""
    schema = create.this
    if not isinstance(schema, exp.Schema):
        return
    known = shapes.kinds()
    columns: list[exp.Expr] = []
    for column in schema.expressions:
        if isinstance(column, exp.Identifier):  # a name without a type
            column = exp.ColumnDef(this=column)
        if isinstance(column, exp.ColumnDef):
            declared = column.args.get("kind")
            if declared is None:
                column.set("kind", exp.DataType.build(_TYPES[known[column.name]]))
            elif declared.is_type("int"):
                column.set("kind", exp.DataType.build("bigint"))
        columns.append(column)
    schema.set("expressions", columns)


def casts(tree: exp.Expr) -> exp.Expr:
    """``CAST(x AS INTEGER)`` cuts off what is behind the point in SQLite, servers round. Changed in place."""
    for cast in list(tree.find_all(exp.Cast)):
        if cast.to.is_type("int") and not isinstance(cast.this, exp.Predicate):
            number = exp.Cast(this=cast.this.copy(), to=exp.DataType.build("double"))
            whole = exp.Anonymous(this="FLOOR", expressions=[exp.Abs(this=number)])
            sign = exp.Sign(this=number.copy())
            cast.replace(exp.Cast(this=exp.Mul(this=whole, expression=sign), to=exp.DataType.build("bigint")))
    return tree
