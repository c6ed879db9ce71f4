"""Records that wait on the disk to be sent, numbered from 1: they outlive the process, and an outage of any length."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from stampede.emit.errors import SpoolBusyError, SpoolError, SpoolFullError
from stampede.emit.segment import Cursor, Segment, segments_of, sync_folder

#: a segment is not added to when it has so many bytes (or an eighth of the spool); it is deleted as a whole
_SEGMENT_BYTES: Final = 4 << 20
#: what a spool may take of the disk
MOST_BYTES: Final = 256 << 20
_LABEL: Final = "spool.json"


class Label(msgspec.Struct):
    """Who a spool belongs to: ``source`` as the server knows it. On the wire the record after number ``base`` is 1."""

    source: str
    base: int = 0


class Spool:
    """The records of one source, in a folder of its own that one process uses at a time.

    ``noted``: records and a note are appended together, and what a crash left without its note is as if it had never
    been appended. ``always_sync``: each record is on the disk when ``append`` returns; else it is before it is sent.
    Safe to use from several threads. Everything raises SpoolError.
    """

    def __init__(
        self, folder: Path, source: str, *, most_bytes: int = MOST_BYTES, noted: bool = False,
        always_sync: bool = False,
    ) -> None:  # fmt: skip
        self.folder = folder
        self._most_bytes = most_bytes
        self._segment_bytes = min(_SEGMENT_BYTES, most_bytes // 8)
        self._always_sync = always_sync
        self._lock = threading.RLock()
        self._cursor: Cursor | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._owner = _locked(folder)
            self._segments = segments_of(folder)
            for segment in self._segments:
                segment.recover(noted=noted and segment is self._segments[-1])
            self.label = _label(folder, source)
        except OSError as e:
            raise SpoolError(f"The spool {folder} cannot be used: {e.strerror}.") from e
        if not self._segments:
            self._segments = [Segment(folder, 1)]
        #: what was noted before, oldest first
        self.notes = [note for segment in self._segments for note in segment.notes]
        #: gives the note that says all that is to be known of older ones, which will be deleted
        self.summary: Callable[[], bytes] | None = None

    @property
    def first(self) -> int:
        """The number of the oldest record that is here."""
        return self._segments[0].first

    @property
    def last(self) -> int:
        """The number of the newest record."""
        return self._segments[-1].last

    @property
    def size_bytes(self) -> int:
        """What it takes of the disk."""
        return sum(segment.size_bytes for segment in self._segments)

    def append(self, records: list[bytes], note: bytes | None = None) -> int:
        """Keep records (each without a line end), and a note; the number of the last record.

        Raises SpoolFullError when there is no room: nothing is kept then.
        """
        data = b"".join(record + b"\n" for record in records)
        if note is not None:
            data += b"#" + note + b"\n"
        with self._lock:
            # what is larger than all room has to find some one day
            if self.size_bytes + len(data) > self._most_bytes and self.size_bytes > self._most_bytes // 4:
                raise SpoolFullError(f"The spool {self.folder} has {self.size_bytes} bytes, and may not have more.")
            try:
                self._room().append(data, len(records))
                if self._always_sync:
                    self._segments[-1].sync()
            except OSError as e:
                raise SpoolFullError(f"The spool {self.folder} cannot be written: {e.strerror}.") from e
            return self.last

    def _room(self) -> Segment:
        """The segment that is written."""
        newest = self._segments[-1]
        if newest.size_bytes >= self._segment_bytes:
            newest = self._turn()
        return newest

    def _turn(self) -> Segment:
        """Begin a new segment, with what was noted so far."""
        old = self._segments[-1]
        old.sync()
        new = Segment(self.folder, old.last + 1)
        new.append(b"" if self.summary is None else b"#" + self.summary() + b"\n", 0)
        old.close()
        self._segments.append(new)
        return new

    def read(self, after: int, most: int, most_bytes: int) -> list[bytes]:
        """The records that follow number ``after``, at most so many. ``after`` is at least ``first - 1``."""
        with self._lock:
            try:
                while after < self.last:
                    cursor = self._at(after + 1)
                    found = cursor.read(most, most_bytes)
                    if found:
                        return found
                return []
            except OSError as e:
                raise SpoolError(f"The spool {self.folder} cannot be read: {e.strerror}.") from e

    def _at(self, number: int) -> Cursor:
        segment = next(s for s in reversed(self._segments) if s.first <= number)
        cursor = self._cursor
        if cursor is None or cursor.segment is not segment or cursor.number != number:
            cursor = self._cursor = Cursor(segment)
            cursor.skip_to(number)
        return cursor

    def sync(self) -> None:
        """Have all records on the disk: what was sent must not be forgotten, since its numbers are used up."""
        with self._lock:
            try:
                self._segments[-1].sync()
            except OSError as e:
                raise SpoolError(f"The spool {self.folder} cannot be written: {e.strerror}.") from e

    def release(self, stored: int) -> None:
        """Records up to that number are stored elsewhere: files of which all are are deleted."""
        with self._lock:
            try:
                if stored >= self.last and self._segments[-1].size_bytes >= self._segment_bytes:
                    self._turn()
                while len(self._segments) > 1 and self._segments[0].last <= stored:
                    self._segments.pop(0).delete()
            except OSError as e:
                raise SpoolError(f"The spool {self.folder} cannot be written: {e.strerror}.") from e

    def rename(self) -> None:
        """Send what is here under a new name, numbered from 1: what the server knows of the old one does not fit."""
        with self._lock:
            name = self.label.source.rpartition("~")[0]
            self.label = Label(_unique(name), self.first - 1)
            try:
                _write_label(self.folder, self.label)
            except OSError as e:
                raise SpoolError(f"The spool {self.folder} cannot be written: {e.strerror}.") from e

    def close(self) -> None:
        """Let others use it."""
        with self._lock:
            for segment in self._segments:
                segment.close()
            if self._owner >= 0:
                os.close(self._owner)
                self._owner = -1


def is_spool(folder: Path) -> bool:
    """Whether a folder is a spool."""
    return (folder / _LABEL).is_file()


def _unique(name: str) -> str:
    """A name that no other spool has, also not one that was in the same folder before."""
    sent = re.sub(r"[^ -~]", "_", name).strip()[:200] or "source"  # a header holds printable ASCII
    return f"{sent}~{secrets.token_hex(6)}"


def _locked(folder: Path) -> int:
    """The descriptor that holds the lock (flock(2)): it is gone when the process is, however that ends."""
    owner = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(owner)
        raise SpoolBusyError(f"The spool {folder} is used by another process.") from None
    return owner


def _label(folder: Path, source: str) -> Label:
    """Whose spool it is: as it stands there, else a new one for ``source``."""
    try:
        return msgspec.json.decode((folder / _LABEL).read_bytes(), type=Label)
    except FileNotFoundError:
        pass
    except msgspec.DecodeError as e:
        raise SpoolError(f"The spool {folder} is damaged: {_LABEL} is not what it should be ({e}).") from e
    label = Label(_unique(source))
    _write_label(folder, label)
    return label


def _write_label(folder: Path, label: Label) -> None:
    new = folder / f"{_LABEL}.new"
    with open(new, "wb") as file:
        file.write(msgspec.json.encode(label))
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / _LABEL)
    sync_folder(folder)
