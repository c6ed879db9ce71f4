"""Which databases are served, in which of them a workflow lies, and readers for those who ask."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from stampede.errors import StampedeError, UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.query import registry as registered
from stampede.query.foreign import entries
from stampede.query.stamps import registry_stamp, stamp_of, written_ns
from stampede.query.workflows import of_uuid
from stampede.service.settings import Settings
from stampede.service.visitor import OWNER, Visitor

#: an answer may be older than its question by so much, in seconds
LATELY_S: Final = 0.01
#: readers of one database that wait for the next question
_IDLE = 8

#: what SQLite keeps beside a database
_BESIDE: Final = ("-wal", "-shm", "-journal")


class Place(msgspec.Struct, frozen=True):
    """Where a workflow lies, and whose it is."""

    database: Database
    user: str | None


class Database:
    """A database that is served. Readers are kept open for the next who asks, and given up when the file was
    replaced. ``question_s``: questions are stopped after so many seconds."""

    def __init__(self, url: str, question_s: float = 60.0) -> None:
        self.url = url
        self._question_s = question_s
        #: uuids of workflows that it only lists (it is a master database of Pegasus): another one has them
        self.elsewhere: tuple[str, ...] = ()
        self._idle: list[Reader] = []
        self._file: bytes = b""
        self._stamped: tuple[float, bytes] = (-1.0, b"")
        self._lock = threading.Lock()

    def stamp(self) -> bytes:
        """What differs after each change of the database; empty when it is not there."""
        return stamp_of(self.url)

    def lately(self) -> bytes:
        """The same, as it was at most :data:`LATELY_S` ago: while a database is written all the time, those who ask at
        the same time ask the same."""
        now = time.monotonic()
        taken, stamp = self._stamped
        if now - taken >= LATELY_S:
            stamp = self.stamp()
            self._stamped = (now, stamp)
        return stamp

    def written_ns(self) -> int:
        """When it was written last, by the clock of its file system; 0 when it is not there."""
        return written_ns(self.url)

    @contextmanager
    def reader(self, *, again: bool = True) -> Iterator[Reader]:
        """A reader, for one thread and one question at a time; all it is asked inside comes from one state.

        ``again``: it may serve others afterwards (not so one whose temporary views were changed). Raises DatabaseError.
        """
        reader = self._taken()
        try:
            with reader.within(self._question_s), reader.snapshot():
                yield reader
        except BaseException:
            reader.close()
            raise
        if again:
            self._give_back(reader)
        else:
            reader.close()

    def close(self) -> None:
        """Close the readers that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()

    def _taken(self) -> Reader:
        file = _file_of(self.stamp())
        with self._lock:
            replaced, self._file = self._file != file, file
            reader = self._idle.pop() if self._idle and not replaced else None
        if reader is not None:
            return reader
        if replaced:
            self.close()
        return open_database(self.url)

    def _give_back(self, reader: Reader) -> None:
        with self._lock:
            if len(self._idle) < _IDLE and self._file:
                self._idle.append(reader)
                return
        reader.close()


def _file_of(stamp: bytes) -> bytes:
    """Device and inode: they change when another file took the place."""
    return b".".join(stamp.split(b".", 2)[:2])


