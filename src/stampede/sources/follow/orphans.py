"""Sub-workflows that were started and have no log yet, or one that does not say yet whose it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from stampede.files import present

#: their logs are looked for so often, in seconds
_AGAIN_S = 0.3
#: a log that is there is known after so many seconds, or it may be never
_KNOWN_S = 15.0


class Orphan(msgspec.Struct, gc=False):
    """A job that runs a sub-workflow whose log was not known when the job was submitted; ``met_s`` is when the log was
    seen first (monotonic seconds)."""

    log: Path
    node: str
    seq: int
    met_s: float | None = None


class Orphans:
    """Those of one workflow. ``due`` says when to look again (monotonic seconds)."""

    def __init__(self) -> None:
        self.due = float("inf")
        self._orphans: list[Orphan] = []

    def add(self, log: Path, node: str, seq: int) -> None:
        """One more."""
        self._orphans.append(Orphan(log, node, seq))
        self.due = 0.0

    def found(self, follow: Callable[[Path, str], str | None]) -> Iterator[tuple[str, Orphan]]:
        """Those whose workflow is known now, with its uuid; they are orphans no more."""
        orphans, self._orphans = self._orphans, []
        for orphan in orphans:
            child = follow(orphan.log, orphan.node)
            if child is None:
                if orphan.met_s is None and present(orphan.log):
                    orphan.met_s = time.monotonic()
                self._orphans.append(orphan)
            else:
                yield child, orphan
        self.due = time.monotonic() + _AGAIN_S if self._orphans else float("inf")

    def expects(self, now: float) -> bool:
        """Whether a log that is there may well be known in a moment."""
        return any(o.met_s is not None and now - o.met_s < _KNOWN_S for o in self._orphans)

    def logs(self) -> list[Path]:
        """The logs that are waited for."""
        return [orphan.log for orphan in self._orphans]
