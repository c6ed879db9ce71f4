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
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stampede.bus import folder as files
from stampede.bus.base import LOADERS, partition, share
from stampede.bus.claim import Claim, is_free
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.message import BATCH, Buried, Delivery, Message
from stampede.bus.topics import matcher
from stampede.emit.segment import sync_folder

_PARTITIONS: Final = 8
#: messages that may wait in a partition, and before a subscriber
_MOST: Final = 5_000
_MOST_HEARD: Final = 1_000
#: files of a partition that a consumer holds at a time
_HELD: Final = 64
#: folders are looked at so often, in seconds: more and more seldom while nothing comes
_LOOK_S: Final = (0.02, 0.25)
#: members and subscribers are looked for so often, in seconds
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
            raise self.trouble(e) from e
        return place

    def trouble(self, error: OSError) -> BusError:
        """What to tell about it."""
        return BusError(f"{self.name} cannot be used: {error.strerror or error}.")

    def publisher(self) -> FilePublisher:
        """Somebody who publishes. Raises BusError."""
        self.prepare()
        return FilePublisher(self)

    def consumer(self, group: str = LOADERS) -> FileConsumer:
        """A member of a group. Raises BusError."""
        return FileConsumer(self, self.prepare(group))

    def subscriber(self, patterns: Sequence[str]) -> FileSubscriber:
        """Hears what is published from now on. Raises BusError."""
        self.prepare()
        return FileSubscriber(self, patterns)

    def buried(self) -> list[Buried]:
        """What was put aside. Raises BusError."""
        try:
            return self.graves.all()
        except OSError as e:
            raise self.trouble(e) from e

    def revive(self) -> int:
        """Publish again what was put aside. Raises BusError."""
        found = self.buried()
        publisher = self.publisher()
        publisher.publish([one.message for one in found])
        try:
            self.graves.clear(len(found))
        except OSError as e:
            raise self.trouble(e) from e
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
            raise self._bus.trouble(e) from e

    def _look(self) -> None:
        """Who there is to publish for, and whether there is room."""
        now = time.monotonic()
        groups = self._bus.folder / "groups"
        if now - self._looked > _COUNT_S:
            self._groups = [_partitions(groups / name) for name in os.listdir(groups)]
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


def _partitions(group: Path) -> list[Path]:
    return [group / str(n) for n in sorted(int(name) for name in os.listdir(group) if name.isdigit())]


class _Part:
    """A partition, as a member sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claim = Claim(folder / "lock")
        self.held: set[str] = set()


class FileConsumer:
    """A member of a group: reads the partitions that it holds the locks of."""

    def __init__(self, bus: FileBus, group: Path) -> None:
        self._bus = bus
        self._members = group / "members"
        try:
            self._parts = [_Part(place) for place in _partitions(group)]
            self._self = Claim(self._members / f"{os.getpid()}-{secrets.token_hex(4)}")
            self._self.take()
        except OSError as e:
            raise bus.trouble(e) from e
        self._next_count = 0.0
        self._most = len(self._parts)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is. Raises BusError."""
        until, pause = time.monotonic() + timeout_s, _LOOK_S[0]
        try:
            while True:
                self._settle()
                found = [d for part in self._parts if part.claim.held for d in self._taken(part)]
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                time.sleep(min(pause, left))
                pause = min(pause * 1.5, _LOOK_S[1])
        except OSError as e:
            raise self._bus.trouble(e) from e

    def _settle(self) -> None:
        """Claim what is nobody's, give back what is beyond our share and of which we hold nothing."""
        now = time.monotonic()
        if now < self._next_count:
            return
        self._next_count = now + _COUNT_S
        self._most = share(len(self._parts), self._count_members())
        own = sum(part.claim.held for part in self._parts)
        for part in self._parts:
            if part.claim.held and own > self._most and not part.held:
                part.claim.release()
                own -= 1
            elif not part.claim.held and own < self._most and part.claim.take():
                own += 1

    def _count_members(self) -> int:
        """How many there are, we too; files of those that have gone are taken away."""
        found = 0
        for name in os.listdir(self._members):
            path = self._members / name
            if path != self._self.path and is_free(path):
                path.unlink(missing_ok=True)
            else:
                found += 1
        return found

    def _taken(self, part: _Part) -> list[Delivery]:
        if len(part.held) >= _HELD:
            return []
        found: list[Delivery] = []
        for name in files.names(part.folder):
            if name in part.held:
                continue
            message, fault = files.read(part.folder / name)
            part.held.add(name)
            found.append(Delivery(message=message, tag=(part, name), fault=fault))
            if len(part.held) >= _HELD:
                break
        return found

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Take the files away. Raises BusError."""
        try:
            for part, name in map(_place, deliveries):
                (part.folder / name).unlink(missing_ok=True)
                part.held.discard(name)
        except OSError as e:
            raise self._bus.trouble(e) from e

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Move the file aside. Raises BusError."""
        part, name = _place(delivery)
        try:
            self._bus.graves.add_file(part.folder / name, reason)
        except FileNotFoundError:
            pass
        except OSError as e:
            raise self._bus.trouble(e) from e
        part.held.discard(name)

    def close(self) -> None:
        """Let others read."""
        for part in self._parts:
            part.claim.release()
        self._self.release()
        try:
            self._self.path.unlink(missing_ok=True)
        except OSError:
            pass


def _place(delivery: Delivery) -> tuple[_Part, str]:
    assert isinstance(delivery.tag, tuple)
    part, name = delivery.tag
    assert isinstance(part, _Part)
    return part, str(name)


class FileSubscriber:
    """A folder of copies."""

    def __init__(self, bus: FileBus, patterns: Sequence[str]) -> None:
        self._bus = bus
        self._folder = bus.folder / "subscribers" / f"{os.getpid()}-{secrets.token_hex(4)}"
        aside = bus.folder / "tmp" / self._folder.name
        try:
            aside.mkdir()
            (aside / "patterns.json").write_bytes(msgspec.json.encode(list(patterns)))
            self._claim = Claim(aside / "lock")
            self._claim.take()
            aside.rename(self._folder)
        except OSError as e:
            raise bus.trouble(e) from e

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is. Raises BusError."""
        until, pause = time.monotonic() + timeout_s, _LOOK_S[0]
        try:
            while True:
                found = []
                for name in files.names(self._folder):
                    message, fault = files.read(self._folder / name)
                    found.append(Delivery(message=message, fault=fault))
                    (self._folder / name).unlink()
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                time.sleep(min(pause, left))
                pause = min(pause * 1.5, _LOOK_S[1])
        except OSError as e:
            raise self._bus.trouble(e) from e

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Nobody waits for that."""

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        self._claim.release()
        shutil.rmtree(self._folder, ignore_errors=True)
