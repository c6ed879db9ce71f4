"""Wakes a thread when the file of a database, or its log, is written (inotify(7)); blind on network file systems."""

from __future__ import annotations

import os
import select
from pathlib import Path

from inotify_simple import INotify, flags

from stampede.places import file_of
from stampede.query.registry import is_server

#: a server is asked so often, in seconds
_ASK_S = 0.05
_MASK = flags.MODIFY | flags.CREATE | flags.MOVED_TO | flags.DELETE


class Waking:
    """``wait`` ends when something is written to the database; never before it is asked."""

    def __init__(self, url: str) -> None:
        self._longest_s = 60.0
        if is_server(url):
            self._longest_s = _ASK_S
        path = Path(os.path.realpath(file_of(url)))
        self._names = {path.name, f"{path.name}-wal", f"{path.name}-journal"}
        self._ears, self._mouth = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._ears, select.POLLIN)
        self._inotify: INotify | None = None
        try:
            self._inotify = INotify()
            self._inotify.add_watch(os.fspath(path.parent), _MASK)
            self._poll.register(self._inotify.fileno(), select.POLLIN)
        except OSError:  # too many are watched by this user, or there is no folder: it is looked at now and then
            if self._inotify is not None:
                self._inotify.close()
            self._inotify = None

    def wait(self, seconds: float) -> None:
        """Until something is written, somebody rouses us, or the time is over."""
        self._poll.poll(min(seconds, self._longest_s) * 1000)
        if self._inotify is not None:
            self._inotify.read(timeout=0)

    def rouse(self) -> None:
        """End a wait, from another thread."""
        try:
            os.write(self._mouth, b".")
        except OSError:  # it was closed meanwhile
            pass

    def close(self) -> None:
        """Give back what is held."""
        os.close(self._ears)
        os.close(self._mouth)
        if self._inotify is not None:
            self._inotify.close()
