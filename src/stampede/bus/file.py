"""A bus in a folder that publishers, loaders and subscribers can all reach: for sites without a broker.

::

    FOLDER/tmp/                      files that are being written
           groups/load/0 … 7/        messages that wait, by partition of their root workflow; ``lock``: who reads them
           groups/load/members/      the loaders that there are, a locked file each
           subscribers/ID/           copies; ``lock``: it is there; ``patterns.json``: what it wants
           dead/                     what nobody could use, with reasons
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stampede.bus import folder as files
from stampede.bus.base import LOADERS, WHOLE, Part, partition
from stampede.bus.claim import is_free
from stampede.bus.errors import BusFullError
from stampede.bus.file_reading import FileConsumer, FileSubscriber
from stampede.bus.message import BATCH, Buried, Message
from stampede.bus.topics import matcher
from stampede.emit.segment import sync_folder

_PARTITIONS: Final = 8
#: messages that may wait in a partition, and before a subscriber
_MOST: Final = 5_000
_MOST_HEARD: Final = 1_000
#: subscribers are looked for so often, in seconds
_COUNT_S: Final = 1.0


class FileBus:
    """A folder."""

    notice = ""

    def __init__(self, folder: Path, *, partitions: int = _PARTITIONS, most: int = _MOST) -> None:
        self.name = f"file://{folder}"
        self.folder = folder
        self.partitions = partitions
        self.most = most
        self.graves = files.Graves(folder / "dead")

    def prepare(self, group: str = LOADERS) -> Path:
        """The folder of a group, with what belongs to it. Raises BusError."""
        place = self.folder / "groups" / group
        try:
            (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
            (self.folder / "subscribers").mkdir(exist_ok=True)
            (place / "members").mkdir(parents=True, exist_ok=True)
            there = sum(name.isdigit() for name in os.listdir(place))
            for number in range(there, there or self.partitions):
                (place / str(number)).mkdir(exist_ok=True)
        except OSError as e:
            raise files.trouble(self.name, e) from e
        return place

    def publisher(self) -> FilePublisher:
        """Somebody who publishes. Raises BusError."""
        self.prepare()
        return FilePublisher(self)

    def consumer(self, group: str = LOADERS, part: Part = WHOLE) -> FileConsumer:
        """A member of a group, or of a part of it. Raises BusError."""
        return FileConsumer(self.name, self.graves, self.prepare(group), part)

    def subscriber(self, patterns: Sequence[str]) -> FileSubscriber:
        """Hears what is published from now on. Raises BusError."""
        self.prepare()
        return FileSubscriber(self.name, self.folder, patterns)

    def buried(self) -> list[Buried]:
        """What was put aside. Raises BusError."""
        try:
            return self.graves.all()
        except OSError as e:
            raise files.trouble(self.name, e) from e

    def revive(self) -> int:
        """Publish again what was put aside. Raises BusError."""
        found = self.buried()
        publisher = self.publisher()
        publisher.publish([one.message for one in found])
        try:
            self.graves.clear(len(found))
        except OSError as e:
            raise files.trouble(self.name, e) from e
        return len(found)


class _Hearer:
    """A subscriber, as a publisher sees it."""

    def __init__(self, folder: Path, likes: Callable[[str], bool]) -> None:
        self.folder = folder
        self.likes = likes


class FilePublisher:
    """Writes messages, and links them to where they belong."""

    def __init__(self, bus: FileBus) -> None:
        self._bus = bus
        self._groups: list[list[Path]] = []
        self._hearers: list[_Hearer] = []
        self._looked = 0.0

    def publish(self, messages: Sequence[Message]) -> None:
        """All are on the disk afterwards. Raises BusFullError, BusError."""
        try:
            self._look()
            for message in messages:
                self._publish(message)
        except OSError as e:
            self._looked = 0.0
            raise files.trouble(self._bus.name, e) from e

    def _look(self) -> None:
        """Who there is to publish for, and whether there is room."""
        now = time.monotonic()
        groups = self._bus.folder / "groups"
        if now - self._looked > _COUNT_S:
            self._groups = [files.partitions(groups / name) for name in os.listdir(groups)]
            self._hearers = list(self._live())
            self._looked = now
        for place in (place for group in self._groups for place in group):
            if files.count(place) >= self._bus.most:
                raise BusFullError(f"{place} is full: {self._bus.most} messages wait. Is a loader running?")

    def _live(self) -> Iterable[_Hearer]:
        """The subscribers that are there; what others left is taken away."""
        for name in os.listdir(self._bus.folder / "subscribers"):
            place = self._bus.folder / "subscribers" / name
            try:
                if is_free(place / "lock"):
                    shutil.rmtree(place, ignore_errors=True)
                elif files.count(place) < _MOST_HEARD:
                    patterns = msgspec.json.decode((place / "patterns.json").read_bytes(), type=list[str])
                    yield _Hearer(place, matcher([*patterns, f"{BATCH}.#"]))
            except (OSError, msgspec.MsgspecError):  # it is just coming, or going
                continue

    def _publish(self, message: Message) -> None:
        path = files.write(message, self._bus.folder / "tmp")
        try:
            for group in self._groups:
                place = group[partition(message.root, len(group))]
                os.link(path, place / path.name)
                sync_folder(place)
            for hearer in self._hearers:
                if hearer.likes(message.key):
                    try:
                        os.link(path, hearer.folder / path.name)
                    except OSError:  # it has gone
                        pass
        finally:
            path.unlink(missing_ok=True)

    def idle(self) -> None:
        """Nothing has to be done."""

    def close(self) -> None:
        """Leave."""
