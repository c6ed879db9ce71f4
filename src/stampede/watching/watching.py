"""The loop of a watch: waits for changes and gives every path its turn."""

from __future__ import annotations

import time
from pathlib import Path

from stampede.files import real
from stampede.places import default_url
from stampede.sources.follow import Wake
from stampede.sources.roots import is_workflow
from stampede.watching.databases import Database, Databases
from stampede.watching.followed import Followed

#: after a turn that cost t seconds of processor nobody has another for ``_REST`` times t, between these bounds: lines
#: that come one by one are written together, and watching takes no more than a part of a core
_REST = 4.0
_SHORTEST_S, _LONGEST_S = 0.02, 0.25
#: nobody waits longer than this without looking around
_PATIENCE_S = 5.0


class Watching:
    """Follows paths into databases. Call ``turn`` as long as something is to be followed.

    ``polling`` does without inotify. ``interrupt`` is a descriptor that ends a wait when it can be read. A ``lasting``
    one waits for more also when all has ended.
    """

    def __init__(self, *, polling: bool = False, interrupt: int | None = None, lasting: bool = False) -> None:
        self._lasting = lasting
        self._wake = Wake(polling=polling, interrupt=interrupt)
        self._databases = Databases()
        self.followed: list[Followed] = []

    def add(self, path: Path, url: str | None = None) -> Followed:
        """Follow that path into that database, or into its own (which is known when there is a DAG).

        A path that is followed already is followed once.
        """
        for known in self.followed:
            if real(known.path) == real(path):
                return known

        def find_database(path: Path) -> Database | None:
            return self._databases.of(url or default_url(path)) if is_workflow(path) else None

        one = Followed(path, find_database, self._wake)
        self.followed.append(one)
        return one

    def drop(self, one: Followed) -> None:
        """Follow it no more."""
        one.close()
        self.followed.remove(one)
        self._databases.keep({other.url for other in self.followed})

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to follow."""
        return all(one.state == "ended" for one in self.followed)

    @property
    def blind(self) -> int:
        """Logs that are looked at because inotify does not see them."""
        return self._wake.blind

    def turn(self, patience_s: float = _PATIENCE_S) -> int:
        """Write what is new, then wait for more, at most ``patience_s``; the number of events written."""
        began, cost = time.monotonic(), time.thread_time()
        written, looked = 0, False
        for one in self.followed:
            if one.more or one.due <= began:
                written += self._turn(one)
                looked = True
        if any(one.more for one in self.followed):
            self._spread(self._wake.ready())
            return written
        now = time.monotonic()
        if looked:
            time.sleep(min(max(_REST * (time.thread_time() - cost), _SHORTEST_S), _LONGEST_S))
        due = min([now + patience_s, *(one.due for one in self.followed if one.state != "ended")])
        if self._lasting or not self.ended:
            self._spread(self._wake.wait(max(due - time.monotonic(), 0.0)))
        return written

    def _turn(self, one: Followed) -> int:
        try:
            return one.turn(time.monotonic())
        except Exception:
            if len(self.followed) == 1 and not self._lasting:
                raise
            return 0  # it says itself what is wrong, and the others go on

    def _spread(self, changed: set[Path]) -> None:
        for path in changed:
            for one in self.followed:
                one.notice(path)

    def close(self) -> None:
        """End the watch; what was read is kept."""
        for one in self.followed:
            one.close()
        self._databases.close()
        self._wake.close()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
