"""The databases of a watch: one loader each, and whether their files are still there."""

from __future__ import annotations

from collections.abc import Container

from stampede.errors import DatabaseError
from stampede.store.loader import Loader
from stampede.store.loader_file import LoaderFile

#: a transaction waits so long for others who write; then it is tried again later, and the user is told
_PATIENCE_S = 1.0
#: a file is looked for so often, in seconds
_LOOK_S = 1.0


class Database(LoaderFile):
    """A loader and the file it writes. ``generation`` goes up when the file was lost and made anew."""

    def __init__(self, url: str) -> None:
        super().__init__(url, _PATIENCE_S)
        self.generation = 0
        self._looked = 0.0

    @property
    def loader(self) -> Loader:
        """The loader, opened when needed. Raises DatabaseError."""
        if self._loader is None:
            self._loader = self._opened()
            self.generation += 1
        return self._loader

    def check(self, now: float) -> None:
        """Let go of a file that was deleted or replaced. Raises DatabaseError when it is gone."""
        if self._loader is None or now - self._looked < _LOOK_S:
            return
        self._looked = now
        if self._is_another:
            self.drop()
            raise DatabaseError(f"{self._path} was taken away or replaced while it was written; it is made anew.")


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
