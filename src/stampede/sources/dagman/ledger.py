"""The ledger of one DAG: its nodes that are under way, its tries, and the events that follow from them.

Job instances are numbered as Pegasus numbers them: one counter a workflow, going on over restarts; a new instance with
each pre script or submission.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.standing import OpenTry, Standing
from stampede.sources.dagman.attempts import Attempt, NodeRun
from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.tally import JobIds, NodeCounts, NodeSet


class JobFiles(Protocol):
    """What is asked of the files around a DAG."""

    def submitted(self, attempt: Attempt, node: Node | None) -> tuple[str | None, str | None, str | None, str | None]:
        """Site, stdin, stdout and stderr of a try, as its submit file says (names relative to the directory)."""

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """Everything known of a try after it ended, ``job_inst.main.end`` included."""

    def postpone(self, attempt: Attempt, node: Node, ts: float) -> None:
        """Read what the try left behind at the very end, should no other try of the node follow."""

    def settle(self, events: list[Event]) -> list[Event]:
        """The events, with everything filled in that ``ended`` left for later."""

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        """The uuid of the workflow that this try is, when it is one."""

    def rescued(self, number: int, name: str) -> list[str]:
        """Nodes that a rescue file marks done."""


class Ledger:
    """What the parts of the tracker share.

    ``runs`` holds the nodes that were started and are not done, ``done`` those that are; ``by_job`` tells node and
    instance number of every ``cluster.proc``; ``submits`` how often each node was submitted, which numbers its output
    files.
    """

    def __init__(self, uuid: str, nodes: Mapping[str, Node], files: JobFiles) -> None:
        self.uuid = uuid
        self.nodes = nodes
        self.files = files
        self.out: list[Event] = []
        self.runs: dict[str, NodeRun] = {}
        self.done = NodeSet(nodes)
        self.submits = NodeCounts(nodes)
        self.by_job = JobIds(nodes)
        #: nodes that the DAG file marks done, and those that may abort the DAG
        self.marked = [n.name for n in nodes.values() if n.done]
        self.aborting = [n.name for n in nodes.values() if n.abort_dag_on is not None]
        self.seq = 0
        self._unknown: set[str] = set()

    def go_on(self, standing: Standing) -> None:
        """Remember what the database knows of nodes and tries."""
        self.seq = standing.seq
        for name in standing.done:
            self.done.add(name)
        for name, count in standing.submits.items():
            self.submits.put(name, count)
        for job, (name, seq) in standing.jobs.items():
            self.by_job.put(job, name, seq)
        for name, retry in standing.retries.items():
            self.runs.setdefault(name, NodeRun(name)).retry = retry
        for open_try in standing.open_tries:
            self._reopen(open_try)

    def _reopen(self, t: OpenTry) -> None:
        run = self.runs.setdefault(t.node, NodeRun(t.node))
        attempt = Attempt(
            t.seq, t.node, output_number=max(self.submits.get(t.node) - (t.job is not None), 0), retry=run.retry,
            job=t.job or "", js=t.state_seq, phase=_phase(t), pre_start=t.pre_start_ts, execute=t.execute_ts,
            end=t.end_ts, post_start=t.post_start_ts,
        )  # fmt: skip
        node = self.nodes.get(t.node)
        if t.end_ts is not None and node is not None and node.post_script is not None:
            # its end has a number of its own, and is told after the script
            attempt.js += t.post_start_ts is None
            # DAGMan starts the script as soon as it has said how the job ended
            attempt.due = (t.post_start_ts or t.end_ts, attempt.js - (t.post_start_ts is not None))
        run.current = attempt
        if attempt.job:
            run.attempts[attempt.job] = attempt

    def repack(self, nodes: Mapping[str, Node]) -> None:
        """The same nodes, kept in another way."""
        self.nodes = nodes
        for tally in (self.done, self.submits, self.by_job):
            tally.repack(nodes)

    def emit(self, event: Event) -> None:
        """One more event."""
        self.out.append(event)

    def run(self, name: str, ts: float) -> NodeRun:
        """The node of that name, under way from now on; a node that no DAG file has is a problem and is kept."""
        run = self.runs.get(name)
        if run is not None:
            return run
        node = self.nodes.get(name)
        if node is None:
            self._note_unknown(name, ts)
        else:
            # one string for all that is remembered of a node
            name = node.name
        run = self.runs[name] = NodeRun(name)
        return run

    def _note_unknown(self, name: str, ts: float) -> None:
        if name in self._unknown:
            return
        self._unknown.add(name)
        self.emit(ev.Problem(
            ts=ts, xwf_id=self.uuid, kind="unknown_node", severity="warning",
            message=f"dagman.out speaks of node {name}, which the DAG file does not have.",
            remedy="Nothing is lost: the node is kept under that name. Check whether the DAG file was changed after "
                   "the run, or whether a splice or include file is missing.",
        ))  # fmt: skip

    def attempt(self, run: NodeRun, phase: str) -> Attempt:
        """A new try of the node, in that phase."""
        self.seq += 1
        attempt = Attempt(self.seq, run.name, phase=phase, retry=run.retry)
        attempt.output_number = self.submits.get(run.name)
        run.current = attempt
        self.done.discard(run.name)
        return attempt

    def state(self, ts: float, name: str, state: str, reason: str | None = None) -> None:
        """DAGMan's word on a node, which does not follow from its tries."""
        self.emit(ev.JobState(ts=ts, xwf_id=self.uuid, job_id=name, state=state, reason=reason))

    def close(self, name: str, *, forget: bool = True) -> None:
        """The node is done; ``forget`` it unless more of its last try may come."""
        if forget:
            self.runs.pop(name, None)
        self.done.add(name)

    def tell(self, attempt: Attempt, ts: float, js: int, *, last: bool) -> None:
        """All that the files tell of a try after its end."""
        self.out += self.files.ended(attempt, self.nodes.get(attempt.node), ts, js, last=last)


def _phase(t: OpenTry) -> str:
    """In which phase (``Attempt.phase``) a try is that the database has in some state."""
    if t.post_start_ts is not None:
        return "post"
    if t.end_ts is not None:
        return "ended"
    if t.job:
        return "queued"
    return "pre" if t.state in ("PRE_SCRIPT_STARTED", "PRE_SCRIPT_TERMINATED") else "pre_done"
