"""SQLite: one writer, many readers.

The writer keeps the database in WAL mode, so that readers never wait for it nor it for them; on a network file system,
where WAL's shared memory does not work, it falls back to a rollback journal. Readers open the file read-only and see
one consistent state for as long as a question takes.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import unquote

from stampede import __version__, places
from stampede.errors import DatabaseError, FutureDatabaseError, NoDatabaseError, UsageError
from stampede.store.reader import Reader, places_of
from stampede.store.urls import kind_of, shown

#: versions this release reads and writes; equal to those in ``store.schema`` (a test keeps them so)
PEGASUS_VERSION = 14
STAMPEDE_VERSION = 5

# ``sqlite3`` looks for an adapter of every None that it binds, in vain, which triples the cost; this one gives None
sqlite3.register_adapter(type(None), cast(Any, {}.get))


def path_of(url: str) -> Path:
    """The file behind ``sqlite:///relative`` or ``sqlite:////absolute``.

    Raises UsageError for anything else (other servers have their own stores).
    """
    if kind_of(url) != "sqlite":
        raise UsageError(f"{shown(url)}: a file is wanted here, as sqlite:///FILE.")
    rest = url.split(":///", 1)[1].split("?", 1)[0] if ":///" in url else ""
    if not rest:
        raise UsageError(f"{url}: no file named. Write sqlite:///FILE (three slashes, four for an absolute path).")
    return Path(unquote(rest, errors="surrogateescape"))


class SqliteConnection(sqlite3.Connection):
    """A connection as ``store.connection`` describes it."""

    key_bytes: int | None = None

    def data_version(self) -> int:
        """A number that changes when another connection has written (https://sqlite.org/pragma.html)."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def recover(self, error: BaseException, patience_s: float) -> bool:
        """Nothing that happens to a file passes by itself; SQLite has waited for others already."""
        return False

    def on_disk(self) -> None:
        """Have each commit wait for the disk."""
        self.execute("PRAGMA synchronous=FULL")

    def settle(self) -> None:
        """Fold the write-ahead log into the file, unless a reader is in the way."""
        self.execute("PRAGMA busy_timeout = 100")
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.execute("PRAGMA optimize")

    def places(self) -> frozenset[str]:
        """What is there, as ``migrations.shape`` asks."""
        return places_of(self)

    def statement(self, text: str) -> sqlite3.Cursor:
        """Run a statement as it is."""
        return self.execute(text)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction, in which nobody else writes."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")


def open_reader(url: str) -> Reader:
    """Open for reading. Raises NoDatabaseError, FutureDatabaseError or DatabaseError."""
    path = path_of(url)
    if not path.exists():
        raise NoDatabaseError(f"There is no database {path}. Load a workflow first: stampede load SUBMIT_DIR.")
    try:
        connection = _read_only(path)
        version = _version(connection)
    except sqlite3.Error as e:
        raise DatabaseError(f"{path} cannot be read as a database: {e}.") from e
    if version is not None and version > STAMPEDE_VERSION:
        raise FutureDatabaseError(
            f"{path} has schema version {version}; this Stampede ({__version__}) knows {STAMPEDE_VERSION}. "
            "Use the release that wrote it, or a newer one."
        )
    return Reader(connection, url)


#: files that were written so recently may be written again without another time of writing (the kernel's clock ticks
#: every 1 to 10 ms)
_SETTLED_NS = 50_000_000


