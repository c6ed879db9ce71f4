"""From the lines of dagman.out to events: the state machine of one DAG.

One ``Tracker`` follows one workflow through all runs of DAGMan (restarts, rescues, recoveries), numbers its job
instances as Pegasus does (one counter a workflow; a new instance with each pre script or submission) and their states
(from 1, also those that have no event of their own), and leaves to others what lies in other files: ``JobFiles`` reads
what the jobs left behind.

Recovery: a DAGMan that is started again after it vanished reads its nodes.log from the start and prints every event a
second time. The events printed since that log was begun are counted, so that exactly the repeated ones are skipped and
those that happened while no DAGMan was there are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.exits import UNKNOWN, exited, signalled
from stampede.sources.dagman.attempts import Attempt, NodeRun
from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.dagmanout import Record


class JobFiles(Protocol):
    """What the tracker asks of the files around a DAG."""

    def submitted(self, attempt: Attempt, node: Node | None) -> tuple[str | None, str | None, str | None, str | None]:
        """Site, stdin, stdout and stderr of a try, as its submit file says (names relative to the directory)."""

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """Everything known of a try after it ended, ``job_inst.main.end`` included."""

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        """The uuid of the workflow that this try is, when it is one."""

    def rescued(self, number: int, name: str) -> list[str]:
        """Nodes that a rescue file marks done."""


_PLAIN = {
    "GRID_SUBMIT": ev.JobInstGridSubmitEnd,
    "GLOBUS_SUBMIT": ev.JobInstGlobusSubmitEnd,
    "GRID_SUBMIT_FAILED": ev.JobInstGridSubmitEnd,
    "GLOBUS_SUBMIT_FAILED": ev.JobInstGlobusSubmitEnd,
}


class Tracker:
    """Turns records of one dagman.out into events of one workflow."""

    def __init__(self, uuid: str, nodes: Mapping[str, Node], files: JobFiles) -> None:
        self.uuid = uuid
        self.nodes = nodes
        self.files = files
        self.out: list[Event] = []
        self.runs: dict[str, NodeRun] = {}
        self.done: set[str] = set()
        self.submits: dict[str, int] = {}
        self.by_job: dict[str, tuple[str, int]] = {}
        self.seq = 0
        self.last_ts: float | None = None
        self.restart_count = -1
        self.running = False
        self.halted = False
        self.unknown: set[str] = set()
        # what belongs to the start that is being read
        self._start: ev.XwfStart | None = None
        self._start_facts: dict[str, str] = {}
        self._parsed = False
        # what one line leaves for the next
        self._held: Attempt | None = None
        self._submitting: NodeRun | None = None
        self._submit_text: list[str] = []
        self._failing = ""
        self._abort: str | None = None
        self._reason: str | None = None
        self._table: ev.XwfNodes | None = None
        self._table_sent = True
        self._status = (0, "")
        self._held_count = 0
        self._parse_errors: list[str] = []
        # recovery
        self._printed = 0
        self._replayed = 0
        self._recovering = False
        self._skipping = False
        self._dispatch: dict[str, Callable[[Record], None]] = {
            name.removeprefix("_on_"): getattr(self, name) for name in dir(self) if name.startswith("_on_")
        }

    # ---- interface --------------------------------------------------------------------------------------------------

    def feed(self, records: Iterable[Record]) -> list[Event]:
        """Events that follow from the records, in order."""
        self.out = []
        dispatch = self._dispatch
        for r in records:
            if self._held is not None and r.kind != "hold_reason":
                self._hold_without_reason()
            if self._skipping and r.kind in _DEPENDENT:
                continue
            handler = dispatch.get(r.kind)
            if handler is not None:
                handler(r)
            if self.last_ts is None or r.ts > self.last_ts:
                self.last_ts = r.ts
        return self.out

    def finish(self) -> list[Event]:
        """What is still to be said when the file is read to its end (it may go on later)."""
        self.out = []
        if self._held is not None:
            self._hold_without_reason()
        self._begin_run()
        self._send_table()
        return self.out

    def _emit(self, event: Event) -> None:
        self.out.append(event)

    # ---- DAGMan itself ----------------------------------------------------------------------------------------------

    def _on_starting(self, r: Record) -> None:
        self._begin_run()
        if self.running:
            self._vanished(r.ts)
        self._start_facts = {}
        self._parsed = False
        self._abort = None
        self._parse_errors = []
        self._recovering = self._skipping = False
        if r.text.startswith("condor_scheduniv_exec."):
            self._start_facts["id"] = r.text.removeprefix("condor_scheduniv_exec.")

    def _vanished(self, ts: float) -> None:
        """DAGMan is started again without having ended: say when it was last seen, and close its run."""
        seen = self.last_ts or ts
        text = f"DAGMan vanished without a word; its last line is from {ts - seen:.0f} s before it was started again."
        self._emit(ev.XwfState(ts=seen, xwf_id=self.uuid, state="vanished", reason=text,
                               restart_count=self.restart_count))  # fmt: skip
        self._emit(ev.XwfEnd(ts=max(seen, ts - 1), xwf_id=self.uuid, restart_count=self.restart_count, status=2,
                             reason=text, outcome="running"))  # fmt: skip
        self.running = False

    def _on_version(self, r: Record) -> None:
        self._start_facts["version"] = r.text

    def _on_pid(self, r: Record) -> None:
        self._start_facts["pid"] = str(r.value)

    def _on_batch_id(self, r: Record) -> None:
        self._start_facts.setdefault("id", r.text)

    def _on_parsing(self, r: Record) -> None:
        if self._parsed:
            return
        self._parsed = True
        self.running = True
        self.restart_count += 1
        pid = self._start_facts.get("pid")
        self._start = ev.XwfStart(
            ts=r.ts, xwf_id=self.uuid, restart_count=self.restart_count, dagman_id=self._start_facts.get("id"),
            dagman_version=self._start_facts.get("version"), pid=int(pid) if pid else None,
        )  # fmt: skip

    def _on_rescue_read(self, r: Record) -> None:
        if self._start is not None:
            self._start.rescue = r.value or self._start.rescue or 0
            self._start.reset = "incomplete"
            if r.text:
                self._start_facts["rescue"] = r.text

    def _on_precompleted(self, r: Record) -> None:
        if self._start is None:
            return
        start = self._start
        marked = {n.name for n in self.nodes.values() if n.done}
        if start.rescue is None and self.restart_count and r.value <= len(marked):
            start.reset = "all"
        if r.value != len(self.done | marked):
            self._start_facts["precompleted"] = str(r.value)

    def _on_recovery_start(self, r: Record) -> None:
        if self._start is not None:
            self._start.reset = "keep"
        self._begin_run()
        self._recovering = True
        self._replayed = 0
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="recovery_start", restart_count=self.restart_count))

    def _on_recovery_end(self, r: Record) -> None:
        self._recovering = self._skipping = False
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="recovery_end", restart_count=self.restart_count))

    def _on_truncated_log(self, r: Record) -> None:
        if r.text.endswith("nodes.log"):
            self._printed = 0

    def _begin_run(self) -> None:
        """Send the start that is pending, now that it is known what it does to the nodes."""
        start = self._start
        if start is None:
            return
        self._start = None
        if start.reset is None:
            start.reset = "incomplete" if self.restart_count else "keep"
        facts, self._start_facts = self._start_facts, {}
        self._emit(start)
        self.halted = False
        if start.reset != "keep":
            self.runs.clear()
            if start.reset == "all":
                self.done.clear()
        if start.rescue is not None and "precompleted" in facts:
            self._take_rescue(start, facts.get("rescue", ""))

    def _take_rescue(self, start: ev.XwfStart, name: str) -> None:
        """The rescue file knows of nodes done that these logs do not: an earlier dagman.out is gone."""
        for node in self.files.rescued(start.rescue or 0, name):
            if node not in self.done and node in self.nodes:
                self.done.add(node)
                self._emit(ev.JobState(ts=start.ts, xwf_id=self.uuid, job_id=node, state="done",
                                       reason="marked DONE in the rescue DAG"))  # fmt: skip

    def _on_status(self, r: Record) -> None:
        self._begin_run()
        self._status = (r.value, r.text)
        if r.value == 6 and not self.halted:
            self._halt(r.ts, "DAGMan says it is halted.")
        elif r.value == 4:
            self._reason = self._reason or "DAGMan was removed from the queue."

    def _on_nodes(self, r: Record) -> None:
        c = r.counts
        if r.value == 0 and any(n > 0 for n in c):
            return
        self._table = ev.XwfNodes(
            ts=r.ts, xwf_id=self.uuid, total=r.value, done=c[0], pre=c[1], queued=c[2], post=c[3], ready=c[4],
            unready=c[5], failed=c[6], futile=None if c[7] < 0 else c[7], dag_status=self._status[0],
            dag_status_name=self._status[1],
        )  # fmt: skip
        self._table_sent = False

    def _on_held_count(self, r: Record) -> None:
        if self._table is not None:
            self._table.held = r.value

    def _send_table(self) -> None:
        if self._table is not None and not self._table_sent:
            self._emit(self._table)
            self._table_sent = True

    def _on_halted(self, r: Record) -> None:
        self._begin_run()
        if not self.halted:
            self._halt(r.ts, r.text or "DAGMan was told to halt.")

    def _halt(self, ts: float, reason: str) -> None:
        self.halted = True
        self._emit(ev.XwfState(ts=ts, xwf_id=self.uuid, state="halted", reason=reason,
                               restart_count=self.restart_count))  # fmt: skip

    def _on_halt_reason(self, r: Record) -> None:
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="halted", value="reason", reason=r.text,
                               restart_count=self.restart_count))  # fmt: skip
        self.halted = True

    def _on_resumed(self, r: Record) -> None:
        if self.halted:
            self.halted = False
            self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="resumed", restart_count=self.restart_count))

    def _on_signal(self, r: Record) -> None:
        if r.text == "SIGUSR1":
            self._reason = "DAGMan was removed from the queue (SIGUSR1)."
            self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="removed", reason=self._reason,
                                   restart_count=self.restart_count))  # fmt: skip
        else:
            self._reason = f"DAGMan received {r.text}."

    def _on_abort_value(self, r: Record) -> None:
        self._abort = r.text
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="abort_dag_on", value=self._abort_node(),
                               reason=r.text, restart_count=self.restart_count))  # fmt: skip

    def _abort_node(self) -> str:
        """The node whose exit value aborted the DAG: the last one that ended among those with ABORT-DAG-ON."""
        for run in reversed(self.runs.values()):
            node = self.nodes.get(run.name)
            if node is not None and node.abort_dag_on is not None and run.current is not None and run.current.end:
                return run.name
        ended = [n for n in self.nodes.values() if n.abort_dag_on is not None and n.name in self.done]
        return ended[-1].name if ended else ""

    def _on_rescue_written(self, r: Record) -> None:
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="rescue_written", value=r.text,
                               restart_count=self.restart_count))  # fmt: skip

    def _on_parse_error(self, r: Record) -> None:
        self._parse_errors.append(r.text)
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="parse_error", value=r.text[:200], reason=r.text,
                               restart_count=max(self.restart_count, 0)))  # fmt: skip

    def _on_cycle(self, r: Record) -> None:
        self._on_parse_error(r)

    def _on_event_error(self, r: Record) -> None:
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="log_unreadable", reason=r.text,
                               restart_count=self.restart_count))  # fmt: skip

    def _on_duplicate(self, r: Record) -> None:
        self._emit(ev.XwfState(ts=r.ts, xwf_id=self.uuid, state="lock_refused", reason=r.text,
                               restart_count=self.restart_count))  # fmt: skip

    def _on_exit(self, r: Record) -> None:
        self._begin_run()
        self._send_table()
        if not self.running:
            self.restart_count = max(self.restart_count, 0)
        self._emit(ev.XwfEnd(ts=r.ts, xwf_id=self.uuid, restart_count=max(self.restart_count, 0), status=r.value,
                             reason=self._reason, outcome=self._outcome(r.value)))  # fmt: skip
        self.running = False
        self._reason = None

    def _outcome(self, status: int) -> str:
        if status == 0:
            return "success"
        if status == 3:
            # EXIT_RESTART: DAGMan was held or vacated and will be started again
            return "running"
        if self._abort is not None:
            return "failed"
        if status == 2 or self._status[0] == 4:
            return "removed"
        failed = self._table.failed if self._table is not None else 0
        if self.halted and not failed:
            self._reason = self._reason or "The DAG was halted and nothing was left running."
            return "halted"
        if self._parse_errors:
            self._reason = self._reason or self._parse_errors[0]
        return "failed"

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def _run(self, name: str, ts: float) -> NodeRun:
        run = self.runs.get(name)
        if run is None:
            run = self.runs[name] = NodeRun(name)
            if name not in self.nodes and name not in self.unknown:
                self.unknown.add(name)
                self._emit(ev.Problem(
                    ts=ts, xwf_id=self.uuid, kind="unknown_node", severity="warning",
                    message=f"dagman.out speaks of node {name}, which the DAG file does not have.",
                    remedy="Nothing is lost: the node is kept under that name. Check whether the DAG file was changed "
                           "after the run, or whether a splice or include file is missing.",
                ))  # fmt: skip
        return run

    def _new_attempt(self, run: NodeRun, phase: str) -> Attempt:
        self.seq += 1
        attempt = Attempt(self.seq, run.name, phase=phase, retry=run.retry)
        attempt.output_number = self.submits.get(run.name, 0)
        run.current = attempt
        self.done.discard(run.name)
        return attempt

    def _on_submitting(self, r: Record) -> None:
        self._begin_run()
        if self.halted:
            self._on_resumed(r)
        run = self._run(r.node, r.ts)
        attempt = run.current
        if attempt is None or attempt.phase not in ("pre_done", "submitting"):
            attempt = self._new_attempt(run, "submitting")
        attempt.phase = "submitting"
        if self._submitting is not run:
            self._submit_text = []
        self._submitting = run

    def _on_submit_error(self, r: Record) -> None:
        if self._submitting is not None and self._submitting.current is not None:
            attempt = self._submitting.current
            text = attempt.submit_error
            if r.text not in text:
                attempt.submit_error = f"{text}; {r.text}" if text else r.text

    def _on_submit_gave_up(self, r: Record) -> None:
        run = self._submitting
        if run is not None and run.current is not None and run.current.phase == "submitting":
            self._submit_failed(run.current, r.ts, run.current.submit_error or r.text)

    def _submit_failed(self, attempt: Attempt, ts: float, reason: str) -> None:
        attempt.js += 1
        sched = attempt.job or None
        self._emit(ev.JobInstSubmitStart(ts=ts, xwf_id=self.uuid, job_id=attempt.node, job_inst_id=attempt.seq,
                                         js_id=attempt.js, sched_id=sched))  # fmt: skip
        self._emit(ev.JobInstSubmitEnd(ts=ts, xwf_id=self.uuid, job_id=attempt.node, job_inst_id=attempt.seq,
                                       js_id=attempt.js, sched_id=sched, status=-1, reason=reason,
                                       level="Error"))  # fmt: skip
        self._emit(ev.JobInstMainEnd(ts=ts, xwf_id=self.uuid, job_id=attempt.node, job_inst_id=attempt.seq,
                                     js_id=attempt.js, sched_id=sched, status=-1, exitcode=256, exit_unknown=1,
                                     stderr_text=reason, reason=reason, level="Error"))  # fmt: skip
        attempt.phase = "ended"
        attempt.end = ts

    def _on_retry(self, r: Record) -> None:
        run = self._run(r.node, r.ts)
        run.retry = r.value
        run.attempts.clear()
        self._emit(ev.JobState(ts=r.ts, xwf_id=self.uuid, job_id=r.node, state="ready",
                               reason=f"waits for retry {r.value} of {r.reason}"))  # fmt: skip

    def _on_no_retry(self, r: Record) -> None:
        self._emit(ev.JobState(ts=r.ts, xwf_id=self.uuid, job_id=r.node, state="failed", reason=r.text))

    def _on_failed_node(self, r: Record) -> None:
        self._failing = r.node

    def _on_failed_error(self, r: Record) -> None:
        if self._failing:
            self._emit(ev.JobState(ts=r.ts, xwf_id=self.uuid, job_id=self._failing, state="failed", reason=r.text))
            self._failing = ""

    def _on_pre_skip(self, r: Record) -> None:
        self._emit(ev.JobState(ts=r.ts, xwf_id=self.uuid, job_id=r.node, state="done",
                               reason="its pre script says there is nothing to do (PRE_SKIP)"))  # fmt: skip
        self._closed(r.node)

    def _closed(self, name: str) -> None:
        self.runs.pop(name, None)
        self.done.add(name)

    # ---- scripts ----------------------------------------------------------------------------------------------------

    def _on_script_start(self, r: Record) -> None:
        self._begin_run()
        run = self._run(r.node, r.ts)
        if r.text == "PRE":
            attempt = self._new_attempt(run, "pre")
            attempt.js = 1
            attempt.pre_start = r.ts
            self._emit(ev.JobInstPreStart(ts=r.ts, xwf_id=self.uuid, job_id=r.node, job_inst_id=attempt.seq, js_id=1))
        elif r.text == "POST":
            current = run.current or self._new_attempt(run, "ended")
            if current.phase == "post":
                return
            current.phase = "post"
            current.js += 1
            current.post_start = r.ts
            self._emit(ev.JobInstPostStart(ts=r.ts, xwf_id=self.uuid, job_id=r.node, job_inst_id=current.seq,
                                           js_id=current.js, sched_id=current.job or None))  # fmt: skip

    def _on_script_end(self, r: Record) -> None:
        run = self._run(r.node, r.ts)
        attempt = run.current or self._new_attempt(run, "pre" if r.text == "PRE" else "post")
        if r.text == "PRE":
            self._pre_ended(attempt, r)
        elif r.text == "POST":
            self._post_ended(run, attempt, r)

    def _pre_ended(self, attempt: Attempt, r: Record) -> None:
        raw = r.value << 8 if r.value >= 0 else -r.value
        ok = raw == 0
        base: dict[str, Any] = {"ts": r.ts, "xwf_id": self.uuid, "job_id": r.node, "job_inst_id": attempt.seq}
        attempt.js += 1
        self._emit(ev.JobInstPreTerm(**base, js_id=attempt.js))
        attempt.js += 1
        node = self.nodes.get(r.node)
        self._script_invocation(attempt, -1, attempt.pre_start, r.ts, raw, node.pre_script if node else None)
        self._emit(ev.JobInstPreEnd(**base, js_id=attempt.js, status=0 if ok else -1, exitcode=raw,
                                    level=None if ok else "Error"))  # fmt: skip
        if ok:
            attempt.phase = "pre_done"
            return
        attempt.phase = "ended"
        attempt.exit = exited(r.value) if r.value >= 0 else signalled(-r.value)
        for event in self.files.ended(attempt, node, r.ts, attempt.js, last=True):
            self._emit(event)
        self.submits[r.node] = self.submits.get(r.node, 0) + 1

    def _post_ended(self, run: NodeRun, attempt: Attempt, r: Record) -> None:
        raw = r.value << 8 if r.value >= 0 else -r.value
        ok = raw == 0
        node = self.nodes.get(r.node)
        attempt.js += 1
        js = attempt.js
        for sibling in run.siblings(attempt):
            if sibling.due is not None:
                ts, due_js = sibling.due
                sibling.due = None
                for event in self.files.ended(sibling, node, ts, due_js, last=True):
                    self._emit(event)
        end = attempt.post_end or r.ts
        self._script_invocation(attempt, -2, attempt.post_start, end, raw, node.post_script if node else None)
        self._emit(ev.JobInstPostEnd(ts=r.ts, xwf_id=self.uuid, job_id=r.node, job_inst_id=attempt.seq, js_id=js,
                                     sched_id=attempt.job or None, status=0 if ok else -1, exitcode=raw,
                                     level=None if ok else "Error"))  # fmt: skip
        attempt.phase = "closed"
        if ok:
            self._closed(r.node)

    def _script_invocation(
        self, attempt: Attempt, number: int, start: float | None, end: float, raw: int, command: str | None
    ) -> None:
        begin = end if start is None else start
        executable, _, argv = (command or "").partition(" ")
        base: dict[str, Any] = {"xwf_id": self.uuid, "job_id": attempt.node, "job_inst_id": attempt.seq, "inv_id": number}
        self._emit(ev.InvStart(ts=begin, **base))
        self._emit(ev.InvEnd(
            ts=end, **base, start_time=begin, dur=end - begin, exitcode=raw, executable=executable or "unknown",
            transformation="dagman::pre" if number == -1 else "dagman::post", argv=argv or None,
            level="Error" if raw else None,
        ))  # fmt: skip

    # ---- job events -------------------------------------------------------------------------------------------------

    def _on_event(self, r: Record) -> None:
        self._begin_run()
        if r.job and not r.job.startswith("-"):
            if self._recovering:
                self._replayed += 1
                if self._replayed <= self._printed:
                    self._skipping = True
                    return
                self._skipping = False
            self._printed += 1
        name = r.text
        if name == "SUBMIT":
            self._submitted(r)
            return
        run = self._run(r.node, r.ts)
        if name in ("SUBMIT_FAILURE", "SUBMIT_FAILED"):
            attempt = run.current if run.current and run.current.phase == "submitting" else self._new_attempt(run, "")
            attempt.submit_error = "; ".join(t for t in (r.reason, attempt.submit_error) if t)
            self._submit_failed(attempt, r.ts, attempt.submit_error or "the job could not be submitted")
            return
        if name in ("CLUSTER_SUBMIT", "CLUSTER_REMOVE", "PRESKIP", "PRE_SKIP"):
            return
        found = run.of_job(r.job)
        if found is None:
            found = self._stray(run, r)
        found.js += 1
        self._state(run, found, name, r)

    def _stray(self, run: NodeRun, r: Record) -> Attempt:
        """An event of a job that was never seen submitted (the start of the log is missing)."""
        attempt = self._new_attempt(run, "queued")
        attempt.job = r.job
        run.attempts[r.job] = attempt
        self.by_job[r.job] = (r.node, attempt.seq)
        self._emit(ev.JobInstSubmitStart(ts=r.ts, xwf_id=self.uuid, job_id=r.node, job_inst_id=attempt.seq,
                                         sched_id=r.job))  # fmt: skip
        return attempt

    def _submitted(self, r: Record) -> None:
        run = self._run(r.node, r.ts)
        attempt = run.attempts.get(r.job)
        if attempt is None:
            current = run.current
            fresh = current is not None and not current.job and current.phase in ("submitting", "pre_done", "pre")
            attempt = current if fresh and current is not None else self._new_attempt(run, "submitting")
            attempt.job = r.job
            run.attempts[r.job] = attempt
            self.by_job[r.job] = (r.node, attempt.seq)
            attempt.output_number = self.submits.get(r.node, 0)
            if r.job.endswith(".0"):
                self.submits[r.node] = attempt.output_number + 1
            elif attempt.output_number:
                attempt.output_number -= 1
        attempt.phase = "queued"
        attempt.js += 1
        node = self.nodes.get(r.node)
        site = self.files.submitted(attempt, node)[0]
        attempt.site = site
        base: dict[str, Any] = {"ts": r.ts, "xwf_id": self.uuid, "job_id": r.node, "job_inst_id": attempt.seq, "js_id": attempt.js}
        self._emit(ev.JobInstSubmitStart(**base, sched_id=r.job, site=site))
        self._emit(ev.JobInstSubmitEnd(**base, sched_id=r.job, status=0))
        child = self.files.sub_workflow(attempt, node)
        if child is not None:
            self._emit(ev.XwfMapSubwfJob(ts=r.ts, xwf_id=self.uuid, subwf_id=child, job_id=r.node,
                                         job_inst_id=attempt.seq))  # fmt: skip

    def _state(self, run: NodeRun, a: Attempt, name: str, r: Record) -> None:
        ts, js, sched = r.ts, a.js, a.job or None
        if name == "EXECUTE":
            a.execute = ts
            _, stdin, stdout, stderr = self.files.submitted(a, self.nodes.get(r.node))
            self._emit(ev.JobInstMainStart(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                           sched_id=sched, stdin_file=stdin, stdout_file=stdout,
                                           stderr_file=stderr))  # fmt: skip
        elif name == "JOB_TERMINATED":
            a.end = ts
            a.phase = "ended"
            self._emit(ev.JobInstMainTerm(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                          sched_id=sched, status=0))  # fmt: skip
        elif name == "POST_SCRIPT_TERMINATED":
            a.post_end = ts
            self._emit(ev.JobInstPostTerm(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                          sched_id=sched))  # fmt: skip
        elif name == "JOB_EVICTED":
            self._emit(ev.JobInstMainTerm(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                          sched_id=sched, status=-1, level="Error"))  # fmt: skip
        elif name == "JOB_HELD":
            a.held = True
            self._held = a
            self._held_ts = ts
        elif name == "JOB_RELEASED":
            a.held = False
            self._emit(ev.JobInstHeldEnd(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                         sched_id=sched, status=0))  # fmt: skip
        elif name in ("JOB_ABORTED", "EXECUTABLE_ERROR"):
            self._aborted(run, a, ts)
        elif name == "IMAGE_SIZE":
            self._emit(ev.JobInstImageInfo(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                           sched_id=sched))  # fmt: skip
        elif name == "REMOTE_ERROR":
            self._emit(ev.JobInstRemoteError(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                             sched_id=sched, reason=r.reason or None))  # fmt: skip
        elif name in _PLAIN:
            self._emit(_PLAIN[name](ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                    sched_id=sched, status=-1 if name.endswith("FAILED") else 0))  # fmt: skip
        else:
            self._emit(ev.JobInstState(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=js,
                                       sched_id=sched, state=name, reason=r.reason or None))  # fmt: skip

    _held_ts = 0.0

    def _on_hold_reason(self, r: Record) -> None:
        a = self._held
        if a is None:
            return
        # Pegasus numbers the reason as a state of its own and stamps it with the line's time
        a.js += 1
        self._held = None
        self._emit(ev.JobInstHeldStart(ts=r.ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=a.js,
                                       sched_id=a.job or None, reason=r.text))  # fmt: skip

    def _hold_without_reason(self) -> None:
        a = self._held
        self._held = None
        if a is not None:
            self._emit(ev.JobInstHeldStart(ts=self._held_ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq,
                                           js_id=a.js, sched_id=a.job or None))  # fmt: skip

    def _aborted(self, run: NodeRun, a: Attempt, ts: float) -> None:
        if a.phase in ("closed", "aborted"):
            return
        a.aborted = True
        a.end = ts
        a.phase = "ended"
        a.exit = UNKNOWN
        self._emit(ev.JobInstAbortInfo(ts=ts, xwf_id=self.uuid, job_id=a.node, job_inst_id=a.seq, js_id=a.js,
                                       sched_id=a.job or None))  # fmt: skip
        self._main_end(run, a, ts)

    def _on_proc_end(self, r: Record) -> None:
        run = self._run(r.node, r.ts)
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
        node = self.nodes.get(a.node)
        if node is not None and node.post_script is not None:
            a.due = (ts, a.js)
            return
        last = a.exit.ok or node is None or run.retry >= node.retries
        for event in self.files.ended(a, node, ts, a.js, last=last):
            self._emit(event)
        a.phase = "closed"
        procs = run.siblings(a)
        if a.exit.ok and all(p.phase == "closed" and p.exit.ok for p in procs):
            if len(procs) == 1:
                self._closed(a.node)
        elif len(procs) > 1:
            self._emit(ev.JobState(ts=ts, xwf_id=self.uuid, job_id=a.node, state="queued"))

    def _on_node_left(self, r: Record) -> None:
        run = self.runs.get(r.node)
        if run is None or run.current is None:
            return
        procs = run.siblings(run.current)
        node = self.nodes.get(r.node)
        if len(procs) == 1 or (node is not None and node.post_script is not None):
            return
        ok = all(p.exit.ok for p in procs)
        self._emit(ev.JobState(ts=r.ts, xwf_id=self.uuid, job_id=r.node, state="done" if ok else "failed",
                               reason=f"{len(procs)} processes ended"))  # fmt: skip
        if ok:
            self._closed(r.node)


#: records that belong to the event line before them: skipped with it when it is a repetition
_DEPENDENT = frozenset({
    "hold_reason", "proc_end", "script_end", "script_start", "node_left", "retry", "no_retry", "submit_gave_up",
    "submit_error", "pre_skip", "failed_node", "failed_error",
})  # fmt: skip
