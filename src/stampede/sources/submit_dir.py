"""A submit directory: one workflow or a forest of them, of Pegasus or plain DAGMan, as batches of events.

Order within a workflow: its plan, what was known before it ran, DAGMan's log with what each job left behind, then what
the job event logs add. A sub-workflow follows its parent. Directories that were moved, that may only be read, or that
lack the planner's files are read all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import obstacle, open_regular, present, read_regular, real, told
from stampede.sources.base import BATCH, Batch, Marks, identity
from stampede.sources.dagman.blocks import cut_at, whole_lines
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dag import Dag, merged
from stampede.sources.dagman.dagfile import parse_dag
from stampede.sources.dagman.dagmanout import Lines, Record
from stampede.sources.dagman.joblog import read_events
from stampede.sources.dagman.joblog_events import WANTED, enrich
from stampede.sources.dagman.outer import outer_events
from stampede.sources.dagman.problem import Problems
from stampede.sources.dagman.quiet import DETAILED, is_quiet, together
from stampede.sources.dagman.tracker import Tracker
from stampede.sources.fork import several_processes
from stampede.sources.identity import Workflow, clock_of, dag_files, identify
from stampede.sources.job_reader import AheadFiles
from stampede.sources.jobfiles import JobFiles
from stampede.sources.process import Ahead
from stampede.sources.roots import find_dagman_logs
from stampede.sources.static import plan, planners_events, static_events

#: batches that may wait for another process while the log is read on
_WAITING = 2
#: a log in which DAGMan says nothing of its jobs is not longer
_QUIET_BYTES = 1 << 20
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
        clock = clock_of(wf)
        dag = _dag(wf)
        children: dict[Path, str] = {}

        def follow(log: Path, job: str, _parent: str | None) -> str | None:
            known = children.get(log)
            if known is not None:
                return known
            if not present(log):
                return None
            child = identify(log)
            child.parent_uuid, child.parent_job = wf.uuid, job
            child.root_uuid = wf.root_uuid or wf.uuid
            if self._enqueue(child):
                self._size += identity(log)[1]
            children[log] = child.uuid
            return child.uuid

        dump = wf.braindump
        several = several_processes(identity(wf.dagman_out)[1])
        kind: Callable[..., JobFiles] = partial(AheadFiles, dag.nodes, sealed) if several else JobFiles
        files = kind(
            wf.uuid, wf.directory, wf.recorded, user=dump.user if dump else None,
            pmc=dump.uses_pmc if dump else False, follow=follow,
        )  # fmt: skip
        try:
            planned = plan(wf, clock)
            static = self._static(wf, [planned, *self._absent(wf, dag)], static_events(wf, dag, files, planned.ts))
            tracker = Tracker(wf.uuid, dag.nodes, files)
            if several and sealed and present(planners_events(wf)):
                ahead = Ahead(static, self.name, lambda: (self.done, self.size), sealed=True)
                try:
                    yield from self._log(wf, clock, tracker, ahead)
                finally:
                    ahead.close()
            else:
                yield from static
                yield from self._log(wf, clock, tracker)
            yield from self._after(wf, clock, tracker, files)
        finally:
            files.close()

    def _absent(self, wf: Workflow, dag: Dag) -> list[Event]:
        """Problems of the directory as a whole."""
        found: list[Event] = []
        for problem in wf.problems:
            found.append(ev.Problem(xwf_id=wf.uuid, kind=problem.kind, severity="info", file="braindump",
                                    offset=problem.offset, message=problem.message,
                                    remedy="The rest of the file was used."))  # fmt: skip
        for path in _beside(wf):
            why = obstacle(path)
            if why is not None:
                found.append(ev.Problem(
                    xwf_id=wf.uuid, kind="unreadable", severity="warning", file=told(path.name),
                    message=f"{told(path.name)} cannot be read: {why}. What stands in it is missing.",
                    remedy="Put the file itself there, or give read permission, and load again.",
                ))  # fmt: skip
        if not present(wf.dag):
            found.append(ev.Problem(
                xwf_id=wf.uuid, kind="missing_file", severity="warning", file=told(wf.dag.name),
                message=f"There is no {told(wf.dag.name)}: which jobs depend on which, and jobs that never ran, are "
                        "unknown.",
                remedy="Copy the DAG file beside its dagman.out and load again.",
            ))  # fmt: skip
        if not present(wf.dagman_out):
            found.append(ev.Problem(
                xwf_id=wf.uuid, kind="not_started", severity="info", file=told(wf.dagman_out.name),
                message=f"There is no {told(wf.dagman_out.name)}: the workflow was not started, or its log lies "
                        "elsewhere.",
                remedy="Submit it, or load the folder that holds its dagman.out.",
            ))  # fmt: skip
            cycle = dag.cycle()  # of one that was started, DAGMan itself tells
            if cycle:
                found.append(ev.Problem(
                    xwf_id=wf.uuid, kind="dag_cycle", severity="error", file=told(wf.dag.name),
                    message=f"Nodes wait for each other: {_chain(cycle)}. DAGMan will refuse the DAG.",
                    remedy="Take one of these PARENT ... CHILD lines out.",
                ))  # fmt: skip
        return found

    def _static(self, wf: Workflow, first: list[Event], rest: Iterator[Event]) -> Generator[Batch]:
        inode, size = identity(wf.dag)
        source = f"{told(real(wf.dag))}#static {wf.uuid}"
        events, count = list(first), 0
        for event in rest:
            events.append(event)
            if len(events) >= BATCH:
                yield Batch(events, source, count, count + len(events), inode, size)
                count += len(events)
                events = []
        yield Batch(events, source, count, count + len(events) + 1, inode, size, final=True)

    def _log(self, wf: Workflow, clock: Clock, tracker: Tracker, plan: Ahead | None = None) -> Iterator[Batch]:
        """DAGMan's log; before it the plan, if another process reads that meanwhile."""
        inode, size = identity(wf.dagman_out)
        quiet = self._quiet(wf, clock, tracker)
        if quiet is not None or not present(wf.dagman_out):
            yield from plan or ()
            yield from [quiet] if quiet is not None else []
            return
        lines = Lines(clock)
        source = told(real(wf.dagman_out))
        mark = self.marks.get(source, 0)
        offset = 0
        events: list[Event] = []
        start = 0
        waiting: deque[Batch] = deque()
        try:
            with open_regular(wf.dagman_out) as file:
                for chunk, size_read in cut_at(whole_lines(file), mark):
                    if plan is not None:
                        yield from plan.ready()
                    events += tracker.feed(lines.feed(chunk, offset))
                    if size_read > len(chunk):
                        message = f"a line of {size_read:,} bytes was cut to {len(chunk):,}"
                        lines.problems.append((offset, "long_line", message))
                    offset += size_read
                    self._done += size_read
                    events += _line_problems(wf, lines)
                    if len(events) >= BATCH or offset == mark:
                        waiting.append(Batch(events, source, start, offset, inode, size))
                        start, events = offset, []
                        if len(waiting) > _HELD:
                            yield from plan or ()
                        while len(waiting) > _WAITING and (plan is None or plan.ended):
                            yield self._settled(waiting.popleft(), tracker)
        except OSError as e:
            events.append(ev.Problem(
                xwf_id=wf.uuid, kind="unreadable", severity="error", file=told(wf.dagman_out.name), offset=offset,
                message=f"{told(wf.dagman_out.name)} cannot be read: {e.strerror}.",
                remedy="Give read permission and load again; what was read before stays.",
            ))  # fmt: skip
        events += tracker.finish()
        if lines.seen is not None:
            events.append(ev.XwfState(ts=lines.seen, xwf_id=wf.uuid, state="seen"))
        waiting.append(Batch(events, source, start, offset + 1, inode, size, final=True))
        yield from plan or ()
        for batch in waiting:
            yield self._settled(batch, tracker)

    def _quiet(self, wf: Workflow, clock: Clock, tracker: Tracker) -> Batch | None:
        """All that is known of the run of a DAGMan whose own log has no job events; None when it has some."""
        nodes_log = _nodes_log(wf)
        if not present(nodes_log) or identity(wf.dagman_out)[1] > _QUIET_BYTES:
            return None
        lines = Lines(clock)
        try:
            said: list[Record] = []
            if present(wf.dagman_out):
                data, _ = read_regular(wf.dagman_out, _QUIET_BYTES)
                if b" Event: " in data or b" setting: " in data:
                    return None  # DAGMan prints its settings at the verbosity at which it prints events
                said = list(lines.feed(data, 0))
                if not said:
                    return None
            log = list(read_events(nodes_log, clock=clock, detailed=DETAILED))
        except OSError:
            return None  # whoever reads the one of them for itself tells of it
        if not is_quiet(said, log):
            return None
        events = tracker.feed(together(said, log, tracker.ledger.nodes)) + _line_problems(wf, lines)
        events += tracker.finish()
        if lines.seen is not None:
            events.append(ev.XwfState(ts=lines.seen, xwf_id=wf.uuid, state="seen"))
        source = f"{told(real(wf.dagman_out))}#quiet"
        inode, size = identity(nodes_log)
        return self._settled(Batch(events, source, 0, 1, inode, size + identity(wf.dagman_out)[1], final=True), tracker)

    def _settled(self, batch: Batch, tracker: Tracker) -> Batch:
        """The batch, once all is told that was left for later; several are under way meanwhile."""
        batch.events = tracker.files.settle(batch.events)
        return batch

    def _after(self, wf: Workflow, clock: Clock, tracker: Tracker, files: JobFiles) -> Iterator[Batch]:
        """What other files add once DAGMan's own log is read."""
        source = f"{told(real(wf.dagman_out))}#after"
        inode, size = identity(wf.dagman_out)
        size += sum(identity(log)[1] for log, _ in self._job_logs(wf, files))
        events: list[Event] = list(outer_events(wf, clock, tracker))
        events += files.unread()
        events += files.waiting(tracker.waiting())
        start = 0
        for log, own in self._job_logs(wf, files):
            problems = Problems()
            try:
                for event in enrich(wf.uuid, read_events(log, clock=clock, detailed=WANTED, problems=problems),
                                    tracker.by_job, own_log=own):  # fmt: skip
                    events.append(event)
                    if len(events) >= BATCH:
                        yield Batch(events, source, start, start + len(events), inode, size)
                        start, events = start + len(events), []
            except OSError as e:
                events.append(ev.Problem(
                    xwf_id=wf.uuid, kind="unreadable", severity="info", file=files.relative(str(log)),
                    message=f"{told(log.name)} cannot be read: {e.strerror}.",
                    remedy="Give read permission: resource use and hold codes stand there.",
                ))  # fmt: skip
            for p in problems.all():
                events.append(ev.Problem(xwf_id=wf.uuid, kind=p.kind, severity="info", file=files.relative(p.path),
                                         offset=p.offset, message=p.message,
                                         remedy="The events around it were read."))  # fmt: skip
        events += files.problems()
        yield Batch(events, source, start, start + len(events) + 1, inode, size, final=True)

    def _job_logs(self, wf: Workflow, files: JobFiles) -> Iterator[tuple[Path, bool]]:
        nodes_log = _nodes_log(wf)
        seen = {real(nodes_log)}
        if present(nodes_log):
            yield nodes_log, False
        for name in files.logs:
            path = files.place(name)
            if present(path) and real(path) not in seen:
                seen.add(real(path))
                yield path, True


