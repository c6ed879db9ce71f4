"""From what a try left behind to events: invocations, hosts, files, checksums, and ``job_inst.main.end``.

The order is that of Pegasus' monitord: for each invocation ``inv.start``, ``inv.end``, the files it wrote and its host;
then checksums and transfers; then ``main.end``. Rules for tries without kickstart records: the Stampede schema page
("Kickstart not used"): one invocation a task with what the submit file says.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import Any

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model import exits
from stampede.model.exits import Exit
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.integrity import PAYLOAD_EVENT, metrics
from stampede.sources.pegasus import text
from stampede.sources.pegasus.cluster import join_tasks, read_cluster_input
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.metadata import read_meta
from stampede.sources.pegasus.pegasuslite import lite_exitcode, lite_host
from stampede.sources.pegasus.records import Invocation, JobOutput
from stampede.sources.pegasus.scalars import integer
from stampede.sources.pegasus.submit_file import SubmitFile

#: the command of a submit file that names what HTCondor is to bring back
_OUTPUTS = "transfer_output_files"
#: commands of submit files that are asked for when a try has ended
ASKED_OF_TRIES = (_OUTPUTS,)
_REGISTERED = re.compile(r'^(\S+)\s+(\S+)\s+(?:.*?(?:site|pool)="([^"]*)")?', re.M)


class Left(msgspec.Struct):
    """The files of one try: names as kept, contents as bytes; None where there is none."""

    stdout_file: str | None = None
    stderr_file: str | None = None
    stdout: bytes | None = None
    stderr: bytes | None = None
    cluster_input: bytes | None = None
    pre_log: bytes | None = None
    #: pegasus-exitcode's list of what was written; asked for only where no record tells
    meta: bytes | None = None
    #: kickstart's list of the files that the job had to write; asked for only where the try did not go well
    promised: bytes | None = None
    #: the output was written over by a later try
    overwritten: bool = False
    #: a file that the try should have left is not there (yet)
    lacking: bool = False


class Outcome:
    """One try that ended, and the events that tell of it."""

    def __init__(
        self,
        uuid: str,
        attempt: Attempt,
        node: Node | None,
        submit: SubmitFile | None,
        left: Left,
        *,
        user: str | None = None,
        work_dir: str | None = None,
    ) -> None:
        self.uuid = uuid
        self.attempt = attempt
        self.node = node
        self.submit = submit
        self.left = left
        self.user = user
        self.work_dir = work_dir
        self.names: tuple[str | None, str | None, str | None, str | None] = (attempt.site, None, None, None)
        self.attributes = submit.attributes if submit is not None else {}
        self.output = parse_output(left.stdout) if left.stdout else JobOutput()
        self._ids: dict[str, Any] = {"xwf_id": uuid, "job_id": attempt.node, "job_inst_id": attempt.seq}

    def events(self, ts: float, js: int) -> list[Event]:
        """All events of the try's end; ``ts`` and ``js`` are those of ``main.end``."""
        out: list[Event] = []
        invocations = self._invocations()
        ended = self._exit(invocations)
        before_main = self.attempt.execute is None and (self.attempt.pre_start is not None) and not self.attempt.job
        if not before_main:
            if invocations:
                for number, invocation in enumerate(invocations, 1):
                    self._invocation(out, number, invocation, ts)
            else:
                self._without_record(out, ts, ended)
        self._integrity(out, ts)
        self._transfers(out, ts)
        self._payloads(out, ts)
        self._registered(out, ts, ended)
        self._from_meta(out, ts)
        for problem in self.output.problems:
            out.append(ev.Problem(
                ts=ts, xwf_id=self.uuid, kind=problem.kind, severity="warning", file=self.left.stdout_file,
                offset=problem.offset, message=f"{self.attempt.node}: {problem.message}",
                remedy="Look at the file at that place; what could be read of the record was kept.",
            ))  # fmt: skip
        out.append(self._main_end(ts, js, invocations, ended))
        return out

    # ---- how it ended -----------------------------------------------------------------------------------------------

    def _invocations(self) -> list[Invocation]:
        found = self.output.invocations
        if found or not self.output.cluster_tasks or self.left.cluster_input is None:
            return found
        return join_tasks(self.output.cluster_tasks, read_cluster_input(self.left.cluster_input))

    def _exit(self, invocations: list[Invocation]) -> Exit:
        """The try's exit: DAGMan's word; for a removed job that of the program, as its own record tells."""
        attempt = self.attempt
        if attempt.exit.kind != "unknown":
            return attempt.exit
        for invocation in invocations:
            if invocation.raw_status:
                # kickstart that cannot start its program notes a negative status and exits with 127 itself
                return exits.exited(127) if invocation.raw_status < 0 else exits.from_raw(invocation.raw_status)
        code = lite_exitcode(self.left.stderr) if self.left.stderr else None
        return exits.exited(code) if code else exits.UNKNOWN

    def _host(self) -> str | None:
        return lite_host(self.left.stderr) if self.left.stderr else None

    # ---- invocations ------------------------------------------------------------------------------------------------

    def _invocation(self, out: list[Event], number: int, i: Invocation, ts: float) -> None:
        ids = self._ids
        start = i.start_time
        if start is None:
            start = self.attempt.execute or ts
        duration = i.duration_s or 0.0
        cpu = i.cpu_time_s
        raw = i.raw_status
        if raw is None:
            raw = 0 if self.attempt.exit.ok else exits.UNKNOWN.raw
        out.append(ev.InvStart(ts=start, inv_id=number, **ids))
        out.append(ev.InvEnd(
            ts=start + duration, inv_id=number, **ids, start_time=start, dur=duration, remote_cpu_time=cpu,
            avg_cpu=cpu / duration if cpu is not None and duration else None, maxrss=i.maxrss_kb, exitcode=raw,
            transformation=i.transformation or self._transformation(), executable=i.executable or "",
            argv=i.argv, task_id=_task(i.derivation), hostname=i.hostname or self._host(), site=i.resource,
            level="Error" if raw else None, note=" ".join(n for n in (i.signal_text, i.error_note) if n) or None,
        ))  # fmt: skip
        for file in i.files:
            # kickstart tells the direction of files that it finds, not of those that are not there
            output = file.output or (file.error is not None and file.lfn in self._promised)
            out.append(ev.InvFile(
                ts=ts, inv_id=number, **ids, lfn_id=file.lfn, pfn=file.pfn, output=1 if output else 0,
                size=file.size_bytes, error=file.error, checksum=file.sha256,
            ))  # fmt: skip
            if file.output:
                self._file_meta(out, ts, file.lfn, (
                    ("user", file.user), ("size", file.size_bytes), ("ctime", file.ctime),
                    ("checksum.type", "sha256" if file.sha256 else None), ("checksum.value", file.sha256),
                    ("checksum.timing", file.checksum_timing),
                ))  # fmt: skip
        out.append(ev.JobInstHostInfo(
            ts=ts, **ids, site=i.resource or self.names[0] or "unknown", hostname=i.hostname or "unknown",
            ip=i.hostaddr or "unknown", uname=i.uname, total_memory=i.ram_total_kb,
        ))  # fmt: skip

    @cached_property
    def _promised(self) -> frozenset[str]:
        """The files that the job had to write: those that HTCondor was to bring back, and those of kickstart's list."""
        listed = (self.left.promised or b"").decode("utf-8", "replace").splitlines()
        asked = self.submit.commands.get(_OUTPUTS, "") if self.submit is not None else ""
        names = [name for name in map(str.strip, (*listed, *asked.split(","))) if name]
        return frozenset((*names, *map(os.path.basename, names)))

    def _file_meta(self, out: list[Event], ts: float, lfn: str, pairs: tuple[tuple[str, object], ...]) -> None:
        for key, value in pairs:
            if value is not None:
                out.append(ev.RcMeta(ts=ts, xwf_id=self.uuid, lfn_id=lfn, key=key, value=str(value)))

    def _without_record(self, out: list[Event], ts: float, ended: Exit) -> None:
        attempt = self.attempt
        end = attempt.end or ts
        start = end if attempt.execute is None else attempt.execute
        if self.node is not None and self.node.type == "subdag":
            executable, argv, transformation, task = "condor_dagman", None, "condor::dagman", None
        else:
            executable = self.submit.executable if self.submit and self.submit.executable else ""
            argv = self.submit.arguments if self.submit else None
            transformation, task = self._transformation(), _task(self.attributes.get("pegasus_wf_dax_job_id"))
        raw = ended.raw if not attempt.exit.ok else 0
        out.append(ev.InvStart(ts=start, inv_id=1, **self._ids))
        out.append(ev.InvEnd(
            ts=end, inv_id=1, **self._ids, start_time=start, dur=max(0.0, end - start), exitcode=raw,
            transformation=transformation, executable=executable, argv=argv, task_id=task,
            hostname=self._host(), level="Error" if raw else None,
        ))  # fmt: skip

    def _transformation(self) -> str:
        named = self.attributes.get("pegasus_wf_xformation")
        if named:
            return named
        if self.submit is not None and self.submit.executable:
            return os.path.basename(self.submit.executable)
        return self.attempt.node

    # ---- what else the output tells ---------------------------------------------------------------------------------

    def _integrity(self, out: list[Event], ts: float) -> None:
        found, failed = metrics(self.output)
        for m in found:
            out.append(ev.IntMetric(ts=ts, **self._ids, type=m.type, file_type=m.file_type, count=m.count,
                                    duration=m.duration_s))  # fmt: skip
        if failed:
            out.append(ev.JobInstTag(ts=ts, **self._ids, name="int.error", count=failed))

    def _transfers(self, out: list[Event], ts: float) -> None:
        for t in self.output.transfer_attempts:
            out.append(ev.InvTransfer(
                ts=ts, **self._ids, lfn_id=t.lfn, src_url=t.src_url, dst_url=t.dst_url, src_site=t.src_label,
                dst_site=t.dst_label, size_bytes=t.size_bytes, start_time=t.start_time, dur=t.duration_s,
                status=0 if t.success else -1,
            ))  # fmt: skip

    def _payloads(self, out: list[Event], ts: float) -> None:
        for payload in self.output.payloads:
            if payload.monitoring_event == PAYLOAD_EVENT:
                continue
            for item in payload.payload:
                out.append(ev.TaskMonitoring(
                    ts=payload.ts or ts, **self._ids, inv_id=payload.invocation, extra=dict(item),
                    monitoring_event=payload.monitoring_event,
                ))  # fmt: skip

    def _registered(self, out: list[Event], ts: float, ended: Exit) -> None:
        """Replicas that a successful registration job registered, from its input."""
        if self.attributes.get("pegasus_job_class") != "4" or not self.attempt.exit.ok or not self.left.cluster_input:
            return
        for lfn, pfn, site in _REGISTERED.findall(self.left.cluster_input.decode("utf-8", "replace")):
            if not lfn.startswith("#"):
                out.append(ev.RcPfn(ts=ts, xwf_id=self.uuid, lfn_id=lfn, pfn=pfn, site=site or None))

    def _from_meta(self, out: list[Event], ts: float) -> None:
        """What is known of the written files although the record that said it is gone."""
        if self.left.meta is None:
            return
        files, problems = read_meta(self.left.meta)
        for file in files:
            self._file_meta(out, ts, file.lfn, tuple(file.attributes.items()))
        self.output.problems += problems

    # ---- main.end ---------------------------------------------------------------------------------------------------

    def _main_end(self, ts: float, js: int, invocations: list[Invocation], ended: Exit) -> Event:
        a = self.attempt
        first = invocations[0] if invocations else None
        summary = self.output.cluster_summary
        site, stdin, stdout, stderr = self.names
        ok = a.exit.ok
        cores = self.attributes.get("pegasus_cores", "1")
        return ev.JobInstMainEnd(
            ts=ts, **self._ids, js_id=js, sched_id=a.job or None, stdin_file=stdin,
            stdout_file=self.left.stdout_file or stdout, stderr_file=self.left.stderr_file or stderr,
            stdout_text=self._stdout_text(), stderr_text=self._stderr_text(),
            site=(first.resource if first else None) or site, user=(first.user if first else None) or self.user,
            work_dir=(first.cwd if first else None) or self.work_dir,
            local_dur=float(int(a.end - a.execute)) if a.end is not None and a.execute is not None else None,
            cluster_start=summary.start_time if summary else None, cluster_dur=summary.duration_s if summary else None,
            multiplier_factor=max(integer(cores) or 1, 1), status=0 if ok else -1,
            exitcode=0 if ok else ended.raw, exit_unknown=1 if ended.kind == "unknown" else None,
            level=None if ok else "Error",
        )  # fmt: skip

    def _stdout_text(self) -> str | None:
        if self.left.pre_log is not None:
            return text.encode_bytes(self.left.pre_log)
        if self.left.stdout is None:
            return None
        blocks = []
        for number, i in enumerate(self.output.invocations, 1):
            if i.stdout:
                blocks.append(text.block(number, "stdout", i.stdout))
            if i.stderr:
                blocks.append(text.block(number, "stderr", i.stderr))
        if not self.output.invocations:
            return text.encode("#@ 1 stdout\n") + text.encode_bytes(self.left.stdout)
        return text.join(blocks)

    def _stderr_text(self) -> str | None:
        return None if self.left.stderr is None else text.encode_bytes(self.left.stderr)


def _task(name: str | None) -> str | None:
    return None if not name or name == "null" else name
