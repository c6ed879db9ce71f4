"""A process that is DAGMan: it appends lines to dagman.out at a pace and remembers when it wrote each.

    python -m bench.live.writer SETTINGS.json

``SETTINGS`` is ``Settings`` as JSON. Commands come as JSON objects, one a line, on standard input; each is answered by
one line on standard output. Every line of a log is its own write(2), as DAGMan's are. With a rate, the lines that are
due are written every few milliseconds (``TICK_S``), one after the other.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
import time
from array import array
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from bench.live import forest, lines
from bench.live.plans import Plan
from bench.live.simulation import Line, Simulation
from bench.live.submit_text import put_outputs

#: lines that are due are written so often
TICK_S = 0.005
#: what opens and what closes an end of a job that is not told yet
_ENDS = {lines.SUCCESS: 1, lines.FAILURE: 1, lines.POST_SUCCESS: -1, lines.POST_FAILED: -1}


class Settings(msgspec.Struct):
    """What the process is told when it starts: a forest when it has sub-workflows, else one workflow."""

    folder: str
    jobs: int
    uuid: str = ""
    pegasus: bool = True
    outputs: float = 1.0
    own_submit_files: bool = False
    job_log: bool = True
    running: int = 1000
    sub_workflows: int = 0

    def plan(self) -> Plan:
        """The one workflow."""
        return Plan(Path(self.folder), self.jobs, uuid=self.uuid, pegasus=self.pegasus, outputs=self.outputs,
                    own_submit_files=self.own_submit_files)  # fmt: skip


class Records:
    """What was written when: one entry a state, ``workflows`` by the name of their folder."""

    def __init__(self) -> None:
        self.workflows: list[str] = []
        self.workflow = array("H")
        self.seq = array("L")
        self.state = array("B")
        self.time = array("d")
        self.lines = 0
        #: ends of jobs that are told when a POST script has ended
        self.untold = 0

    def save(self, path: str) -> None:
        """Everything into a file, for ``lag``."""
        with open(path, "wb") as file:
            pickle.dump((self.workflows, self.workflow, self.seq, self.state, self.time), file)


class Log:
    """One dagman.out that grows, with its job event log and the outputs of its jobs."""

    def __init__(
        self, plan: Plan, records: Records, simulation: Simulation | forest.RootSimulation, *, job_log: bool
    ) -> None:
        self.plan = plan
        self.simulation = simulation
        self._records = records
        self._workflow = len(records.workflows)
        records.workflows.append(str(plan.folder))
        self._job_log = job_log
        self._begun = False
        self._queue: deque[Line] = deque()
        self._log = -1
        self._events = -1

    @property
    def ended(self) -> bool:
        """Whether DAGMan has written its last line."""
        return self.simulation.ended and not self._queue

    def fill(self) -> bool:
        """Have a line ready; whether there is one."""
        while not self._queue and not self.simulation.ended:
            now = time.time()
            self._queue.extend(self.simulation.cycle(now) if self._begun else self.simulation.begin(now))
            self._begun = True
            if self.simulation.waits:
                break
        return bool(self._queue)

    def take(self) -> Line:
        """The next line, after ``fill``; what comes before it on the disk is put there."""
        line = self._queue.popleft()
        if line.left is not None:
            put_outputs(self.plan, line.left, time.time())
        if line.event and self._job_log:
            self._append("_events", self.plan.nodes_log, line.event.encode())
        return line

    def write(self, line: Line) -> None:
        """Append a line, and note when."""
        now = time.monotonic()
        self._append("_log", self.plan.log, line.text)
        self._note(line, now)

    def _note(self, line: Line, now: float) -> None:
        records = self._records
        records.lines += 1
        for seq, state in line.states:
            records.workflow.append(self._workflow)
            records.seq.append(seq)
            records.state.append(state)
            records.time.append(now)
            if self.plan.post and state in _ENDS:
                records.untold += _ENDS[state]

    def _append(self, which: str, path: Path, data: bytes) -> None:
        handle: int = getattr(self, which)
        if handle < 0:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            setattr(self, which, handle)
        os.write(handle, data)

    def close(self) -> None:
        """Give the files back: a forest has more of them than a process may have open."""
        for which in ("_log", "_events"):
            if getattr(self, which) >= 0:
                os.close(getattr(self, which))
                setattr(self, which, -1)

    def write_at_once(self) -> None:
        """What is ready, with one write, which is the time of all these lines."""
        ready = []
        while self._queue:
            ready.append(self.take())
        now = time.monotonic()
        self._append("_log", self.plan.log, b"".join(line.text for line in ready))
        for line in ready:
            self._note(line, now)


class Writer:
    """Carries out the commands. ``logs`` are those that still grow."""

    def __init__(self, logs: list[Log], records: Records) -> None:
        self.records = records
        #: when the first job had ended: from then on all kinds of lines are written
        self.steady_from: float | None = None
        self.all = logs
        self.logs = list(logs)
        self._turn = 0

    # ---- lines ------------------------------------------------------------------------------------------------------

    def _next(self) -> Log | None:
        """The log whose turn it is: one after the other; None when none has more to say."""
        silent = 0
        while silent < len(self.logs):
            self._turn %= len(self.logs)
            log = self.logs[self._turn]
            if log.fill():
                self._turn += 1
                return log
            if log.ended:
                log.close()
                del self.logs[self._turn]
            else:
                self._turn += 1
                silent += 1
        return None

    def _one(self) -> int:
        """Write one line; how many states followed from it, -1 when there is none left."""
        log = self._next()
        if log is None:
            return -1
        line = log.take()
        log.write(line)
        if self.steady_from is None and log.simulation.done:
            self.steady_from = time.monotonic()
        return len(line.states)

    # ---- commands ---------------------------------------------------------------------------------------------------

    def begin(self, share: float = 0.0) -> None:
        """What each DAGMan says when it starts, and all up to where that share of its jobs is done, at once."""
        for log in self.all:
            log.fill()
            log.write_at_once()
            while log.simulation.done < share * log.plan.jobs and log.fill():
                log.write_at_once()

    def write(self, rate: float, seconds: float, count_states: bool = False, most: int | None = None) -> None:
        """So many lines a second (with ``count_states``: so many states), for so long, to the end, or until ``most``
        states have been written in all."""
        start = time.monotonic()
        written = 0
        while (now := time.monotonic()) < start + seconds and not self._enough(most):
            due = rate * (now - start)
            while written < due:
                states = self._one()
                if states < 0:
                    return
                written += states if count_states else 1
            time.sleep(max(TICK_S - (time.monotonic() - now), 0.0005))

    def _enough(self, most: int | None) -> bool:
        return most is not None and len(self.records.time) >= most

    def bursts(self, size: int, every: float, seconds: float, most: int | None = None) -> None:
        """So many lines at once, every so many seconds."""
        end = time.monotonic() + seconds
        due = time.monotonic()
        while due < end and not self._enough(most):
            ready: list[tuple[Log, Line]] = []
            while len(ready) < size and (log := self._next()) is not None:
                ready.append((log, log.take()))
            time.sleep(max(due - time.monotonic(), 0.0))
            for log, line in ready:
                log.write(line)
            self.steady_from = self.steady_from or time.monotonic()
            due += every
            if len(ready) < size:
                break
        time.sleep(max(due - time.monotonic(), 0.0))  # the last burst has as long as the others

    def rest(self) -> None:
        """All that is left, at once."""
        while (log := self._next()) is not None:
            log.write_at_once()

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command; what it did."""
        name = command.pop("do")
        if name == "save":
            self.records.save(command["path"])
            return {}
        before_lines, before_states, start = self.records.lines, len(self.records.time), time.monotonic()
        getattr(self, name)(**command)
        return {
            "start": start, "end": time.monotonic(), "steady_from": self.steady_from,
            "lines": self.records.lines - before_lines, "states": len(self.records.time) - before_states,
            "rows_in_all": len(self.records.time) - self.records.untold,
            "jobs_done": sum(log.simulation.done for log in self.all), "ended": not self.logs,
        }  # fmt: skip


def _one_workflow(settings: Settings) -> Writer:
    records = Records()
    plan = settings.plan()
    running = min(settings.running, max(plan.width // 4, 1))
    per_cycle = min(10, running)
    simulation = Simulation(plan, pid=os.getpid(), per_cycle=per_cycle, stay=max(running // per_cycle, 1))
    return Writer([Log(plan, records, simulation, job_log=settings.job_log)], records)


def _forest(settings: Settings) -> Writer:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    records = Records()
    root, subs = forest.plans(Path(settings.folder), settings.sub_workflows, settings.jobs)
    below = [Simulation(plan, pid=os.getpid(), per_cycle=4, stay=2, cluster=100 * n) for n, plan in enumerate(subs, 1)]
    above = forest.RootSimulation(root, below, pid=os.getpid())
    logs = [Log(plan, records, simulation, job_log=False) for plan, simulation in zip(subs, below, strict=True)]
    return Writer([*logs, Log(root, records, above, job_log=False)], records)


def main() -> None:
    """Commands in, answers out, until there are no more commands."""
    settings = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Settings)
    writer = _forest(settings) if settings.sub_workflows else _one_workflow(settings)
    for line in sys.stdin:
        print(json.dumps(writer.do(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
