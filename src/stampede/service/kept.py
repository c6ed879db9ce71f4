"""Answers that were given, as bytes, until the database changes: what they are kept by has its stamp in it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

import msgspec

#: an answer counts this much beside its bytes
_OVERHEAD: Final = 600
#: an answer that took longer may be so many times as old as it took (seconds)
_LONG_S: Final = 0.5
_AGE: Final = 10.0
_MOST_COSTLY: Final = 10_000


class Answer(msgspec.Struct, kw_only=True):
    """An encoded answer; ``packed`` are compressed forms of the body by content coding, made when first wanted;
    ``took_s`` is how long it took to make it."""

    body: bytes
    media_type: str
    headers: dict[str, str] = {}
    took_s: float = 0.0
    packed: dict[str, bytes] = {}

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        return _OVERHEAD + len(self.body) + sum(map(len, self.packed.values()))


class Costly:
    """Questions whose answers took long: they may be asked by an older stamp of the database for a while, so that a
    workflow of a million jobs that changes all the time does not keep the service at work for one picture."""

    def __init__(self) -> None:
        self._until: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()

    def stamp(self, question: bytes, now: bytes) -> bytes:
        """The stamp to ask by: that of the answer which is still good, else the present one."""
        until, stamp = self._until.get(question, (0.0, now))
        return stamp if time.monotonic() < until else now

    def note(self, question: bytes, stamp: bytes, took_s: float) -> None:
        """An answer was made by a stamp, in so many seconds."""
        if took_s > _LONG_S:
            self._until[question] = (time.monotonic() + _AGE * took_s, stamp)
            while len(self._until) > _MOST_COSTLY:
                self._until.popitem(last=False)


class Kept:
    """The latest answers, of at most so many bytes; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._answers: OrderedDict[bytes, tuple[Answer, int]] = OrderedDict()
        self._lock = threading.Lock()
        #: how often an answer was there, and how often not
        self.hits = 0
        self.misses = 0

    def get(self, key: bytes) -> Answer | None:
        """The answer, if it is kept."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._answers.move_to_end(key)
            return found[0]

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep it, or note that it has grown by a compressed form. One that would push out most others is not kept."""
        size = answer.size_bytes
        with self._lock:
            self._size -= self._answers.pop(key, (answer, 0))[1]
            if size > self._most // 4:
                return
            self._answers[key] = (answer, size)
            self._size += size
            while self._size > self._most:
                self._size -= self._answers.popitem(last=False)[1][1]

    @property
    def size_bytes(self) -> int:
        """What all that is kept takes."""
        return self._size
