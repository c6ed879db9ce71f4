"""Whether a database behind a server has changed: one row of it tells, by a connection that is kept for that."""

from __future__ import annotations

import atexit
import threading
from typing import Final

from stampede.errors import StampedeError
from stampede.store.connection import open_reader
from stampede.store.sqlite import Reader

_ROWS: Final = "SELECT value FROM stampede_meta WHERE key IN ('created_ts', 'turn') ORDER BY key"
_lock = threading.Lock()
_readers: dict[str, Reader] = {}


@atexit.register
def _close() -> None:
    """Give the connections back when the process ends."""
    with _lock:
        while _readers:
            _readers.popitem()[1].close()


def stamp(url: str) -> bytes:
    """When the database was made, and how many transactions wrote to it since; empty when it cannot be asked."""
    with _lock:
        for _ in range(2):  # the second time with a new connection
            try:
                reader = _readers.get(url)
                if reader is None:
                    reader = _readers[url] = open_reader(url)
                (made,), (turn,) = reader.rows(_ROWS)
                return f"server.{made}.{turn}".encode()
            except (StampedeError, ValueError):
                if (lost := _readers.pop(url, None)) is None:
                    return b""
                lost.close()
    return b""
