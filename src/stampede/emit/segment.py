"""A file of a spool: records, one a line, numbered from the number that is its name.

Lines that begin with ``#`` are notes of whoever writes, about what stands before them; they have no number.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

SUFFIX: Final = ".records"
_CHUNK: Final = 1 << 20


class Segment:
    """Records ``first`` … of a spool, in a file that only grows."""

    def __init__(self, folder: Path, first: int) -> None:
        self.first = first
        self.path = folder / f"{first:019d}{SUFFIX}"
        #: records and bytes in it
        self.records = 0
        self.size_bytes = 0
        #: the notes that were in it when it was recovered
        self.notes: list[bytes] = []
        self._file: int | None = None

    @property
    def last(self) -> int:
        """The number of its last record; ``first - 1`` when there is none."""
        return self.first + self.records - 1

    def recover(self, *, noted: bool) -> None:
        """Count what is in it, and cut off what a crash left unfinished: a torn line, or (``noted``) what stands
        behind the last note. Raises OSError."""
        records = end = 0
        whole_records = whole_end = 0
        with open(self.path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                end += len(line)
                if line.startswith(b"#"):
                    self.notes.append(line[1:-1])
                    whole_records, whole_end = records, end
                else:
                    records += 1
        if noted:
            records, end = whole_records, whole_end
        self.records, self.size_bytes = records, end
        if end < os.path.getsize(self.path):
            os.truncate(self.path, end)

    def append(self, data: bytes, records: int) -> None:
        """Write whole lines, all of them or none. Raises OSError."""
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_folder(self.path.parent)  # with the file's own sync, its name is on the disk too
        try:
            written = os.write(self._file, data)
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            os.ftruncate(self._file, self.size_bytes)
            raise
        self.size_bytes += len(data)
        self.records += records

    def sync(self) -> None:
        """Have what was written on the disk. Raises OSError."""
        if self._file is not None:
            os.fdatasync(self._file)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def delete(self) -> None:
        """Take it off the disk. Raises OSError."""
        self.close()
        self.path.unlink(missing_ok=True)


class Cursor:
    """A place in a segment, from which records are read on."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        #: the number of the next record
        self.number = segment.first
        self._offset = 0

    def read(self, most: int, most_bytes: int) -> list[bytes]:
        """The next records, without their line ends: at most so many, and of so many bytes (one in any case).

        Only what was written as a whole is read. Raises OSError.
        """
        found: list[bytes] = []
        size = 0
        with open(self.segment.path, "rb") as file:
            file.seek(self._offset)
            while len(found) < most and self._offset < self.segment.size_bytes:
                line = file.readline()
                if not line.startswith(b"#"):
                    if found and size + len(line) > most_bytes:
                        break
                    found.append(line[:-1])
                    size += len(line)
                self._offset += len(line)
        self.number += len(found)
        return found

    def skip_to(self, number: int) -> None:
        """Go on to a record. Raises OSError."""
        while self.number < number and self.read(min(number - self.number, 10_000), _CHUNK):
            pass


def segments_of(folder: Path) -> list[Segment]:
    """The segments of a folder, in order. Raises OSError."""
    numbers = [int(name.removesuffix(SUFFIX)) for name in os.listdir(folder)
               if name.endswith(SUFFIX) and name.removesuffix(SUFFIX).isdigit()]  # fmt: skip
    return [Segment(folder, number) for number in sorted(numbers)]


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
