"""Keeps the user's registry: that we watch, and how the workflows stood when they were last seen.

The registry is a convenience: whatever is wrong with it never disturbs the watch, nor keeps it waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from stampede.errors import DatabaseError
from stampede.store.registry import Registered, Registry, this_host
from stampede.store.registry_file import is_locked
from stampede.watching.whole import Whole

#: what has not changed is written so often, in seconds, to show that it is still seen
_REFRESH_S = 60.0
#: others who are at it are waited for so long, while the logs wait for us; then it is tried again after a while
_PATIENCE_S, _AGAIN_S = 0.01, 1.0
#: a registry that refused for another reason is left alone for so long
_PAUSE_S = 30.0
#: others who are at it for so long are worth a word
_LONG_S = 10.0


class Bookkeeper:
    """Writes into the registry, best effort. ``trouble`` says why it cannot, when that lasts."""

    def __init__(self, paths: Iterable[Path], *, auto: bool = False, db: str | None = None, log: str | None = None):
        self._entry = {"paths": [str(p) for p in paths], "auto": auto, "db_url": db, "log": log}
        self._registry: Registry | None = None
        self._watcher: int | None = None
        self._written: dict[str, tuple[object, float]] = {}
        self._pause = 0.0
        self._refused: float | None = None
        self.trouble: str | None = None

    def note(self, url: str, seen: Whole, *, user: str | None) -> None:
        """A workflow as it stands, when that is news."""
        root = seen.root
        now = time.time()
        told = (root.state, seen.nodes, seen.held, url)
        before = self._written.get(root.wf_uuid)
        if before is not None and before[0] == told and now - before[1] < _REFRESH_S:
            return
        done = self._try(lambda registry: registry.record(Registered(
            wf_uuid=root.wf_uuid, label=root.label, user=user, host=this_host(), submit_dir=root.submit_dir,
            dag=root.dag, db_url=url, state=root.state, percent_done=seen.percent_done, done=seen.nodes.done,
            total=seen.nodes.total, failed=seen.nodes.failed, held=seen.held, started_ts=root.started_ts,
            last_seen_ts=now, ended_ts=root.last_ts if seen.ended else None,
        )))  # fmt: skip
        if done:
            self._written[root.wf_uuid] = (told, now)

    def beat(self, wf_uuids: Iterable[str], note: str) -> None:
        """We are there, and follow these."""
        uuids = list(wf_uuids)

        def write(registry: Registry) -> None:
            if self._watcher is None or not registry.beat(self._watcher, wf_uuids=uuids, note=note):
                self._watcher = registry.begin_watch(**self._entry, wf_uuids=uuids, note=note).id  # type: ignore[arg-type]

        self._try(write)

    def _try(self, write: Callable[[Registry], object]) -> bool:
        """Write, unless that was refused a moment ago; whether it was done."""
        now = time.monotonic()
        if now < self._pause:
            return False
        try:
            if self._registry is None:
                self._registry = Registry.open(patience_s=_PATIENCE_S)
            write(self._registry)
        except (DatabaseError, OSError) as e:
            self._refuse(e, now)
            return False
        self.trouble = self._refused = None
        return True

    def _refuse(self, error: DatabaseError | OSError, now: float) -> None:
        locked = is_locked(error)
        if not locked:
            self._drop()
        self._pause = now + (_AGAIN_S if locked else _PAUSE_S)
        self._refused = now if self._refused is None else self._refused
        if not locked or now - self._refused > _LONG_S:
            self.trouble = str(error)

    def _drop(self) -> None:
        if self._registry is not None:
            self._registry.close()
            self._registry = None

    def close(self) -> None:
        """We watch no more."""
        self._pause = 0.0
        if self._watcher is not None:
            watcher = self._watcher
            self._try(lambda registry: registry.end_watch(watcher))
        self._drop()
