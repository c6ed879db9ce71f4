"""A workflow of many sub-workflows (SUBDAG EXTERNAL), as plain DAGMan runs it: all logs grow at the same time."""

from __future__ import annotations

from pathlib import Path

from bench.live import lines as text
from bench.live.plans import Plan
from bench.live.simulation import Line, Simulation


def plans(folder: Path, count: int, jobs: int) -> tuple[Plan, list[Plan]]:
    """The root and its sub-workflows, each in a folder of its own, without scripts and outputs."""

    def plain(where: Path, size: int, label: str) -> Plan:
        return Plan(where, size, label=label, pegasus=False, scripts=False, outputs=0.0)

    return plain(folder, count, "root"), [plain(folder / _node(n), jobs, _node(n)) for n in range(count)]


def write(root: Plan, subs: list[Plan]) -> None:
    """Write all DAGs."""
    root.folder.mkdir(parents=True, exist_ok=True)
    lines = [f"SUBDAG EXTERNAL {_node(n)} {sub.dag} DIR {sub.folder.name}\n" for n, sub in enumerate(subs)]
    (root.folder / root.dag).write_text("".join(lines))
    for sub in subs:
        sub.write()


def _node(number: int) -> str:
    return f"sub{number:04d}"


class RootSimulation:
    """The DAGMan of the root: all its nodes execute from the beginning, and end when the workflows below them do."""

    waits = True

    def __init__(self, plan: Plan, below: list[Simulation], *, pid: int) -> None:
        self.plan = plan
        self.done = 0
        self.ended = False
        self._below = below
        self._left = dict(enumerate(below))
        self._pid = pid

    def begin(self, now: float) -> list[Line]:
        """DAGMan starts, and submits everything."""
        stamp = text.stamp(now)
        banner = text.banner(str(self.plan.folder), self.plan.dag, len(self._below), self._pid, 1)
        out = [Line(f"{stamp} {line}\n".encode()) for line in banner]
        told = [
            (("Submitting HTCondor Node {0} job(s)...", "Submitting node {0} from file {0}.dag.condor.sub using"
              " direct job submission", "\tassigned HTCondor ID ({1}.0.0)"), None),
            (("Reassigning the id of job {0} from ({1}.0.0) to ({1}.0.0)", "Event: ULOG_SUBMIT for HTCondor Node {0}"
              " ({1}.0.0) {{{2}}}", "Number of idle job procs: 1"), text.SUBMIT),
            (("Event: ULOG_EXECUTE for HTCondor Node {0} ({1}.0.0) {{{2}}}", "Number of idle job procs: 0"),
             text.EXECUTE),
        ]  # fmt: skip
        for forms, state in told:
            for n in range(len(self._below)):
                for form in forms:
                    states = ((n + 1, state),) if state is not None and form.startswith("Event") else ()
                    out.append(Line(f"{stamp} {form.format(_node(n), _cluster(n), stamp)}\n".encode(), states))
        return out

    def cycle(self, now: float) -> list[Line]:
        """Tell of sub-workflows that have ended meanwhile."""
        stamp = text.stamp(now)
        over = [n for n, simulation in self._left.items() if simulation.ended]
        out: list[Line] = []
        for n in over:
            del self._left[n]
            node, job, seq = _node(n), f"({_cluster(n)}.0.0)", n + 1
            told = (
                (f"Event: ULOG_JOB_TERMINATED for HTCondor Node {node} {job} {{{stamp}}}", text.TERMINATED),
                ("Number of idle job procs: 0", None),
                (f"Node {node} job proc {job} completed successfully.", text.SUCCESS),
                (f"Node {node} job completed", None),
            )
            out += [Line(f"{stamp} {words}\n".encode(), () if state is None else ((seq, state),))
                    for words, state in told]  # fmt: skip
        self.done += len(over)
        if not self._left and not self.ended:
            self.ended = True
            out += [Line(f"{stamp} {line}\n".encode()) for line in text.farewell(self.plan.dag, self._pid, 1)]
        return out


def _cluster(number: int) -> int:
    return 1_000_000 + number
