"""PostgreSQL, by psycopg 3 (https://www.psycopg.org/psycopg3/docs/)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from stampede.errors import DatabaseError, TimeUpError, UsageError
from stampede.store.reader import Reader
from stampede.store.server import opening, silence, values
from stampede.store.server.bulk import Insertion, Row
from stampede.store.server.connection import AT_ONCE, REVISION_SAID, TURN, Answer, ServerConnection
from stampede.store.server.postgres_dialect import PostgresTranslator
from stampede.store.server.reader import ServerReader
from stampede.store.urls import shown

try:
    import psycopg
    from psycopg import pq
    from psycopg.adapt import Dumper, Loader
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
except ImportError as e:
    raise UsageError("PostgreSQL needs its driver: pip install 'stampede-wf[postgres]'.") from e

#: more rows than this go by COPY
_BULK: Final = 100
#: a server that does not answer is given up after so many seconds
_CONNECT_S: Final = 10
#: names by PEP 249 that sqlite3 has too
_NAMES: Final = ("IntegrityError", "DataError", "ProgrammingError", "InterfaceError", "NotSupportedError",
                 "InternalError", "OperationalError")  # fmt: skip
#: states of SQL after which the same can work (https://www.postgresql.org/docs/15/errcodes-appendix.html): lost
#: connections, deadlocks and serialisation, too many connections or no room, a server that stops or starts, a
#: transaction that stood still
_PASSING: Final = ("08", "40", "53", "57P", "25P03")
#: how long we believe in a server of which nothing is heard, unless the URL says otherwise
_SILENCE: Final = {
    "keepalives_idle": silence.IDLE_S, "keepalives_interval": silence.EVERY_S, "keepalives_count": silence.TIMES,
    "tcp_user_timeout": silence.UNHEARD_S * 1000, "connect_timeout": _CONNECT_S, "application_name": "stampede",
}  # fmt: skip
#: and how long it believes in us
#: (compiling a statement takes longer than any of the loader's does)
_SESSION: Final = (
    "SET client_min_messages = warning; SET lock_timeout = {patience_ms}; SET jit = off; "
    f"SET tcp_keepalives_idle = {silence.IDLE_S}; SET tcp_keepalives_interval = {silence.EVERY_S}; "
    f"SET tcp_keepalives_count = {silence.TIMES}; SET tcp_user_timeout = {silence.UNHEARD_S * 1000}"
)
#: one lock of the database for those who make its tables
_MAKING: Final = 7_822_353_001


class _Number(Loader):
    def load(self, data: Any) -> int | float:
        return values.number(bytes(data).decode())


class _Wide(Dumper):
    """Numbers have 64 bits, also where nothing else says so."""

    def dump(self, obj: int) -> bytes:
        return b"%d" % obj

    def quote(self, obj: int) -> bytes:
        return b"%d::int8" % obj if obj >= 0 else b"(%d)::int8" % obj


class _Truth(Loader):
    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


@cache
def _translator(schema: str) -> PostgresTranslator:
    return PostgresTranslator(schema)


class PostgresConnection(ServerConnection):
    """A connection whose statements carry their values as literals, as SQLite's types are those of values."""

    #: an entry of an index has at most a third of a page, 2,704 bytes (https://www.postgresql.org/docs/15/btree.html),
    #: and keys have up to four names
    key_bytes: int | None = 600
    faults = psycopg.Error

    def opened(self) -> None:
        self.driver.execute(_SESSION.format(patience_ms=int(self.patience_s * 1000)))
        self._staged: set[str] = set()

    def begin(self) -> tuple[int, tuple[str, ...]]:
        cursor = self.driver.execute(
            f"BEGIN; SET LOCAL idle_in_transaction_session_timeout = {silence.STILL_S * 1000}; "
            "UPDATE stampede_meta SET value = (CAST(value AS BIGINT) + 1)::text "
            f"WHERE key = '{TURN}' RETURNING value; {REVISION_SAID}"
        )
        cursor.nextset()
        cursor.nextset()
        row = cursor.fetchone()
        if row is None:
            raise psycopg.ProgrammingError("stampede_meta has no row for the turn to write")
        cursor.nextset()
        return int(row[0]), tuple(said for (said,) in cursor.fetchall())

    def run(self, text: str, given: dict[str, Any] | None = None) -> Answer:
        cursor = self.driver.execute(text, given)
        return Answer(cursor.fetchall() if cursor.description is not None else [], cursor.rowcount)

    def executemany(self, sql: str, parameters: Any, /) -> Answer:
        """As for all; a refusal leaves the transaction as it was before."""
        if self.driver.info.transaction_status != pq.TransactionStatus.INTRANS:
            return super().executemany(sql, parameters)
        self._guarded(lambda: self.run("SAVEPOINT many"))
        try:
            answer = super().executemany(sql, parameters)
        except Exception:
            if self.driver.info.transaction_status == pq.TransactionStatus.INERROR:
                self.run("ROLLBACK TO SAVEPOINT many")
            raise
        self._guarded(lambda: self.run("RELEASE SAVEPOINT many"))
        return answer

    def run_each(self, text: str, rows: Sequence[dict[str, Any]]) -> int:
        cursor = self.driver.cursor()
        changed = 0
        for first in range(0, len(rows), AT_ONCE):
            cursor.execute(";".join(cursor.mogrify(text, row) for row in rows[first : first + AT_ONCE]))
            while True:
                changed += max(cursor.rowcount, 0)
                if not cursor.nextset():
                    break
        return changed

    def insert(self, insertion: Insertion, rows: list[Row]) -> int:
        if len(rows) > _BULK and insertion.columns and not insertion.table.startswith(("block_", "fresh_")):
            return self._copied(insertion, rows)
        changed = 0
        one = f"({', '.join(['%s'] * len(rows[0]))})"
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            text = f"{insertion.head}{', '.join([one] * len(some))}{insertion.tail}"
            changed += self.driver.execute(text, [v for row in some for v in row]).rowcount
        return changed

    def _copied(self, insertion: Insertion, rows: list[Row]) -> int:
        """COPY into a table beside it, from there into the table."""
        stage = f'"stage_{insertion.table}"'
        columns = ", ".join(f'"{c}"' for c in insertion.columns)
        cursor = self.driver.cursor()
        if insertion.table not in self._staged:
            cursor.execute(f'CREATE TEMP TABLE IF NOT EXISTS {stage} AS SELECT * FROM "{insertion.table}" WHERE false')
            self._staged.add(insertion.table)
        cursor.execute(f"TRUNCATE {stage}")
        with cursor.copy(f"COPY {stage} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        head = insertion.head.partition("(")[0].removesuffix(" VALUES ")
        cursor.execute(f"{head}({columns}) SELECT {columns} FROM {stage}{insertion.tail}")
        return int(cursor.rowcount)

    def fault(self, error: Exception) -> sqlite3.Error:
        name = next((n for n in _NAMES if isinstance(error, getattr(psycopg, n))), "DatabaseError")
        state = getattr(error, "sqlstate", None)
        primary = getattr(getattr(error, "diag", None), "message_primary", None)
        found: sqlite3.Error = getattr(sqlite3, name)(str(primary or error).strip())
        found.passes = _passes(error, state)  # type: ignore[attr-defined]
        found.time_up = isinstance(error, QueryCanceled)  # type: ignore[attr-defined]
        found.in_the_way = isinstance(error, (LockNotAvailable, DeadlockDetected))  # type: ignore[attr-defined]
        return found

    def passes(self, error: BaseException) -> bool:
        return bool(getattr(error, "passes", False))

    def look(self, tables: Iterable[str]) -> None:
        names = ", ".join(f'"{name}"' for name in tables)
        self._guarded(lambda: self.run(f"ANALYZE {names}"))

    def known(self) -> dict[str, float]:
        rows = self.statement(
            "SELECT relname, reltuples FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE n.nspname = current_schema() AND relkind IN ('r', 'p') AND reltuples >= 0"
        )
        return {name: float(many) for name, many in rows}

    def on_disk(self) -> None:
        self._guarded(lambda: self.run("SET synchronous_commit = on"))

    def interrupt(self) -> None:
        """Stop what another thread runs right now."""
        self.driver.cancel()

    def places(self) -> frozenset[str]:
        rows = self.statement(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = "
            "current_schema() UNION SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
            "UNION SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() "
            "UNION SELECT relname || ':partitions' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND relkind = 'p'"
        )
        return frozenset(name for (name,) in rows)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction that holds the turn to write."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")


def _passes(error: Exception, state: str | None) -> bool:
    if state is None:
        return isinstance(error, psycopg.OperationalError)
    return state.startswith(_PASSING)


class PostgresReader(ServerReader):
    """Questions to PostgreSQL: a snapshot is a transaction that is REPEATABLE READ."""

    _server: PostgresConnection

    def begin(self) -> None:
        self._server.run("BEGIN ISOLATION LEVEL REPEATABLE READ")

    def limit(self, seconds: float | None) -> None:
        self._server.run(f"SET statement_timeout = {0 if seconds is None else max(int(seconds * 1000), 1)}")

    def columns_there(self, table: str) -> list[str]:
        name = table.replace("temp.", "pg_temp.")
        rows = self._server.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 "
            "AND NOT attisdropped AND attname <> 'row_id' ORDER BY attnum",
            {"table": ".".join(f'"{part}"' for part in name.split("."))},
        )
        return [r[0] for r in rows]

    def is_lost(self) -> bool:
        return bool(self._server.driver.info.transaction_status == pq.TransactionStatus.INERROR)

    @contextmanager
    def kept(self) -> Iterator[None]:
        if not self._inside:
            yield
            return
        self._server.run("SAVEPOINT kept")
        try:
            yield
        except TimeUpError:
            self._server.run("ROLLBACK TO SAVEPOINT kept; RELEASE SAVEPOINT kept")
            raise
        self._server.run("RELEASE SAVEPOINT kept")

    def portions(self, text: str, given: dict[str, Any]) -> Iterator[list[Row]]:
        if not self._inside:
            yield self._server.run(text, given).fetchall()
            return
        self._number = getattr(self, "_number", 0) + 1
        name = f"portion_{self._number}"
        self._server.run(f"DECLARE {name} NO SCROLL CURSOR FOR {text}", given)
        while rows := self._server.run(f"FETCH 2000 FROM {name}").fetchall():
            yield rows
        self._server.run(f"CLOSE {name}")

    def tables_there(self) -> set[str]:
        return _tables(self._server)

    def interrupt(self) -> None:
        self._server.interrupt()


