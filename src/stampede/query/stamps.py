"""Whether a database, or the registry, is still as it was: what answers are kept by."""

from __future__ import annotations

import os
from pathlib import Path

from stampede.errors import UsageError
from stampede.store.registry_file import default_path
from stampede.store.sqlite import change_stamp, path_of
from stampede.store.urls import is_server


def stamp_of(url: str) -> bytes:
    """Bytes that differ after each committed change of a database; empty when there is none. Costs a few microseconds:
    a file is not opened. A server is asked for one row."""
    if is_server(url):
        from stampede.store.server.stamping import stamp

        return stamp(url)
    try:
        return change_stamp(path_of(url))
    except (UsageError, ValueError):
        return b""


def registry_stamp(path: Path | None = None) -> bytes:
    """The same for the registry (``path``: of another than the user's)."""
    return change_stamp(path or default_path())


def written_ns(url: str) -> int:
    """When a database was written last, in nanoseconds since the epoch as its files say; 0 when there is none."""
    try:
        path = path_of(url)
    except (UsageError, ValueError):
        return 0
    return max(_modified_ns(f"{path}-wal"), _modified_ns(path))


def _modified_ns(path: str | Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
