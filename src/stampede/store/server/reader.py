"""Questions to a server: what ``store.sqlite.Reader`` is for a file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from stampede.errors import DatabaseError, TimeUpError
from stampede.store.reader import Reader, Row
from stampede.store.server import values
from stampede.store.server.connection import ServerConnection
from stampede.store.server.marks import named
from stampede.store.urls import shown

#: rows that are fetched at a time where a question has many
_PORTION = 2_000
#: steps of SQLite's machine in a second, and the shortest time that a server is given
_STEPS_A_SECOND = 10_000_000
_LEAST_S = 1.0


class ServerReader(Reader):
    """A view of a database behind a server, which changes nothing in it but temporary tables of its own."""

    def __init__(self, connection: ServerConnection, url: str) -> None:
        self._server = connection
        self.url = url
        self._views: dict[str, exp.Query] = {}
        self._columns: dict[str, list[str]] = {}
        self._end: float | None = None
        self._derive = None
        self._inside = False

    # ---- what a server has of its own -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction that sees one state."""
        raise NotImplementedError

    def limit(self, seconds: float | None) -> None:
        """Have the server stop questions that take longer; None: no limit."""
        raise NotImplementedError

    def columns_there(self, table: str) -> list[str]:
        """The columns of a table or view, in order."""
        raise NotImplementedError

    def places(self) -> frozenset[str]:
        with self._told():
            return self._server.places()

    def tables_there(self) -> set[str]:
        """The tables of the schema."""
        raise NotImplementedError

    def is_lost(self) -> bool:
        """Whether the transaction can only be rolled back."""
        return False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """A question inside that is stopped leaves the transaction as it was."""
        yield

    def portions(self, text: str, given: dict[str, Any]) -> Iterator[list[Row]]:
        """The rows of a question, some at a time."""
        yield self._server.run(text, given).fetchall()

    #: whether the server has temporary views
    has_views = True

    # ---- what all do the same way -----------------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        text, given = self._said(sql, parameters)
        with self._told():
            return self._server.run(text, given).fetchall()

    def iterate(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Iterator[Row]:
        text, given = self._said(sql, parameters)
        with self._told():
            for portion in self.portions(text, given):
                yield from portion

    def rows_within(self, steps: int, sql: str, parameters: Sequence[Any] = ()) -> list[Row] | None:
        # a server chooses its way by what it knows of the rows, so that few questions are stopped
        before = self._end
        try:
            with self.kept(), self.within(max(steps / _STEPS_A_SECOND, _LEAST_S)):
                if before is not None:
                    self._end = min(before, self._end or before)
                return self.rows(sql, parameters)
        except TimeUpError:
            if before is not None and time.monotonic() > before:
                raise
            return None

    def columns(self, table: str) -> set[str]:
        return set(self.names(table))

    def names(self, table: str) -> list[str]:
        if table.removeprefix("temp.") in self._views:
            return [str(c.alias_or_name) for c in self._views[table.removeprefix("temp.")].selects]
        bare = table.removeprefix("main.")
        found = self._columns.get(table)
        if found is None:
            with self._told():
                found = self.columns_there(table if bare == table else f"{self._server.translator.schema}.{bare}")
            if found and bare in _stable():
                self._columns[table] = found
        return found

    def tables(self) -> list[str]:
        with self._told():
            return sorted(self.tables_there())

    def tolerate(self) -> None:
        pass  # a server gives text in the encoding that was agreed on

    def damage(self) -> list[str]:
        return []  # its files are the server's business

    def orphans(self) -> list[str]:
        from stampede.store.schema import metadata

        found = []
        for table in metadata.sorted_tables:
            for reference in sorted(table.foreign_keys, key=lambda f: f.parent.name):
                own, other = reference.parent.name, reference.column
                rows = self.rows(
                    f'SELECT t."{own}" FROM {table.name} t WHERE t."{own}" IS NOT NULL AND NOT EXISTS '
                    f'(SELECT 1 FROM {other.table.name} o WHERE o."{other.name}" = t."{own}")'
                )
                found += [f"{table.name} refers to a missing {other.table.name}, {own} {key}" for (key,) in rows]
        return found

    def has_index(self, name: str) -> bool:
        return False  # which of them to take is the server's business

    def is_view(self, table: str) -> bool:
        return table in self._views

    def scratch(self, sql: str, rows: Sequence[Sequence[Any]] | None = None) -> None:
        if self.is_lost():  # whatever is temporary goes with the transaction
            return
        words = sql.split(None, 4)
        if words[1:3] == ["TEMP", "VIEW"]:
            self._lay(words[3], sql)
            if not self.has_views:
                return
        elif words[:2] == ["DROP", "VIEW"]:
            name = sql.rsplit(None, 1)[1]
            self._views.pop(name.removeprefix("temp."), None)
            if not self.has_views:
                return
            sql = f"DROP VIEW IF EXISTS {name} CASCADE"  # others that look into it go too
        if rows is None:
            text, given = self._said(sql, ())
            with self._told():
                self._server.run(text, given)
        elif rows:
            try:
                self._server.executemany(sql, rows)
            except sqlite3.Error as e:
                raise self._named(e) from e

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._told():
            self.begin()
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self._views.clear()
            with self._told():
                self._server.run("ROLLBACK")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        before, self._end = self._end, time.monotonic() + seconds
        with self._told():
            self.limit(seconds)
        try:
            yield
        finally:
            self._end = before
            if not self.is_lost():
                with self._told():
                    self.limit(None if before is None else max(before - time.monotonic(), 0.001))

    def adopted(self, derive: Callable[[Reader], None]) -> None:
        raise DatabaseError(f"{shown(self.url)}: databases that Pegasus wrote are read in place from files only.")

    def stored(self, table: str) -> str:
        return f"main.{table}"

    def version(self) -> int:
        return int((self.one("SELECT value FROM stampede_meta WHERE key = 'turn'") or (0,))[0])

    def close(self) -> None:
        self._server.close()

    def _said(self, sql: str, parameters: Any) -> tuple[str, dict[str, Any]]:
        if self._end is not None and time.monotonic() > self._end:
            raise TimeUpError("The question took longer than it may, and was stopped. Ask for less.")
        try:
            views = None if self.has_views else self._views
            statement = self._server.translator.translated(sql, views or None)
        except (SqlglotError, KeyError) as e:
            raise DatabaseError(f"{shown(self.url)}: {sql[:200]} cannot be said to this server: {e}") from e
        return statement.text, values.named(parameters) if statement.marks else {}

    def _lay(self, name: str, sql: str) -> None:
        """Keep what a temporary view shows: the query stands for it where the server has none."""
        query = sql.split(" AS ", 1)[1]
        tree = sqlglot.parse_one(named(query)[0], dialect="sqlite")
        from stampede.store.server.translate import expanded

        found = expanded(tree, {k: v for k, v in self._views.items() if k != name})
        assert isinstance(found, exp.Query)
        self._views[name] = found

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._server.faults as e:
            raise self._named(self._server.fault(e)) from e

    def _named(self, error: sqlite3.Error) -> DatabaseError:
        if getattr(error, "time_up", False):
            return TimeUpError("The question took longer than it may, and was stopped. Ask for less.")
        return DatabaseError(f"{shown(self.url)}: {error}.")


def _stable() -> frozenset[str]:
    """The tables whose columns do not change while somebody reads."""
    from stampede.store.schema import metadata

    return frozenset(metadata.tables)
