"""A database that is asked again and again, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from stampede.query import Reader, open_database

#: readers that wait for the next question
_IDLE: Final = 4


class Readable(Protocol):
    """What the API needs of a database: its URL, and readers."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    def reader(self, *, again: bool = True) -> AbstractContextManager[Reader]:
        """A reader for one thread and one question; all it is asked inside comes from one state of the database.

        ``again``: it may serve others afterwards (not so one whose temporary views were changed).
        """
        ...


class Database:
    """A database whose readers are kept open for the next question."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[Reader] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def reader(self, *, again: bool = True) -> Iterator[Reader]:
        """A reader for one thread and one question. Raises DatabaseError, NoDatabaseError."""
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        if reader is None:
            reader = open_database(self.url)
        try:
            with reader.snapshot():
                yield reader
        except BaseException:
            reader.close()
            raise
        with self._lock:
            kept = again and not self._closed and len(self._idle) < _IDLE
            if kept:
                self._idle.append(reader)
        if not kept:
            reader.close()

    def close(self) -> None:
        """Close the readers that nobody uses; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()
