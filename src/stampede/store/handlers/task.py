"""What is declared of the abstract workflow: its tasks, their files and where those lie."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.handler import Handlers
from stampede.store.workingset import WorkingSet


def task_info(db: WorkingSet, e: ev.TaskInfo) -> None:
    """A task of the abstract workflow."""
    wf = db.workflow(e.xwf_id)
    if not wf.declaring or wf.counts["attempts"]:  # told late: its job may have run
        db.blocks.touch_job_of_task(wf.wf_id, e.task_id)
    db.rows.task.append((wf.wf_id, e.task_id, e.transformation or "", e.argv, e.type_desc or "unknown"))


def task_edge(db: WorkingSet, e: ev.TaskEdge) -> None:
    """A task that comes before another."""
    db.rows.task_edge.append((db.workflow(e.xwf_id).wf_id, e.parent_task_id, e.child_task_id))


def task_meta(db: WorkingSet, e: ev.TaskMeta) -> None:
    """A key and value of a task."""
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    db.rows.task_meta.append((e.key, e.value or "", wf.wf_id, e.task_id))


def rc_meta(db: WorkingSet, e: ev.RcMeta) -> None:
    """A key and value of a file."""
    lfns, name = db.rows.lfn, (e.lfn_id,)
    if not lfns or lfns[-1] != name:  # what is told of one file comes in one go
        lfns.append(name)
    db.rows.rc_meta.append((e.key, "" if e.value is None else e.value, e.lfn_id))


def rc_pfn(db: WorkingSet, e: ev.RcPfn) -> None:
    """A place where a file lies."""
    db.rows.lfn.append((e.lfn_id,))
    db.rows.rc_pfn.append((e.pfn, e.site or "", e.lfn_id))


def wf_map_file(db: WorkingSet, e: ev.WfMapFile) -> None:
    """A file that a task reads or writes."""
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    db.rows.lfn.append((e.lfn_id,))
    db.rows.workflow_files.append((e.file_type, wf.wf_id, e.task_id, e.lfn_id))


HANDLERS: Handlers = {
    ev.TaskInfo: task_info,
    ev.TaskEdge: task_edge,
    ev.TaskMeta: task_meta,
    ev.RcMeta: rc_meta,
    ev.RcPfn: rc_pfn,
    ev.WfMapFile: wf_map_file,
}
