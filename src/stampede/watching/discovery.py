"""Finds submit directories that appear below folders."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: folders are gone through so often, in seconds; longer when that takes long
_LOOK_S = 5.0
_SHARE = 0.02
#: deeper down than this nobody submits: USER/pegasus/LABEL/run0001 has four
_DEPTH = 6
#: what ended longer ago than this many seconds is history, for ``load`` rather than for a watch
_RECENT_S = 24 * 3600.0


class Discovery:
    """Submit directories below ``folders`` that a watch has to take up: those whose log was written to lately."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        #: folders that were given out, and when their logs were written to last
        self._known: dict[str, float] = {}
        self.due = 0.0

    def news(self, now: float) -> list[Path]:
        """Submit directories that are new, or whose logs go on; again each time they do."""
        if now < self.due:
            return []
        found = []
        for folder in self._folders:
            for path, written in _submit_dirs(str(folder), 0):
                if written > self._known.get(path, 0.0) and time.time() - written < _RECENT_S:
                    self._known[path] = written
                    found.append(Path(path))
        took = time.monotonic() - now
        self.due = now + max(_LOOK_S, took / _SHARE)
        return found


def _submit_dirs(folder: str, depth: int) -> Iterator[tuple[str, float]]:
    """Folders with a log of DAGMan or a DAG, and when that was written to; what lies below them is theirs."""
    below: list[str] = []
    written = 0.0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".dag.dagman.out", ".dag")):
                    with suppress(OSError):  # a link to nowhere
                        written = max(written, entry.stat().st_mtime)
                elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    below.append(entry.path)
    except OSError:
        return
    if written:
        yield folder, written
    elif depth < _DEPTH:
        for path in below:
            yield from _submit_dirs(path, depth + 1)
