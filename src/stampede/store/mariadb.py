"""MariaDB, by PyMySQL (https://pymysql.readthedocs.io/)."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from stampede.errors import DatabaseError, UsageError
from stampede.store.reader import Reader
from stampede.store.server import opening, silence, values
from stampede.store.server.bulk import Insertion, Row
from stampede.store.server.connection import AT_ONCE, REVISION_SAID, TURN, Answer, ServerConnection
from stampede.store.server.mariadb_dialect import COLLATION, MariaTranslator
from stampede.store.server.reader import ServerReader
from stampede.store.urls import shown

try:
    import pymysql
    from pymysql.constants import CLIENT, FIELD_TYPE
    from pymysql.converters import conversions, escape_item
except ImportError as e:
    raise UsageError("MariaDB needs its driver: pip install 'stampede-wf[mariadb]'.") from e

_CONNECT_S: Final = 10
_PORT: Final = 3306
_NAMES: Final = ("IntegrityError", "DataError", "ProgrammingError", "InterfaceError", "NotSupportedError",
                 "InternalError", "OperationalError")  # fmt: skip
#: https://mariadb.com/kb/en/mariadb-error-codes/: too many connections, server stops, deadlock, lock waited for, row
#: changed since it was read, disk full, no room in a table; and the client's: cannot connect, server has gone away,
#: connection lost
_PASSING: Final = frozenset({1020, 1040, 1053, 1205, 1213, 1021, 1114, 2002, 2003, 2006, 2013, 2055, 0})
#: values that a column refuses: too long, out of range, not of its kind
_VALUES: Final = frozenset({1264, 1265, 1292, 1366, 1406, 1048, 1062, 1300, 1690})
_TIME_UP: Final = frozenset({1969, 1317})
#: one lock of the database for those who make or change its tables
_LOCK: Final = "CONCAT('stampede.', DATABASE())"
_SAID: Final = REVISION_SAID.replace(" key ", " `key` ")
_LARGEST: Final = struct.unpack(">d", b"\x7f\xef\xff\xff\xff\xff\xff\xff")[0]
#: bytes of one statement, about: the server's limit for a packet is 16 MB unless told otherwise
_PACKET: Final = 4 << 20
_SESSION: Final = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', "
    "group_concat_max_len = 1073741824, max_sort_length = 4096, time_zone = '+00:00', "
    "innodb_lock_wait_timeout = {patience}, tx_isolation = '{isolation}', idle_write_transaction_timeout = {still}"
)


def _literal_of(value: float) -> str:
    """A double; there is none that is infinite, so the largest one takes its place."""
    text = repr(min(max(value, -_LARGEST), _LARGEST))
    return text if "e" in text else f"{text}e0"


def _number(text: str) -> int | float:
    return values.number(text)


_CONVERSIONS: Final[dict[Any, Any]] = conversions | {
    FIELD_TYPE.DOUBLE: _number, FIELD_TYPE.FLOAT: _number, FIELD_TYPE.DECIMAL: _number, FIELD_TYPE.NEWDECIMAL: _number,
    float: lambda value, _=None: _literal_of(value),
}  # fmt: skip


@cache
def _translator() -> MariaTranslator:
    return MariaTranslator("")


class MariaConnection(ServerConnection):
    """A connection in READ COMMITTED: writers take turns, and nothing else is locked."""

    faults = (pymysql.MySQLError, OSError)
    isolation = "READ-COMMITTED"

    def opened(self) -> None:
        patience = max(int(self.patience_s), 1)
        self.run(_SESSION.format(patience=patience, isolation=self.isolation, still=silence.STILL_S))

    def begin(self) -> tuple[int, tuple[str, ...]]:
        self.run("START TRANSACTION")
        changed = self.run(
            f"UPDATE stampede_meta SET value = LAST_INSERT_ID(CAST(value AS SIGNED) + 1) WHERE `key` = '{TURN}'"
        )
        if changed.rowcount != 1:
            raise pymysql.ProgrammingError("stampede_meta has no row for the turn to write")
        said = self.run(f"SELECT LAST_INSERT_ID() UNION ALL ({_SAID})").fetchall()
        return int(said[0][0]), tuple(value for (value,) in said[1:])

    def run(self, text: str, given: dict[str, Any] | None = None) -> Answer:
        with self.driver.cursor() as cursor:
            cursor.execute(text, given)
            return Answer(list(cursor.fetchall()) if cursor.description is not None else [], cursor.rowcount)

    def run_each(self, text: str, rows: Sequence[dict[str, Any]]) -> int:
        changed = 0
        with self.driver.cursor() as cursor:
            for some in _portions([cursor.mogrify(text, row) for row in rows]):
                cursor.execute(";".join(some))
                changed += max(cursor.rowcount, 0)
                while cursor.nextset():
                    changed += max(cursor.rowcount, 0)
        return changed

    def insert(self, insertion: Insertion, rows: list[Row]) -> int:
        changed = 0
        with self.driver.cursor() as cursor:
            for some in _portions([self._literal(row) for row in rows]):
                changed += cursor.execute(insertion.head + ",".join(some) + insertion.tail.replace("%%", "%"))
        return changed

    def _literal(self, row: Row) -> str:
        return f"({','.join(escape_item(v, 'utf8mb4', _CONVERSIONS) for v in row)})"

    def fault(self, error: Exception) -> sqlite3.Error:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else -1
        name = "DataError" if code in _VALUES else next(
            (n for n in _NAMES if isinstance(error, getattr(pymysql, n))), "OperationalError")  # fmt: skip
        found: sqlite3.Error = getattr(sqlite3, name)(str(error.args[-1] if error.args else error))
        found.passes = code in _PASSING or isinstance(error, OSError)  # type: ignore[attr-defined]
        found.time_up = code in _TIME_UP  # type: ignore[attr-defined]
        return found

    def passes(self, error: BaseException) -> bool:
        return bool(getattr(error, "passes", False))

    def look(self, tables: Iterable[str]) -> None:
        names = ", ".join(f"`{name}`" for name in tables)
        self._guarded(lambda: self.run(f"ANALYZE TABLE {names}"))

    def known(self) -> dict[str, float]:
        rows = self.statement(
            "SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        return {name: float(many or 0) for name, many in rows}

    def interrupt(self) -> None:
        """Stop what another thread runs right now."""
        other = self._connect()
        try:
            with other.cursor() as cursor:
                cursor.execute(f"KILL QUERY {self.driver.thread_id()}")
        finally:
            other.close()

    def places(self) -> frozenset[str]:
        rows = self.statement(
            "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns "
            "WHERE table_schema = DATABASE() "
            "UNION SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
            "UNION SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
        )
        return frozenset(name for (name,) in rows)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A lock of the database; a change of a table waits for those who use it as long as for a row."""
        patience = max(int(self.patience_s), 1)
        self.statement(f"SET SESSION lock_wait_timeout = {patience}")
        if self.statement(f"SELECT GET_LOCK({_LOCK}, {patience})").fetchone() != (1,):
            raise sqlite3.OperationalError("another process changes the tables")
        try:
            yield
        finally:
            self.statement(f"SELECT RELEASE_LOCK({_LOCK})")


