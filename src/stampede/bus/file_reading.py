"""Loaders and subscribers of a bus in a folder."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stampede.bus import folder as files
from stampede.bus.base import WHOLE, Part, share
from stampede.bus.claim import Claim, is_free
from stampede.bus.message import Delivery

#: files of a partition that a consumer holds at a time
_HELD: Final = 64
#: folders are looked at so often, in seconds: more and more seldom while nothing comes
_LOOK_S: Final = (0.02, 0.25)
#: members are counted so often, in seconds
_COUNT_S: Final = 1.0


class _Partition:
    """A partition, as a member sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claim = Claim(folder / "lock")
        self.held: set[str] = set()


class FileConsumer:
    """A member of a group, or of a part of it: reads the partitions that it holds the locks of."""

    def __init__(self, name: str, graves: files.Graves, group: Path, part: Part = WHOLE) -> None:
        self._name, self._graves = name, graves
        self._members = group / ("members" if part == WHOLE else f"members-{part.number}-of-{part.of}")
        try:
            self._members.mkdir(exist_ok=True)
            self._parts = [_Partition(place) for place in part.among(files.partitions(group))]
            self._self = Claim(self._members / f"{os.getpid()}-{secrets.token_hex(4)}")
            self._self.take()
        except OSError as e:
            raise files.trouble(name, e) from e
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
            raise files.trouble(self._name, e) from e

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

    def _taken(self, part: _Partition) -> list[Delivery]:
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
            raise files.trouble(self._name, e) from e

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Move the file aside. Raises BusError."""
        part, name = _place(delivery)
        try:
            self._graves.add_file(part.folder / name, reason)
        except FileNotFoundError:
            pass
        except OSError as e:
            raise files.trouble(self._name, e) from e
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


def _place(delivery: Delivery) -> tuple[_Partition, str]:
    assert isinstance(delivery.tag, tuple)
    part, name = delivery.tag
    assert isinstance(part, _Partition)
    return part, str(name)


class FileSubscriber:
    """A folder of copies."""

    def __init__(self, name: str, folder: Path, patterns: Sequence[str]) -> None:
        self._name = name
        self._folder = folder / "subscribers" / f"{os.getpid()}-{secrets.token_hex(4)}"
        aside = folder / "tmp" / self._folder.name
        try:
            aside.mkdir()
            (aside / "patterns.json").write_bytes(msgspec.json.encode(list(patterns)))
            self._claim = Claim(aside / "lock")
            self._claim.take()
            aside.rename(self._folder)
        except OSError as e:
            raise files.trouble(name, e) from e

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
            raise files.trouble(self._name, e) from e

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Nobody waits for that."""

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        self._claim.release()
        shutil.rmtree(self._folder, ignore_errors=True)
