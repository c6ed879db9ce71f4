"""What is told of workflows themselves: the plan, how they nest, what was declared of them, what is wrong with them."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.entities import Workflow
from stampede.store.handlers.handler import Handlers, nothing
from stampede.store.workingset import WorkingSet


def _adopt(db: WorkingSet, e: ev.WfPlan) -> None:
    """A DAG that was loaded before it started had no uuid of its own yet: it gets the one of its run."""
    db.connection.execute(
        "UPDATE workflow SET wf_uuid = :new WHERE found_dir = :dir AND dag_file_name = :dag AND wf_uuid <> :new "
        "AND NOT EXISTS (SELECT 1 FROM workflowstate s WHERE s.wf_id = workflow.wf_id) "
        "AND NOT EXISTS (SELECT 1 FROM workflow WHERE wf_uuid = :new)",
        {"new": e.xwf_id, "dir": e.found_dir, "dag": e.dag_file_name},
    )


def wf_plan(db: WorkingSet, e: ev.WfPlan) -> None:
    """A workflow was planned: who it is and where it lies."""
    if e.engine == "dagman" and e.xwf_id not in db.workflows:
        _adopt(db, e)
    wf = db.workflow(e.xwf_id)
    parent = db.workflow(e.parent_xwf_id) if e.parent_xwf_id and e.parent_xwf_id != e.xwf_id else None
    wf.root_id = _root(db, wf, parent, e)
    db.connection.execute(
        """UPDATE workflow SET dag_file_name = coalesce(?, dag_file_name), timestamp = coalesce(?, timestamp),
           submit_hostname = coalesce(?, submit_hostname), submit_dir = coalesce(?, submit_dir),
           planner_arguments = coalesce(?, planner_arguments), user = coalesce(?, user), grid_dn = coalesce(?, grid_dn),
           planner_version = coalesce(?, planner_version), dax_label = coalesce(?, dax_label),
           dax_version = coalesce(?, dax_version), dax_file = coalesce(?, dax_file), dax_index = coalesce(?, dax_index),
           parent_wf_id = coalesce(?, parent_wf_id), root_wf_id = ?,
           parent_exec_job_id = coalesce(?, parent_exec_job_id),
           found_dir = coalesce(?, found_dir), engine = coalesce(?, engine), db_url = coalesce(db_url, ?)
           WHERE wf_id = ?""",
        (
            e.dag_file_name, e.ts, e.submit_hostname, e.submit_dir, e.argv, e.user, e.grid_dn, e.planner_version,
            e.dax_label, e.dax_version, e.dax_file, e.dax_index, parent.wf_id if parent else None, wf.root_id,
            e.parent_job_id, e.found_dir, e.engine, e.db_url or db.url, wf.wf_id,
        ),
    )  # fmt: skip
    wf.dirty = True


def _root(db: WorkingSet, wf: Workflow, parent: Workflow | None, e: ev.WfPlan) -> int:
    """The root above a workflow: the one that is named when a parent is too, else the parent's."""
    if parent is None:
        return wf.wf_id
    if e.root_xwf_id and e.root_xwf_id != e.xwf_id:
        return db.workflow(e.root_xwf_id).root_id
    return parent.root_id


def xwf_meta(db: WorkingSet, e: ev.XwfMeta) -> None:
    """A key and value of the workflow."""
    db.rows.workflow_meta.append((db.workflow(e.xwf_id).wf_id, e.key, e.value or ""))


def xwf_map_subwf_job(db: WorkingSet, e: ev.XwfMapSubwfJob) -> None:
    """A job instance runs a workflow of its own."""
    wf = db.workflow(e.xwf_id)
    child = db.workflow(e.subwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    instance.subwf_id = child.wf_id
    if child is not wf:
        child.root_id = wf.root_id
        db.connection.execute(
            "UPDATE workflow SET parent_wf_id = coalesce(parent_wf_id, ?), root_wf_id = ?, "
            "parent_exec_job_id = coalesce(parent_exec_job_id, ?) WHERE wf_id = ?",
            (wf.wf_id, wf.root_id, e.job_id, child.wf_id),
        )


def static_end(db: WorkingSet, e: ev.StaticEnd) -> None:
    """All that is known before the run was told."""
    db.workflow(e.xwf_id).declaring = False


def problem(db: WorkingSet, e: ev.Problem) -> None:
    """Something could not be taken as it is."""
    wf = db.workflow(e.xwf_id) if e.xwf_id else None
    if wf is not None:
        wf.problematic = wf.dirty = True
    db.problem(wf, e)


HANDLERS: Handlers = {
    ev.WfPlan: wf_plan,
    ev.StaticStart: nothing,
    ev.StaticEnd: static_end,
    ev.StaticMetaStart: nothing,
    ev.StaticMetaEnd: nothing,
    ev.XwfMeta: xwf_meta,
    ev.XwfMapSubwfJob: xwf_map_subwf_job,
    ev.Problem: problem,
}
