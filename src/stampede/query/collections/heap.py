"""What failed tries printed, held in memory: a text is found there at once, while the database is as it was.

A database has few of these texts and keeps them in many places, so that reading all of them takes a hundred times as
long as to look through them. They are held for those who searched last, if they are not too long.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from stampede.store.partial import FAILED
from stampede.store.reader import Reader
from stampede.store.urls import is_server

#: bytes of texts that are held for a connection, and connections
MOST_BYTES: Final = 8 << 20
_MOST_KEPT: Final = 8
#: is there in a database of ours that is seen as it is now
_INDEX: Final = "job_instance_failed_idx"


class Heap:
    """The texts of one state of a database, small letters for ASCII ones as SQLite's LIKE compares them."""

    def __init__(self, texts: Iterator[tuple[int, str | None, str | None]]) -> None:
        self._jobs = array("q")
        self._starts = array("q")
        #: there are more than are held
        self.overflows = False
        whole = bytearray()
        for job, *printed in texts:
            for text in printed:
                if text:
                    self._jobs.append(job)
                    self._starts.append(len(whole))
                    whole += text.encode("utf-8", "surrogatepass").lower() + b"\0"
            if len(whole) > MOST_BYTES:
                self.overflows = True
                break
        self._whole = b"" if self.overflows else bytes(whole)

    def jobs_with(self, text: str, most: int) -> list[int] | None:
        """The jobs that printed it, by key; None for more than ``most``, or when not all texts are held."""
        if self.overflows:
            return None
        wanted = text.encode("utf-8", "surrogatepass").lower()
        found: dict[int, None] = {}
        at = self._whole.find(wanted)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            found[self._jobs[number]] = None
            if len(found) > most:
                return None
            following = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._whole)
            at = self._whole.find(wanted, following)
        return list(found)


class _Heaps:
    """Those that were used last, each by the connection that it was read over, which alone knows whether the database
    has changed since (https://sqlite.org/pragma.html#pragma_data_version)."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Reader, tuple[int, Heap]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def of(self, reader: Reader) -> Heap:
        """The texts that the reader sees."""
        (version,) = reader.rows("PRAGMA data_version")[0]
        with self._lock:
            kept = self._kept.pop(reader, None)
            if kept is not None and kept[0] == version:
                self._kept[reader] = kept
                return kept[1]
        made = Heap(reader.iterate(f"SELECT job_id, stderr_text, stdout_text FROM job_instance WHERE {FAILED}"))
        with self._lock:
            self._kept[reader] = version, made
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return made


_HEAPS: Final = _Heaps()


def jobs_that_printed(reader: Reader, text: str, most: int) -> list[int] | None:
    """The jobs of whose failed tries one printed a text, by key; None when these are more than ``most``, or when it is
    not known. To be asked within a snapshot, of a text without NUL."""
    if is_server(reader.url) or not reader.has_index(_INDEX):
        return None
    return _HEAPS.of(reader).jobs_with(text, most)
