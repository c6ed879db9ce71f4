"""A question about a collection, read from text and checked, and the SQL it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from stampede.errors import UsageError
from stampede.query import filters
from stampede.query.collections import cursor
from stampede.query.collections.column import AMONG, Collection, Column
from stampede.query.collections.order import Order, read_order
from stampede.query.collections.scope import EVERYTHING, Scope

#: characters of a text that is searched for
_LONGEST_SEARCH: Final = 200


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a text may occur in: those of some keys (as JSON), and all after the key ``upto``; ``printed``: those
    that printed it, where that is known."""

    keys: str
    upto: int
    printed: str | None = None


class Question(msgspec.Struct, kw_only=True):
    """What is asked of a collection: of which workflows, which rows, in which order, which columns of them.

    ``search`` is text that a name, label or message of a row has to hold, in upper or lower case.
    """

    collection: Collection
    scope: Scope
    filter: filters.Filter
    order: Order
    fields: tuple[Column, ...] | None = None
    search: str = ""
    #: where the text may be, as far as an index tells
    among: Among | None = None
    #: rows as dictionaries also when all columns are asked for
    plain: bool = False
    #: what else a cursor depends on, such as the time as of which is asked
    mark: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.fields if self.fields is not None else self.collection.columns

    @property
    def cursor_mark(self) -> bytes:
        """What tells this question from others, as far as the place of rows in the list depends on it."""
        return cursor.mark(
            self.collection.name, self.scope.name, str(self.filter), str(self.order), self.search, self.mark
        )

    def made(self, row: tuple[Any, ...]) -> Any:
        """A row as the struct of the collection, or as a dictionary when only some columns were asked for."""
        return self.made_all([row])[0]

    def made_all(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The same of many rows."""
        named = self.collection.named(self.columns, rows)
        if self.fields is None and not self.plain:
            return [self.collection.item(**one) for one in named]
        return list(named)

    @property
    def of_failures(self) -> bool:
        """Whether all rows are of tries that went wrong: these have an index of their own."""
        for condition in self.filter.conditions:
            if condition.field.name == "outcome" and (condition.operator, condition.values) == ("=", ("failed",)):
                return True
            if condition.field.name in ("exit", "main_exit"):
                if condition.operator == "!=" and {0, None} <= {*condition.values}:
                    return True
                if condition.operator == "=" and not {0, None} & {*condition.values}:
                    return True
        return False

    def conditions(
        self, *, free: bool = False, free_scope: bool = False, walked: Column | None = None
    ) -> tuple[list[str], list[Any]]:
        """WHERE: scope, filter and search, with the values of their marks.

        ``free``: no index shall be chosen for the sake of the filter, but for that of the column ``walked``, in whose
        order the rows are read; ``free_scope``: nor for that of the scope.
        """
        where, values = self.scope.sql(f"+{self.collection.scope}" if free_scope else self.collection.scope)
        bound: list[Any] = list(values)
        for condition in self.filter.conditions:
            column = self.collection.by_name[condition.field.name]
            if column.within is not None and condition.operator == "=" and not free:
                coarse = _coarse(self.collection, column, condition)
                sql, own = filters.sql_of(coarse)
                where.append(sql)
                bound += own
            hidden = free and _is_plain(column) and (walked is None or column.name != walked.name)
            sql, own = filters.sql_of(condition, expression=("+" if hidden else "") + column.sql)
            where.append(sql)
            bound += own
        if self.search:
            sql, own = self._searched()
            where.append(sql)
            bound += own
        return where, bound

    def _searched(self) -> tuple[str, list[Any]]:
        """The condition that a row has the text, and the values of its marks."""
        text = _like(self.search)
        searched = [rf"{c.sql} LIKE ? ESCAPE '\'" for c in self.collection.columns if c.searched]
        bound: list[Any] = []
        if self.among is not None:
            key = self.collection.key[0]
            searched = [
                f"({key} IN (SELECT value FROM json_each(?)) AND {searched[0]})",
                f"({key} > ? AND {searched[0]})",
            ]
            bound = [self.among.keys, text, self.among.upto, text]
        else:
            bound = [text] * len(searched)
        printed = self.among.printed if self.among is not None else None
        for sql in self.collection.search:
            known = printed is not None and AMONG in sql
            searched.append(sql.replace(AMONG, "job_id IN (SELECT value FROM json_each(?)) AND " if known else ""))
            bound += [printed, *[text] * sql.count("?")] if known else [text] * sql.count("?")
        return f"({' OR '.join(searched)})", bound


def ask(
    collection: Collection,
    scope: Scope = EVERYTHING,
    *,
    filter: str | Sequence[str] | None = None,  # noqa: A002 - the word that callers know
    sort: str | None = None,
    fields: str | Sequence[str] | None = None,
    search: str | None = None,
    mark: str = "",
) -> Question:
    """Read a question. ``filter`` is text, or its conditions one by one (:func:`stampede.query.filters.parse_parts`).

    Raises UsageError (FilterError for a filter) which says what is wrong and what is known.
    """
    known = collection.filterable
    if filter is None:
        conditions = filters.Filter()
    elif isinstance(filter, str):
        conditions = filters.parse(filter, known)
    else:
        conditions = filters.parse_parts(filter, known)
    if search is not None and len(search) > _LONGEST_SEARCH:
        raise UsageError(f"A text to search for has at most {_LONGEST_SEARCH} characters.")
    try:
        (search or "").encode()
    except UnicodeEncodeError:
        raise UsageError("The text to search for is no Unicode.") from None
    if search and not (collection.search or any(c.searched for c in collection.columns)):
        raise UsageError(f"There is no text to search for in {collection.name}.")
    return Question(
        collection=collection, scope=scope, filter=conditions, order=read_order(collection, sort),
        fields=_fields(collection, fields), search=search or "", mark=mark,
    )  # fmt: skip


def _fields(collection: Collection, wanted: str | Sequence[str] | None) -> tuple[Column, ...] | None:
    if not wanted:
        return None
    names = [n.strip() for n in (wanted.split(",") if isinstance(wanted, str) else wanted)]
    for name in names:
        if name not in collection.by_name:
            raise UsageError(f"Fields: {filters.unknown('column', name, collection.by_name)}")
    return tuple(collection.by_name[name] for name in dict.fromkeys(names))


def _coarse(collection: Collection, column: Column, condition: filters.Condition) -> filters.Condition:
    """The condition on the column with an index that one on a finer, computed column implies."""
    assert column.within is not None
    other, words = column.within
    values = tuple(dict.fromkeys(words.get(str(v), v) for v in condition.values))
    return filters.Condition(collection.by_name[other], "=", values)


def _is_plain(column: Column) -> bool:
    return column.sql.replace("_", "").replace(".", "").isalnum()


def _like(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def clause(where: list[str]) -> str:
    """Conditions as a WHERE clause; empty without any."""
    return f" WHERE {' AND '.join(where)}" if where else ""
