"""The database that a writer writes: opened when needed, and let go of when its file is no longer the one opened."""

from __future__ import annotations

from collections.abc import Sequence

from stampede.errors import DatabaseError
from stampede.events.base import Event
from stampede.store.connection import Connection
from stampede.store.loader import Loader, Position
from stampede.store.loader_file import LoaderFile

#: a transaction waits so long for others who write; the sender is told to come again after that
_PATIENCE_S = 5.0


class MovedError(Exception):
    """Another process has stored records of the same source meanwhile. Never leaves this package."""


class Database(LoaderFile):
    """A loader over a file that may be taken away.

    A file that was here and is not any more is not made anew: it may come back (a file system that is mounted again),
    and what was stored in its place would be lost then.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, _PATIENCE_S)

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

        def guard(connection: Connection) -> None:
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
            if self._file is not None and not self._is_there:
                raise DatabaseError(self._gone())
            # who is told that something is stored deletes it: it has to be on the disk, not only in the system's hands
            self._opened().connection.on_disk()
        assert self._loader is not None
        return self._loader

    def _refuse_if_gone(self) -> None:
        if self._is_another:
            raise DatabaseError(self._gone())

    def _gone(self) -> str:
        name = self._path.name if self._path is not None else "The database"
        return f"{name} was taken away while it was written. Put it back, or start the service again."
