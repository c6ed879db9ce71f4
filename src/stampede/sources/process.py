"""Batches made by a second process, so that reading and writing share two cores."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from multiprocessing.util import Finalize
from typing import Any

import msgspec

from stampede import errors
from stampede.errors import InputError, StampedeError
from stampede.events.base import Event
from stampede.sources import parcel
from stampede.sources.base import Batch, Marks, Source
from stampede.sources.fork import Child, Connection

#: messages held in memory between the two processes
_AHEAD = 8

#: how MessagePack begins an array of two
_PAIR = b"\x92"
#: bytes read and bytes in all, so far
Reckoning = Callable[[], tuple[int, int]]


class _Message(msgspec.Struct, array_like=True):
    """What comes with the events of a batch, or the error that ended the reading."""

    source: str = ""
    start: int = 0
    end: int = 0
    inode: int = 0
    size: int = 0
    final: bool = False
    done: int = 0
    total: int = 0
    error: str = ""
    message: str = ""


class Ahead:
    """The batches of an iterator that another process runs, in order.

    With ``sealed`` their events stay as they were encoded (``parcel.Sealed``), to be handed on to a third process.
    The process starts at once, the thread that fetches from it with the first question: others may be forked between.
    """

    def __init__(self, batches: Generator[Batch], name: str, reckoning: Reckoning, *, sealed: bool = False) -> None:
        self.name = name
        self.done = self.total = 0
        self._sealed = sealed
        self._decoder: msgspec.msgpack.Decoder[Any]
        if sealed:
            self._decoder = msgspec.msgpack.Decoder(tuple[_Message, list[msgspec.Raw]])
        else:
            self._decoder = msgspec.msgpack.Decoder(tuple[_Message, list[list[parcel.AnyEvent]]])
        self._messages: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._thread: threading.Thread | None = None
        self._ended = False
        self._child = Child(_serve, batches, reckoning)
        #: an iterator that nobody closed must not keep the interpreter from ending
        self._at_exit = Finalize(None, self.close, exitpriority=10)

    def __iter__(self) -> Iterator[Batch]:
        """The batches that are left. Raises what the iterator raised, and InputError when the process dies."""
        self._fetch()
        while not self._ended:
            batch = self._batch(self._messages.get())
            if batch is not None:
                yield batch

    def ready(self) -> Iterator[Batch]:
        """Those that are here already; raises as iterating does."""
        self._fetch()
        while not self._ended and not self._messages.empty():
            batch = self._batch(self._messages.get())
            if batch is not None:
                yield batch

    @property
    def ended(self) -> bool:
        """Whether all batches were given."""
        return self._ended

    def _batch(self, data: bytes | None) -> Batch | None:
        if data is None:
            self._ended = True
            status = self._finish()
            if status != 0:
                raise InputError(f"The process that read {self.name} ended with status {status}. "
                                 "Set STAMPEDE_WORKERS=0 to read it without one.", path=self.name)  # fmt: skip
            return None
        m, parts = self._decoder.decode(data)
        if m.error:
            kind: Any = getattr(errors, m.error, InputError)
            raise kind(m.message)
        self.done, self.total = m.done, m.total
        if self._sealed:
            events: list[Event] = [parcel.Sealed(events=part) for part in parts]
        else:
            events = [event for part in parts for event in part]
        return Batch(events, m.source, m.start, m.end, m.inode, m.size, m.final)

    def _fetch(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._receive, daemon=True)
            self._thread.start()

    def _receive(self) -> None:
        try:
            while (message := self._child.connection.receive()) is not None:
                self._messages.put(message)
        finally:  # whatever happens here: somebody waits for an end
            self._messages.put(None)

    def _finish(self) -> int:
        self._at_exit.cancel()
        if self._thread is not None:
            self._thread.join()
        return self._child.end()

    def close(self) -> None:
        """End the process if it has not ended."""
        if self._ended:
            return
        self._ended = True
        self._child.kill()
        if self._thread is not None:
            while self._messages.get() is not None:
                pass
        self._finish()


class ProcessSource:
    """A source read by a process of its own."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name
        self._ahead: Ahead | None = None

    @property
    def size(self) -> int:
        """Bytes to be read, as far as known."""
        return self._ahead.total if self._ahead is not None and self._ahead.total else self._source.size

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._ahead.done if self._ahead is not None else 0

    @property
    def marks(self) -> Marks:
        return self._source.marks

    @marks.setter
    def marks(self, marks: Marks) -> None:
        self._source.marks = marks

    def batches(self, *, sealed: bool = False) -> Generator[Batch]:
        """All batches, in order. Raises what the source raises, and InputError when the process dies."""
        source = self._source
        self._ahead = Ahead(source.batches(sealed=True), self.name, lambda: (source.done, source.size), sealed=sealed)
        try:
            yield from self._ahead
        finally:
            self._ahead.close()


def _serve(connection: Connection, batches: Generator[Batch], reckoning: Reckoning) -> None:
    """Make the batches and send them."""
    encoder = msgspec.msgpack.Encoder()
    try:
        with closing(batches):  # whatever happens: it may have processes of its own
            for b in batches:
                parts = parcel.encoded(parcel.parts(b.events))
                message = _Message(b.source, b.start, b.end, b.inode, b.size, b.final, *reckoning())
                connection.send(_PAIR, encoder.encode(message), parts)
    except StampedeError as e:
        told = _Message(error=type(e).__name__, message=str(e).encode("utf-8", "replace").decode())
        connection.send(_PAIR, encoder.encode(told), encoder.encode([]))
