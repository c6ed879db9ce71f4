"""The file of the registry: made, opened, checked, and how values are kept in it."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from stampede import __version__, places
from stampede.errors import DatabaseError, FutureDatabaseError, NoDatabaseError
from stampede.files import told
from stampede.store.reader import Reader
from stampede.store.sqlite import open_reader

#: version of the tables below
VERSION = 1
FILE_NAME = "registry.sqlite"

#: how long a change waits for those of others, unless somebody has less patience
PATIENCE_S = 5.0

_TABLES = (
    "CREATE TABLE IF NOT EXISTS registry_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS workflow(
        wf_uuid TEXT PRIMARY KEY, label TEXT, user TEXT, host TEXT NOT NULL, submit_dir TEXT, dag TEXT,
        db_url TEXT NOT NULL, state TEXT NOT NULL, percent_done REAL NOT NULL, done INTEGER NOT NULL,
        total INTEGER NOT NULL, failed INTEGER NOT NULL, held INTEGER NOT NULL, started_ts REAL,
        last_seen_ts REAL NOT NULL, ended_ts REAL)""",
    # an id is never given twice, so that a watcher whose row was pruned cannot write into that of another
    """CREATE TABLE IF NOT EXISTS watcher(
        id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, pid INTEGER NOT NULL, start_ticks INTEGER,
        paths TEXT NOT NULL, auto INTEGER NOT NULL, db_url TEXT, log TEXT, started_ts REAL NOT NULL,
        last_seen_ts REAL NOT NULL, wf_uuids TEXT NOT NULL, note TEXT NOT NULL)""",
    f"INSERT OR IGNORE INTO registry_meta(key, value) VALUES ('version', '{VERSION}')",
)
_REMEDY = "Move it away: watchers write a new one, and what they wrote about workflows is in the databases of these."


def default_path() -> Path:
    """Where the registry of this user lies."""
    return places.state_folder() / FILE_NAME


def unusable(path: Path, why: object, *, damaged: bool = False) -> DatabaseError:
    """The error for what SQLite says of the file, with a remedy when the file is damaged or none of a database."""
    damaged = damaged or type(why) is sqlite3.DatabaseError  # its subclasses tell of other troubles
    return DatabaseError(f"{told(path)}, the registry, cannot be used: {why}.{f' {_REMEDY}' if damaged else ''}")


def open_to_write(path: Path, patience_s: float = PATIENCE_S) -> sqlite3.Connection:
    """Folder (for the user alone), file and tables are made when there are none.

    Neither this nor a change later waits longer than ``patience_s`` for others. Raises DatabaseError.
    """
    _need_file(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as e:
        where = f" ({told(e.filename)})" if e.filename is not None and e.filename != os.fspath(path) else ""
        raise DatabaseError(f"{told(path)}, the registry, cannot be created: {e.strerror}{where}.") from e
    try:
        connection = sqlite3.connect(path, timeout=patience_s, isolation_level=None)
    except sqlite3.Error as e:
        raise unusable(path, e) from e
    try:
        _patiently(lambda: _prepare(connection, path), patience_s)
    except (sqlite3.Error, DatabaseError) as e:
        connection.close()
        if (cause := _of_sqlite(e)) is not None:
            raise unusable(path, cause) from e
        raise
    return connection


def open_to_read(path: Path) -> Reader:
    """The registry; an empty one in memory when there is none yet. Raises DatabaseError."""
    _need_file(path)
    try:
        reader = open_reader(places.url_of(path))
    except NoDatabaseError:
        return _empty(path)
    except FutureDatabaseError:
        raise
    except DatabaseError as e:
        raise DatabaseError(f"{e} {_REMEDY}") from e
    try:
        made = _check(reader, path)
    except DatabaseError:
        reader.close()
        raise
    if not made:
        reader.close()
        return _empty(path)
    return reader


def named(connection: sqlite3.Connection, path: Path) -> Reader:
    """The questions to a connection; errors name the file."""
    return Reader(connection, f"{told(path)}, the registry")


def _need_file(path: Path) -> None:
    """SQLite would wait for ever for a pipe of that name."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise DatabaseError(f"{told(path)} is no file, so that there is no registry. Move it away.")


def _empty(path: Path) -> Reader:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in _TABLES:
        connection.execute(statement)
    return named(connection, path)


def _patiently(step: Callable[[], None], patience_s: float) -> None:
    """SQLite does not wait by itself while another process turns a new file to WAL."""
    end = time.monotonic() + patience_s
    while True:
        try:
            return step()
        except (sqlite3.OperationalError, DatabaseError) as e:
            if not is_locked(e) or time.monotonic() > end:
                raise
        time.sleep(0.02)


def is_locked(error: Exception) -> bool:
    """Whether an error says that others are at the file, which is over in a moment."""
    code = getattr(_of_sqlite(error), "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _of_sqlite(error: Exception) -> sqlite3.Error | None:
    """What SQLite said, when it said something: a reader makes its own errors of that."""
    found: BaseException | None = error
    while isinstance(found, DatabaseError):
        found = found.__cause__
    return found if isinstance(found, sqlite3.Error) else None


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    made = _check(named(connection, path), path)
    network = places.on_network(path)
    mode = "delete" if network else "wal"
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != mode:
        connection.execute(f"PRAGMA journal_mode={mode}").fetchone()
    connection.execute(f"PRAGMA synchronous={'FULL' if network else 'NORMAL'}")
    if made:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def _check(reader: Reader, path: Path) -> bool:
    """Whether the tables are there; False for a file without any. Raises DatabaseError for those of others."""
    tables = {row[0] for row in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return False
    row = reader.one("SELECT value FROM registry_meta WHERE key = 'version'") if "registry_meta" in tables else None
    if row is None or not str(row[0]).isdecimal():
        raise DatabaseError(f"{told(path)} is a database, but no registry of Stampede's. Move it away.")
    if int(row[0]) > VERSION:
        raise FutureDatabaseError(
            f"{told(path)}, the registry, has version {row[0]}; this Stampede ({__version__}) knows {VERSION}. "
            "Use the release that wrote it, or name another state folder with STAMPEDE_STATE."
        )
    return True


def stored(value: Any) -> Any:
    """A value as SQLite keeps it: lists as JSON; text that is no UTF-8, as names of files may be, as its bytes."""
    if isinstance(value, tuple):
        return json.dumps(value)  # in ASCII, so that it holds any text
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(value)
        except UnicodeEncodeError:
            return value.encode("utf-8", "replace").decode()
    return value


def taken(value: Any) -> Any:
    """A value as it was before it was ``stored``; lists stay JSON."""
    return os.fsdecode(value) if isinstance(value, bytes) else value