def _connected(url: str, patience_s: float) -> PostgresConnection:
    """Connect. Raises DatabaseError when that cannot be done."""
    place = "postgresql://" + url.split("://", 1)[1]

    def connect() -> Any:
        given: dict[str, Any] = {**_SILENCE, **conninfo_to_dict(place)}
        driver = psycopg.connect(**given, autocommit=True, cursor_factory=psycopg.ClientCursor)
        driver.adapters.register_loader("float8", _Number)
        driver.adapters.register_loader("numeric", _Number)
        driver.adapters.register_loader("bool", _Truth)
        driver.adapters.register_dumper(int, _Wide)
        return driver

    try:
        probe = connect()
        with probe:
            schema = probe.execute("SELECT coalesce(current_schema(), 'public')").fetchone()[0]
        return PostgresConnection(connect, _translator(schema), url, patience_s)
    except psycopg.Error as e:
        raise DatabaseError(f"{shown(url)} cannot be reached: {_said(e)}.") from e


def _tables(connection: PostgresConnection) -> set[str]:
    return {r[0] for r in connection.run("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}


def _said(error: Exception) -> str:
    return str(error).strip()


def _opened(url: str, patience_s: float, work: Callable[[PostgresConnection], None]) -> PostgresConnection:
    return opening.opened(_connected(url, patience_s), url, work, faults=(psycopg.Error, sqlite3.Error), said=_said)


def open_writer(url: str, patience_s: float) -> PostgresConnection:
    """Open for writing; tables are made where there are none. Raises DatabaseError, FutureDatabaseError."""

    def make(connection: PostgresConnection) -> None:
        tables = _tables(connection)
        if "stampede_meta" in tables:
            opening.prepare(connection, url, tables, "postgresql")
            return
        connection.run(f"BEGIN; SELECT pg_advisory_xact_lock({_MAKING})")
        opening.prepare(connection, url, _tables(connection), "postgresql")
        connection.run("COMMIT")

    return _opened(url, patience_s, make)


def open_existing(url: str, patience_s: float) -> PostgresConnection:
    """Open a database of ours as it is, whatever its revision is. Raises NoDatabaseError, FutureDatabaseError,
    DatabaseError."""
    return _opened(url, patience_s, lambda c: opening.check_readable(c, url, _tables(c)))


def open_reader(url: str) -> Reader:
    """Open for reading. Raises NoDatabaseError, FutureDatabaseError, DatabaseError."""
    connection = _opened(url, 30.0, lambda c: opening.check_readable(c, url, _tables(c)))
    return PostgresReader(connection, url)
