"""A connection to a server that takes the statements of the house, as ``store.connection`` describes it.

Those who write take turns: a transaction begins by changing one row of ``stampede_meta``, on which the next one waits.
So keys can be given out by the loader, rows are numbered in the order in which they are committed, and no two loaders
can lock each other out; the number in that row tells whether somebody else has written.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from sqlglot.errors import SqlglotError

from stampede.errors import OutdatedDatabaseError
from stampede.store.server import values
from stampede.store.server.bulk import Insertion, Row, insertion, into, rounds
from stampede.store.server.looking import Looking
from stampede.store.server.translate import Statement, Translator
from stampede.store.urls import shown

#: rows of one statement at most
AT_ONCE: Final = 500
#: the row of ``stampede_meta`` whose change is the turn to write
TURN: Final = "turn"
#: what a database says of the revision of its tables: the number alone, unless it is on its way to another
REVISION_SAID: Final = "SELECT value FROM stampede_meta WHERE key IN ('schema_version', 'moving') ORDER BY key DESC"
_SCRATCH: Final = "CREATE TEMP TABLE IF NOT EXISTS"

_LOG = logging.getLogger("stampede.store")


class Answer:
    """The rows of a statement, all of them here already."""

    def __init__(self, rows: list[Row], rowcount: int) -> None:
        self.rowcount = rowcount
        self._rows = iter(rows)

    def fetchone(self) -> Row | None:
        """The next row, or None."""
        return next(self._rows, None)

    def fetchall(self) -> list[Row]:
        """All rows that are left."""
        return list(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rows


class ServerConnection:
    """What PostgreSQL and MariaDB have in common. ``connect`` gives a connection of the driver, in autocommit mode."""

    #: names that are keys have so many bytes at most; None: as many as they like
    key_bytes: int | None = None
    #: exceptions of the driver
    faults: type[Exception] | tuple[type[Exception], ...] = Exception

    def __init__(self, connect: Callable[[], Any], translator: Translator, url: str, patience_s: float) -> None:
        self._connect = connect
        self.driver = connect()
        self.translator = translator
        self.url = url
        self.patience_s = patience_s
        self._insertions: dict[str, Insertion | None] = {}
        #: statements that made temporary tables, for a new connection to make them again
        self._scratch: dict[str, None] = {}
        self._inside = False
        self._looking = Looking(self.known, self.look)
        #: what the database said of the revision of its tables when it was opened for writing
        self.revision: tuple[str, ...] | None = None
        #: the number of our last turn, and how often others came between two of ours
        self._turn = -1
        self._others = 0
        self._before = -1
        self.opened()

    # ---- what a server has of its own -------------------------------------------------------------------------------

    def opened(self) -> None:
        """Make a new connection ready."""

    def begin(self) -> tuple[int, tuple[str, ...]]:
        """Begin a transaction and take the turn to write: its number, and then ``REVISION_SAID``."""
        raise NotImplementedError

    def run(self, text: str, given: dict[str, Any] | None = None) -> Answer:
        """Run a statement of the server."""
        raise NotImplementedError

    def run_each(self, text: str, rows: Sequence[dict[str, Any]]) -> int:
        """Run a statement once for each row, many at a time: the rows that were changed."""
        raise NotImplementedError

    def insert(self, insertion: Insertion, rows: list[Row]) -> int:
        """Insert rows of which no two have the same key."""
        raise NotImplementedError

    def fault(self, error: Exception) -> sqlite3.Error:
        """What an exception of the driver is called by PEP 249."""
        raise NotImplementedError

    def passes(self, error: BaseException) -> bool:
        """Whether the same can work when it is tried again."""
        raise NotImplementedError

    def look(self, tables: Iterable[str]) -> None:
        """Have the server look at what these tables hold, so that it plans well."""

    def known(self) -> dict[str, float]:
        """How many rows the server believes its tables to have, those apart that it never looked at."""
        raise NotImplementedError

    def on_disk(self) -> None:
        """A committed transaction is on the server's disk, unless the server is told otherwise."""

    def places(self) -> frozenset[str]:
        """What is there, as ``migrations.shape`` asks."""
        raise NotImplementedError

    def changing(self) -> AbstractContextManager[None]:
        """Nobody else changes tables meanwhile. Raises exceptions of sqlite3 when another does for too long."""
        raise NotImplementedError

    # ---- what all do the same way -----------------------------------------------------------------------------------

    def execute(self, sql: str, parameters: Any = (), /) -> Answer:
        """Run a statement of the house. Raises exceptions of sqlite3.

        Outside a transaction it is run again on a new connection when the old one was lost.
        """
        command = self._command(sql)
        if command is None:
            statement = self.translated(sql)
            given = values.named(parameters) if statement.marks else {}
            if sql.startswith(_SCRATCH):
                self._scratch[sql] = None

            def command() -> Answer:
                return self.run(statement.text, given)

        if self._inside:
            return self._guarded(command)
        try:
            return self._guarded(command)
        except sqlite3.Error as e:
            if not self.recover(e, self.patience_s):
                raise
        return self._guarded(command)

    def executemany(self, sql: str, parameters: Any, /) -> Answer:
        """Run a statement of the house once for each row of values. Raises exceptions of sqlite3."""
        rows = [values.row(r) for r in parameters]
        if not rows:
            return Answer([], 0)
        statement = self.translated(sql)
        if sql not in self._insertions:
            self._insertions[sql] = insertion(statement)
        table = into(statement)
        if table is not None:
            self._looking.wrote(table, len(rows))
        many = self._insertions[sql]
        if many is None:
            given = [{f"p{n}": v for n, v in enumerate(row, 1)} for row in rows]
            return self._guarded(lambda: Answer([], self.run_each(statement.text, given)))
        return self._guarded(lambda: Answer([], sum(self.insert(many, part) for part in rounds(rows, many.key))))

    def statement(self, text: str) -> Answer:
        """Run a statement of the server as it is. Raises exceptions of sqlite3."""
        return self._guarded(lambda: self.run(text))

    def translated(self, sql: str) -> Statement:
        """The statement as the server wants it."""
        try:
            return self.translator.translated(sql)
        except (SqlglotError, KeyError) as e:
            raise sqlite3.ProgrammingError(f"{sql[:200]} cannot be said to this server: {e}") from e

    def settle(self) -> None:
        """Have the server look at what has changed noticeably, so that it plans well."""
        self._looking.settled()

    def data_version(self) -> int:
        """How often others wrote between two turns of ours."""
        return self._others

    def recover(self, error: BaseException, patience_s: float) -> bool:
        """Whether the error passes; waits for the server and connects again where that is needed."""
        if not self.passes(error):
            return False
        _LOG.warning("%s; trying again from the last commit", error)
        until = time.monotonic() + patience_s
        pause = 0.05
        while True:
            time.sleep(pause * (0.5 + random.random()))
            try:
                self.abandon()
                self.driver = self._connect()
                self.opened()
                for made in self._scratch:
                    self.run(self.translated(made).text, {})
                return True
            except self.faults as e:
                if time.monotonic() > until:
                    _LOG.warning("%s", e)
                    return False
            pause = min(pause * 2, 2.0)

    def abandon(self) -> None:
        """Drop the connection, whatever state it is in."""
        self._inside = False
        self._turn = -1
        try:
            self.driver.close()
        except self.faults:
            pass

    def close(self) -> None:
        """Give it back."""
        self.abandon()

    def _command(self, sql: str) -> Callable[[], Answer] | None:
        match sql:
            case "BEGIN IMMEDIATE":
                return self._begin
            case "COMMIT":
                return self._end
            case "ROLLBACK":
                return self._roll_back
        return None

    def _begin(self) -> Answer:
        turn, revision = self.begin()
        if self.revision is not None and revision != self.revision:
            self._roll_back()
            raise OutdatedDatabaseError(
                f"The tables of {shown(self.url)} have been changed to another revision since they were opened. "
                "Start this again, with the release that the others use."
            )
        self._before = self._turn
        if turn != self._turn + 1:
            self._others += 1
        self._turn = turn
        self._inside = True
        return Answer([], 0)

    def _end(self) -> Answer:
        answer = self.run("COMMIT")
        self._inside = False
        self._looking.committed()
        return answer

    def _roll_back(self) -> Answer:
        self._turn = self._before
        self._inside = False
        try:
            return self.run("ROLLBACK")
        except self.faults:  # with the connection the transaction is over, too
            self.abandon()
            return Answer([], 0)

    def alone(self, text: str) -> None:
        """Run a statement of the server as it is, outside a transaction. Raises exceptions of sqlite3."""
        self.statement(text)

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except self.faults as e:
            raise self.fault(e) from e
