"""DAGMan's own life: its starts, rescues, recoveries, halts, aborts and ends, and its table of node counts."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.standing import Standing
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.ledger import Ledger
from stampede.sources.dagman.recovery import Recovery

#: DAG_STATUS_RM, the number of a DAG that is being removed; a FINAL node may still let it end with 0
_REMOVED = 4


class Engine:
    """Follows DAGMan through all its runs.

    A start is told only when it is known what it does to the nodes (``begin``); ``restart_count`` counts the starts
    from 0. ``running`` is True from a start to the end that belongs to it, ``last_ts`` the latest time of any line.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.recovery = Recovery()
        self.last_ts: float | None = None
        self.restart_count = -1
        self.running = False
        self.halted = False
        #: of the DAGMan that was started last
        self.pid: int | None = None
        # what belongs to the start that is being read
        self._start: ev.XwfStart | None = None
        self._start_facts: dict[str, str] = {}
        self._parsed = False
        self._parse_errors: list[str] = []
        # how it may end
        self._abort: str | None = None
        self._reason: str | None = None
        # the table of node counts
        self._table: ev.XwfNodes | None = None
        self._table_sent = True
        self._status = (0, "")
        #: how the last run that ended ended: an outcome of ``XwfEnd``
        self.outcome: str | None = None

    def go_on(self, standing: Standing) -> None:
        """The run that is under way began in a log that is gone."""
        self.restart_count = standing.restart_count if standing.started_ts is not None else -1
        self.running = self._parsed = standing.running
        self.pid = standing.pid

    def on_starting(self, r: Record) -> None:
        self.begin()
        if self.running:
            self._vanished(r.ts)
        self._start_facts = {}
        self._parsed = False
        self._abort = None
        self._status = (0, "")
        self._parse_errors = []
        self.recovery.stop()
        if r.text.startswith("condor_scheduniv_exec."):
            self._start_facts["id"] = r.text.removeprefix("condor_scheduniv_exec.")

    def _vanished(self, ts: float) -> None:
        """DAGMan is started again without having ended: say when it was last seen, and close its run."""
        seen = self.last_ts or ts
        text = f"DAGMan vanished without a word; its last line is from {ts - seen:.0f} s before it was started again."
        self._say(seen, "vanished", reason=text)
        self._end(max(seen, ts - 1), 2, text, "running")

    def on_version(self, r: Record) -> None:
        self._start_facts["version"] = r.text

    def on_pid(self, r: Record) -> None:
        self._start_facts["pid"] = str(r.value)
        self.pid = r.value

    def on_batch_id(self, r: Record) -> None:
        self._start_facts.setdefault("id", r.text)

    def on_parsing(self, r: Record) -> None:
        self.started(r.ts)

    def started(self, ts: float) -> None:
        """DAGMan runs. Its first word of it is ``Parsing``, or later if it was told to say little (``-debug 2``)."""
        if self._parsed:
            return
        self._parsed = True
        self.running = True
        self.restart_count += 1
        pid = self._start_facts.get("pid")
        self._start = ev.XwfStart(
            ts=ts, xwf_id=self.ledger.uuid, restart_count=self.restart_count, dagman_id=self._start_facts.get("id"),
            dagman_version=self._start_facts.get("version"), pid=int(pid) if pid else None,
        )  # fmt: skip

    def on_rescue_read(self, r: Record) -> None:
        if self._start is not None:
            self._start.rescue = r.value or self._start.rescue or 0
            self._start.reset = "incomplete"
            if r.text:
                self._start_facts["rescue"] = r.text

    def on_precompleted(self, r: Record) -> None:
        if self._start is None:
            return
        start = self._start
        if start.rescue is None and self.restart_count and r.value <= len(self.ledger.marked):
            start.reset = "all"
        done = self.ledger.done
        if r.value != len(done) + sum(name not in done for name in self.ledger.marked):
            self._start_facts["precompleted"] = str(r.value)

    def on_recovery_start(self, r: Record) -> None:
        if self._start is not None:
            self._start.reset = "keep"
        self.begin()
        self.recovery.start()
        self._say(r.ts, "recovery_start")

    def on_recovery_end(self, r: Record) -> None:
        self.recovery.stop()
        self._say(r.ts, "recovery_end")

    def on_truncated_log(self, r: Record) -> None:
        if r.text.endswith("nodes.log"):
            self.recovery.new_log()

    def begin(self) -> None:
        """Send the start that is pending, now that it is known what it does to the nodes."""
        start = self._start
        if start is None:
            return
        self._start = None
        if start.reset is None:
            start.reset = "incomplete" if self.restart_count else "keep"
        facts, self._start_facts = self._start_facts, {}
        self.ledger.emit(start)
        self.halted = False
        if start.reset != "keep":
            self.ledger.runs.clear()
            if start.reset == "all":
                self.ledger.done.clear()
                for name in self.ledger.marked:
                    self.ledger.state(start.ts or 0.0, name, "done", "marked DONE in the DAG file")
        if start.rescue is not None and "precompleted" in facts:
            self._take_rescue(start, facts.get("rescue", ""))

    def _take_rescue(self, start: ev.XwfStart, name: str) -> None:
        """The rescue file knows of nodes done that these logs do not: an earlier dagman.out is gone."""
        for node in self.ledger.files.rescued(start.rescue or 0, name):
            if node not in self.ledger.done and node in self.ledger.nodes:
                self.ledger.done.add(node)
                self.ledger.state(start.ts or 0.0, node, "done", "marked DONE in the rescue DAG")

    def on_status(self, r: Record) -> None:
        self.begin()
        self._status = (r.value, r.text)
        if r.value == 6 and not self.halted:
            self._halt(r.ts, "DAGMan says it is halted.")
        elif r.value == _REMOVED:
            self._reason = self._reason or "DAGMan was removed from the queue."

    def on_nodes(self, r: Record) -> None:
        c = r.counts
        if r.value == 0 and any(n > 0 for n in c):
            return
        self._table = ev.XwfNodes(
            ts=r.ts, xwf_id=self.ledger.uuid, total=r.value, done=c[0], pre=c[1], queued=c[2], post=c[3], ready=c[4],
            unready=c[5], failed=c[6], futile=None if c[7] < 0 else c[7], dag_status=self._status[0],
            dag_status_name=self._status[1],
        )  # fmt: skip
        self._table_sent = False

    def on_held_count(self, r: Record) -> None:
        if self._table is not None:
            self._table.held = r.value

    def send_table(self) -> None:
        if self._table is not None and not self._table_sent:
            self.ledger.emit(self._table)
            self._table_sent = True

    def on_halted(self, r: Record) -> None:
        self.begin()
        if not self.halted:
            self._halt(r.ts, r.text or "DAGMan was told to halt.")

    def _end(self, ts: float, status: int, reason: str | None, outcome: str) -> None:
        self.ledger.emit(ev.XwfEnd(ts=ts, xwf_id=self.ledger.uuid, restart_count=self.restart_count, status=status,
                                   reason=reason, outcome=outcome))  # fmt: skip
        self.outcome = outcome
        self.running = False

    def removed(self, ts: float, reason: str) -> list[Event]:
        """What follows when DAGMan's job has left the queue for good though DAGMan meant to go on; [] otherwise."""
        if not self.running and self.outcome != "running":
            return []
        self.ledger.out = []
        self._end(ts, 2, reason, "removed")
        return self.ledger.out

    def _say(self, ts: float, state: str, *, reason: str | None = None, value: str | None = None) -> None:
        self.ledger.emit(ev.XwfState(ts=ts, xwf_id=self.ledger.uuid, state=state, reason=reason, value=value,
                                     restart_count=max(self.restart_count, 0)))  # fmt: skip

    def _halt(self, ts: float, reason: str) -> None:
        self.halted = True
        self._say(ts, "halted", reason=reason)

    def on_halt_reason(self, r: Record) -> None:
        self._say(r.ts, "halted", value="reason", reason=r.text)
        self.halted = True

    def on_resumed(self, r: Record) -> None:
        if self.halted:
            self.halted = False
            self._say(r.ts, "resumed")

    def on_signal(self, r: Record) -> None:
        self.begin()
        if r.text == "SIGUSR1":
            self._reason = "DAGMan was removed from the queue (SIGUSR1)."
            self._say(r.ts, "removed", reason=self._reason)
        else:
            self._reason = f"DAGMan received {r.text}."

    def on_abort_value(self, r: Record) -> None:
        self._abort = r.text
        self._say(r.ts, "abort_dag_on", value=self._abort_node(), reason=r.text)

    def _abort_node(self) -> str:
        """The node whose exit value aborted the DAG: the last one that ended among those with ABORT-DAG-ON."""
        aborting = self.ledger.aborting
        for run in reversed(self.ledger.runs.values()):
            if run.name in aborting and run.current is not None and run.current.end:
                return run.name
        return next((name for name in reversed(aborting) if name in self.ledger.done), "")

    def on_rescue_written(self, r: Record) -> None:
        self._say(r.ts, "rescue_written", value=r.text)

    def on_parse_error(self, r: Record) -> None:
        self._parse_errors.append(r.text)
        self._say(r.ts, "parse_error", value=r.text[:200], reason=r.text)

    def on_cycle(self, r: Record) -> None:
        self.on_parse_error(r)

    def on_event_error(self, r: Record) -> None:
        self._say(r.ts, "log_unreadable", reason=r.text)

    def on_duplicate(self, r: Record) -> None:
        self._say(r.ts, "lock_refused", reason=r.text)

    def on_exit(self, r: Record) -> None:
        self.begin()
        self.send_table()
        # a DAG that could not be parsed ends without a start
        self.restart_count = max(self.restart_count, 0)
        if r.value != 3:
            self._fail_ended(r.ts)
        outcome = self._outcome(r.value)
        self._end(r.ts, r.value, self._reason, outcome)
        self._reason = None

    def _fail_ended(self, ts: float) -> None:
        """Nodes whose last try failed are failed when the run ends, whatever retries they had left."""
        for run in self.ledger.runs.values():
            last = run.current
            if last is None or last.end is None or last.due is not None:
                continue
            if last.phase == "closed" or (last.phase == "ended" and not last.exit.ok):
                self.ledger.state(ts, run.name, "failed", "the run ended after its last try failed")

    def _outcome(self, status: int) -> str:
        if status == 0 and self._status[0] != _REMOVED:
            return "success"
        if status == 3:
            # EXIT_RESTART: DAGMan was held or vacated and will be started again
            return "running"
        if self._abort is not None:
            return "failed"
        if status == 2 or self._status[0] == _REMOVED:
            return "removed"
        failed = self._table.failed if self._table is not None else 0
        if self.halted and not failed:
            self._reason = self._reason or "The DAG was halted and nothing was left running."
            return "halted"
        if self._parse_errors:
            self._reason = self._reason or self._parse_errors[0]
        return "failed"
