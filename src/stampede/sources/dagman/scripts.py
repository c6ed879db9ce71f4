"""PRE and POST scripts of nodes."""

from __future__ import annotations

from typing import Any

from stampede.events import catalogue as ev
from stampede.model.exits import Exit, exited, signalled
from stampede.sources.dagman.attempts import Attempt, NodeRun
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.engine import Engine
from stampede.sources.dagman.ledger import Ledger

PRE, POST = -1, -2
_TRANSFORMATIONS = {PRE: "dagman::pre", POST: "dagman::post"}


class Scripts:
    """Turns the lines about scripts into states and invocations (-1 the pre script, -2 the post script)."""

    def __init__(self, ledger: Ledger, engine: Engine) -> None:
        self.ledger = ledger
        self.engine = engine

    def on_script_start(self, r: Record) -> None:
        ledger = self.ledger
        self.engine.begin()
        run = ledger.run(r.node, r.ts)
        if r.text == "PRE":
            attempt = ledger.attempt(run, "pre")
            attempt.js = 1
            attempt.pre_start = r.ts
            ledger.out.append(
                ev.JobInstPreStart(ts=r.ts, xwf_id=ledger.uuid, job_id=run.name, job_inst_id=attempt.seq, js_id=1)
            )
        elif r.text == "POST":
            current = run.current or ledger.attempt(run, "ended")
            if current.phase == "post":
                return
            current.phase = "post"
            current.js += 1
            current.post_start = r.ts
            ledger.out.append(ev.JobInstPostStart(
                ts=r.ts, xwf_id=ledger.uuid, job_id=run.name, job_inst_id=current.seq, js_id=current.js,
                sched_id=current.job or None,
            ))  # fmt: skip

    def on_script_end(self, r: Record) -> None:
        run = self.ledger.run(r.node, r.ts)
        ended = exited(r.value) if r.value >= 0 else signalled(-r.value)
        if r.text == "PRE":
            self._pre_ended(run.current or self.ledger.attempt(run, "pre"), r.ts, ended)
        elif r.text == "POST":
            self._post_ended(run, run.current or self.ledger.attempt(run, "post"), r.ts, ended)

    def on_pre_skip(self, r: Record) -> None:
        self.ledger.state(r.ts, r.node, "done", "its pre script says there is nothing to do (PRE_SKIP)")
        self.ledger.close(r.node)

    def _pre_ended(self, attempt: Attempt, ts: float, ended: Exit) -> None:
        ledger = self.ledger
        base: dict[str, Any] = {"ts": ts, "xwf_id": ledger.uuid, "job_id": attempt.node, "job_inst_id": attempt.seq}
        attempt.js += 1
        ledger.out.append(ev.JobInstPreTerm(**base, js_id=attempt.js))
        attempt.js += 1
        node = ledger.nodes.get(attempt.node)
        self._invocation(attempt, PRE, attempt.pre_start, ts, ended, node.pre_script if node else None)
        ledger.out.append(ev.JobInstPreEnd(
            **base, js_id=attempt.js, status=0 if ended.ok else -1, exitcode=ended.raw,
            level=None if ended.ok else "Error",
        ))  # fmt: skip
        if ended.ok:
            attempt.phase = "pre_done"
            return
        attempt.phase = "ended"
        attempt.exit = ended
        ledger.tell(attempt, ts, attempt.js, last=True)
        ledger.submits.put(attempt.node, ledger.submits.get(attempt.node) + 1)

    def _post_ended(self, run: NodeRun, attempt: Attempt, ts: float, ended: Exit) -> None:
        ledger = self.ledger
        attempt.js += 1
        for sibling in run.siblings(attempt):
            if sibling.due is not None:
                due_ts, due_js = sibling.due
                sibling.due = None
                ledger.tell(sibling, due_ts, due_js, last=True)
        node = ledger.nodes.get(attempt.node)
        end = attempt.post_end or ts
        self._invocation(attempt, POST, attempt.post_start, end, ended, node.post_script if node else None)
        ledger.out.append(ev.JobInstPostEnd(
            ts=ts, xwf_id=ledger.uuid, job_id=attempt.node, job_inst_id=attempt.seq, js_id=attempt.js,
            sched_id=attempt.job or None, status=0 if ended.ok else -1, exitcode=ended.raw,
            level=None if ended.ok else "Error",
        ))  # fmt: skip
        attempt.phase = "closed"
        if ended.ok:
            ledger.close(attempt.node)

    def _invocation(
        self, attempt: Attempt, number: int, start: float | None, end: float, ended: Exit, command: str | None
    ) -> None:
        begin = end if start is None else start
        executable, _, argv = (command or "").partition(" ")
        base: dict[str, Any] = {
            "xwf_id": self.ledger.uuid, "job_id": attempt.node, "job_inst_id": attempt.seq, "inv_id": number,
        }  # fmt: skip
        self.ledger.out.append(ev.InvStart(ts=begin, **base))
        self.ledger.out.append(ev.InvEnd(
            ts=end, **base, start_time=begin, dur=end - begin, exitcode=ended.raw, executable=executable or "unknown",
            transformation=_TRANSFORMATIONS[number], argv=argv or None, level=None if ended.ok else "Error",
        ))  # fmt: skip
