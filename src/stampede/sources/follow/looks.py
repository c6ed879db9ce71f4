"""How a file was when it was read: what comes behind that is its rest, anything else is another's."""

from __future__ import annotations

import hashlib
import os
import time

import msgspec

from stampede.files import open_regular

#: a file that was written to less than so many seconds ago may go on
_FRESH_S = 60.0


class Look(msgspec.Struct, frozen=True):
    """Size, time of the last change and a digest of what was read; no digest of what was not read as a whole."""

    size: int
    mtime_ns: int
    digest: bytes

    @property
    def age_s(self) -> float:
        """Seconds since it was last written to, by our clock and that of the file system."""
        return time.time() - self.mtime_ns / 1e9

    @property
    def is_fresh(self) -> bool:
        """Whether somebody may still be at it."""
        return abs(self.age_s) < _FRESH_S


def mtime_of(path: str) -> int | None:
    """When the file was last written to, in nanoseconds; None when it is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return None


def look_at(data: bytes, mtime_ns: int, *, whole: bool) -> Look:
    """How a file was of which ``data`` was read, and that is the whole of it or not."""
    return Look(len(data), mtime_ns, _digest(data) if whole else b"")


def has_changed(path: str, look: Look) -> bool:
    """Whether the file is another one now, or longer."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    return (found.st_mtime_ns, found.st_size) != (look.mtime_ns, look.size)


def goes_on(path: str, look: Look) -> bool:
    """Whether a file that has changed begins with what was read: its writer went on, nobody else wrote over it."""
    if not look.digest:
        return True
    try:
        with open_regular(path) as file:
            return _digest(file.read(look.size)) == look.digest
    except OSError:
        return False


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()
