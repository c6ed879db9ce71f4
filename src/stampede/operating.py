"""How the whole of what is served stands, for who operates it: databases, workflows, how far behind, who watches.

Databases that have not changed are not asked again (:class:`Figures`); what lies on disks is looked at each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from stampede.errors import StampedeError
from stampede.query import open_database
from stampede.query.operation import Operation, Unended, operation
from stampede.query.registry import Watcher, databases, file_of, is_server, watchers
from stampede.query.space import room
from stampede.query.stamps import stamp_of

#: what may be wrong with a database
Condition = Literal["answers", "unreadable", "missing"]


class Behind(msgspec.Struct, kw_only=True):
    """A running workflow, and how far what is stored is behind its log.

    ``behind_bytes`` is what of the log is not stored; ``lag_s`` how much later the log was written than the last record
    that is stored, 0 when all is stored. Both are None when the log cannot be seen from this machine.
    """

    wf_uuid: str
    label: str | None
    user: str | None
    behind_bytes: int | None
    lag_s: float | None
    watched: bool
    done: int
    failed: int
    silent_s: float | None


class Seen(msgspec.Struct, kw_only=True):
    """One database: ``operation`` is None unless it answers; ``free_bytes`` is room on its disk."""

    url: str
    condition: Condition
    trouble: str = ""
    size_bytes: int | None = None
    free_bytes: int | None = None
    disk_bytes: int | None = None
    operation: Operation | None = None


class Standing(msgspec.Struct, kw_only=True):
    """All databases, all running workflows in them, and the watchers of the registry."""

    now_ts: float
    databases: list[Seen]
    running: list[Behind]
    watchers: int


class Figures:
    """Looks at databases, and keeps what they said until they change."""

    def __init__(self, registry: Path | None = None) -> None:
        self._registry = registry
        self._kept: dict[str, tuple[bytes, Seen]] = {}

    def standing(self, urls: Sequence[str] | None = None, *, now: float | None = None) -> Standing:
        """How all stands; ``urls`` None: the databases of the registry."""
        at = time.time() if now is None else now
        named = databases(path=self._registry) if urls is None else list(urls)
        seen = [self._seen(url) for url in named]
        self._kept = {url: kept for url, kept in self._kept.items() if url in set(named)}
        watching = _watchers(self._registry)
        watched = {uuid for w in watching for uuid in w.wf_uuids}
        running = [_behind(one, watched, at) for s in seen if s.operation is not None for one in s.operation.unended]
        return Standing(now_ts=at, databases=seen, running=running, watchers=len(watching))

    def _seen(self, url: str) -> Seen:
        stamp = stamp_of(url)
        kept = self._kept.get(url)
        found = kept[1] if kept is not None and stamp and kept[0] == stamp else _look(url, stamp)
        self._kept[url] = (stamp, found)
        return _with_disk(found)


def _look(url: str, stamp: bytes) -> Seen:
    if not stamp:
        return Seen(url=url, condition="missing", trouble="there is no such file")
    try:
        with open_database(url) as reader, reader.within(10), reader.snapshot():
            size = room(reader).size_bytes if is_server(url) else None
            return Seen(url=url, condition="answers", operation=operation(reader), size_bytes=size)
    except StampedeError as e:
        return Seen(url=url, condition="unreadable", trouble=str(e))


def _with_disk(seen: Seen) -> Seen:
    """With sizes as they are now: the WAL belongs to the database."""
    if is_server(seen.url):
        return seen
    path = file_of(seen.url)
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return seen
    size = sum(_size(Path(f"{path}{suffix}")) or 0 for suffix in ("", "-wal"))
    return msgspec.structs.replace(
        seen, size_bytes=size, free_bytes=disk.f_bavail * disk.f_frsize, disk_bytes=disk.f_blocks * disk.f_frsize
    )


def _watchers(registry: Path | None) -> list[Watcher]:
    try:
        return watchers(path=registry)
    except StampedeError:
        return []


def _behind(one: Unended, watched: set[str], now: float) -> Behind:
    behind, lag = _lag(one)
    return Behind(
        wf_uuid=one.wf_uuid, label=one.label, user=one.user, behind_bytes=behind, lag_s=lag,
        watched=one.wf_uuid in watched, done=one.done, failed=one.failed,
        silent_s=None if one.last_ts is None else max(0.0, now - one.last_ts),
    )  # fmt: skip


def _lag(one: Unended) -> tuple[int | None, float | None]:
    if one.log is None:
        return None, None
    try:
        found = os.stat(one.log)
    except (OSError, ValueError):
        return None, None
    behind = max(0, found.st_size - (one.read_bytes or 0))
    if behind == 0 or one.last_ts is None:
        return behind, 0.0 if behind == 0 else None
    return behind, max(0.0, found.st_mtime - one.last_ts)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
