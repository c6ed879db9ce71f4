"""Whether a database, or the registry, is still as it was: what answers are kept by."""

from __future__ import annotations

from pathlib import Path

from stampede.errors import UsageError
from stampede.store.registry_file import default_path
from stampede.store.sqlite import change_stamp, path_of


def stamp_of(url: str) -> bytes:
    """Bytes that differ after each committed change of a database; empty when there is none. Costs a few microseconds:
    the database is not opened."""
    try:
        return change_stamp(path_of(url))
    except (UsageError, ValueError):
        return b""


def registry_stamp(path: Path | None = None) -> bytes:
    """The same for the registry (``path``: of another than the user's)."""
    return change_stamp(path or default_path())