def _nodes_log(wf: Workflow) -> Path:
    """The job event log that DAGMan has its jobs write, all into one."""
    return wf.dag.with_name(wf.dag.name + ".nodes.log")


def _dag(wf: Workflow) -> Dag:
    """The DAG of a workflow; of several DAG files that one DAGMan ran, all their nodes under DAGMan's names."""
    names = dag_files(wf.dagman_out)
    if len(names) < 2:
        return parse_dag(wf.dag)
    return merged([parse_dag(wf.directory / name) for name in names])


def _chain(names: list[str]) -> str:
    """A cycle in words, of a long one the beginning."""
    shown = names if len(names) <= 10 else [*names[:9], f"({len(names) - 9} more)"]
    return " -> ".join([*shown, names[0]])


def _line_problems(wf: Workflow, lines: Lines) -> list[Event]:
    found: list[Event] = [
        ev.Problem(xwf_id=wf.uuid, kind=kind, severity="warning", file=told(wf.dagman_out.name), offset=offset,
                   message=f"{told(wf.dagman_out.name)}: {message}.", remedy="The log may be damaged at that place.")
        for offset, kind, message in lines.problems
    ]  # fmt: skip
    lines.problems.clear()
    return found


def _beside(wf: Workflow) -> list[Path]:
    """Files that are read where they are there, and whose readers say nothing when they cannot be read."""
    ends = (".metrics", ".dagman.log", ".lib.out")
    return [
        *(wf.directory / name for name in ("braindump.yml", "braindump.txt")),
        *(wf.dag.with_name(wf.dag.name + end) for end in ends),
    ]
