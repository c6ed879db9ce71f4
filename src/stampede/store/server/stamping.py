"""Whether a database behind a server has changed: one row of it tells, by a connection that is kept for that."""

from __future__ import annotations

import atexit
import threading
from typing import Final

from stampede.errors import StampedeError
from stampede.store.connection import open_reader
from stampede.store.reader import Reader

_ROWS: Final = "SELECT value FROM stampede_meta WHERE key IN ('created_ts', 'turn') ORDER BY key"
#: a question under way when the process ends is waited for so long, in seconds
_PATIENCE_S: Final = 1.0


class _Asked:
    """A database and the connection by which it is asked, by one thread at a time: one that is away keeps only those
    waiting who ask for itself."""

    def __init__(self, url: str) -> None:
        self.lock = threading.Lock()
        self._url = url
        self._reader: Reader | None = None

    def stamp(self) -> bytes:
        """Its stamp; empty when it cannot be asked. The lock is the caller's."""
        for _ in range(2):  # the second time with a new connection
            try:
                if self._reader is None:
                    self._reader = open_reader(self._url)
                (made,), (turn,) = self._reader.rows(_ROWS)
                return f"server.{made}.{turn}".encode()
            except (StampedeError, ValueError):
                if self._reader is None:
                    return b""
                self.close()
        return b""

    def close(self) -> None:
        """Give the connection back. The lock is the caller's."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


_lock = threading.Lock()
_all: dict[str, _Asked] = {}


@atexit.register
def _close() -> None:
    """Give the connections back when the process ends."""
    with _lock:
        asked = list(_all.values())
        _all.clear()
    for one in asked:
        if one.lock.acquire(timeout=_PATIENCE_S):
            one.close()
            one.lock.release()


def stamp(url: str) -> bytes:
    """When the database was made, and how many transactions wrote to it since; empty when it cannot be asked."""
    with _lock:
        one = _all.get(url) or _all.setdefault(url, _Asked(url))
    with one.lock:
        return one.stamp()
