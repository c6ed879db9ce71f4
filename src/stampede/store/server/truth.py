"""Truth values: SQLite's are the numbers 0 and 1, PostgreSQL's are a type of their own.

Columns that are true or false are numbers in our PostgreSQL tables too, so that rows and answers are those of SQLite.
What is left follows from the form of an expression and where it stands: a comparison whose value is used becomes a
number, and a number that is used as a condition is compared with 0.
"""

from __future__ import annotations

from typing import Any, Final

from sqlglot import exp

#: what gives a truth value
_TRUTHS: Final = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.In, exp.Exists, exp.Is,
    exp.Between, exp.Escape, exp.Like, exp.ILike, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Boolean, exp.Glob,
)  # fmt: skip
#: in what an expression is a condition, by the name of the argument that it is
_CONDITIONS: Final[dict[type[Any], frozenset[str]]] = {
    exp.Where: frozenset({"this"}),
    exp.Having: frozenset({"this"}),
    exp.Join: frozenset({"on"}),
    exp.And: frozenset({"this", "expression"}),
    exp.Or: frozenset({"this", "expression"}),
    exp.Not: frozenset({"this"}),
}
#: that hold an expression of any kind where its value is used
_PLACES: Final = (exp.Alias, exp.Paren)


def truthful(tree: exp.Expr) -> exp.Expr:
    """The tree with numbers and truth values where PostgreSQL wants them. It is changed in place."""
    for node in reversed(list(tree.walk())):  # what lies inside comes first
        if isinstance(node, exp.Condition) and not isinstance(node, exp.Paren) and node.parent is not None:
            _mend(node)
    return tree


def _mend(node: Any) -> None:
    inner = node
    while isinstance(inner.parent, exp.Paren):
        inner = inner.parent
    parent = inner.parent
    if parent is None:
        return
    condition = _is_condition(inner, parent)
    if isinstance(node, _TRUTHS):
        if condition is False:
            node.replace(exp.Cast(this=exp.Paren(this=node.copy()), to=exp.DataType.build("int")))
    elif condition and not isinstance(node, exp.Predicate):
        node.replace(exp.NEQ(this=exp.Paren(this=node.copy()), expression=exp.Literal.number(0)))


def _is_condition(node: Any, parent: Any) -> bool | None:
    """Whether a node stands where a condition is wanted; None where it is part of something that takes either."""
    kind = type(parent)
    if kind in _CONDITIONS:
        return node.arg_key in _CONDITIONS[kind]
    if isinstance(parent, exp.If):
        return node.arg_key == "this" and not (isinstance(parent.parent, exp.Case) and parent.parent.this)
    if isinstance(parent, exp.Filter):
        return False
    if isinstance(parent, exp.Escape) or _is_assignment(node, parent):
        return None
    if isinstance(parent, exp.Cast):
        return None
    return False


def _is_assignment(node: Any, parent: Any) -> bool:
    """Whether ``a = b`` says what a column is to become."""
    return isinstance(parent, (exp.Update, exp.OnConflict)) and node.arg_key == "expressions"
