"""A submit directory: one workflow or a forest of them, of Pegasus or plain DAGMan, as batches of events.

Order within a workflow: its plan, what was known before it ran, DAGMan's log with what each job left behind, then what
the job event logs add. A sub-workflow follows its parent. Directories that were moved, that may only be read, or that
lack the planner's files are read all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import open_regular, present, real, told
from stampede.sources.base import BATCH, Batch, Marks, identity, story_of
from stampede.sources.dagman.blocks import cut_at, whole_lines
from stampede.sources.dagman.dag import Dag
from stampede.sources.fork import several_processes
from stampede.sources.identity import Workflow, identify
from stampede.sources.job_reader import AheadFiles
from stampede.sources.jobfiles import JobFiles
from stampede.sources.process import Ahead
from stampede.sources.roots import find_dagman_logs
from stampede.sources.run import Run
from stampede.sources.static import planners_events

#: batches that may wait for another process while the log is read on
_WAITING = 2
#: batches of the log that may wait for the plan
_HELD = 12


class SubmitDir:
    """The workflows of a submit directory, of a DAG file or of a dagman.out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks: Marks = {}
        self.name = str(path)
        self.roots = find_dagman_logs(path)
        self._seen: set[Path] = set()
        self._queue: deque[Workflow] = deque()
        self._done = 0
        self._size = sum(identity(p)[1] for p in self.roots)

    @property
    def size(self) -> int:
        return self._size

    @property
    def done(self) -> int:
        return self._done

    def batches(self, *, sealed: bool = False) -> Generator[Batch]:
        """All workflows, parents before children."""
        for log in self.roots:
            self._enqueue(identify(log))
            while self._queue:
                yield from self._workflow(self._queue.popleft(), sealed)

    def _enqueue(self, wf: Workflow) -> bool:
        key = real(wf.dagman_out)
        if key in self._seen:
            return False
        self._seen.add(key)
        self._queue.append(wf)
        return True

    # ---- one workflow -----------------------------------------------------------------------------------------------

    def _workflow(self, wf: Workflow, sealed: bool) -> Iterator[Batch]:
        children: dict[Path, str] = {}

        def follow(log: Path, job: str, _parent: str | None) -> str | None:
            known = children.get(log)
            if known is not None:
                return known
            if not present(log):
                return None
            child = identify(log).below(wf, job)
            if self._enqueue(child):
                self._size += identity(log)[1]
            children[log] = child.uuid
            return child.uuid

        several = several_processes(identity(wf.dagman_out)[1])

        def ahead_files(dag: Dag, *args: Any, **kwargs: Any) -> JobFiles:
            return AheadFiles(dag.nodes, sealed, *args, **kwargs)

        run = Run(wf, follow, ahead_files if several else None)
        try:
            if several and sealed and present(planners_events(wf)):
                ahead = Ahead(run.static(), self.name, lambda: (self.done, self.size), sealed=True)
                try:
                    yield from self._log(run, ahead)
                finally:
                    ahead.close()
            else:
                yield from run.static()
                yield from self._log(run)
            yield from run.after()
        finally:
            run.close()

    def _log(self, run: Run, plan: Ahead | None = None) -> Iterator[Batch]:
        """DAGMan's log; before it the plan, if another process reads that meanwhile."""
        log = run.wf.dagman_out
        inode, size = story_of(log), identity(log)[1]
        quiet = run.quiet()
        if quiet is not None or not present(log):
            yield from plan or ()
            yield from [_settled(quiet, run)] if quiet is not None else []
            return
        source = run.log_source
        mark = self.marks.get(source, 0)
        offset = 0
        events: list[Event] = []
        start = 0
        waiting: deque[Batch] = deque()
        try:
            with open_regular(log) as file:
                for chunk, size_read in cut_at(whole_lines(file), mark):
                    if plan is not None:
                        yield from plan.ready()
                    events += run.feed(chunk, offset, size_read)
                    offset += size_read
                    self._done += size_read
                    if len(events) >= BATCH or offset == mark:
                        waiting.append(Batch(events, source, start, offset, inode, size))
                        start, events = offset, []
                        if len(waiting) > _HELD:
                            yield from plan or ()
                        while len(waiting) > _WAITING and (plan is None or plan.ended):
                            yield _settled(waiting.popleft(), run)
        except OSError as e:
            events.append(ev.Problem(
                xwf_id=run.wf.uuid, kind="unreadable", severity="error", file=told(log.name), offset=offset,
                message=f"{told(log.name)} cannot be read: {e.strerror}.",
                remedy="Give read permission and load again; what was read before stays.",
            ))  # fmt: skip
        events += run.finish()
        waiting.append(Batch(events, source, start, offset + 1, inode, size, final=True))
        yield from plan or ()
        for batch in waiting:
            yield _settled(batch, run)


def _settled(batch: Batch, run: Run) -> Batch:
    """The batch, once all is told that was left for later; several are under way meanwhile."""
    batch.events = run.files.settle(batch.events)
    return batch