def change_stamp(path: Path) -> bytes:
    """What differs after each change that was committed to a database file; empty when there is no such file. It may
    differ too when nothing was changed: after a checkpoint, and each time within 50 ms of a change.

    Made of what the file system says of the file and of its write-ahead log. Neither is opened: POSIX drops all locks
    that a process has on a file as soon as it closes any descriptor of it, those of SQLite's connections too, and a
    database without its locks is deleted its log by the next who closes it (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        found = os.stat(path)
    except OSError:
        return b""
    stamp = b"%d.%d.%d.%d" % (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    written = found.st_mtime_ns
    try:
        log = os.stat(f"{os.fspath(path)}-wal")
    except OSError:
        log = None
    if log is not None and log.st_size:  # an empty one comes and goes with those who read
        stamp += b".%d.%d.%d" % (log.st_ino, log.st_size, log.st_mtime_ns)
        written = max(written, log.st_mtime_ns)
    if time.time_ns() - written < _SETTLED_NS:
        stamp += b".%d" % time.monotonic_ns()
    return stamp


#: KiB of pages that a connection which reads keeps: with SQLite's own 2 MB, lists of a million jobs take twice as long
_READ_KIB: Final = 8192


def _read_only(path: Path) -> SqliteConnection:
    """Read-only; as immutable where the folder may not be written, since WAL wants its side files there."""
    quoted = str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    for mode in ("?mode=ro", "?mode=ro&immutable=1"):
        connection = sqlite3.connect(
            f"file:{quoted}{mode}", uri=True, timeout=30, check_same_thread=False, factory=SqliteConnection
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode or os.access(path.parent, os.W_OK):
                raise
        else:
            connection.isolation_level = None
            connection.execute(f"PRAGMA cache_size={-_READ_KIB}")
            _add_logarithm(connection)
            return connection
    raise sqlite3.OperationalError("unreachable")


def _add_logarithm(connection: sqlite3.Connection) -> None:
    """Some builds of SQLite have no mathematical functions."""
    try:
        connection.execute("SELECT ln(1)")
    except sqlite3.OperationalError:
        connection.create_function("ln", 1, math.log, deterministic=True)


def _version(connection: sqlite3.Connection) -> int | None:
    """Our schema version; None for a database that has none of our tables (Pegasus wrote it)."""
    has = connection.execute("SELECT 1 FROM sqlite_master WHERE name='stampede_meta'").fetchone()
    if not has:
        return None
    row = connection.execute("SELECT value FROM stampede_meta WHERE key='schema_version'").fetchone()
    return int(row[0]) if row and str(row[0]).isdigit() else None


#: how long a loader waits for others who write, in seconds
WRITER_PATIENCE_S = 60.0


def open_writer(url: str, patience_s: float = WRITER_PATIENCE_S) -> SqliteConnection:
    """Open for writing, creating file and tables when new. Raises DatabaseError or FutureDatabaseError.

    ``patience_s`` is how long each transaction waits for others who write.

    The connection is in autocommit mode: the loader opens and ends its transactions itself.
    """
    path = path_of(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=patience_s, isolation_level=None, cached_statements=256, factory=SqliteConnection
        )
        _prepare(connection, path)
        _add_logarithm(connection)
    except sqlite3.Error as e:
        raise DatabaseError(f"{path} cannot be written as a database: {e}.") from e
    except OSError as e:
        raise DatabaseError(f"{path} cannot be created: {e.strerror}.") from e
    return connection


def open_existing(url: str, *, readable: bool = False) -> SqliteConnection:
    """Open a database of ours as it is, whatever its revision is; for reading alone if that is enough.

    Raises NoDatabaseError, FutureDatabaseError or DatabaseError.
    """
    path = path_of(url)
    if not path.exists():
        raise NoDatabaseError(f"There is no database {path}. Load a workflow first: stampede load SUBMIT_DIR.")
    try:
        if readable:
            connection = _read_only(path)
        else:
            connection = sqlite3.connect(
                path, timeout=WRITER_PATIENCE_S, isolation_level=None, factory=SqliteConnection
            )
        _check_ours(connection, path)
        if not readable:
            _tune(connection, path)
    except sqlite3.Error as e:
        raise DatabaseError(f"{path} cannot be {'read' if readable else 'written'} as a database: {e}.") from e
    return connection


def _check_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether there are tables of ours; raises when there are those of others, or of a newer release."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type='table'").fetchone()[0]
    version = _version(connection) if tables else None
    if version is not None and version > STAMPEDE_VERSION:
        raise FutureDatabaseError(
            f"{path} has schema version {version}; this Stampede ({__version__}) writes {STAMPEDE_VERSION}. "
            "Use the release that wrote it, or another file."
        )
    if tables and version is None:
        raise DatabaseError(
            f"{path} was not made by Stampede, which does not change databases of others. Name another file with --db."
        )
    return version is not None


def _prepare(connection: SqliteConnection, path: Path) -> None:
    ours = _check_ours(connection, path)
    _tune(connection, path)
    if not ours:
        _create(connection)
    else:
        _grow(connection)


def _tune(connection: sqlite3.Connection, path: Path) -> None:
    network = places.on_network(path)
    connection.execute(f"PRAGMA journal_mode={'DELETE' if network else 'WAL'}").fetchone()
    connection.execute(f"PRAGMA synchronous={'FULL' if network else 'NORMAL'}")
    connection.execute("PRAGMA wal_autocheckpoint=10000")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA cache_size=-8192")


def _grow(connection: SqliteConnection) -> None:
    """Bring a database that an earlier release wrote to our revision, in one transaction."""
    from stampede.store.migrations.shape import standing

    found = standing(connection, "sqlite")
    if found.says != STAMPEDE_VERSION or found.revision != STAMPEDE_VERSION:
        from stampede.store.migrations.moving import bring

        bring(connection, "sqlite", STAMPEDE_VERSION)


#: SQL of ``job.duration_s`` from the rows it is kept for
DURATION_OF_JOB: Final = (
    "(SELECT coalesce(i.local_duration, i.end_ts - i.execute_ts) FROM job_instance i "
    "WHERE i.job_instance_id = job.last_job_instance_id)"
)


def _ddl() -> str:
    return resources.files("stampede.store").joinpath("ddl/sqlite.sql").read_text()


def declared() -> str:
    """The statements that make all our tables and indexes."""
    return _ddl()


def own_columns() -> dict[str, dict[str, str]]:
    """Our tables: their columns in order, each with its default as SQL (``NULL`` where it has none, or ``0`` where it
    must have a value)."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(_ddl())
        tables = [r[0] for r in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: {r[1]: _default(r[4], required=bool(r[3])) for r in empty.execute(f'PRAGMA table_info("{table}")')}
            for table in tables
        }


def _default(declared: str | None, *, required: bool) -> str:
    if declared is None:
        return "0" if required else "NULL"
    bare = declared.strip("'")
    return bare if bare.isdigit() else declared  # a view has no type that would make a number of '0'


def _create(connection: sqlite3.Connection) -> None:
    now = int(time.time())
    connection.executescript("BEGIN IMMEDIATE;" + _ddl())
    # Pegasus' tools read the number of the schema from ``version``, which is text
    connection.execute(
        "INSERT INTO dbversion(version_number, version, version_timestamp) VALUES (?, ?, ?)",
        (PEGASUS_VERSION, str(PEGASUS_VERSION), now),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO stampede_meta(key, value) VALUES (?, ?)",
        [
            ("schema_version", str(STAMPEDE_VERSION)),
            ("created_by", f"stampede {__version__}"),
            ("created_ts", str(now)),
        ],
    )
    connection.execute("COMMIT")
