"""What is told of the programs a job instance ran: the invocations, their files, the transfers."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.model import exits
from stampede.store.handlers.handler import Handlers, nothing
from stampede.store.workingset import WorkingSet


def inv_end(db: WorkingSet, e: ev.InvEnd) -> None:
    """A program of the job ended."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    start = e.start_time
    if start is None:
        start = (e.ts or 0.0) - (e.dur or 0.0)
    db.rows.invocation.append(
        (
            wf.wf_id, instance.job_instance_id, e.inv_id, start, e.dur or 0.0, e.remote_cpu_time,
            exits.UNKNOWN.raw if e.exitcode is None else e.exitcode, e.transformation or "", e.executable or "",
            e.argv, e.task_id, e.maxrss, e.avg_cpu, e.hostname, e.site, e.note,
        )
    )  # fmt: skip


def inv_file(db: WorkingSet, e: ev.InvFile) -> None:
    """A file that an invocation read or wrote."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.invocation_file.append(
        (
            instance.job_instance_id, e.inv_id, e.lfn_id, wf.wf_id, e.pfn, e.output or 0, e.size, e.error, e.checksum
        )
    )  # fmt: skip


def inv_transfer(db: WorkingSet, e: ev.InvTransfer) -> None:
    """A file that was moved."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.transfer.append(
        (
            instance.job_instance_id, e.lfn_id, e.src_url, e.dst_url, e.src_site, e.dst_site, e.size_bytes,
            e.start_time, e.dur, e.status, e.reason,
        )
    )  # fmt: skip


HANDLERS: Handlers = {
    ev.InvStart: nothing,
    ev.InvEnd: inv_end,
    ev.InvFile: inv_file,
    ev.InvTransfer: inv_transfer,
    ev.TaskMonitoring: nothing,
}
