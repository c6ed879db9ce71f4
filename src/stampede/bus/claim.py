"""A file that one process holds: the lock is gone when the process is, however that ends (flock(2))."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Claim:
    """The right to something, while a file is locked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._descriptor >= 0

    def take(self) -> bool:
        """Try to hold it; whether we do. Raises OSError."""
        if self.held:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let others have it."""
        if self.held:
            os.close(self._descriptor)
            self._descriptor = -1


def is_free(path: Path) -> bool:
    """Whether nobody holds it. Raises OSError."""
    claim = Claim(path)
    free = claim.take()
    claim.release()
    return free
