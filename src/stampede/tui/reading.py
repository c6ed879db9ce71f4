"""One database that is read again and again: what is wanted of it, and what each reading gives."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from stampede.analysis.progress.progress import Progress
from stampede.errors import StampedeError, UnknownWorkflowError
from stampede.places import file_of
from stampede.progressing import Forecasts
from stampede.query import Reader, open_database
from stampede.query.overview import Glance, done_since, overview, watched_roots
from stampede.tui.tree import Branch, grow

#: rates are those of the last two minutes, as ``watch`` tells them
WINDOW_S: Final = 120.0
#: readings that a rate is made of lie at least so far apart
_STRIDE_S: Final = 10.0
#: nodes that are read for the rate before the first reading; with more it is known some readings later
_MOST_DONE: Final = 100_000
#: a file whose time and size did not change is read again after so long all the same
_TRUST_S: Final = 30.0
#: logs looked at for news that nobody loaded
_MOST_LOGS: Final = 50
#: roots whose end is foretold, and seconds that a reading takes for it
_MOST_FORETOLD: Final = 50
_FORETELLING_S: Final = 0.1


class Watched(msgspec.Struct, frozen=True):
    """A database and the workflows of it that are watched: those with these names, else all.

    ``folders`` are submit directories that were named; when the database knows one under another path only, all of its
    workflows are meant.
    """

    url: str
    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


class Reading(msgspec.Struct, kw_only=True):
    """What a database had at one moment. Times are epoch seconds.

    ``more`` workflows were left out. ``written_ts`` is when the database was last written; ``unread`` tells by the key
    of a running workflow for how many seconds its log has been ahead of that, ``progress`` by that of a running root
    when it ends. ``fault`` is why nothing could be read.
    """

    url: str
    read_ts: float
    roots: list[Branch] = []
    more: int = 0
    written_ts: float | None = None
    unread: dict[int, float] = {}
    progress: dict[int, Progress] = {}
    fault: StampedeError | None = None


class Watch:
    """Reads one database; only one thread may use it. It remembers earlier readings, to tell rates."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self._last: Reading | None = None
        self._signature: tuple[int, ...] = ()
        self._pace = Pace()
        self._forecasts: dict[int, Forecasts] = {}

    def read(self, *, again: bool = False) -> Reading:
        """The database now; the last reading when the file did not change since then, unless ``again``.

        What goes wrong is told in ``fault``, beside what was read before.
        """
        now = time.time()
        signature = _signature(self.watched.url)
        last = self._last
        known = last is not None and last.fault is None and signature and signature == self._signature
        if known and last is not None and not again and now - self._pace.last_ts < _TRUST_S:
            return msgspec.structs.replace(last, read_ts=now)
        try:
            self._last = self._read(now)
        except StampedeError as e:
            kept = last or Reading(url=self.watched.url, read_ts=now)
            self._last = msgspec.structs.replace(kept, fault=e)
        self._signature = signature
        return self._last

    def _read(self, now: float) -> Reading:
        with open_database(self.watched.url) as reader, reader.snapshot():
            roots, more = _roots(reader, self.watched)
            glances = overview(reader, roots)
            running = {s.wf_id: s for s in glances if s.status.state == "running"}
            if self._pace.is_new and sum(s.status.nodes.done for s in running.values()) <= _MOST_DONE:
                self._pace.begin(running, done_since(reader, running, now - WINDOW_S), now)
            progress = self._foretell(reader, [s for wf_id, s in running.items() if wf_id in set(roots)])
        written = _written(self.watched.url)
        return Reading(
            url=self.watched.url, read_ts=now, roots=grow(glances, self._pace.rates(running, now)), more=more,
            written_ts=written, unread=_unread(running.values(), written), progress=progress,
        )  # fmt: skip

    def _foretell(self, reader: Reader, running: list[Glance]) -> dict[int, Progress]:
        """When the running roots end; of many, those whose turn it is, as long as the time for it lasts."""
        until = time.monotonic() + _FORETELLING_S
        found = {}
        for one in running[:_MOST_FORETOLD]:
            forecasts = self._forecasts.setdefault(one.wf_id, Forecasts())
            told = forecasts.of(reader, one.status) if time.monotonic() < until else forecasts.last
            if told is not None:
                found[one.wf_id] = told
        return found


class Pace:
    """Nodes done per minute of each workflow, from readings of the last minutes."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, dict[int, int]]] = deque()
        self.last_ts = 0.0

    @property
    def is_new(self) -> bool:
        return not self._readings

    def begin(self, running: dict[int, Glance], recent: dict[int, int], now: float) -> None:
        """Start with what is known of the last minutes: how many nodes became done in them."""
        before = {wf_id: s.status.nodes.done - recent.get(wf_id, 0) for wf_id, s in running.items()}
        self._readings.append((now - WINDOW_S, before))

    def rates(self, running: dict[int, Glance], now: float) -> dict[int, float]:
        """Take in a reading; the rates of the workflows that are known for long enough."""
        while len(self._readings) > 1 and self._readings[1][0] <= now - WINDOW_S:
            self._readings.popleft()
        found = {}
        for wf_id, s in running.items():
            then = next(((ts, done[wf_id]) for ts, done in self._readings if wf_id in done), None)
            if then is not None and now - then[0] >= 1:
                begun = max(then[0], min(s.status.started_ts or 0, now - _STRIDE_S))
                found[wf_id] = max(s.status.nodes.done - then[1], 0) * 60 / (now - begun)
        if not self._readings or now - self._readings[-1][0] >= _STRIDE_S:
            self._readings.append((now, {wf_id: s.status.nodes.done for wf_id, s in running.items()}))
        self.last_ts = now
        return found


def _roots(reader: Reader, watched: Watched) -> tuple[list[int], int]:
    try:
        return watched_roots(reader, (*watched.names, *watched.folders))
    except UnknownWorkflowError:
        if not watched.folders:
            raise
        watched_roots(reader, watched.names)
        return watched_roots(reader)  # the folder was moved, and the database is its own


def _signature(url: str) -> tuple[int, ...]:
    """What changes when a database is written or replaced; empty when it is not there."""
    return tuple(n for found in _files(url) for n in (found.st_ino, found.st_mtime_ns, found.st_size))


def _written(url: str) -> float | None:
    """When the database was last written."""
    return max((found.st_mtime for found in _files(url)), default=None)


def _files(url: str) -> list[os.stat_result]:
    """The files of a database; an empty log beside it comes from reading, not from writing."""
    path = str(file_of(url.split("?", 1)[0]))
    return [found for name in (path, path + "-wal") if (found := _stat(name)) is not None and found.st_size]


def _unread(running: Iterable[Glance], written: float | None) -> dict[int, float]:
    """Running workflows whose log was written after the database, and by how much."""
    found = {}
    roots = [s for s in running if s.status.parent_wf_uuid is None and s.status.submit_dir and s.status.dag]
    for s in roots[:_MOST_LOGS] if written is not None else []:
        log = _stat(os.path.join(s.status.submit_dir or "", f"{s.status.dag}.dagman.out"))
        if log is not None and written is not None and log.st_mtime > written + _STRIDE_S:
            found[s.wf_id] = log.st_mtime - written
    return found


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None
