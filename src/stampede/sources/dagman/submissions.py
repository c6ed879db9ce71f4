"""Submissions: from "Submitting" to the SUBMIT event, or to the line that says it failed."""

from __future__ import annotations

from typing import Any

from stampede.events import catalogue as ev
from stampede.sources.dagman.attempts import Attempt, NodeRun
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.engine import Engine
from stampede.sources.dagman.ledger import Ledger


class Submissions:
    """Begins the tries of nodes that are handed to HTCondor, and ends those that it did not take."""

    def __init__(self, ledger: Ledger, engine: Engine) -> None:
        self.ledger = ledger
        self.engine = engine
        self._submitting: NodeRun | None = None
        self._subdag_text = ""

    def on_submitting(self, r: Record) -> None:
        self.engine.begin()
        if self.engine.halted:
            self.engine.on_resumed(r)
        run = self.ledger.run(r.node, r.ts)
        attempt = run.current
        if attempt is None or attempt.phase not in ("pre_done", "submitting"):
            attempt = self.ledger.attempt(run, "submitting")
        attempt.phase = "submitting"
        self._submitting = run

    def on_submit_error(self, r: Record) -> None:
        if r.node == "?":
            self._subdag_text = r.text
            return
        if r.node:
            self._subdag(r)
            return
        if self._submitting is not None and self._submitting.current is not None:
            attempt = self._submitting.current
            text = attempt.submit_error
            if r.text not in text:
                attempt.submit_error = f"{text}; {r.text}" if text else r.text

    def _subdag(self, r: Record) -> None:
        """A sub-DAG whose submit file could not be made: no line tells that DAGMan was about to submit it."""
        run = self.ledger.run(r.node, r.ts)
        if run.current is None or run.current.phase not in ("submitting", "pre_done"):
            self.ledger.attempt(run, "submitting")
        assert run.current is not None
        run.current.phase = "submitting"
        run.current.submit_error = self._subdag_text or r.text
        self._submitting = run

    def on_submit_gave_up(self, r: Record) -> None:
        run = self._submitting
        if run is not None and run.current is not None and run.current.phase == "submitting":
            self.failed(run.current, r.ts, run.current.submit_error or r.text)

    def refused(self, run: NodeRun, r: Record) -> None:
        """HTCondor says in an event that it did not take the job."""
        fresh = run.current is not None and run.current.phase == "submitting"
        attempt = run.current if fresh and run.current is not None else self.ledger.attempt(run, "")
        attempt.submit_error = "; ".join(t for t in (r.reason, attempt.submit_error) if t)
        self.failed(attempt, r.ts, attempt.submit_error or "the job could not be submitted")

    def failed(self, attempt: Attempt, ts: float, reason: str) -> None:
        """The try ends here: HTCondor never had the job."""
        attempt.js += 1
        out = self.ledger.out
        base: dict[str, Any] = {
            "ts": ts, "xwf_id": self.ledger.uuid, "job_id": attempt.node, "job_inst_id": attempt.seq,
            "js_id": attempt.js, "sched_id": attempt.job or None,
        }  # fmt: skip
        out.append(ev.JobInstSubmitStart(**base))
        out.append(ev.JobInstSubmitEnd(**base, status=-1, reason=reason, level="Error"))
        out.append(ev.JobInstMainEnd(**base, status=-1, exitcode=256, exit_unknown=1, stderr_text=reason,
                                     reason=reason, level="Error"))  # fmt: skip
        attempt.phase = "ended"
        attempt.end = ts

    def taken(self, run: NodeRun, r: Record) -> None:
        """HTCondor has the job, under an id of its own."""
        attempt = self._attempt_of(run, r.job)
        attempt.phase = "queued"
        attempt.js += 1
        ledger = self.ledger
        node = ledger.nodes.get(run.name)
        site = attempt.site = ledger.files.submitted(attempt, node)[0]
        seq, js = attempt.seq, attempt.js
        ledger.out.append(ev.JobInstSubmitStart(ts=r.ts, xwf_id=ledger.uuid, job_id=run.name, job_inst_id=seq,
                                                js_id=js, sched_id=r.job, site=site))  # fmt: skip
        ledger.out.append(ev.JobInstSubmitEnd(ts=r.ts, xwf_id=ledger.uuid, job_id=run.name, job_inst_id=seq,
                                              js_id=js, sched_id=r.job, status=0))  # fmt: skip
        child = ledger.files.sub_workflow(attempt, node)
        if child is not None:
            ledger.out.append(ev.XwfMapSubwfJob(ts=r.ts, xwf_id=ledger.uuid, subwf_id=child, job_id=run.name,
                                                job_inst_id=seq))  # fmt: skip

    def _attempt_of(self, run: NodeRun, job: str) -> Attempt:
        """The try that this id belongs to; each process of a cluster is one."""
        known = run.attempts.get(job)
        if known is not None:
            return known
        ledger = self.ledger
        current = run.current
        if current is None or current.job or current.phase not in ("submitting", "pre_done", "pre"):
            current = ledger.attempt(run, "submitting")
        current.job = job
        run.attempts[job] = current
        ledger.by_job.put(job, run.name, current.seq)
        count = ledger.submits.get(run.name)
        current.output_number = count
        if job.endswith(".0"):
            ledger.submits.put(run.name, count + 1)
        elif count:
            current.output_number = count - 1
        return current

    def stray(self, run: NodeRun, r: Record) -> Attempt:
        """The try of an event whose job was never seen submitted: the start of the log is missing."""
        attempt = self.ledger.attempt(run, "queued")
        attempt.job = r.job
        run.attempts[r.job] = attempt
        self.ledger.by_job.put(r.job, run.name, attempt.seq)
        self.ledger.emit(ev.JobInstSubmitStart(ts=r.ts, xwf_id=self.ledger.uuid, job_id=run.name,
                                               job_inst_id=attempt.seq, sched_id=r.job))  # fmt: skip
        return attempt
