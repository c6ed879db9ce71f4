"""Says which watched files and folders changed: at once where inotify sees them, else by looking now and then.

inotify knows nothing of what other machines write into a network file system, and some file systems in user space do
not tell either. So everything is also looked at every few seconds; a change that inotify did not announce makes its
path *blind*, and blind paths are looked at as often as something happens there: twenty times a second while it does,
down to every two seconds. Sources: inotify(7), https://pypi.org/project/inotify-simple.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable
from pathlib import Path

from inotify_simple import INotify, flags

from stampede import places

_FILE = flags.MODIFY | flags.ATTRIB | flags.MOVE_SELF | flags.DELETE_SELF
_FOLDER = flags.CREATE | flags.MOVED_TO | flags.DELETE | flags.MOVED_FROM | flags.DELETE_SELF | flags.MOVE_SELF
#: everything is looked at so often, in seconds, inotify or not
_SAFETY_S = 5.0
_SHORTEST_S, _LONGEST_S = 0.05, 2.0
#: after this many seconds without a word, a path whose file appears to change is blind
_PATIENCE_S = 1.0

_Look = tuple[int, int, int]


class _Watched:
    __slots__ = ("blind", "descriptor", "folder", "heard", "interval", "look", "next")

    def __init__(self, look: _Look, folder: bool) -> None:
        self.look = look
        self.folder = folder
        self.descriptor = -1
        self.blind = False
        self.heard = 0.0
        self.interval = _SHORTEST_S
        self.next = 0.0


class Wake:
    """Waits for changes of watched paths. With ``polling`` inotify is not used at all.

    ``interrupt`` is a descriptor that ends the waiting when it can be read (a signal's wake-up).
    """

    def __init__(self, *, polling: bool = False, interrupt: int | None = None) -> None:
        self._watched: dict[Path, _Watched] = {}
        self._paths: dict[int, Path] = {}
        self._poller = select.poll()
        self._interrupt = interrupt
        if interrupt is not None:
            self._poller.register(interrupt, select.POLLIN)
        self._inotify: INotify | None = None
        if not polling:
            try:
                self._inotify = INotify(nonblocking=True)
                self._poller.register(self._inotify.fileno(), select.POLLIN)
            except OSError:  # too many of them: looking does as well
                self._inotify = None
        self._network: dict[Path, bool] = {}
        self._safety = time.monotonic() + _SAFETY_S

    @property
    def blind(self) -> int:
        """How many paths are looked at because inotify does not see them."""
        return sum(w.blind for w in self._watched.values())

    def watch(self, path: Path) -> None:
        """From now on, tell of changes of this file (or of what comes and goes in this folder)."""
        if path in self._watched:
            return
        watched = _Watched(_look(path), os.path.isdir(path))
        self._watched[path] = watched
        self._hook(path, watched)

    def forget(self, path: Path) -> None:
        """Tell of it no more."""
        watched = self._watched.pop(path, None)
        if watched is not None:
            self._unhook(watched)

    def _hook(self, path: Path, watched: _Watched) -> None:
        if self._inotify is None or self._on_network(path):
            watched.blind = True
            return
        try:
            watched.descriptor = self._inotify.add_watch(path, _FOLDER if watched.folder else _FILE)
            self._paths[watched.descriptor] = path
            watched.blind = False
        except FileNotFoundError:
            watched.blind = True  # until it appears
        except OSError:  # no more watches, or no permission
            watched.blind = True

    def _unhook(self, watched: _Watched) -> None:
        if watched.descriptor >= 0 and self._inotify is not None:
            self._paths.pop(watched.descriptor, None)
            try:
                self._inotify.rm_watch(watched.descriptor)
            except OSError:
                pass
        watched.descriptor = -1

    def _on_network(self, path: Path) -> bool:
        folder = path if os.path.isdir(path) else path.parent
        known = self._network.get(folder)
        if known is None:
            known = self._network[folder] = places.on_network(folder)
        return known

    def wait(self, timeout_s: float) -> set[Path]:
        """The paths where something happened, as soon as something did; empty after ``timeout_s`` seconds."""
        found = self.ready()
        now = time.monotonic()
        end = now + timeout_s
        while not found and now < end:
            until = min([end, self._safety, *(w.next for w in self._watched.values() if w.blind)])
            for descriptor, _ in self._poller.poll(max(until - now, 0.0) * 1000):
                if descriptor == self._interrupt:
                    return found
            found = self.ready()
            now = time.monotonic()
        return found

    def ready(self) -> set[Path]:
        """The paths where something has happened since the last question."""
        found = set(self._announced())
        now = time.monotonic()
        everything = now >= self._safety
        if everything:
            self._safety = now + _SAFETY_S
        for path, watched in self._watched.items():
            if everything or (watched.blind and now >= watched.next):
                self._glance(path, watched, now, found)
        return found

    def _announced(self) -> Iterable[Path]:
        if self._inotify is None:
            return
        now = time.monotonic()
        for event in self._inotify.read(timeout=0):
            if event.mask & flags.Q_OVERFLOW:
                self._safety = 0.0
                continue
            path = self._paths.get(event.wd)
            if path is None:
                continue
            watched = self._watched[path]
            watched.heard = now
            watched.blind = False
            if event.mask & (flags.IGNORED | flags.MOVE_SELF | flags.DELETE_SELF):
                self._unhook(watched)
                self._hook(path, watched)
            yield path

    def _glance(self, path: Path, watched: _Watched, now: float, found: set[Path]) -> None:
        look = _look(path)
        if look == watched.look:
            watched.interval = min(watched.interval * 1.3, _LONGEST_S)
        else:
            if watched.descriptor >= 0 and now - watched.heard > _PATIENCE_S + _SAFETY_S and path not in found:
                watched.blind = True  # it changes, and inotify keeps silent
            watched.look = look
            watched.interval = _SHORTEST_S
            found.add(path)
            if watched.descriptor < 0:
                watched.folder = os.path.isdir(path)
                self._hook(path, watched)
        watched.next = now + watched.interval

    def close(self) -> None:
        """Watch nothing any more."""
        if self._inotify is not None:
            self._inotify.close()

    def __enter__(self) -> Wake:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _look(path: Path) -> _Look:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return 0, -1, 0
    return found.st_ino, found.st_size, found.st_mtime_ns
