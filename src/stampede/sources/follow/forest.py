"""All workflows that a path means, followed together: roots as they appear, sub-workflows as they are started."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from heapq import heappop, heappush
from pathlib import Path

import msgspec

from stampede.errors import NotAWorkflowError
from stampede.files import present, real, told
from stampede.sources.base import Batch, Place, identity, story_of
from stampede.sources.follow.live_run import LiveRun
from stampede.sources.follow.naming import Names
from stampede.sources.follow.resumption import AskStanding
from stampede.sources.follow.wake import Wake
from stampede.sources.identity import Workflow, identify
from stampede.sources.roots import find_dagman_logs
from stampede.sources.run import Follow

#: events of one step, about, and the seconds it may take: what is stored in one transaction
_EVENTS, _LONG_S = 5_000, 0.2
#: a log that does not say yet whose it is is looked at so often
_NAMELESS_S = 0.1
#: of so many runs each looks as often as it would alone at what other files tell; of more less often
_LOOKS_ASIDE = 400
#: folders in which nothing has begun are looked into so often, in seconds
_ROOTS_S = 1.0


class Progress(msgspec.Struct):
    """How far the following is. ``unread_bytes`` lie in logs; ``obstacles`` are logs that cannot be read, and why."""

    live: int = 0
    ended: int = 0
    awaited: int = 0
    unread_bytes: int = 0
    obstacles: list[tuple[str, str]] = []


class Forest:
    """Follows the workflows of a submit directory, DAG file or dagman.out, and all below them.

    ``places`` tells how far each source was stored before. Ask for ``step`` when ``wake`` tells of a change of a path
    that is ours (``owns``), when ``more`` is True, and when ``due`` has come.
    """

    def __init__(
        self, path: Path, places: Mapping[str, Place], wake: Wake, standing: AskStanding | None = None
    ) -> None:
        self.path = path
        self.more = True
        self._places = dict(places)
        self._standing = standing
        self._wake = wake
        self._runs: dict[Path, LiveRun] = {}
        #: roots that have begun, and those that are only planned
        self._roots: set[Path] = set()
        self._planned: set[Path] = set()
        #: runs that were told to their end, by log: who they are, how long the log was, and which (``story``)
        self._closed: dict[Path, tuple[Workflow, int, int]] = {}
        self._dirty: dict[Path, None] = {}
        #: when runs want to be looked at; what a run no longer wants is passed over
        self._dues: list[tuple[float, Path]] = []
        #: one of the runs is over since those below were looked at
        self._some_over = False
        self._names = Names(self._places)
        #: of what was planned under a name that was not the last
        self._struck: list[Batch] = []
        self._folder = real(path) if os.path.isdir(path) else real(path).parent
        self._next_look = 0.0
        wake.watch(self._folder)

    # ---- what others want to know -----------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether everything that has begun has ended, and all of it was told."""
        return bool(self._roots) and self._runs.keys() <= self._planned and not self._dirty

    @property
    def begun(self) -> bool:
        """Whether a workflow was found at all."""
        return bool(self._roots or self._planned)

    @property
    def roots(self) -> list[Workflow]:
        """The root workflows that have begun, else those that are planned."""
        logs = self._roots or self._planned
        return [self._runs[log].workflow if log in self._runs else self._closed[log][0] for log in sorted(logs)]

    @property
    def due(self) -> float:
        """When something wants to be looked at although no change was seen (monotonic seconds)."""
        while self._dues and self._wanted(*self._dues[0]) is None:
            heappop(self._dues)
        return min(self._dues[0][0] if self._dues else float("inf"), self._next_look)

    def progress(self) -> Progress:
        """How far it is."""
        runs = self._runs.values()
        return Progress(
            live=len(runs), ended=len(self._closed), awaited=sum(len(r.files.awaited()) for r in runs),
            unread_bytes=sum(r.unread for r in runs),
            obstacles=[(str(r.tail.path), r.tail.obstacle) for r in runs if r.tail.obstacle],
        )  # fmt: skip

    def owns(self, path: Path) -> bool:
        """Whether a change of that path is for this forest."""
        return path == self._folder or path in self._runs or path in self._closed

    # ---- following --------------------------------------------------------------------------------------------------

    def notice(self, path: Path) -> None:
        """Something happened to that path."""
        if path == self._folder or path in self._planned:
            self._next_look = 0.0
        elif path in self._runs:
            self._dirty[path] = None
        elif path in self._closed:
            self._reopen(path)

    def step(self, now: float) -> list[Batch]:
        """What is new, a part of it if there is much (then ``more`` is True)."""
        if now >= self._next_look:
            self._look_for_roots(now)
        self._wake_due(now)
        struck, self._struck = self._struck, []
        out = struck + self._some(now)
        self._close_children()
        self.more = bool(self._dirty)
        return out

    def _wanted(self, due: float, log: Path) -> LiveRun | None:
        """The run that wants to be looked at then, unless that is over."""
        run = self._runs.get(log)
        return run if run is not None and run.due == due else None

    def _wake_due(self, now: float) -> None:
        while self._dues and self._dues[0][0] <= now:
            due, log = heappop(self._dues)
            if self._wanted(due, log) is not None:
                self._dirty[log] = None

    def _some(self, now: float) -> list[Batch]:
        """Steps of runs that have something to tell, one after the other, till it is enough for one transaction."""
        out: list[Batch] = []
        events = 0
        while self._dirty and events < _EVENTS and time.monotonic() - now < _LONG_S:
            log = next(iter(self._dirty))
            del self._dirty[log]
            batches = self._step_one(log, now)
            events += sum(len(b.events) for b in batches)
            out += batches
        return out

    def _step_one(self, log: Path, now: float) -> list[Batch]:
        run = self._runs.get(log)
        if run is None:
            return []
        run.rarely = max(1.0, len(self._runs) / _LOOKS_ASIDE)
        out = run.step(now)
        while run.planning and sum(len(b.events) for b in out) < _EVENTS:
            out += run.step(now)  # one plan after the other: of all at once there would be much to keep
        out += run.aside(now)
        self._some_over |= run.over
        if run.outdated:
            self._begin_anew(log, run)
            return out
        if run.more:
            self._dirty[log] = None
        else:
            heappush(self._dues, (run.due, log))
        if run.ended and not run.more:
            self._closed[log] = (run.workflow, run.tail.size, run.tail.story)
            run.run.close()
            del self._runs[log]
            if log in self._planned:  # it has run, and nobody wrote DAGMan's log
                self._planned.remove(log)
                self._roots.add(log)
            self._reopen(log)
        return out

    def _begin_anew(self, log: Path, run: LiveRun) -> None:
        """Something came to light that changes what was read."""
        run.run.close()
        wf, planned = run.workflow, log in self._planned
        self._runs[log] = LiveRun(wf, self._places, self._below(wf), self._standing, planned=planned)
        self._dirty[log] = None

    def stored(self, batches: list[Batch]) -> None:
        """These batches are in the database: runs that are opened again begin behind them."""
        for b in batches:
            if b.end < 0:
                self._places.pop(b.source, None)
            else:
                self._places[b.source] = Place(b.end, b.inode, b.size, b.final)

    def _close_children(self) -> None:
        """What runs below a workflow that is over has no more to tell: nobody writes there any more."""
        if not self._some_over:
            return
        self._some_over = False
        uuids = {run.workflow.uuid for run in self._runs.values()}
        over = {run.workflow.uuid for run in self._runs.values() if run.over}
        for log, run in self._runs.items():
            parent = run.workflow.parent_uuid
            ownerless = parent is not None and (parent in over or parent not in uuids)
            if ownerless and not run.over:
                self._some_over = True
                if not run.more:
                    run.leave()
                    self._dirty[log] = None

    def close(self) -> None:
        """Give back what is held."""
        for run in self._runs.values():
            run.run.close()
        for path in (*self._runs, *self._closed, self._folder):
            self._wake.forget(path)

    # ---- workflows that appear --------------------------------------------------------------------------------------

    def _look_for_roots(self, now: float) -> None:
        self._next_look = now + _ROOTS_S if not self._roots else float("inf")
        try:
            logs = find_dagman_logs(self.path)
        except (NotAWorkflowError, OSError):  # not there yet, or not to be read now
            self._next_look = now + _ROOTS_S
            return
        for log in logs:
            key = real(log)
            if key in self._roots or (key in self._planned and not present(log)):
                continue
            if present(log):
                self._begin(key, log)
            elif self._names.is_planned(log):
                self._planned.add(key)
                self._take_up(key, identify(log), planned=True)

    def _begin(self, key: Path, log: Path) -> None:
        """A root workflow starts, if it is known yet who it is."""
        wf = self._names.of(log)
        if wf is None:
            self._next_look = time.monotonic() + _NAMELESS_S
            return
        if key in self._planned:
            self._planned.remove(key)
            self._drop_plan(self._runs.pop(key), wf)
        self._roots.add(key)
        self._take_up(key, wf)

    def _drop_plan(self, planned: LiveRun, wf: Workflow) -> None:
        """What was planned has begun; if that gave it another name, nothing has to be known of the old one."""
        if planned.workflow.uuid != wf.uuid:
            plan = f"{told(real(wf.dag))}#static {planned.workflow.uuid}"
            self._struck.append(Batch([], plan, 0, -1))
        planned.run.close()

    def _take_up(self, key: Path, wf: Workflow, *, planned: bool = False) -> None:
        self._runs[key] = LiveRun(wf, self._places, self._below(wf), self._standing, planned=planned)
        self._dirty[key] = None
        self._wake.watch(key)

    def _below(self, parent: Workflow) -> Follow:
        """Takes up a sub-workflow of ``parent`` and tells its uuid; None while nobody knows who it is."""

        def follow(log: Path, job: str, _parent: str | None) -> str | None:
            key = real(log)
            run = self._runs.get(key)
            if run is not None:
                return run.workflow.uuid
            if key in self._closed:
                return self._closed[key][0].uuid
            wf = self._names.of(log)
            if wf is None:
                return None
            self._take_up(key, wf.below(parent, job))
            return wf.uuid

        return follow

    def _reopen(self, log: Path) -> None:
        """A log that was read to its end goes on: DAGMan was started again."""
        wf, length, story = self._closed[log]
        found, size = story_of(log), identity(log)[1]
        if not found or (found == story and size <= length):
            return
        again = wf if found == story else self._names.of(log)
        if again is None:
            return
        del self._closed[log]
        again.parent_uuid, again.parent_job, again.root_uuid = wf.parent_uuid, wf.parent_job, wf.root_uuid
        self._take_up(log, again)
