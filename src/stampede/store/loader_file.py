"""A loader over a file that may be taken away: opened when needed, and known to be gone when it is."""

from __future__ import annotations

import os
from pathlib import Path

from stampede.store.loader import Loader
from stampede.store.sqlite import path_of


class LoaderFile:
    """The file of a database and the loader that writes it. A transaction waits ``patience_s`` for those of others."""

    def __init__(self, url: str, patience_s: float) -> None:
        self.url = url
        self._patience_s = patience_s
        self._path: Path = path_of(url)
        self._loader: Loader | None = None
        self._file: tuple[int, int] | None = None

    def _opened(self) -> Loader:
        """The loader, of the file that lies there now. Raises DatabaseError."""
        self._loader = Loader(self.url, patience_s=self._patience_s)
        self._file = _identity(self._path)
        return self._loader

    @property
    def _is_there(self) -> bool:
        """Whether anything lies where the file belongs."""
        return _identity(self._path) is not None

    @property
    def _is_another(self) -> bool:
        """Whether the file that was opened was deleted or replaced: SQLite would go on to write where nobody reads."""
        return _identity(self._path) != self._file

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


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
