"""A file of events (BP, JSON lines or BSON, gzip or not) as batches."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from stampede.events.stream import open_stream
from stampede.files import real, told
from stampede.sources.base import BATCH, Batch, Marks, identity


class EventFile:
    """Events that somebody wrote into a file."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        self.path = path
        self.name = str(path)
        self.strict = strict
        self.marks: Marks = {}
        self._done = 0

    @property
    def size(self) -> int:
        return identity(self.path)[1]

    @property
    def done(self) -> int:
        return self._done

    def batches(self, *, sealed: bool = False) -> Generator[Batch]:
        """Batches of about ``BATCH`` events. In strict mode raises InvalidEventError at the first bad one."""
        inode, size = identity(self.path)
        source = told(real(self.path))
        events, start, end = [], 0, 0
        mark = self.marks.get(source, 0)
        with open_stream(self.path, strict=self.strict, name=told(self.path.name), break_at=mark) as reader:
            for more, end in reader:
                events += more
                self._done = end
                if len(events) >= BATCH or end == mark:
                    yield Batch(events, source, start, end, inode, size)
                    events, start = [], end
            yield Batch(events, source, start, end + 1, inode, size, final=True)
            self.faults = reader.faults
