"""The registry of a user: which workflows were watched, where their databases lie, and which watchers run.

One small SQLite file in the state folder, which every watcher of the user writes, from one host or from several that
share a home. Nothing is kept here that the databases of the workflows do not have: a registry that is lost or moved
away is written anew. Paths are kept byte for byte, also those that are no UTF-8.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stampede.errors import DatabaseError, UsageError
from stampede.files import real, told
from stampede.places import url_of
from stampede.store.reader import Reader, Row
from stampede.store.registry_file import (
    PATIENCE_S,
    default_path,
    named,
    open_to_read,
    open_to_write,
    stored,
    taken,
    unusable,
)  # fmt: skip
from stampede.store.sqlite import path_of

#: hex digits that the start of a uuid must have to be taken as one
_LEAST_DIGITS = 4


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as a watcher saw it last: who and where it is, and its live counts. Times are epoch seconds.

    ``host`` is where it was watched. Paths are as the file system names them (``os.fsdecode``).
    """

    wf_uuid: str
    label: str | None = None
    user: str | None = None
    host: str
    submit_dir: str | None = None
    dag: str | None = None
    db_url: str
    state: str
    percent_done: float = 0.0
    done: int = 0
    total: int = 0
    failed: int = 0
    held: int = 0
    started_ts: float | None = None
    last_seen_ts: float
    ended_ts: float | None = None


class Watcher(msgspec.Struct, frozen=True, kw_only=True):
    """A process that watches ``paths``, or what appears below them (``auto``), and the workflows that it follows now.

    ``start_ticks`` is when the process began, in clock ticks after the boot: a later process of the same number has
    another one. It is None where the system does not tell.
    """

    id: int
    host: str
    pid: int
    start_ticks: int | None
    paths: tuple[str, ...]
    auto: bool
    db_url: str | None = None
    log: str | None = None
    started_ts: float
    last_seen_ts: float
    wf_uuids: tuple[str, ...] = ()
    note: str = ""


_WORKFLOW = Registered.__struct_fields__
_WATCHER = Watcher.__struct_fields__
_LISTS = ("paths", "wf_uuids")
_RECORD = (
    f"INSERT INTO workflow({', '.join(_WORKFLOW)}) VALUES ({', '.join('?' * len(_WORKFLOW))}) "
    f"ON CONFLICT(wf_uuid) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _WORKFLOW[1:])}"
)
_BEGIN = f"INSERT INTO watcher({', '.join(_WATCHER[1:])}) VALUES ({', '.join('?' * (len(_WATCHER) - 1))})"

T = TypeVar("T", Registered, Watcher)


