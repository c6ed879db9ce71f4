"""A folder of messages, a file each, as in a maildir (https://cr.yp.to/proto/maildir.html).

They are written elsewhere on the same file system and then linked in, so that a reader sees whole files only. Names
sort as messages were written.
"""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from stampede.bus.envelope import EnvelopeError, opened, sealed
from stampede.bus.errors import BusError
from stampede.bus.message import Buried, Message

SUFFIX: Final = ".message"
_REASON: Final = ".reason"
_COUNTER = itertools.count()


class _Names:
    """Names that sort in the order in which they were made, also when the clock is set back."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        self._last = max(time.time_ns(), self._last + 1)
        return f"{self._last:020d}-{os.getpid()}-{next(_COUNTER)}{SUFFIX}"


_NAMES = _Names()


def names(folder: Path) -> list[str]:
    """The names of messages, oldest first. Raises OSError."""
    return sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))


def count(folder: Path) -> int:
    """How many messages there are. Raises OSError."""
    return sum(name.endswith(SUFFIX) for name in os.listdir(folder))


def write(message: Message, aside: Path) -> Path:
    """A file of a message in ``aside``, on the disk, to be linked from where it belongs. Raises OSError."""
    path = aside / _NAMES.next()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed(message))
            file.flush()
            os.fdatasync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def read(path: Path) -> tuple[Message, str]:
    """The message of a file, and why it is none; FileNotFoundError when it has gone, OSError for worse."""
    data = path.read_bytes()
    try:
        return opened(data), ""
    except EnvelopeError as e:
        return Message(key="", body=data), f"{path.name} is no message: {e}"


def partitions(group: Path) -> list[Path]:
    """The folders of the partitions of a group, in order. Raises OSError."""
    return [group / str(n) for n in sorted(int(name) for name in os.listdir(group) if name.isdigit())]


def trouble(place: str, error: OSError) -> BusError:
    """What to tell about a folder that cannot be used."""
    return BusError(f"{place} cannot be used: {error.strerror or error}.")


class _Reason(msgspec.Struct):
    reason: str
    buried_ts: float


class Graves:
    """A folder of messages that nobody could use, each with the reason beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, message: Message, reason: str) -> None:
        """Put one aside. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / "tmp"
        aside.mkdir(exist_ok=True)
        path = write(message, aside)
        self._explain(path.name, reason)
        path.rename(self.folder / path.name)

    def add_file(self, path: Path, reason: str) -> None:
        """Put the file of a message aside. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._explain(path.name, reason)
        path.rename(self.folder / path.name)

    def _explain(self, name: str, reason: str) -> None:
        (self.folder / (name + _REASON)).write_bytes(msgspec.json.encode(_Reason(reason, time.time())))

    def all(self) -> list[Buried]:
        """What was put aside, oldest first. Raises OSError."""
        found = []
        for name in names(self.folder) if self.folder.is_dir() else []:
            try:
                why = msgspec.json.decode((self.folder / (name + _REASON)).read_bytes(), type=_Reason)
            except (OSError, msgspec.MsgspecError):
                why = _Reason("unknown", 0.0)
            found.append(Buried(message=read(self.folder / name)[0], reason=why.reason, buried_ts=why.buried_ts))
        return found

    def clear(self, found: int) -> None:
        """Forget the oldest ones. Raises OSError."""
        for name in names(self.folder)[:found]:
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / (name + _REASON)).unlink(missing_ok=True)