class Databases:
    """All that are served: those of the settings, or of the registry as it is now. Safe to ask from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, Database] = {}
        self._urls: tuple[str, ...] = settings.databases
        self._registry: bytes | None = None
        self._masters: dict[str, tuple[bytes, list[Database]]] = {}
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.RLock()

    def all(self) -> list[Database]:
        """The databases that are served now; those of the settings also while their file is not there."""
        with self._lock:
            if not self._settings.databases:
                self._look()
            for url in self._urls:
                if url not in self._known:
                    self._known[url] = Database(url, self._settings.request_s)
            found = [self._known[url] for url in self._urls]
            if self._settings.databases:
                found = [*dict.fromkeys(other for one in found for other in (*self._listed(one), one))]
            return found

    def at(self, url: str) -> Database:
        """The database of a URL, which was served a moment ago."""
        with self._lock:
            found = self._known.get(url)
            if found is None:
                found = self._known[url] = Database(url, self._settings.request_s)
            return found

    def _listed(self, master: Database) -> list[Database]:
        """The databases that a master database of Pegasus names; none for any other."""
        stamp = master.stamp()
        known = self._masters.get(master.url)
        if known is None or known[0] != stamp:
            known = self._masters[master.url] = (stamp, self._named_by(master))
        return known[1]

    def _named_by(self, master: Database) -> list[Database]:
        try:
            with master.reader() as reader:
                listed = entries(reader) if reader.is_adopted else []
        except StampedeError:
            return []
        there = [e for e in listed if e.db_url is not None and registered.holds(e.db_url, e.wf_uuid)]
        master.elsewhere = tuple(e.wf_uuid for e in there)
        return [
            self._known.setdefault(e.db_url, Database(e.db_url, self._settings.request_s))
            for e in there
            if e.db_url is not None
        ]

    @property
    def count(self) -> int:
        """How many there were when it was looked last."""
        return len(self._urls)

    def _look(self) -> None:
        stamp = registry_stamp(self._settings.registry)
        if stamp == self._registry:
            return
        self._urls = tuple(registered.databases(path=self._settings.registry))
        self._registry = stamp
        self._places.clear()
        for url in [url for url in self._known if url not in self._urls]:
            self._known.pop(url).close()

    def find(self, wf_uuid: str, visitor: Visitor = OWNER) -> Place:
        """Where the workflow (root or not) lies. Raises UnknownWorkflowError also when it is not theirs to see: that it
        exists is not told either."""
        place = self.known(wf_uuid) or self._search(wf_uuid)
        if place is None or not visitor.may_see(place.user):
            raise UnknownWorkflowError(f"There is no workflow {wf_uuid[:60]}.")
        self._note(place.database)
        return place

    def known(self, wf_uuid: str) -> Place | None:
        """Where it was found before, without looking into a database; None when it was not asked for yet."""
        with self._lock:
            return self._places.get(wf_uuid)

    def forget(self, wf_uuid: str) -> None:
        """It is not where it was any more: the next who asks looks for it again."""
        with self._lock:
            self._places.pop(wf_uuid, None)

    def _search(self, wf_uuid: str) -> Place | None:
        for database in self._likely(wf_uuid):
            stamp = database.stamp()
            if not stamp:
                continue
            try:
                with database.reader() as reader:
                    found = of_uuid(reader, wf_uuid)
            except StampedeError:
                continue  # one that cannot be read hides only its own workflows
            if found is not None and wf_uuid not in database.elsewhere:
                place = Place(database, found.user)
                with self._lock:
                    self._places[wf_uuid] = place
                    while len(self._places) > 100_000:
                        self._places.popitem(last=False)
                return place
        return None

    def _likely(self, wf_uuid: str) -> list[Database]:
        """All databases, the one that the registry names for it first."""
        every = self.all()
        if len(every) < 2:
            return every
        try:
            named = {e.db_url for e in registered.look_up(wf_uuid, path=self._settings.registry)}
        except StampedeError:
            named = set()
        return sorted(every, key=lambda database: database.url not in named)

    def _note(self, database: Database) -> None:
        """Close the idle readers of databases that nobody asked for long, so that few files are open."""
        with self._lock:
            self._used[database.url] = None
            self._used.move_to_end(database.url)
            if len(self._used) <= self._settings.open_databases:
                return
            url, _ = self._used.popitem(last=False)
            left = self._known.get(url)
        if left is not None:
            left.close()

    def is_database(self, path: str) -> bool:
        """Whether a file is one of the databases, or belongs to one. Such a file must not be opened: closing it would
        take the locks of those who read it (https://sqlite.org/howtocorrupt.html, 2.2)."""
        try:
            path = os.path.realpath(path)
            for suffix in _BESIDE:
                path = path.removesuffix(suffix)
            found = os.stat(path)
        except (OSError, ValueError):
            return False
        wanted = f"{found.st_dev}.{found.st_ino}".encode()
        return any(_file_of(d.stamp()) == wanted for d in self.all())

    def close(self) -> None:
        """Close all that is open."""
        with self._lock:
            for database in self._known.values():
                database.close()