class Registry:
    """The registry, open. Each change is a transaction of its own and waits for those of others, but not for long.

    Every method raises DatabaseError when the file does not let it; the work of a watcher does not depend on it, so
    that the caller decides what to make of that.
    """

    def __init__(self, path: Path, reader: Reader, connection: sqlite3.Connection | None) -> None:
        self.path = path
        self._reader = reader
        self._connection = connection

    @classmethod
    def open(cls, path: Path | None = None, *, patience_s: float = PATIENCE_S) -> Registry:
        """Open for writing; folder (for the user alone), file and tables are made when there are none."""
        path = path or default_path()
        connection = open_to_write(path, patience_s)
        return cls(path, named(connection, path), connection)

    @classmethod
    def reading(cls, path: Path | None = None) -> Registry:
        """Open for reading, which makes no file: where there is none, the registry is empty."""
        path = path or default_path()
        return cls(path, open_to_read(path), None)

    def record(self, entry: Registered) -> None:
        """Write a workflow as it is now; what was known of that uuid is replaced. Relative paths become absolute."""
        where = os.path.abspath(entry.submit_dir) if entry.submit_dir else None
        entry = msgspec.structs.replace(entry, submit_dir=where, db_url=_absolute(entry.db_url))
        self._write(_RECORD, [stored(getattr(entry, c)) for c in _WORKFLOW])

    def workflows(self, *, state: str | None = None, limit: int | None = None) -> list[Registered]:
        """All workflows, or those in a state; the one that was seen last comes first."""
        return self._workflows("state = ?" if state else "1", [state] if state else [], limit)

    def find(self, name: str) -> list[Registered]:
        """The workflows that a name means, the one seen last first; empty when there is none.

        It is read as a uuid, a submit directory (or a file in it), the start of a uuid, a label: in this order, and as
        the first of them that is known.
        """
        return next((found for meaning in _meanings(name) if (found := self._workflows(*meaning))), [])

    def _workflows(self, condition: str, values: Sequence[Any], limit: int | None = None) -> list[Registered]:
        end = f"WHERE {condition} ORDER BY last_seen_ts DESC, wf_uuid LIMIT ?"
        values = [*map(stored, values), -1 if limit is None else limit]
        return self._rows(Registered, f"SELECT {', '.join(_WORKFLOW)} FROM workflow {end}", values)

    def databases_of(self, label: str) -> list[str]:
        """The URLs of the databases that can hold a run of that label, the one seen last first.

        Those of workflows with that label or with none; and those shared by several workflows, since what was loaded
        into one beside what is watched is not registered.
        """
        sql = (
            "SELECT db_url, max(last_seen_ts) FROM workflow GROUP BY db_url "
            "HAVING sum(label = ? OR label IS NULL) > 0 OR count(*) > 1 ORDER BY 2 DESC, 1"
        )
        try:
            return [str(taken(url)) for url, _ in self._reader.rows(sql, [stored(label)])]
        except DatabaseError as e:
            raise unusable(self.path, e.__cause__ or e) from e

    def forget(self, uuid: str) -> bool:
        """Strike a workflow from the registry (its database stays); whether it was there."""
        return self._write("DELETE FROM workflow WHERE wf_uuid = ?", [stored(uuid)]).rowcount > 0

    def relocate(self, uuid: str, submit_dir: str | os.PathLike[str], db_url: str) -> bool:
        """Say where a workflow and its database lie now; whether the workflow is known."""
        values = [stored(os.path.abspath(submit_dir)), stored(_absolute(db_url)), stored(uuid)]
        return self._write("UPDATE workflow SET submit_dir = ?, db_url = ? WHERE wf_uuid = ?", values).rowcount > 0

    def begin_watch(
        self, *, paths: Iterable[str | os.PathLike[str]], auto: bool = False, db_url: str | None = None,
        log: str | os.PathLike[str] | None = None, wf_uuids: Iterable[str] = (), note: str = "",
    ) -> Watcher:  # fmt: skip
        """Enter this process as a watcher. One that detaches itself does so first: it has another number then."""
        now = time.time()
        watcher = Watcher(
            id=0, host=this_host(), pid=os.getpid(), start_ticks=start_ticks(os.getpid()),
            paths=tuple(os.path.abspath(p) for p in paths), auto=auto, db_url=_absolute(db_url) if db_url else None,
            log=os.path.abspath(log) if log is not None else None, started_ts=now, last_seen_ts=now,
            wf_uuids=tuple(wf_uuids), note=note,
        )  # fmt: skip
        cursor = self._write(_BEGIN, [stored(getattr(watcher, c)) for c in _WATCHER[1:]])
        return msgspec.structs.replace(watcher, id=cursor.lastrowid or 0)

    def beat(self, watcher_id: int, *, wf_uuids: Iterable[str], note: str = "") -> bool:
        """A watcher is at work, and on these workflows; False when it is not entered (any more)."""
        sql = "UPDATE watcher SET last_seen_ts = ?, wf_uuids = ?, note = ? WHERE id = ?"
        return self._write(sql, [time.time(), stored(tuple(wf_uuids)), stored(note), watcher_id]).rowcount > 0

    def end_watch(self, watcher_id: int) -> bool:
        """Strike a watcher; whether it was entered."""
        return self._write("DELETE FROM watcher WHERE id = ?", [watcher_id]).rowcount > 0

    def watchers(self, *, prune: bool = True) -> list[Watcher]:
        """The watchers of all hosts, newest first; with ``prune`` without those of this host that are gone.

        Those are struck as well, where the file can be written now.
        """
        sql = f"SELECT {', '.join(_WATCHER)} FROM watcher ORDER BY started_ts DESC, id DESC"
        found = self._rows(Watcher, sql)
        gone = {w.id for w in found if alive(w) is False} if prune else set()
        if self._connection is not None:
            with suppress(DatabaseError):
                for one in gone:
                    self.end_watch(one)
        return [w for w in found if w.id not in gone]

    def _rows(self, kind: type[T], sql: str, values: Sequence[Any] = ()) -> list[T]:
        try:
            return [_made(kind, row) for row in self._reader.rows(sql, values)]
        except DatabaseError as e:
            raise unusable(self.path, e.__cause__ or e) from e
        except (ValueError, TypeError, RecursionError, msgspec.MsgspecError) as e:
            raise unusable(self.path, f"a row of it is damaged ({e})", damaged=True) from e

    def _write(self, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
        if self._connection is None:
            raise DatabaseError(f"{told(self.path)}, the registry, was opened for reading.")
        try:
            return self._connection.execute(sql, values)
        except (sqlite3.Error, OverflowError) as e:
            raise unusable(self.path, e) from e

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def this_host() -> str:
    """The name of this host, as the registry knows it."""
    return os.uname().nodename


def alive(watcher: Watcher) -> bool | None:
    """Whether the process of a watcher runs; None when this host cannot tell, because it is that of another."""
    if watcher.host != this_host() or watcher.start_ticks is None:
        return None
    return start_ticks(watcher.pid) == watcher.start_ticks


def start_ticks(pid: int) -> int | None:
    """When a process began, in clock ticks after the boot; None when there is none of that number, or only its corpse.

    Source: proc(5), ``/proc/PID/stat``, fields 3 (state) and 22 (starttime).
    """
    try:
        content = Path(f"/proc/{pid}/stat").read_bytes()
        fields = content.rpartition(b")")[2].split()  # the second field is a name, which may hold blanks and brackets
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def _meanings(name: str) -> Iterator[tuple[str, list[str]]]:
    """Conditions under which a workflow is meant by a name, most certain first."""
    yield "lower(wf_uuid) = ?", [name.lower()]
    places = _folders(name)
    yield f"submit_dir IN ({', '.join('?' * len(places))})", places
    if sum(c != "-" for c in name) >= _LEAST_DIGITS and not set(name.lower()) - set("0123456789abcdef-"):
        yield "lower(wf_uuid) LIKE ? || '%'", [name.lower()]
    yield "label = ?", [name]


def _folders(name: str) -> list[str]:
    """The folder that a name can mean, whether it exists or not, in the forms that the registry may have it."""
    if "\0" in name:  # no path has one
        return []
    folder = os.path.dirname(name) if os.path.isfile(name) else name
    paths = (os.path.abspath(folder), str(real(folder)))
    return sorted({form for path in paths for form in (path, told(path))})


def _absolute(url: str) -> str:
    """The URL with an absolute path, as it is read from other folders than this one."""
    try:
        path = path_of(url)
    except UsageError:
        return url
    return url if path.is_absolute() else url_of(Path(os.path.abspath(path)))


def _made(kind: type[T], row: Row) -> T:
    """A struct of a row; what somebody else wrote into it may raise anything that json and msgspec do."""
    values = {name: taken(value) for name, value in zip(kind.__struct_fields__, row, strict=True)}
    if kind is Watcher:
        values |= {name: json.loads(values[name]) for name in _LISTS}
    return msgspec.convert(values, kind, strict=False)
