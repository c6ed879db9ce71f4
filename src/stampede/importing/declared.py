"""Rows of what was declared (workflows, jobs, tasks, files) as the events that would have told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query.foreign import ForeignRows, MetaRow, WorkflowRow

#: who is who: workflows by number
Uuids = Mapping[int, str]


def plan(row: WorkflowRow, uuids: Uuids, parent_job: str | None) -> Event:
    """The plan of a workflow. A parent or root that is not in the database is left out."""
    root = uuids.get(row.root_wf_id or row.wf_id)
    return ev.WfPlan(
        ts=row.timestamp, xwf_id=row.wf_uuid, submit_hostname=row.submit_hostname, dax_label=row.dax_label,
        dax_index=row.dax_index, dax_version=row.dax_version, dax_file=row.dax_file, dag_file_name=row.dag_file_name,
        planner_version=row.planner_version, grid_dn=row.grid_dn, user=row.user, submit_dir=row.submit_dir,
        argv=row.planner_arguments, parent_xwf_id=uuids.get(row.parent_wf_id or 0), root_xwf_id=root or row.wf_uuid,
        parent_job_id=parent_job, found_dir=row.found_dir, engine="pegasus", db_url=row.db_url,
    )  # fmt: skip


def workflow_meta(rows: list[MetaRow], uuids: Uuids) -> Iterator[Event]:
    """Keys and values of workflows."""
    for row in rows:
        if row.number in uuids:
            yield ev.XwfMeta(xwf_id=uuids[row.number], key=row.key, value=row.value)


def jobs(rows: ForeignRows, first: int, last: int, uuids: Uuids, waiting: set[tuple[int, str]]) -> Iterator[Event]:
    """Jobs of those numbers, and the edges that begin at them. ``waiting`` are types of jobs by workflow that have a
    POST script, which some of these may still wait for."""
    facts = rows.job_facts(first, last)
    for row in rows.jobs(first, last):
        if row.wf_id not in uuids:
            rows.misplaced("job", row.job_id, f"workflow {row.wf_id}")
            continue
        fact = facts.get(row.job_id)
        kind, name = row.type_desc or "unknown", row.exec_job_id
        post = fact is not None and (fact.has_post or (fact.has_end and (row.wf_id, kind) in waiting))
        below = kind == "dag" or name.startswith(("subdax_", "subdag_"))
        yield ev.JobInfo(
            xwf_id=uuids[row.wf_id], job_id=name, submit_file=row.submit_file, type_desc=kind,
            clustered=row.clustered, max_retries=row.max_retries, executable=row.executable, argv=row.argv,
            task_count=row.task_count, node_type="subdag" if below else "job", post_script="POST" if post else None,
            transformation=fact.transformation if fact is not None and not row.task_count else None,
        )  # fmt: skip
    for edge in rows.job_edges(first, last):
        if edge.wf_id in uuids:
            yield ev.JobEdge(xwf_id=uuids[edge.wf_id], parent_job_id=edge.parent, child_job_id=edge.child)


def tasks(rows: ForeignRows, first: int, last: int, uuids: Uuids) -> Iterator[Event]:
    """Tasks of those numbers, which job carries each out, their keys and values, files and edges."""
    named: dict[int, tuple[str, str]] = {}
    for row in rows.tasks(first, last):
        if row.wf_id not in uuids:
            rows.misplaced("task", row.task_id, f"workflow {row.wf_id}")
            continue
        uuid = uuids[row.wf_id]
        named[row.task_id] = (uuid, row.abs_task_id)
        yield ev.TaskInfo(xwf_id=uuid, task_id=row.abs_task_id, type_desc=row.type_desc,
                          transformation=row.transformation, argv=row.argv)  # fmt: skip
        if row.job is not None:
            yield ev.WfMapTaskJob(xwf_id=uuid, task_id=row.abs_task_id, job_id=row.job)
    for meta in rows.task_meta(first, last):
        if meta.number in named:
            uuid, task = named[meta.number]
            yield ev.TaskMeta(xwf_id=uuid, task_id=task, key=meta.key, value=meta.value)
    for file in rows.task_files(first, last):
        if file.number in named:
            uuid, task = named[file.number]
            yield ev.WfMapFile(xwf_id=uuid, task_id=task, lfn_id=file.lfn, file_type=file.file_type)
    for edge in rows.task_edges(first, last):
        if edge.wf_id in uuids:
            yield ev.TaskEdge(xwf_id=uuids[edge.wf_id], parent_task_id=edge.parent, child_task_id=edge.child)


def files(rows: ForeignRows, first: int, last: int) -> Iterator[Event]:
    """What is known of files of those numbers, whatever workflow they belong to."""
    names = {row.lfn_id: row.lfn for row in rows.lfns(first, last)}
    for meta in rows.lfn_meta(first, last):
        if meta.number in names:
            yield ev.RcMeta(lfn_id=names[meta.number], key=meta.key, value=meta.value)
    for replica in rows.replicas(first, last):
        if replica.number in names:
            yield ev.RcPfn(lfn_id=names[replica.number], pfn=replica.pfn, site=replica.site)


def stray_edges(rows: ForeignRows, uuids: Uuids) -> Iterator[Event]:
    """Edges that begin at a job or task which has no row."""
    of_jobs, of_tasks = rows.stray_edges()
    for edge in of_jobs:
        if edge.wf_id in uuids:
            yield ev.JobEdge(xwf_id=uuids[edge.wf_id], parent_job_id=edge.parent, child_job_id=edge.child)
    for edge in of_tasks:
        if edge.wf_id in uuids:
            yield ev.TaskEdge(xwf_id=uuids[edge.wf_id], parent_task_id=edge.parent, child_task_id=edge.child)
