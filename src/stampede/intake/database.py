"""The database that a writer writes: opened when needed, and let go of when its file is no longer the one opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from stampede.errors import DatabaseError
from stampede.events.base import Event
from stampede.store.loader import Loader, Position
from stampede.store.sqlite import path_of

#: a transaction waits so long for others who write; the sender is told to come again after that
_PATIENCE_S = 5.0


class MovedError(Exception):
    """Another process has stored records of the same source meanwhile. Never leaves this package."""


class Database:
    """A loader over a file that may be taken away.

    A file that was here and is not any more is not made anew: it may come back (a file system that is mounted again),
    and what was stored in its place would be lost then.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._path: Path = path_of(url)
        self._loader: Loader | None = None
        self._file: tuple[int, int] | None = None

    def stored(self, position: str) -> int:
        """The number of the last record that is stored under a position. Raises DatabaseError."""
        loader = self._open()
        self._refuse_if_gone()
        found = loader.position(position)
        return 0 if found is None else found.offset

    def write(self, parts: Sequence[tuple[list[Event], str, int, int]]) -> None:
        """Store events with the positions they move: (events, position, its number before and after), in one
        transaction that is on the disk when this returns.

        Raises MovedError when a number before is not what is stored, DatabaseError when nothing could be written.
        """
        loader = self._open()
        before = {position: number for _, position, number, _ in reversed(parts) if position}
        batches = [(events, Position(position, after) if position else None) for events, position, _, after in parts]

        def guard(connection: sqlite3.Connection) -> None:
            self._refuse_if_gone()
            if any(self.stored(position) != number for position, number in before.items()):
                raise MovedError

        try:
            loader.apply_all(batches, guard=guard)
        except DatabaseError:
            self.drop()
            raise

    def tell(self, events: list[Event]) -> None:
        """Store events that belong to no source. Raises DatabaseError."""
        self.write([(events, "", 0, 0)])

    def _open(self) -> Loader:
        if self._loader is None:
            if self._file is not None and _file(self._path) is None:
                raise DatabaseError(self._gone())
            self._loader = Loader(self.url, patience_s=_PATIENCE_S)
            self._file = _file(self._path)
            # who is told that something is stored deletes it: it has to be on the disk, not only in the system's hands
            self._loader.connection.execute("PRAGMA synchronous=FULL")
        return self._loader

    def _refuse_if_gone(self) -> None:
        if _file(self._path) != self._file:
            raise DatabaseError(self._gone())

    def _gone(self) -> str:
        return f"{self._path.name} was taken away while it was written. Put it back, or start the service again."

    def drop(self) -> None:
        """Close it without settling anything; it is opened again when it is next needed."""
        if self._loader is not None:
            self._loader.connection.close()
            self._loader = None

    def close(self) -> None:
        """Settle and close."""
        if self._loader is not None:
            self._loader.close()
            self._loader = None


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
