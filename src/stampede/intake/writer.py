"""The thread that writes what comes in: one a database, many batches a transaction.

While a transaction is written others wait together for the next one, so that the price of a commit to the disk is
shared by all who send at that moment (group commit).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from stampede.errors import DatabaseError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.intake.batch import Batch, Stored
from stampede.intake.database import Database, MovedError
from stampede.intake.errors import GapError, IntakeFullError
from stampede.intake.judges import Judges
from stampede.intake.known import Known
from stampede.intake.rights import Owners
from stampede.intake.turn import New, Waiting, sort_out

#: records of one transaction, about, and bytes that may wait for theirs
_RECORDS: Final = 20_000
_MOST_BYTES: Final = 256 << 20
#: early batches are looked at again so often, in seconds
_AGAIN_S: Final = 0.05
#: events that could not be judged when they were stored: so many are kept, and it is tried again after so many seconds
_UNJUDGED: Final = 50_000
_JUDGED_AGAIN_S: Final = 2.0

_LOG = logging.getLogger("stampede.intake")


class Writer:
    """Stores batches. ``submit`` from any thread; the answer comes when the batch is on the disk.

    ``told`` is called with the events of each batch when they are stored, in the thread that writes.
    """

    def __init__(self, url: str, *, told: Callable[[list[Event]], None] | None = None) -> None:
        self.url = url
        self._told = told
        self._database = Database(url)
        self._owners = Owners(url)
        self._judges = Judges(url)
        #: what was stored and could not be judged yet
        self._unjudged: list[Event] = []
        self._judged_again = float("inf")
        self._known = Known(url)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._early: list[Waiting] = []
        self._bytes = 0
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="stampede-intake", daemon=True)
        self._thread.start()

    def submit(self, batch: Batch) -> Future[Stored]:
        """Have a batch stored. The answer raises GapError when records before it are missing, DatabaseError when it
        could not be written (it may be sent again). Raises IntakeFullError when too much waits already."""
        with self._lock:
            if self._closed or (self._bytes and self._bytes + batch.size_bytes > _MOST_BYTES):
                raise IntakeFullError("More events wait to be stored than there is room for; send them again soon.")
            self._bytes += batch.size_bytes
        waiting = Waiting(batch, Future())
        self._queue.put(waiting)
        return waiting.answer

    def close(self) -> None:
        """Store what waits, and end."""
        with self._lock:
            self._closed = True
        self._queue.put(None)
        self._thread.join()

    # ---- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        ended = False
        while not ended:
            waiting, ended = self._gather()
            waiting += self._early
            self._early = []
            if waiting:
                self._attempt(waiting, final=ended)
            try:
                self._aside()
            except Exception:  # what is beside it must not end it
                _LOG.exception("what came in could not be judged, or told to the registry")
        with suppress(Exception):
            if self._unjudged:
                self._judge(self._unjudged)
        self._tell(self._judges.last())
        self._known.close()
        self._database.close()

    def _gather(self) -> tuple[list[Waiting], bool]:
        """What waits, enough for one transaction; whether that was all there will be."""
        found: list[Waiting] = []
        records = 0
        try:
            one = self._queue.get(timeout=self._patience())
            while one is not None:
                found.append(one)
                records += len(one.batch.lines)
                if records >= _RECORDS:
                    return found, False
                one = self._queue.get_nowait()
        except queue.Empty:
            return found, False
        return found, True

    def _patience(self) -> float | None:
        if self._early:
            return _AGAIN_S
        due = min(self._judges.due, self._known.due, self._judged_again)
        return None if due == float("inf") else max(due - time.monotonic(), 0.01)

    def _attempt(self, waiting: list[Waiting], *, final: bool) -> None:
        try:
            self._store(waiting, final=final)
        except Exception as e:
            if not isinstance(e, DatabaseError):
                _LOG.exception("a batch could not be stored")
            for one in waiting:
                if one not in self._early:  # those go on to wait for what comes before them
                    self._answer(one, e)

    def _store(self, waiting: list[Waiting], *, final: bool) -> None:
        positions = {one.batch.position for one in waiting if one.batch.numbered}
        stored = {p: self._database.stored(p) for p in positions}
        new, early = sort_out(waiting, stored, self._database.gaps)
        for one in early:
            if final or one.expired:
                self._answer(one, GapError(one.batch.source, one.batch.first, stored[one.batch.position]))
            else:
                self._early.append(one)
        if not new:
            return
        events = [self._events(n) for n in new]
        try:
            self._write(new, events)
        except MovedError:  # another process wrote records of the same source: what is new is looked up again
            self._store([n.waiting for n in new], final=final)
            return
        except (DatabaseError, MemoryError):
            raise
        except Exception:  # a defect that one of the events brought to light must not keep out the others
            _LOG.exception("a batch has to be stored piece by piece")
            for n in new:
                self._piece_by_piece(n)
            return
        for n, some in zip(new, events, strict=True):
            self._answer(n.waiting, n.stored(sum(isinstance(e, ev.Problem) for e in some)))
        for some in events:
            self._note(some)

    def _events(self, new: New) -> list[Event]:
        batch = new.waiting.batch
        if new.end < new.begin:
            return new.about
        return new.about + self._owners.kept(batch.events(new.begin, new.end), batch.user)

    def _write(self, new: list[New], events: list[list[Event]]) -> None:
        parts = [(some, moves) for n, some in zip(new, events, strict=True) if (moves := n.moves) or some]
        if parts:
            self._database.write(parts)

    def _piece_by_piece(self, new: New) -> None:
        """Store a batch of which a record brings a defect to light: that one becomes a problem, the others do not."""
        problems = 0
        left = [new]
        while left:
            piece = left.pop()
            try:
                events = self._events(piece)
                self._write([piece], [events])
            except (DatabaseError, MovedError) as e:
                self._answer(new.waiting, e if isinstance(e, DatabaseError) else DatabaseError("Send it again."))
                return
            except Exception as e:
                if piece.begin < piece.end:
                    left += reversed(piece.halves())
                    continue
                events = [_defect(piece, e)]
                self._write([piece], [events])
            problems += sum(isinstance(e, ev.Problem) for e in events)
        self._answer(new.waiting, new.stored(problems))

    def _answer(self, waiting: Waiting, answer: Stored | Exception) -> None:
        """Tell a sender, once: what goes wrong behind that, with the others of a transaction, is not about it."""
        if waiting.told:
            return
        waiting.told = True
        with self._lock:
            self._bytes -= waiting.batch.size_bytes
        if waiting.answer.cancelled():
            return
        if isinstance(answer, Stored):
            waiting.answer.set_result(answer)
        else:
            waiting.answer.set_exception(answer)

    # ---- beside it --------------------------------------------------------------------------------------------------

    def _note(self, events: list[Event]) -> None:
        try:
            if self._told is not None:
                self._told(events)
            self._known.note(events)
            self._judge([*self._unjudged, *events])
        except Exception:  # they are stored: nothing beside that may say otherwise
            _LOG.exception("what came in could not be judged, or told to the registry")

    def _judge(self, events: list[Event]) -> None:
        """Have the judges note what was stored; it is kept while the database is away."""
        self._unjudged, self._judged_again = [], float("inf")
        now = time.monotonic()
        try:
            self._judges.note(events, now)
        except DatabaseError as e:
            left = len(events) - _UNJUDGED
            if left > 0:
                _LOG.warning("%d events will not be judged, since the database is away for so long", left)
            self._unjudged, self._judged_again = events[-_UNJUDGED:], now + _JUDGED_AGAIN_S
            _LOG.warning("anomalies are judged later: %s", e)

    def _aside(self) -> None:
        now = time.monotonic()
        try:
            if now >= self._judged_again:
                self._judge(self._unjudged)
            if now >= self._judges.due:
                self._tell(self._judges.turn(now))
            self._known.turn(now)
        except DatabaseError as e:
            _LOG.warning("anomalies are judged later: %s", e)

    def _tell(self, events: list[Event]) -> None:
        if not events:
            return
        try:
            self._database.tell(events)
        except DatabaseError as e:
            _LOG.warning("anomalies are stored later: %s", e)


def _defect(piece: New, error: Exception) -> ev.Problem:
    record = piece.waiting.batch.lines[piece.begin - piece.waiting.batch.first]
    return ev.Problem(
        kind="defect", severity="error", file=piece.waiting.batch.source, offset=piece.begin,
        message=f"A record brought a defect of Stampede to light ({type(error).__name__}: {error}): {record!a:.200}",
        remedy="Report it; the other records were stored.",
    )  # fmt: skip
