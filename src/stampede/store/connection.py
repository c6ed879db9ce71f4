"""How the loader speaks to a database, whichever it is.

A :class:`Connection` takes the SQL of the house (that of SQLite) with its marks, and is in autocommit mode but between
``BEGIN IMMEDIATE`` and ``COMMIT`` or ``ROLLBACK``: one writer at a time is inside. What goes wrong is one of the
exceptions of PEP 249, for which those of ``sqlite3`` are taken everywhere, since that module is always there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from stampede.store.reader import Reader
from stampede.store.sqlite import WRITER_PATIENCE_S, SqliteConnection
from stampede.store.sqlite import open_existing as open_existing_sqlite
from stampede.store.sqlite import open_reader as open_sqlite_reader
from stampede.store.sqlite import open_writer as open_sqlite
from stampede.store.urls import kind_of

Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]
#: all that a database says
Error = sqlite3.Error
#: it refuses the values of a row, not the statement
REFUSALS = (
    sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError,
    UnicodeError,
)  # fmt: skip


class Cursor(Protocol):
    """What a statement gives."""

    @property
    def rowcount(self) -> int:
        """Rows that it changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A database, open for writing."""

    #: names that are keys have so many bytes at most; None: as many as they like
    key_bytes: int | None

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor:
        """Run a statement."""

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        """Run a statement once for each row of values, in order."""

    def data_version(self) -> int:
        """A number that is another one when somebody else has written since it was last asked, in a transaction."""

    def recover(self, error: BaseException, patience_s: float) -> bool:
        """Whether what went wrong passes (the server was away, others were in the way), and the database can be asked
        again now. Waits ``patience_s`` at most for that."""

    def on_disk(self) -> None:
        """From now on a transaction that was committed is on the disk of the database."""

    def settle(self) -> None:
        """Nothing more is written for now: do what makes reading cheap."""

    def close(self) -> None:
        """Give it back; an open transaction is rolled back."""


def open_writer(url: str, patience_s: float = WRITER_PATIENCE_S) -> Connection:
    """Open for writing; tables are made where there are none, and of SQLite the file. ``patience_s`` is how long each
    transaction waits for others who write.

    Raises UsageError for a URL of no database, DatabaseError when it cannot be written or reached (or its driver is not
    installed), FutureDatabaseError when a newer release wrote it.
    """
    match kind_of(url):
        case "postgresql":
            from stampede.store import postgres

            return postgres.open_writer(url, patience_s)
        case "mariadb":
            from stampede.store import mariadb

            return mariadb.open_writer(url, patience_s)
    return open_sqlite(url, patience_s)


def open_existing(url: str, *, readable: bool = False) -> Connection:
    """Open a database of ours as it is, whatever its revision, to look at its tables or to change them. Of SQLite the
    file is opened for reading alone when ``readable`` is enough.

    Raises NoDatabaseError, FutureDatabaseError, DatabaseError or UsageError.
    """
    match kind_of(url):
        case "postgresql":
            from stampede.store import postgres

            return postgres.open_existing(url, WRITER_PATIENCE_S)
        case "mariadb":
            from stampede.store import mariadb

            return mariadb.open_existing(url, WRITER_PATIENCE_S)
    return open_existing_sqlite(url, readable=readable)


def open_reader(url: str) -> Reader:
    """Open for reading. Raises NoDatabaseError, FutureDatabaseError, DatabaseError or UsageError."""
    match kind_of(url):
        case "postgresql":
            from stampede.store import postgres

            return postgres.open_reader(url)
        case "mariadb":
            from stampede.store import mariadb

            return mariadb.open_reader(url)
    return open_sqlite_reader(url)


__all__ = [
    "REFUSALS", "Connection", "Cursor", "Error", "Reader", "Row", "SqliteConnection", "Values", "open_existing",
    "open_reader", "open_writer",
]  # fmt: skip
