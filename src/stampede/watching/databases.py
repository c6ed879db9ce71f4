"""The databases of a watch: one loader each, and whether their files are still there."""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

from stampede.errors import DatabaseError
from stampede.store.loader import Loader
from stampede.store.sqlite import path_of

#: a transaction waits so long for others who write; then it is tried again later, and the user is told
_PATIENCE_S = 1.0
#: a file is looked for so often, in seconds
_LOOK_S = 1.0


class Database:
    """A loader and the file it writes. ``generation`` goes up when the file was lost and made anew."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.generation = 0
        self._path: Path = path_of(url)
        self._loader: Loader | None = None
        self._file: tuple[int, int] | None = None
        self._looked = 0.0

    @property
    def loader(self) -> Loader:
        """The loader, opened when needed. Raises DatabaseError."""
        if self._loader is None:
            self._loader = Loader(self.url, patience_s=_PATIENCE_S)
            self._file = _file(self._path)
            self.generation += 1
        return self._loader

    def check(self, now: float) -> None:
        """Let go of a file that was deleted or replaced: SQLite would go on to write where nobody reads.

        Raises DatabaseError when it is gone.
        """
        if self._loader is None or now - self._looked < _LOOK_S:
            return
        self._looked = now
        if _file(self._path) != self._file:
            self.drop()
            raise DatabaseError(f"{self._path} was taken away or replaced while it was written; it is made anew.")

    def drop(self) -> None:
        """Close it without settling anything; it is opened again when it is next needed."""
        if self._loader is not None:
            self._loader.connection.close()
            self._loader = None

    def close(self) -> None:
        """Settle and close."""
        if self._loader is not None:
            self._loader.close()
            self._loader = None


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Databases:
    """The databases of all paths of a watch, by URL."""

    def __init__(self) -> None:
        self._known: dict[str, Database] = {}

    def of(self, url: str) -> Database:
        """The database at that URL, always the same one."""
        return self._known.setdefault(url, Database(url))

    def keep(self, urls: Container[str | None]) -> None:
        """Close those that nobody needs any more."""
        for url in [url for url in self._known if url not in urls]:
            self._known.pop(url).close()

    def close(self) -> None:
        """Close all of them."""
        for database in self._known.values():
            database.close()
