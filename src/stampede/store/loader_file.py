"""A loader over a file that may be taken away: opened when needed, and known to be gone when it is.

Behind a server there is no such file: a server that is away comes back with what it had.
"""

from __future__ import annotations

import os
from pathlib import Path

from stampede.store.loader import Loader
from stampede.store.sqlite import path_of
from stampede.store.urls import is_server


class LoaderFile:
    """The file of a database and the loader that writes it. A transaction waits ``patience_s`` for those of others."""

    def __init__(self, url: str, patience_s: float) -> None:
        self.url = url
        self._patience_s = patience_s
        #: None behind a server, whose databases are not taken away
        self._path: Path | None = None if is_server(url) else path_of(url)
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
        return self._path is None or _identity(self._path) is not None

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


def _identity(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
