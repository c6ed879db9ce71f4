"""Jobs in HTCondor's hands, and what their ends mean for their nodes."""

from __future__ import annotations

from typing import Any

from stampede.events import catalogue as ev
from stampede.model.exits import UNKNOWN, exited, signalled
from stampede.sources.dagman.attempts import Attempt, NodeRun
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.engine import Engine
from stampede.sources.dagman.ledger import Ledger
from stampede.sources.dagman.submissions import Submissions

_GRID: dict[str, type[ev.JobInstGridSubmitEnd] | type[ev.JobInstGlobusSubmitEnd]] = {
    "GRID_SUBMIT": ev.JobInstGridSubmitEnd,
    "GLOBUS_SUBMIT": ev.JobInstGlobusSubmitEnd,
    "GRID_SUBMIT_FAILED": ev.JobInstGridSubmitEnd,
    "GLOBUS_SUBMIT_FAILED": ev.JobInstGlobusSubmitEnd,
}
#: events that say nothing of a single try
_SILENT = frozenset({"CLUSTER_SUBMIT", "CLUSTER_REMOVE", "PRESKIP", "PRE_SKIP"})


class Jobs:
    """Turns job events into states of tries. ``held`` is a job whose hold reason the next line may tell."""

    def __init__(self, ledger: Ledger, engine: Engine, submissions: Submissions) -> None:
        self.ledger = ledger
        self.engine = engine
        self.submissions = submissions
        self.held: Attempt | None = None
        self._held_ts = 0.0
        self._failing = ""

    # ---- job events -------------------------------------------------------------------------------------------------

    def on_event(self, r: Record) -> None:
        self.engine.begin()
        if r.job and not r.job.startswith("-") and self.engine.recovery.repeats():
            return
        name = r.text
        run = self.ledger.run(r.node, r.ts)
        if name == "SUBMIT":
            self.submissions.taken(run, r)
        elif name in ("SUBMIT_FAILURE", "SUBMIT_FAILED"):
            self.submissions.refused(run, r)
        elif name not in _SILENT:
            attempt = run.of_job(r.job) or self.submissions.stray(run, r)
            attempt.js += 1
            self._state(run, attempt, name, r)

    def _state(self, run: NodeRun, a: Attempt, name: str, r: Record) -> None:
        ts = r.ts
        base: dict[str, Any] = {
            "ts": ts, "xwf_id": self.ledger.uuid, "job_id": a.node, "job_inst_id": a.seq, "js_id": a.js,
            "sched_id": a.job or None,
        }  # fmt: skip
        emit = self.ledger.out.append
        if name == "EXECUTE":
            a.execute = ts
            _, stdin, stdout, stderr = self.ledger.files.submitted(a, self.ledger.nodes.get(a.node))
            emit(ev.JobInstMainStart(**base, stdin_file=stdin, stdout_file=stdout, stderr_file=stderr))
        elif name == "JOB_TERMINATED":
            a.end = ts
            a.phase = "ended"
            emit(ev.JobInstMainTerm(**base, status=0))
        elif name == "POST_SCRIPT_TERMINATED":
            a.post_end = ts
            emit(ev.JobInstPostTerm(**base))
        elif name == "JOB_EVICTED":
            emit(ev.JobInstMainTerm(**base, status=-1, level="Error"))
        elif name == "JOB_HELD":
            self.held = a
            self._held_ts = ts
        elif name == "JOB_RELEASED":
            emit(ev.JobInstHeldEnd(**base, status=0))
        elif name in ("JOB_ABORTED", "EXECUTABLE_ERROR"):
            self._aborted(run, a, ts)
        elif name == "IMAGE_SIZE":
            emit(ev.JobInstImageInfo(**base))
        elif name == "REMOTE_ERROR":
            emit(ev.JobInstRemoteError(**base, reason=r.reason or None))
        elif name in _GRID:
            emit(_GRID[name](**base, status=-1 if name.endswith("FAILED") else 0))
        else:
            emit(ev.JobInstState(**base, state=name, reason=r.reason or None))

    # ---- holds ------------------------------------------------------------------------------------------------------

    def on_hold_reason(self, r: Record) -> None:
        a = self.held
        if a is None:
            return
        # Pegasus numbers the reason as a state of its own and stamps it with the line's time
        a.js += 1
        self.held = None
        self._hold(a, r.ts, r.text)

    def hold_without_reason(self) -> None:
        """No line with a reason followed the hold."""
        a, self.held = self.held, None
        if a is not None:
            self._hold(a, self._held_ts, None)

    def _hold(self, a: Attempt, ts: float, reason: str | None) -> None:
        self.ledger.emit(ev.JobInstHeldStart(ts=ts, xwf_id=self.ledger.uuid, job_id=a.node, job_inst_id=a.seq,
                                             js_id=a.js, sched_id=a.job or None, reason=reason))  # fmt: skip

    def on_hold_limit(self, r: Record) -> None:
        """DAGMan is about to remove a job that was held too often."""
        run = self.ledger.runs.get(r.node)
        for attempt in run.attempts.values() if run is not None else ():
            attempt.removal = r.text

    # ---- ends -------------------------------------------------------------------------------------------------------

    def _aborted(self, run: NodeRun, a: Attempt, ts: float) -> None:
        if a.phase == "closed":
            return
        a.aborted = True
        a.end = ts
        a.phase = "ended"
        a.exit = UNKNOWN
        self.ledger.emit(ev.JobInstAbortInfo(ts=ts, xwf_id=self.ledger.uuid, job_id=a.node, job_inst_id=a.seq,
                                             js_id=a.js, sched_id=a.job or None, reason=a.removal))  # fmt: skip
        self._main_end(run, a, ts)

    def on_proc_end(self, r: Record) -> None:
        run = self.ledger.run(r.node, r.ts)
        a = run.of_job(r.job)
        if a is None or a.phase == "closed":
            return
        a.js += 1
        a.exit = signalled(-r.value) if r.text == "signal" else exited(r.value)
        if a.end is None:
            a.end = r.ts
        self._main_end(run, a, r.ts)

    def _main_end(self, run: NodeRun, a: Attempt, ts: float) -> None:
        """A job ended: tell all about it now, or after its post script, which moves its output files."""
        node = self.ledger.nodes.get(a.node)
        if node is not None and node.post_script is not None:
            a.due = (ts, a.js)
            return
        last = a.exit.ok or node is None or run.retry >= node.retries
        self.ledger.tell(a, ts, a.js, last=last)
        if not last and node is not None:
            # unless a retry writes over them, its files are still to be read
            self.ledger.files.postpone(a, node, ts)
        a.phase = "closed"
        procs = run.siblings(a)
        if a.exit.ok and all(p.phase == "closed" and p.exit.ok for p in procs):
            if len(procs) == 1:
                # of a node that no DAG file has, nobody knows whether a post script follows
                self.ledger.close(a.node, forget=node is not None)
        elif len(procs) > 1:
            self.ledger.state(ts, a.node, "queued")

    def on_node_left(self, r: Record) -> None:
        run = self.ledger.runs.get(r.node)
        if run is None or run.current is None:
            return
        procs = run.siblings(run.current)
        node = self.ledger.nodes.get(r.node)
        if len(procs) == 1 or (node is not None and node.post_script is not None):
            return
        ok = all(p.exit.ok for p in procs)
        self.ledger.state(r.ts, r.node, "done" if ok else "failed", f"{len(procs)} processes ended")
        if ok:
            self.ledger.close(r.node)

    # ---- DAGMan's word on nodes -------------------------------------------------------------------------------------

    def on_retry(self, r: Record) -> None:
        run = self.ledger.run(r.node, r.ts)
        run.retry = r.value
        run.attempts.clear()
        run.current = None
        self.ledger.state(r.ts, r.node, "ready", f"waits for retry {r.value} of {r.reason}")

    def on_no_retry(self, r: Record) -> None:
        self.ledger.state(r.ts, r.node, "failed", r.text)

    def on_failed_node(self, r: Record) -> None:
        self._failing = r.node

    def on_failed_error(self, r: Record) -> None:
        if self._failing:
            self.ledger.state(r.ts, self._failing, "failed", r.text)
            self._failing = ""
