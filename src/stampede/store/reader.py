"""Readers: read-only views of a database. What they are asked is SQL as SQLite takes it; those of servers
(``server.reader``) translate it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from stampede.errors import DatabaseError, TimeUpError

Row = tuple[Any, ...]
#: instructions of SQLite's machine between two looks at the clock: some hundreds of microseconds
_LOOK_EVERY: Final = 20_000


class Reader:
    """A read-only view. ``rows`` and ``one`` answer parametrised SQL; ``snapshot`` holds one state over several.

    It may go from thread to thread, but only one may ask it at a time.
    """

    def __init__(self, connection: sqlite3.Connection, url: str) -> None:
        self._connection = connection
        self.url = url
        self._derive: Callable[[Reader], None] | None = None
        #: what watches over long questions, and every how many steps: it is there again after one that has its own
        self._watch: tuple[Callable[[], bool] | None, int] = (None, 0)

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """All rows of a question. Raises DatabaseError when the database cannot answer it."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def iterate(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Iterator[Row]:
        """Rows one by one, in constant memory."""
        try:
            yield from self._connection.execute(sql, parameters)
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def rows_within(self, steps: int, sql: str, parameters: Sequence[Any] = ()) -> list[Row] | None:
        """All rows of a question, or None when it takes more than so many steps of SQLite's machine (some ten million a
        second), or more than half as many. Raises DatabaseError when the database cannot answer it."""
        looks = 0

        def stop() -> bool:
            nonlocal looks
            looks += 1
            return looks > 1

        # SQLite counts the steps of a statement over all its runs, as long as it is kept prepared: the first look may
        # come at any step of this one
        self._connection.set_progress_handler(stop, max(1, steps // 2))
        try:
            return self.rows(sql, parameters)
        except DatabaseError:
            if looks > 1:
                return None
            raise
        finally:
            self._connection.set_progress_handler(*self._watch)

    def has_index(self, name: str) -> bool:
        """Whether there is an index of that name, and no temporary view lies over its table and hides it."""
        return bool(self.rows(
            "SELECT 1 FROM main.sqlite_master m WHERE m.name = ? AND m.type = 'index' "
            "AND NOT EXISTS (SELECT 1 FROM temp.sqlite_master t WHERE t.name = m.tbl_name)", (name,),
        ))  # fmt: skip

    def columns(self, table: str) -> set[str]:
        """Names of a table's columns; empty when there is no such table."""
        return set(self.names(table))

    def names(self, table: str) -> list[str]:
        """The same in order. ``main.NAME`` is what is stored, ``temp.NAME`` what lies over it."""
        schema, _, name = table.rpartition(".")
        return [r[1] for r in self.rows(f'PRAGMA {schema + "." if schema else ""}table_info("{name}")')]

    def tables(self) -> list[str]:
        """Names of the tables that are stored."""
        return [r[0] for r in self.rows("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name")]

    def tolerate(self) -> None:
        """From now on text that is no UTF-8 comes with its odd bytes as surrogates (PEP 383), instead of an error."""
        self._connection.text_factory = _tolerant

    def damage(self) -> list[str]:
        """What is wrong with the file itself; empty when it is whole."""
        try:
            said = [str(r[0]) for r in self.rows("PRAGMA integrity_check(100)")]
        except DatabaseError as e:
            return [str(e)]
        return [] if said == ["ok"] else said

    def orphans(self) -> list[str]:
        """Rows that refer to missing rows."""
        rows = self.rows("PRAGMA foreign_key_check")
        return [f"{table} row {rowid} refers to a missing {parent}" for table, rowid, parent, _ in rows]

    def places(self) -> frozenset[str]:
        """What is stored, as ``migrations.shape`` asks."""
        return places_of(self._connection)

    def is_view(self, table: str) -> bool:
        """Whether a temporary view lies over a table."""
        return bool(self.rows("SELECT 1 FROM sqlite_temp_master WHERE type = 'view' AND name = ?", (table,)))

    def version(self) -> int:
        """A number that changes when somebody writes."""
        return int((self.one("PRAGMA data_version") or (0,))[0])

    def scratch(self, sql: str, rows: Sequence[Sequence[Any]] | None = None) -> None:
        """Change temporary tables and views, which only this reader sees; ``rows`` are parameters, one change each.

        A temporary table or view comes before a stored one of the same name. Raises DatabaseError.
        """
        try:
            if rows is None:
                self._connection.execute(sql)
            else:
                self._connection.executemany(sql, rows)
        except sqlite3.Error as e:
            raise self._failed(e) from e

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All questions asked inside see the same state of the database."""
        self._connection.execute("BEGIN")
        try:
            if self._derive is not None:
                self._derive(self)
            yield
        finally:
            self._connection.rollback()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Stop questions asked inside when so much time is over: they end with TimeUpError."""
        end = time.monotonic() + seconds
        before, self._watch = self._watch, (lambda: time.monotonic() > end, _LOOK_EVERY)
        self._connection.set_progress_handler(*self._watch)
        try:
            yield
        finally:
            self._watch = before
            self._connection.set_progress_handler(*before)

    def _failed(self, error: sqlite3.Error) -> DatabaseError:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            return TimeUpError("The question took longer than it may, and was stopped. Ask for less.")
        return DatabaseError(f"{self.url}: {error}.")

    def interrupt(self) -> None:
        """Stop the question that another thread asks right now: it ends with DatabaseError there."""
        self._connection.interrupt()

    def adopted(self, derive: Callable[[Reader], None]) -> None:
        """Views ``temp.now_TABLE`` stand for our tables, since others wrote the database; ``derive`` is called at the
        beginning of each snapshot to keep what they show up to date."""
        self._derive = derive

    @property
    def is_adopted(self) -> bool:
        """Whether others wrote the database."""
        return self._derive is not None

    def stored(self, table: str) -> str:
        """What holds the rows of a table of ours as they are now, whatever temporary views lie over it."""
        return f"temp.now_{table}" if self.is_adopted else f"main.{table}"

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _tolerant(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def places_of(connection: sqlite3.Connection) -> frozenset[str]:
    """Tables, indexes and columns; a table whose rows have numbers has a column ``row_id`` of them."""
    named = connection.execute("SELECT name, type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%' FROM main.sqlite_master")
    tables: dict[str, bool] = dict(named)
    columns = connection.execute(
        "SELECT m.name || '.' || c.name FROM main.sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    )
    return frozenset({*tables, *(f"{name}.row_id" for name in tables if tables[name]), *(name for (name,) in columns)})
