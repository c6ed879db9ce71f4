"""Rows that lie in the order that is asked for, of one kind: the jobs of a transformation by how long they took."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from stampede.query.collections.order import Order, Term
from stampede.query.collections.question import Question
from stampede.store.reader import Reader

#: steps of SQLite's machine to find a row that is not kept
_STEPS: Final = 200_000


def on_shelf(reader: Reader, question: Question) -> Question | None:
    """The same question of the shelf of its collection; None when that does not have the answer."""
    shelf, terms = question.collection.shelf, question.order.terms
    if shelf is None or question.search or not question.scope.is_one:
        return None
    if len(terms) != 1 or terms[0].column.name != shelf.sort or not _is_of_one_kind(question):
        return None
    if not reader.has_index(shelf.index):
        return None
    lacking = reader.rows_within(_STEPS, shelf.unless, question.scope.workflows or ())
    if lacking is None or lacking:
        return None
    collection = question.collection
    columns = tuple(structs.replace(c, sql=shelf.sql[c.name]) if c.name in shelf.sql else c for c in collection.columns)
    table, alias, rest = collection.source.split(" ", 2)
    kept = structs.replace(
        collection, columns=columns, source=f"{table} {alias} INDEXED BY {shelf.index} {rest}", walk=""
    )
    order = Order(kept, tuple(Term(kept.by_name[t.column.name], t.descending) for t in terms))
    return structs.replace(question, collection=kept, order=order)


def _is_of_one_kind(question: Question) -> bool:
    assert question.collection.shelf is not None
    condition = question.filter.asks(question.collection.shelf.equal)
    return condition is not None and len(condition.values) == 1 and condition.values[0] is not None


def may_lack(question: Question) -> bool:
    """Whether the filter may leave rows without a value of what the list is sorted by."""
    name = question.order.terms[0].column.name
    return not any(
        c.field.name == name and (c.operator in ("<", "<=", ">", ">=") or (c.operator == "=" and None not in c.values))
        for c in question.filter.conditions
    )
