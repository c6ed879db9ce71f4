"""Lists that were asked for but not read yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import msgspec

from stampede.query import Reader
from stampede.query.collections import (
    PAGE,
    Collection,
    Count,
    Page,
    Scope,
    ask,
    merged_all,
    merged_count,
    merged_page,
)

T = TypeVar("T")

#: opens the databases that a list is of, each with the workflows that are meant
Opener = Callable[[], AbstractContextManager[Sequence[tuple[Reader, Scope]]]]


class Listing(Generic[T]):
    """A list of one kind of thing, filtered and sorted, which is read when it is used.

    Iterating gives one struct after the other (dictionaries when ``fields`` were named) from one state of the database,
    in constant memory. Iterating again reads again.
    """

    def __init__(
        self, opener: Opener, collection: Collection, *, filter: str | Sequence[str] | None = None,  # noqa: A002
        sort: str | None = None, fields: str | Sequence[str] | None = None, search: str | None = None, mark: str = "",
    ) -> None:  # fmt: skip
        """``mark`` is what else pages depend on (see ``Question.mark``). Raises UsageError for what cannot be asked."""
        self.collection = collection
        self._opener = opener
        self._question = ask(collection, filter=filter, sort=sort, fields=fields, search=search, mark=mark)

    @property
    def columns(self) -> list[str]:
        """Names of the columns that rows have."""
        return [c.name for c in self._question.columns]

    def __iter__(self) -> Iterator[T]:
        with self._opener() as parts:
            yield from merged_all([(r, self._of(scope)) for r, scope in parts])

    def page(self, *, limit: int = PAGE, after: str | None = None) -> Page[T]:
        """The rows that follow a cursor (``next`` of the page before; None: the first), at most ``limit``.

        Costs the same at the end of a long list as at its beginning. Raises UsageError for a cursor of another list.
        """
        with self._opener() as parts:
            return merged_page([(r, self._of(scope)) for r, scope in parts], limit=limit, after=after)

    def count(self, *, most: int | None = None) -> Count:
        """How many rows there are: exactly where the database keeps that number; else one by one, up to ``most``
        (None: all), and ``exact`` says whether that was enough."""
        with self._opener() as parts:
            return merged_count([(r, self._of(scope)) for r, scope in parts], most=1 << 62 if most is None else most)

    def first(self) -> T | None:
        """The first row; None when there is none."""
        items = self.page(limit=1).items
        return items[0] if items else None

    def to_dicts(self) -> list[dict[str, Any]]:
        """All rows as dictionaries of plain values: times are epoch seconds, an exit is a text (``exit code 1``)."""
        return [self._plain(item) for item in self]

    def to_arrow(self) -> Any:
        """All rows as a ``pyarrow.Table``; times are timestamps in UTC. Raises UsageError without pyarrow."""
        from stampede.api.tables import arrow_table

        return arrow_table(self._question.columns, self)

    def to_pandas(self) -> Any:
        """All rows as a ``pandas.DataFrame``. Raises UsageError where pandas or pyarrow is not installed."""
        from stampede.api.tables import data_frame

        return data_frame(self._question.columns, self)

    def __repr__(self) -> str:
        asked = [f"{n} {t!r}" for n, t in (("filter", str(self._question.filter)), ("sort", str(self._question.order)))
                 if t]  # fmt: skip
        return f"<{self.collection.name}{': ' if asked else ''}{', '.join(asked)}>"

    def _of(self, scope: Scope) -> Any:
        return msgspec.structs.replace(self._question, scope=scope)

    def _plain(self, item: Any) -> dict[str, Any]:
        named = item if isinstance(item, dict) else msgspec.structs.asdict(item)
        exits = [c.name for c in self._question.columns if c.kind == "exit"]
        return named | {name: None if named[name] is None else str(named[name]) for name in exits}
