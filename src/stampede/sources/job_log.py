"""A bare job event log: jobs without a DAG around them, or all that is left of a workflow.

Each job of the log is a job of the workflow, named by its DAG node where the log says it, else by its HTCondor id.
There are no edges; a job that is gone from the queue has ended. The workflow's uuid comes from the log's first event.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import real, told
from stampede.model.exits import UNKNOWN, Exit
from stampede.sources.base import BATCH, Batch, Marks, identity
from stampede.sources.dagman.clock import Clock, system_zone
from stampede.sources.dagman.joblog import LogEvent, read_events
from stampede.sources.dagman.joblog_events import WANTED, enrich, exit_of
from stampede.sources.dagman.joblog_forms import Connection, Failure, Held, Size
from stampede.sources.dagman.problem import Problems
from stampede.sources.identity import NAMESPACE

_PLAIN = {7: "SHADOW_EXCEPTION", 10: "JOB_SUSPENDED", 11: "JOB_UNSUSPENDED", 22: "JOB_DISCONNECTED",
          23: "JOB_RECONNECTED", 24: "JOB_RECONNECT_FAILED"}  # fmt: skip


class _Try:
    __slots__ = ("end", "execute", "js", "node", "seq")

    def __init__(self, node: str, seq: int) -> None:
        self.node = node
        self.seq = seq
        self.js = 0
        self.execute: float | None = None
        self.end: float | None = None


class JobLog:
    """The jobs of one job event log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks: Marks = {}
        self.name = str(path)
        self.clock = Clock(system_zone(), reference=path.stat().st_mtime if os.path.exists(path) else None)
        self._tries: dict[str, _Try] = {}
        self._known: dict[str, int] = {}
        self._seq = 0
        self._done = 0
        self.uuid = ""

    @property
    def size(self) -> int:
        return identity(self.path)[1]

    @property
    def done(self) -> int:
        return self._done

    def batches(self, *, sealed: bool = False) -> Generator[Batch]:
        """The log's events as batches."""
        inode, size = identity(self.path)
        problems = Problems()
        source = told(real(self.path))
        out: list[Event] = []
        start = end = 0
        mark = self.marks.get(source, 0)
        for e in read_events(self.path, clock=self.clock, detailed=WANTED | {0, 10, 11, 13, 16}, problems=problems):
            if not self.uuid:
                out += self._begin(e)
            out += self._event(e)
            end = self._done = e.end
            if len(out) >= BATCH or end == mark:
                yield Batch(out, source, start, end, inode, size)
                start, out = end, []
        for p in problems.all():
            out.append(ev.Problem(
                xwf_id=self.uuid or None, kind=p.kind, severity="warning", file=told(self.path.name), offset=p.offset,
                message=p.message, remedy="The events around it were read.",
            ))  # fmt: skip
        out += self._more()
        yield Batch(out, source, start, end + 1, inode, size, final=True)

    def _more(self) -> list[Event]:
        """Slots, resource use and codes, which belong to tries known only after the first reading."""
        jobs = {key: (t.node, t.seq) for key, t in self._tries.items()}
        return list(enrich(self.uuid, read_events(self.path, clock=self.clock, detailed=WANTED), jobs, own_log=False))

    def _begin(self, e: LogEvent) -> list[Event]:
        self.uuid = str(uuid.uuid5(NAMESPACE, told(f"{self.path.name}#{e.cluster}.{e.proc}@{e.stamp}")))
        found = told(real(self.path).parent)
        label = self.path.name.removesuffix(".log").removesuffix(".nodes").removesuffix(".dag")
        return [
            ev.WfPlan(ts=e.ts, xwf_id=self.uuid, dax_label=told(label), dag_file_name=told(self.path.name),
                      submit_dir=found, found_dir=found, root_xwf_id=self.uuid, engine="htcondor"),
            ev.XwfStart(ts=e.ts, xwf_id=self.uuid, restart_count=0),
        ]  # fmt: skip

    def _event(self, e: LogEvent) -> list[Event]:
        if e.proc < 0 or e.cluster < 0:
            return []
        key = f"{e.cluster}.{e.proc}"
        out: list[Event] = []
        t = self._tries.get(key)
        if t is None:
            node = e.node or key
            self._seq += 1
            t = self._tries[key] = _Try(node, self._seq)
            if node not in self._known:
                out.append(ev.JobInfo(ts=e.ts, xwf_id=self.uuid, job_id=node, submit_file="", type=1,
                                      type_desc="compute", task_count=0))  # fmt: skip
            self._known[node] = self._known.get(node, 0) + 1
        t.js += 1
        ids: dict[str, Any] = {"ts": e.ts, "xwf_id": self.uuid, "job_id": t.node, "job_inst_id": t.seq, "js_id": t.js,
                               "sched_id": key}  # fmt: skip
        return out + self._state(e, t, ids)

    def _state(self, e: LogEvent, t: _Try, ids: dict[str, Any]) -> list[Event]:
        d = e.details
        reason = d.reason if isinstance(d, (Held, Connection)) else d.message if isinstance(d, Failure) else None
        match e.number:
            case 0:
                return [ev.JobInstSubmitStart(**ids), ev.JobInstSubmitEnd(**ids, status=0)]
            case 1:
                t.execute = e.ts
                return [ev.JobInstMainStart(**ids)]
            case 4:
                return [ev.JobInstMainTerm(**ids, status=-1, level="Error")]
            case 5:
                t.end = e.ts
                return [ev.JobInstMainTerm(**ids, status=0), *self._ended(t, ids, exit_of(e) or UNKNOWN)]
            case 6:
                size = d.image_kb if isinstance(d, Size) else None
                return [ev.JobInstImageInfo(**ids, size=size)]
            case 9:
                t.end = e.ts
                return [ev.JobInstAbortInfo(**ids, reason=reason), *self._ended(t, ids, UNKNOWN)]
            case 12:
                code, subcode = (d.code, d.subcode) if isinstance(d, Held) else (None, None)
                return [ev.JobInstHeldStart(**ids, reason=reason, code=code, subcode=subcode)]
            case 13:
                return [ev.JobInstHeldEnd(**ids, status=0, reason=reason)]
            case 16:
                ended = exit_of(e) or UNKNOWN
                return [ev.JobInstPostTerm(**ids),
                        ev.JobInstPostEnd(**ids, status=0 if ended.ok else -1, exitcode=ended.raw)]  # fmt: skip
            case 21:
                return [ev.JobInstRemoteError(**ids, reason=reason)]
            case n if n in _PLAIN:
                return [ev.JobInstState(**ids, state=_PLAIN[n], reason=reason)]
        t.js -= 1
        return []

    def _ended(self, t: _Try, ids: dict[str, Any], ended: Exit) -> list[Event]:
        t.js += 1
        ids = {**ids, "js_id": t.js}
        duration = e - s if (e := t.end) is not None and (s := t.execute) is not None else None
        start = t.execute if t.execute is not None else t.end
        raw = 0 if ended.ok else ended.raw
        return [
            ev.InvEnd(ts=t.end, xwf_id=self.uuid, job_id=t.node, job_inst_id=t.seq, inv_id=1, start_time=start,
                      dur=duration or 0.0, exitcode=raw, transformation=t.node),
            ev.JobInstMainEnd(**ids, status=0 if ended.ok else -1, exitcode=raw, local_dur=duration,
                              exit_unknown=1 if ended.kind == "unknown" else None,
                              level=None if ended.ok else "Error"),
        ]  # fmt: skip
