"""The loader: events in, rows out, together with the place they came from.

``Loader.apply`` takes a batch of events and the position of the source behind it, and commits both in one transaction:
after a crash the database knows exactly what it has. Events may come late, twice, or before what they refer to. A
workflow, job or task that is referred to early exists as a stub until it is declared; what cannot be placed becomes a
row of ``problem``.

What an event does to the rows is said by the handlers; what is known meanwhile is in the working set, which also keeps
the answers that everybody asks for (node states, counts per workflow), in the same transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from stampede.errors import DatabaseError
from stampede.events.base import Event
from stampede.events.storable import short, shortened, storable
from stampede.model.standing import Standing
from stampede.store import nodes
from stampede.store.connection import Connection, Error, open_writer
from stampede.store.handlers import HANDLERS
from stampede.store.sqlite import WRITER_PATIENCE_S
from stampede.store.standing import standing
from stampede.store.urls import shown
from stampede.store.workingset import WorkingSet

#: asked at the beginning of a transaction whether it may write; raises when it may not
Guard = Callable[[Connection], None]

#: closing does not take longer than this for what only readers would have to do otherwise
_SEALING_S = 5.0

_LOG = logging.getLogger("stampede.store")


class Position(msgspec.Struct, frozen=True):
    """How far a source has been read: everything before ``offset`` bytes of ``source`` is in the database.

    A negative ``offset`` strikes the source out: nothing has to be known of it any more.
    """

    source: str
    offset: int
    inode: int = 0
    size: int = 0
    complete: bool = False


class Loader:
    """Writes events into a database. Several loaders take turns, a transaction each; readers are never in the way."""

    def __init__(self, url: str, *, patience_s: float = WRITER_PATIENCE_S) -> None:
        self.url = url
        self.connection = open_writer(url, patience_s)
        self._patience_s = patience_s
        nodes.prepare(self.connection)
        self._working = WorkingSet(shown(url), self.connection)
        self._data_version = -1
        self._in_transaction = False

    def position(self, source: str) -> Position | None:
        """How far ``source`` had been read when it was last committed. Raises DatabaseError."""
        return next(iter(self._positions("WHERE source = ?", source)), None)

    def positions(self) -> dict[str, Position]:
        """How far every source had been read. Raises DatabaseError."""
        return {p.source: p for p in self._positions()}

    def positions_from(self, prefix: str) -> list[Position]:
        """How far the sources were read whose names begin so. Raises DatabaseError."""
        return self._positions("WHERE source >= ? AND source < ?", prefix, prefix + "\U0010ffff")

    def marks(self) -> dict[str, int]:
        """Where reading ended, of every source; a completely read one was given one more than its length."""
        return {p.source: p.offset - p.complete for p in self._positions()}

    def _positions(self, where: str = "", *values: str) -> list[Position]:
        sql = f"SELECT source, offset, inode, size_bytes, complete FROM source_position {where}"
        try:
            rows = self.connection.execute(sql, values).fetchall()
        except Error as e:
            raise DatabaseError(f"{shown(self.url)}: {e}.") from e
        return [Position(r[0], r[1], r[2] or 0, r[3] or 0, bool(r[4])) for r in rows]

    def known(self, wf_uuids: Iterable[str]) -> set[str]:
        """Those of the workflows that are here. Raises DatabaseError."""
        sql = "SELECT wf_uuid FROM workflow WHERE wf_uuid = ?"
        try:
            return {uuid for uuid in wf_uuids if self.connection.execute(sql, (uuid,)).fetchone() is not None}
        except Error as e:
            raise DatabaseError(f"{shown(self.url)}: {e}.") from e

    def standing(self, wf_uuid: str) -> Standing | None:
        """How a workflow stands; None when it is not here. Raises DatabaseError."""
        try:
            return standing(self.connection, wf_uuid)
        except Error as e:
            raise DatabaseError(f"{shown(self.url)}: {e}.") from e

    def apply(self, events: Iterable[Event], position: Position | None = None) -> int:
        """Write a batch and its position in one transaction; the number of events. Raises DatabaseError."""
        events = events if isinstance(events, list) else list(events)
        return self.apply_all([(events, position)])

    def apply_all(self, batches: Sequence[tuple[list[Event], Position | None]], *, guard: Guard | None = None) -> int:
        """Write batches and their positions in one transaction; the number of events.

        ``guard`` is asked first, inside the transaction; what it raises ends that with nothing written. Raises
        DatabaseError.
        """
        until: float | None = None
        while True:
            try:
                return self._apply_once(batches, guard)
            except Error as e:
                self._abandon()
                until = until or time.monotonic() + self._patience_s
                if time.monotonic() > until or not self._recovered(e):
                    raise DatabaseError(f"{shown(self.url)}: {e}. Nothing of this batch was written.") from e

    def _recovered(self, error: Error) -> bool:
        """Whether the batch can be written again: a server was away for a moment, or others were in the way. What had
        been committed all the same does no harm, since every write is idempotent."""
        return self.connection.recover(error, self._patience_s)

    def _apply_once(self, batches: Sequence[tuple[list[Event], Position | None]], guard: Guard | None) -> int:
        try:
            self._begin(guard)
            for events, position in batches:
                try:
                    self._handle(events)
                except (OverflowError, UnicodeError):
                    self._again_storable(batches, guard)
                    break
                if position is not None:
                    self._note(position)
            self._working.flush()
            self.connection.execute("COMMIT")
            self._in_transaction = False
        except Error:
            raise
        except BaseException:
            self._abandon()
            raise
        self._working.forget()
        return sum(len(events) for events, _ in batches)

    def _again_storable(self, batches: Sequence[tuple[list[Event], Position | None]], guard: Guard | None) -> None:
        """Handle the batches once more from the beginning, with what no database can hold changed in their events."""
        self._abandon()
        self._begin(guard)
        for events, position in batches:
            self._handle(storable(events))
            if position is not None:
                self._note(position)

    def _handle(self, events: list[Event]) -> None:
        working, handlers = self._working, HANDLERS
        if self.connection.key_bytes is not None:
            events = shortened(events, self.connection.key_bytes)
        working.recall(events)
        for event in events:
            handlers[event.__class__](working, event)

    def _note(self, position: Position) -> None:
        source, most = position.source, self.connection.key_bytes
        if most is not None:
            source = short(source, 3 * most)
        if position.offset < 0:
            self.connection.execute("DELETE FROM source_position WHERE source = ?", (source,))
            return
        self.connection.execute(
            "INSERT OR REPLACE INTO source_position(source, inode, offset, size_bytes, complete) "
            "VALUES (?, ?, ?, ?, ?)",
            (source, position.inode, position.offset, position.size, position.complete),
        )

    def _begin(self, guard: Guard | None = None) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self._in_transaction = True
        if guard is not None:
            guard(self.connection)
        version = self.connection.data_version()
        if version != self._data_version:
            self._data_version = version
            self._working.reread()

    def _abandon(self) -> None:
        if self._in_transaction:
            try:
                self.connection.execute("ROLLBACK")
            except Error:
                pass
        self._in_transaction = False
        self._data_version = -1
        self._working.abandon()

    def close(self) -> None:
        """Settle what was only declared, add up what has not been, and give the database back, its write-ahead log
        folded into it.

        What was applied is committed, and readers do without the rest, so that a database that refuses it is no error
        but a warning in the log.
        """
        try:
            for work in (self._settle_declared, self._seal_blocks, self.connection.settle):
                self._persistently(work)
        except Error as e:
            _LOG.warning("%s: the database was not settled when it was closed: %s", shown(self.url), e)
            self._abandon()
        self.connection.close()

    def _persistently(self, work: Callable[[], None]) -> None:
        """Do something again when a server was away for a moment. Raises sqlite3.Error."""
        while True:
            try:
                return work()
            except Error as e:
                self._abandon()
                if not self._recovered(e):
                    raise

    def _settle_declared(self) -> None:
        pending = [uuid for uuid, wf in self._working.workflows.items() if wf.pending]
        if not pending:
            return
        try:
            self._begin()
            for uuid in pending:
                self._working.workflow(uuid).declaring = False
            self._working.flush()
            self.connection.execute("COMMIT")
            self._in_transaction = False
        except UnicodeError:
            self._abandon()

    def _seal_blocks(self) -> None:
        """Add up the blocks that are not, a transaction each, for a few seconds at most: readers add up the others.

        Nobody's leave is asked: sums follow from the rows, whoever wrote those.
        """
        until = time.monotonic() + _SEALING_S
        for block in self._working.blocks.unsealed():
            self._begin()
            self._working.blocks.seal(block)
            self.connection.execute("COMMIT")
            self._in_transaction = False
            if time.monotonic() > until:
                break

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
