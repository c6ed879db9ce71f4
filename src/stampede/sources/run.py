"""One workflow of a directory: who it is, its clock, its DAG, and all that is read around DAGMan's own log.

``SubmitDir`` reads runs one after the other to their ends; ``follow`` reads many of them while they grow. Both get the
same events from here, so that a directory comes out the same whichever way it was read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import obstacle, present, read_regular, real, told
from stampede.model.standing import Standing
from stampede.sources.base import BATCH, Batch, identity
from stampede.sources.dagman.dag import Dag, Edges, merged
from stampede.sources.dagman.dagfile import parse_dag
from stampede.sources.dagman.dagmanout import Lines, Record
from stampede.sources.dagman.joblog import read_events
from stampede.sources.dagman.joblog_events import WANTED, enrich, exit_of
from stampede.sources.dagman.outer import outer_events
from stampede.sources.dagman.packed import PackedNodes
from stampede.sources.dagman.problem import Problems
from stampede.sources.dagman.quiet import DETAILED, is_quiet, together
from stampede.sources.dagman.tracker import Tracker
from stampede.sources.identity import Workflow, clock_of, dag_files
from stampede.sources.jobfiles import JobFiles
from stampede.sources.static import jobs_from_dag, plan, planners_events, static_events

#: a log that was written to less than so many seconds ago may go on
_WRITTEN_S = 60.0
#: a log in which DAGMan says nothing of its jobs is not longer
_QUIET_BYTES = 1 << 20
#: makes the ``JobFiles`` of a run; takes the DAG and what ``JobFiles`` takes
MakeFiles = Callable[..., JobFiles]
#: the uuid of the sub-workflow behind a dagman.out that a job runs, or None: (log, job, parent)
Follow = Callable[[Path, str, str | None], str | None]


class Run:
    """A workflow with what is needed to read it. Close it in the end."""

    def __init__(self, wf: Workflow, follow: Follow | None, make_files: MakeFiles | None = None) -> None:
        self.wf = wf
        self.clock = clock_of(wf)
        self.dag = _dag(wf)
        self.lines = Lines(self.clock)
        dump = wf.braindump
        make = make_files or (lambda _dag, *args, **kwargs: JobFiles(*args, **kwargs))
        self.files: JobFiles = make(
            self.dag, wf.uuid, wf.directory, wf.recorded, user=dump.user if dump else None,
            pmc=dump.uses_pmc if dump else False, follow=follow,
        )  # fmt: skip
        self.tracker = Tracker(wf.uuid, self.dag.nodes, self.files)
        self._kept: list[Event] = []

    def close(self) -> None:
        """End what the files may have under way."""
        self.files.close()

    def go_on(self, standing: Standing) -> None:
        """Take over where the database stands: the beginning of DAGMan's log is gone."""
        self.lay_in(standing.submit_dir)
        self.tracker.go_on(standing)
        # how a job ended whose POST script runs was said in what is gone; nodes.log has it, too
        ended = {t.job: t for run in self.tracker.ledger.runs.values() for t in run.attempts.values() if t.due}
        if ended and present(self.nodes_log):
            for e in read_events(self.nodes_log, clock=self.clock, detailed={5}):
                attempt = ended.get(f"{e.cluster}.{e.proc}")
                if attempt is not None and e.number == 5:
                    attempt.exit = exit_of(e) or attempt.exit

    def lay_in(self, folder: str | None) -> None:
        """That is where it lay when it ran, which its log does not say any more."""
        self.wf.recorded = self.files.recorded = folder

    def pack(self) -> None:
        """Keep the DAG in little room, for a run that is read for long."""
        nodes = PackedNodes(self.dag.nodes)
        self.dag = msgspec.structs.replace(self.dag, nodes=nodes)
        self.tracker.repack(nodes)

    def planned(self) -> None:
        """The plan was told: who waits for whom is not asked again, and jobs are when they run."""
        self.dag.links = Edges()
        self.files.forget()

    @property
    def log_source(self) -> str:
        """What positions in DAGMan's log are kept under."""
        return told(real(self.wf.dagman_out))

    @property
    def nodes_log(self) -> Path:
        """The job event log that DAGMan has its jobs write, all into one."""
        return _nodes_log(self.wf)

    @property
    def plan_source(self) -> str:
        """What positions in the plan are kept under."""
        return f"{told(real(self.wf.dag))}#static {self.wf.uuid}"

    # ---- before the run ---------------------------------------------------------------------------------------------

    def static(self, *, patient: bool = False) -> Generator[Batch]:
        """The plan, problems of the directory as a whole, and what was known before the run.

        With ``patient`` a DAG that is not there may still come: what is to be said of that is kept (``missing_dag``).
        """
        wf = self.wf
        inode, size = identity(wf.dag)
        size += identity(planners_events(wf))[1]
        source = self.plan_source
        planned = plan(wf, self.clock)
        patient = patient and not present(wf.dag)
        missing = [] if patient else self.missing_dag()
        events, count = [planned, *self._absent(), *missing], 0
        for event in static_events(wf, self.dag, self.files, planned.ts):
            if patient and isinstance(event, ev.Problem):
                self._kept.append(event)
                continue
            events.append(event)
            if len(events) >= BATCH:
                yield Batch(events, source, count, count + len(events), inode, size)
                count += len(events)
                events = []
        yield Batch(events, source, count, count + len(events) + 1, inode, size, final=True)

    def declared(self, names: list[str]) -> list[Event]:
        """These nodes as jobs, once more: their submit files have come since the plan was told."""
        nodes = [self.dag.nodes[name] for name in names if name in self.dag.nodes]
        return list(jobs_from_dag(self.wf, nodes, self.files, plan(self.wf, self.clock).ts))

    def missing_dag(self) -> list[Event]:
        """That there is no DAG file, if there is none, and what was kept with that."""
        wf = self.wf
        if present(wf.dag):
            return []
        return [*self._kept, ev.Problem(
            xwf_id=wf.uuid, kind="missing_file", severity="warning", file=told(wf.dag.name),
            message=f"There is no {told(wf.dag.name)}: which jobs depend on which, and jobs that never ran, are "
                    "unknown.",
            remedy="Copy the DAG file beside its dagman.out and load again.",
        )]  # fmt: skip

    def _absent(self) -> list[Event]:
        """Problems of the directory as a whole."""
        wf = self.wf
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
        if not present(wf.dagman_out):
            found.append(ev.Problem(
                xwf_id=wf.uuid, kind="not_started", severity="info", file=told(wf.dagman_out.name),
                message=f"There is no {told(wf.dagman_out.name)}: the workflow was not started, or its log lies "
                        "elsewhere.",
                remedy="Submit it, or load the folder that holds its dagman.out.",
            ))  # fmt: skip
            cycle = self.dag.cycle()  # of one that was started, DAGMan itself tells
            if cycle:
                found.append(ev.Problem(
                    xwf_id=wf.uuid, kind="dag_cycle", severity="error", file=told(wf.dag.name),
                    message=f"Nodes wait for each other: {_chain(cycle)}. DAGMan will refuse the DAG.",
                    remedy="Take one of these PARENT ... CHILD lines out.",
                ))  # fmt: skip
        return found

    # ---- DAGMan's log -----------------------------------------------------------------------------------------------

    def feed(self, chunk: bytes, offset: int, size: int) -> list[Event]:
        """What follows from whole lines that stand at ``offset`` of the log; ``size`` is more than they have when they
        are the head of an endless line."""
        events = self.tracker.feed(self.lines.feed(chunk, offset))
        if size > len(chunk):
            message = f"a line of {size:,} bytes was cut to {len(chunk):,}"
            self.lines.problems.append((offset, "long_line", message))
        return events + self.line_problems() if self.lines.problems else events

    @staticmethod
    def may_be_quiet(wf: Workflow) -> bool:
        """Whether DAGMan's log is one that says little, by its first look: nothing has to be parsed for that."""
        if not present(_nodes_log(wf)) or identity(wf.dagman_out)[1] > _QUIET_BYTES:
            return False
        try:
            data = read_regular(wf.dagman_out, _QUIET_BYTES)[0] if present(wf.dagman_out) else b""
        except OSError:
            return False  # whoever reads it for itself tells of it
        # DAGMan prints its settings at the verbosity at which it prints events
        return b" Event: " not in data and b" setting: " not in data

    def quiet(self) -> Batch | None:
        """All that is known of the run of a DAGMan whose own log has no job events; None when it has some.

        To be asked before anything of the log was fed.
        """
        log, nodes_log = self.wf.dagman_out, self.nodes_log
        if not self.may_be_quiet(self.wf):
            return None
        lines = Lines(self.clock)
        try:
            said: list[Record] = []
            if present(log):
                data, _ = read_regular(log, _QUIET_BYTES)
                said = list(lines.feed(data, 0))
                if not said:
                    return None
            jobs = list(read_events(nodes_log, clock=self.clock, detailed=DETAILED))
        except OSError:
            return None  # whoever reads the one of them for itself tells of it
        if not is_quiet(said, jobs):
            return None
        self.lines = lines
        events = self.tracker.feed(together(said, jobs, self.dag.nodes)) + self.line_problems() + self.finish()
        inode, size = identity(nodes_log)
        return Batch(events, f"{self.log_source}#quiet", 0, 1, inode, size + identity(log)[1], final=True)

    def finish(self) -> list[Event]:
        """What is still to be said when DAGMan's log is read to its end."""
        events = self.tracker.finish()
        if self.lines.seen is not None:
            events.append(ev.XwfState(ts=self.lines.seen, xwf_id=self.wf.uuid, state="seen"))
        return events

    def line_problems(self) -> list[Event]:
        """What was wrong with lines since the last call."""
        name = told(self.wf.dagman_out.name)
        found: list[Event] = [
            ev.Problem(xwf_id=self.wf.uuid, kind=kind, severity="warning", file=name, offset=offset,
                       message=f"{name}: {message}.", remedy="The log may be damaged at that place.")
            for offset, kind, message in self.lines.problems
        ]  # fmt: skip
        self.lines.problems.clear()
        return found

    # ---- after it ---------------------------------------------------------------------------------------------------

    def after(self) -> Iterator[Batch]:
        """What other files add once DAGMan's own log is read."""
        wf, files, tracker = self.wf, self.files, self.tracker
        source = f"{self.log_source}#after"
        inode, size = identity(wf.dagman_out)
        size += sum(identity(log)[1] for log, _ in self.job_logs())
        events: list[Event] = list(outer_events(wf, self.clock, tracker))
        events += files.unread()
        events += files.waiting(tracker.waiting())
        start = 0
        for log, own in self.job_logs():
            problems = Problems()
            try:
                for event in enrich(wf.uuid, read_events(log, clock=self.clock, detailed=WANTED, problems=problems,
                                                                 whole=not _is_written(log)),
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

    def job_logs(self) -> Iterator[tuple[Path, bool]]:
        """The job event logs that are there, and whether each is a job's own."""
        nodes_log = self.nodes_log
        seen = {real(nodes_log)}
        if present(nodes_log):
            yield nodes_log, False
        for name in self.files.logs:
            path = self.files.place(name)
            if present(path) and real(path) not in seen:
                seen.add(real(path))
                yield path, True


def _nodes_log(wf: Workflow) -> Path:
    return wf.dag.with_name(wf.dag.name + ".nodes.log")


def _dag(wf: Workflow) -> Dag:
    """The DAG of a workflow; of several DAG files that one DAGMan ran, all their nodes under DAGMan's names."""
    names = dag_files(wf.dagman_out)
    if len(names) < 2:
        return parse_dag(wf.dag)
    return merged([parse_dag(wf.directory / name) for name in names])


def _is_written(log: Path) -> bool:
    """Whether somebody may be writing an event right now: its end is still to come."""
    try:
        return abs(time.time() - log.stat().st_mtime) < _WRITTEN_S
    except OSError:
        return False


def _chain(names: list[str]) -> str:
    """A cycle in words, of a long one the beginning."""
    shown = names if len(names) <= 10 else [*names[:9], f"({len(names) - 9} more)"]
    return " -> ".join([*shown, names[0]])


def _beside(wf: Workflow) -> list[Path]:
    """Files that are read where they are there, and whose readers say nothing when they cannot be read."""
    ends = (".metrics", ".dagman.log", ".lib.out")
    return [
        *(wf.directory / name for name in ("braindump.yml", "braindump.txt")),
        *(wf.dag.with_name(wf.dag.name + end) for end in ends),
    ]
