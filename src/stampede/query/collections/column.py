"""What a collection is made of: its columns, where its rows come from, and how they are told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec

from stampede.model.exits import from_raw
from stampede.query.filters import Field
from stampede.query.literals import Kind

#: in a condition of ``Collection.search``: where another one goes that leaves those of some jobs (``job_id``)
AMONG: Final = "/* among */ "


class Column(Field, frozen=True, kw_only=True):
    """A column of a collection: what SQL gives it, what its values are (``note``), and what may be done with it.

    ``walk``: there is an index in which the rows of ``Collection.walk`` lie in the order of this column; ``walk_one``:
    one in which the rows of ``Collection.source`` do, of one workflow; ``walk_all``: of all. ``named``: it is the name
    of a job, by which few rows are found at once.
    ``within`` names a column with an index that a computed one is a finer form of, and for words of the computed one
    the word of the other; a word that is not named is the same in both: ``("state", {"held": "queued"})``.
    """

    note: str
    nullable: bool = True
    sortable: bool = True
    filterable: bool = True
    searched: bool = False
    walk: bool = False
    walk_one: bool = False
    walk_all: bool = False
    named: bool = False
    within: tuple[str, dict[str, str]] | None = None


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one workflow with one value of the column ``equal``, that lie in the order of the column ``sort`` in
    ``index`` (of the first table of ``source``, with the rows that have a value of it): what is else put together from
    several tables is kept there. ``sql`` is what it is called there, by column; ``unless`` finds a row of the workflow
    (its key is the one mark) whose ``equal`` is not kept.
    """

    index: str
    equal: str
    sort: str
    sql: dict[str, str]
    unless: str


class Collection(msgspec.Struct, kw_only=True):
    """A list of one kind of thing: its struct, its columns in the order of the struct's fields, its rows.

    ``source`` is a FROM clause that begins at the workflow, for lists of few; ``walk`` one that is read in the order of
    its first table, for pages of many. ``scope`` is the SQL of the key of the workflow that a row belongs to, ``key``
    of what tells rows apart. ``sort`` is the order unless another is asked for (empty: that of the key). ``search`` are
    conditions that a text may fulfil (all their marks stand for it) beside the columns that are searched. ``size`` is
    the column of ``workflow_summary`` that tells how many rows there are about; ``table`` one without which there are
    none. ``shelf`` is an order that is kept; ``text`` whether ``store.job_text`` has what is searched.
    """

    name: str
    item: type[msgspec.Struct]
    note: str
    columns: tuple[Column, ...]
    source: str
    scope: str
    key: tuple[str, ...]
    walk: str = ""
    sort: str = ""
    search: tuple[str, ...] = ()
    size: Literal["total", "attempts", ""] = ""
    table: str = ""
    shelf: Shelf | None = None
    text: bool = False
    by_name: dict[str, Column] = {}
    filterable: dict[str, Column] = {}

    def __post_init__(self) -> None:
        self.by_name = {c.name: c for c in self.columns}
        self.filterable = {c.name: c for c in self.columns if c.filterable}

    @property
    def by_key(self) -> str:
        """The FROM clause that begins at the table of the key."""
        alias = self.key[0].partition(".")[0]
        return self.source if self.source.split()[1] == alias else self.walk

    @staticmethod
    def named(columns: tuple[Column, ...], rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Values of some columns by name, as the struct has them, row by row."""
        names = [c.name for c in columns]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        for name, make in [(c.name, _MADE[c.kind]) for c in columns if c.kind in _MADE]:
            for one in found:
                if one[name] is not None:
                    one[name] = make(one[name])
        return found


def pruned(source: str, *used: str) -> str:
    """A FROM clause without the LEFT JOINs of tables that these expressions do not ask for: they change no row, but
    SQLite would look up each of them."""
    base, *joins = source.split(" LEFT JOIN ")
    kept: list[str] = []
    for join in reversed(joins):
        alias = join.split()[1]
        if any(re.search(rf"\b{alias}\.", text) for text in (*used, *kept)):
            kept.append(f" LEFT JOIN {join}")
    return base + "".join(reversed(kept))


#: kinds whose values are another thing in a database than in a struct
_MADE: Final[dict[Kind, Callable[[Any], Any]]] = {"exit": from_raw, "boolean": bool}