class _ReadingConnection(MariaConnection):
    isolation = "REPEATABLE-READ"


class MariaReader(ServerReader):
    """Questions to MariaDB, which has temporary tables but no temporary views: queries stand in their place."""

    _server: MariaConnection
    has_views = False

    def begin(self) -> None:
        self._server.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")

    def limit(self, seconds: float | None) -> None:
        self._server.run(f"SET SESSION max_statement_time = {0 if seconds is None else max(seconds, 0.001):.3f}")

    def columns_there(self, table: str) -> list[str]:
        rows = self._server.run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND table_name = %(table)s AND column_name <> 'row_id' ORDER BY ordinal_position",
            {"table": table.rpartition(".")[2]},
        )
        return [r[0] for r in rows]

    def tables_there(self) -> set[str]:
        return _tables(self._server)

    def interrupt(self) -> None:
        self._server.interrupt()


def _portions(statements: list[str]) -> list[list[str]]:
    """Texts in groups that are not too many nor too long for one packet."""
    found: list[list[str]] = []
    size = _PACKET
    for text in statements:
        if size + len(text) > _PACKET or len(found[-1]) >= AT_ONCE:
            found.append([])
            size = 0
        found[-1].append(text)
        size += len(text)
    return found


def _connected(url: str, patience_s: float, kind: type[MariaConnection]) -> MariaConnection:
    """Connect. Raises DatabaseError when that cannot be done, UsageError for a URL without a database."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise UsageError(f"{shown(url)}: no database named. Write mysql+pymysql://USER@HOST/DATABASE.")
    options: dict[str, Any] = {
        k: v for k, v in parse_qsl(parts.query) if k in ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
    }

    host, port = parts.hostname or "127.0.0.1", parts.port or _PORT

    def connect() -> Any:
        driver = pymysql.Connection(
            host=host, port=port, user=unquote(parts.username or ""),
            password=unquote(parts.password or ""), database=name, charset="utf8mb4", collation=COLLATION,
            autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS | CLIENT.FOUND_ROWS, conv=_CONVERSIONS,
            connect_timeout=_CONNECT_S, defer_connect=True, **options,
        )  # fmt: skip
        driver.connect(None if "unix_socket" in options else silence.connected(host, port, _CONNECT_S))
        return driver

    try:
        return kind(connect, _translator(), url, patience_s)
    except (pymysql.MySQLError, OSError) as e:
        raise DatabaseError(f"{shown(url)} cannot be reached: {_said(e)}.") from e


def _tables(connection: MariaConnection) -> set[str]:
    return {
        r[0]
        for r in connection.run(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
            "AND table_type = 'BASE TABLE'"
        )
    }


def _said(error: Exception) -> object:
    return error.args[-1] if error.args else error


def _opened(connection: MariaConnection, url: str, work: Callable[[MariaConnection], None]) -> MariaConnection:
    return opening.opened(connection, url, work, faults=(pymysql.MySQLError, sqlite3.Error, OSError), said=_said)


def open_writer(url: str, patience_s: float) -> MariaConnection:
    """Open for writing; tables are made where there are none. Raises DatabaseError, FutureDatabaseError."""

    def make(connection: MariaConnection) -> None:
        connection.run(f"SELECT GET_LOCK({_LOCK}, {int(patience_s)})")
        try:
            opening.prepare(connection, url, _tables(connection), "mariadb")
        finally:
            connection.run(f"SELECT RELEASE_LOCK({_LOCK})")

    return _opened(_connected(url, patience_s, MariaConnection), url, make)


def open_existing(url: str, patience_s: float) -> MariaConnection:
    """Open a database of ours as it is, whatever its revision is. Raises NoDatabaseError, FutureDatabaseError,
    DatabaseError."""
    connection = _connected(url, patience_s, MariaConnection)
    return _opened(connection, url, lambda c: opening.check_readable(c, url, _tables(c)))


def open_reader(url: str) -> Reader:
    """Open for reading. Raises NoDatabaseError, FutureDatabaseError, DatabaseError."""
    connection = _connected(url, 30.0, _ReadingConnection)

    def look(opened: MariaConnection) -> None:
        tables = _tables(opened)
        opening.check_readable(opened, url, tables)
        if "stampede_meta" not in tables:
            opened.translator = MariaTranslator("", edges=())

    _opened(connection, url, look)
    return MariaReader(connection, url)


__all__ = ["MariaConnection", "MariaReader", "open_existing", "open_reader", "open_writer"]
