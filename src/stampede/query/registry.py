"""Which workflows were watched, by whom they are watched now, and where their databases are.

Answers come from the registry in the state folder of the user; asking makes no file. All raise DatabaseError when the
registry cannot be read.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from stampede.errors import StampedeError, UsageError
from stampede.places import url_of
from stampede.query import open_database
from stampede.query.workflows import find as find_in
from stampede.store.registry import Registered, Registry, Watcher, alive, this_host
from stampede.store.registry import start_ticks as process_began
from stampede.store.sqlite import path_of
from stampede.store.urls import is_server, shown

#: the file of the URL of a database
file_of = path_of
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


class Entry(Registered, frozen=True, kw_only=True):
    """A workflow of the registry, and what of it is not where it was (None: all is there).

    ``missing`` is "the directory is gone", "the database is gone" or "the directory and the database are gone", as seen
    from this host: what lies on a disk of another host is gone as well.
    """

    missing: str | None = None


def entries(*, state: str | None = None, limit: int | None = None, path: Path | None = None) -> list[Entry]:
    """The workflows of the registry (``path``: of another than the user's), the one that was seen last first."""
    with Registry.reading(path) as registry:
        return [_entry(one) for one in registry.workflows(state=state, limit=limit)]


def look_up(name: str, *, path: Path | None = None) -> list[Entry]:
    """The workflows that a name means, seen last first: a uuid or the start of one (at least four hex digits), a label,
    a submit directory. Empty when the registry knows none."""
    with Registry.reading(path) as registry:
        return [_entry(one) for one in registry.find(name)]


def watchers(*, path: Path | None = None) -> list[Watcher]:
    """The watchers of all hosts, newest first, without those of this host whose process is gone."""
    with Registry.reading(path) as registry:
        return registry.watchers()


def databases(*, path: Path | None = None) -> list[str]:
    """The URLs of the databases of all registered workflows, each once, of those whose file exists."""
    return [url for url in dict.fromkeys(e.db_url for e in entries(path=path)) if is_there(url)]


def databases_of(label: str, *, path: Path | None = None) -> list[str]:
    """The URLs of those databases that can hold runs of a label, as far as the registry tells."""
    with Registry.reading(path) as registry:
        return [url for url in registry.databases_of(label) if is_there(url)]


def is_there(url: str) -> bool:
    """Whether the file of a database exists; one behind a server is taken to be there."""
    if is_server(url):
        return True
    try:
        return os.path.isfile(path_of(url))
    except (UsageError, ValueError):
        return False


def absolute(url: str) -> str:
    """The URL with an absolute path, as it is read from other folders than this one. Raises UsageError."""
    if is_server(url):
        return url
    path = path_of(url)
    return url if path.is_absolute() else url_of(Path(os.path.abspath(path)))


def holds(url: str, wf_uuid: str) -> bool:
    """Whether there is a database, and the workflow in it."""
    if not is_there(url):
        return False
    try:
        with open_database(url) as reader:
            return any(w.wf_uuid == wf_uuid for w in find_in(reader, wf_uuid))
    except StampedeError:
        return False


def _entry(one: Registered) -> Entry:
    directory = one.submit_dir is None or _is_folder(one.submit_dir)
    database = is_there(one.db_url)
    missing = None
    if not directory and not database:
        missing = "the directory and the database are gone"
    elif not directory or not database:
        missing = f"the {'database' if directory else 'directory'} is gone"
    return Entry(**msgspec.structs.asdict(one), missing=missing)


def _is_folder(path: str) -> bool:
    """Whether a submit directory exists; where it was written as text, its name may have been escaped (``\\xNN``)."""
    if os.path.isdir(path):
        return True
    try:
        name = _ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), os.fsencode(path))
        return os.path.isdir(name)
    except ValueError:
        return False


__all__ = [
    "Entry",
    "Registered",
    "Watcher",
    "absolute",
    "alive",
    "databases",
    "databases_of",
    "entries",
    "file_of",
    "holds",
    "is_server",
    "is_there",
    "look_up",
    "process_began",
    "shown",
    "this_host",
    "watchers",
]
