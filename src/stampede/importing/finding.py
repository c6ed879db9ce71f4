"""Which databases a source means: one itself, those in a submit directory, those that a master database lists."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from stampede.errors import InputError, NoDatabaseError, StampedeError
from stampede.query import open_stored
from stampede.query.foreign import entries, is_theirs
from stampede.query.registry import shown

_ENDINGS: Final = (".stampede.db",)


class Found(msgspec.Struct, frozen=True):
    """A database to be imported. ``listed_by`` is the master database that led to it; ``without`` are workflows that it
    only lists and that are imported from their own databases."""

    url: str
    name: str
    listed_by: str | None = None
    without: frozenset[str] = frozenset()


class Missing(msgspec.Struct, frozen=True):
    """A database that a master database lists and that cannot be read: why, and the workflow."""

    url: str
    label: str | None
    wf_uuid: str
    why: str


def databases(source: str) -> tuple[list[Found], list[Missing]]:
    """The databases that a path or URL means, and those that cannot be read though it says where they are.

    Raises InputError when there is none of Pegasus, DatabaseError when a server cannot be reached.
    """
    found: list[Found] = []
    missing: list[Missing] = []
    for url in _urls(source):
        below, gone = _below(url)
        missing += gone
        found += below
        found.append(Found(url, _name(url), without=frozenset(u for f in below for u in _uuids(f.url))))
    return found, missing


def _urls(source: str) -> list[str]:
    if "://" in source:
        return [source]
    path = Path(source)
    if path.is_dir():
        there = sorted(p for p in path.iterdir() if p.name.endswith(_ENDINGS) and p.is_file())
        if not there:
            why = f"{source} has no database of Pegasus (*.stampede.db). Load what lies there: stampede load {source}"
            raise InputError(why, path=source)
        return [f"sqlite:///{p.absolute()}" for p in there]
    if not path.is_file():
        raise InputError(f"{source} is neither a database, a directory nor a URL.", path=source)
    return [f"sqlite:///{path.absolute()}"]


def _below(url: str) -> tuple[list[Found], list[Missing]]:
    """The databases that one lists."""
    with open_stored(url) as reader:
        if not is_theirs(reader):
            why = "is a database of Stampede, not of Pegasus. Bring its workflows elsewhere with stampede archive"
            raise InputError(f"{shown(url)} {why}.", path=shown(url))
        listed = entries(reader)
    found: dict[str, Found] = {}
    missing: list[Missing] = []
    for entry in listed:
        there = entry.db_url or ""
        if there in found:
            continue
        trouble = _trouble(there, entry.wf_uuid)
        if trouble is None:
            found[there] = Found(there, _name(there), listed_by=_name(url))
        else:
            missing.append(Missing(shown(there), entry.label, entry.wf_uuid, trouble))
    return list(found.values()), missing


def _trouble(url: str, wf_uuid: str) -> str | None:
    """Why a listed database cannot be imported; None when it can."""
    try:
        with open_stored(url) as reader:
            if not is_theirs(reader):
                return "is a database of Stampede"
            if reader.one("SELECT 1 FROM main.workflow t WHERE t.wf_uuid = ?", (wf_uuid,)) is None:
                return "does not have the workflow"
    except NoDatabaseError:
        return "is not there"
    except (StampedeError, ValueError) as e:
        return str(e)
    return None


def _uuids(url: str) -> list[str]:
    with open_stored(url) as reader:
        return [str(u) for (u,) in reader.rows("SELECT t.wf_uuid FROM main.workflow t")]


def _name(url: str) -> str:
    """What a user would call it: the path, or the URL without its password."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else shown(url)
