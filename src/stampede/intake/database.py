"""The database that a writer writes: opened when needed, and let go of when its file is no longer the one opened."""

from __future__ import annotations

from collections.abc import Sequence

from stampede.errors import DatabaseError
from stampede.events.base import Event
from stampede.intake.gaps import MARK, Gap
from stampede.intake.move import Move
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

    def gaps(self, position: str) -> list[Gap]:
        """What of a source is missing. Raises DatabaseError."""
        found = self._open().positions_from(position + MARK)
        return sorted(Gap(int(p.source.removeprefix(position + MARK)), p.offset) for p in found)

    def write(self, parts: Sequence[tuple[list[Event], list[Move]]]) -> None:
        """Store events with the positions they move, in one transaction that is on the disk when this returns.

        Raises MovedError when a number before is not what is stored, DatabaseError when nothing could be written.
        """
        loader = self._open()
        before = {move.position: move.before for _, moves in reversed(parts) for move in reversed(moves)}
        batches: list[tuple[list[Event], Position | None]] = []
        for events, moves in parts:
            batches.append((events, None))
            batches += [([], Position(move.position, move.after)) for move in moves]

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
        self.write([(events, [])])

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
