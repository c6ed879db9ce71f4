"""A small DAGMan: what it would write next into dagman.out, cycle by cycle.

It works as DAGMan does: in each cycle it tells of what HTCondor wrote since the last one, prints its table, starts
scripts and submits. A try of a job goes through ten states (PRE script, queue, execution, POST script; four without
scripts), each told by a line of its own but for the end of the PRE script, which is two states. As many other lines
stand between as in real logs. One first try in fifty fails and is made again, one in fifty of those a third time.
"""

from __future__ import annotations

from collections import deque

import msgspec

from bench.live import lines as text
from bench.live.plans import Plan


class Line(msgspec.Struct, gc=False):
    """A line of dagman.out. ``states`` are those that follow from it: (number of the try, state).

    Before it is written, ``event`` is appended to the job event log, and what the try ``left`` is put in place.
    """

    text: bytes
    states: tuple[tuple[int, int], ...] = ()
    event: str = ""
    left: Try | None = None


class Try(msgspec.Struct, gc=False):
    """One try of node number ``node``: ``seq`` numbers all tries of the workflow, ``number`` those of the node."""

    node: int
    number: int
    seq: int
    fails: bool
    cluster: int = 0


class Simulation:
    """Runs the workflow of a plan; ``per_cycle`` jobs begin in each cycle and execute for ``stay`` cycles."""

    #: whether a cycle may have nothing to say until others have done something
    waits = False

    def __init__(self, plan: Plan, *, pid: int, per_cycle: int = 10, stay: int = 10, cluster: int = 100) -> None:
        self.plan = plan
        self.done = 0
        self.ended = False
        self._pid = pid
        self._per_cycle = per_cycle
        self._stay = stay
        self._own_cluster = self._cluster = cluster
        self._seq = 0
        self._next = 0
        self._cycle = 0
        self._is_done = bytearray(plan.jobs)
        self._deferred: list[int] = []
        self._again: list[tuple[int, int]] = []
        self._pre: list[Try] = []
        self._submit: list[Try] = []
        self._submitted: list[Try] = []
        self._idle: list[Try] = []
        self._running: deque[tuple[int, Try]] = deque()
        self._post: list[Try] = []
        self._now = 0.0
        self._stamp = ""
        self._out: list[Line] = []

    # ---- what is written --------------------------------------------------------------------------------------------

    def _say(
        self, words: str, states: tuple[tuple[int, int], ...] = (), event: str = "", left: Try | None = None
    ) -> None:
        self._out.append(Line(f"{self._stamp} {words}\n".encode(), states, event, left))

    def _at(self, now: float) -> list[Line]:
        self._now, self._stamp = now, text.stamp(now)
        self._out = []
        return self._out

    def begin(self, now: float) -> list[Line]:
        """The lines that DAGMan starts with."""
        out = self._at(now)
        for line in text.banner(str(self.plan.folder), self.plan.dag, self.plan.jobs, self._pid, self._own_cluster):
            self._say(line)
        self._table()
        return out

    def cycle(self, now: float) -> list[Line]:
        """The lines of one more cycle; none when DAGMan has ended."""
        out = self._at(now)
        if self.ended:
            return out
        self._cycle += 1
        if self._submitted or self._idle or self._post or (self._running and self._running[0][0] <= self._cycle):
            self._say("Currently monitoring 1 HTCondor log file(s)")
            self._posts_end()
            self._terminate()
            self._execute()
            self._taken()
            self._table()
        self._pres_end()
        self._start()
        self._hand_over()
        if self.done == self.plan.jobs:
            self.ended = True
            for line in text.farewell(self.plan.dag, self._pid, self._own_cluster):
                self._say(line)
        return out

    def _table(self) -> None:
        queued = len(self._submitted) + len(self._idle) + len(self._running)
        ready = len(self._submit) + len(self._again)
        busy = self.done + len(self._pre) + queued + len(self._post) + ready
        counts = (self.done, len(self._pre), queued, len(self._post), ready, self.plan.jobs - busy, 0, 0)
        for line in text.table(self.plan.jobs, counts, self._cycle):
            self._say(line)

    # ---- what has happened ------------------------------------------------------------------------------------------

    def _event(self, name: str, t: Try, node: str, states: tuple[tuple[int, int], ...], event: str,
               left: Try | None = None) -> None:  # fmt: skip
        self._say(f"Event: ULOG_{name} for HTCondor Node {node} ({t.cluster}.0.0) {{{self._stamp}}}", states, event,
                  left)  # fmt: skip

    def _posts_end(self) -> None:
        posts, self._post = self._post, []
        for t in posts:
            node = self.plan.name(t.node)
            self._event("POST_SCRIPT_TERMINATED", t, node, ((t.seq, text.POST_TERMINATED),),
                        text.post_event(node, t.cluster, self._now, int(t.fails)), t)  # fmt: skip
            if t.fails:
                self._say(f"POST Script of node {node} failed with status 1", ((t.seq, text.POST_FAILED),))
                self._say(f"POST for Node {node} returned 1")
            else:
                self._say(f"POST Script of node {node} completed successfully.", ((t.seq, text.POST_SUCCESS),))
            self._node_ends(t, node)

    def _node_ends(self, t: Try, node: str) -> None:
        if t.fails:
            self._say(f"Retrying node {node} (retry #{t.number + 1} of {self.plan.retries})...")
            self._again.append((t.node, t.number + 1))
        else:
            self._is_done[t.node] = 1
            self.done += 1

    def _terminate(self) -> None:
        ended = []
        while self._running and self._running[0][0] <= self._cycle:
            t = self._running.popleft()[1]
            node = self.plan.name(t.node)
            self._event("JOB_TERMINATED", t, node, ((t.seq, text.TERMINATED),),
                        text.terminated_event(t.cluster, self._now, int(t.fails)))  # fmt: skip
            self._say(f"Number of idle job procs: {len(self._idle)}")
            end = text.FAILURE if t.fails else text.SUCCESS
            how = "failed with status 1." if t.fails else "completed successfully."
            self._say(f"Node {node} job proc ({t.cluster}.0.0) {how}", ((t.seq, end),))
            if self.plan.post or not t.fails:
                self._say(f"Node {node} job completed")
            if self.plan.post:
                self._say(f"Running POST script of Node {node}...", ((t.seq, text.POST_STARTED),))
                self._post.append(t)
                ended.append(t)
            else:
                self._node_ends(t, node)
        for t in ended:
            self._say(f"Initializing user log writer for {self.plan.nodes_log}, ({t.cluster}.0.0)")

    def _execute(self) -> None:
        idle, self._idle = self._idle, []
        for t in idle:
            self._event("EXECUTE", t, self.plan.name(t.node), ((t.seq, text.EXECUTE),),
                        text.execute_event(t.cluster, self._now))  # fmt: skip
            self._say("Number of idle job procs: 0")
            self._running.append((self._cycle + self._stay, t))

    def _taken(self) -> None:
        submitted, self._submitted = self._submitted, []
        for t in submitted:
            node = self.plan.name(t.node)
            self._idle.append(t)
            self._say(f"Reassigning the id of job {node} from ({t.cluster}.0.0) to ({t.cluster}.0.0)")
            self._event("SUBMIT", t, node, ((t.seq, text.SUBMIT),), text.submit_event(node, t.cluster, self._now))
            self._say(f"Number of idle job procs: {len(self._idle)}")

    # ---- what is begun ----------------------------------------------------------------------------------------------

    def _pres_end(self) -> None:
        pres, self._pre = self._pre, []
        for t in pres:
            self._say(f"PRE Script of node {self.plan.name(t.node)} completed successfully.",
                      ((t.seq, text.PRE_TERMINATED), (t.seq, text.PRE_SUCCESS)))  # fmt: skip
            self._submit.append(t)

    def _start(self) -> None:
        """Begin new tries, of nodes that failed first."""
        for node, number in self._ready():
            self._seq += 1
            fails = node % 50 == 7 and (number == 0 or (number == 1 and node % 2500 == 7))
            t = Try(node, number, self._seq, fails)
            if self.plan.pre:
                self._pre.append(t)
                self._say(f"Running PRE script of Node {self.plan.name(node)}...", ((t.seq, text.PRE_STARTED),))
            else:
                self._submit.append(t)

    def _ready(self) -> list[tuple[int, int]]:
        found, self._again = self._again[: self._per_cycle], self._again[self._per_cycle :]
        waiting, self._deferred = self._deferred, []
        for node in waiting:
            self._take(node, found)
        while self._next < self.plan.jobs and len(found) < self._per_cycle and len(self._deferred) < self._per_cycle:
            self._take(self._next, found)
            self._next += 1
        return found

    def _take(self, node: int, found: list[tuple[int, int]]) -> None:
        if all(self._is_done[parent] for parent in self.plan.parents(node)):
            found.append((node, 0))
        else:
            self._deferred.append(node)

    def _hand_over(self) -> None:
        if not self._submit:
            return
        for t in self._submit:
            node = self.plan.name(t.node)
            if t.number:
                self._say(f"Reassigning the id of job {node} from ({t.cluster}.0.0) to (-1.-1.-1)")
            self._cluster += 1
            t.cluster = self._cluster
            self._say(f"Submitting HTCondor Node {node} job(s)...")
            self._say(f"Submitting node {node} from file {self.plan.submit_file(t.node)} using direct job submission")
            self._say(f"\tassigned HTCondor ID ({t.cluster}.0.0)")
        count = len(self._submit)
        self._say(f"Just submitted {count} job{'s' if count > 1 else ''} this cycle...")
        self._submitted, self._submit = self._submit, []
        self._table()
