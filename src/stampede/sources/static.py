"""What is known of a workflow before it runs: its plan, tasks, jobs and edges.

From braindump, static.bp (the planner's own events) and the DAG file. Where the planner's events are missing, jobs come
from the DAG and tasks from the submit files; where both are there, what only the DAG says (retries, scripts, category,
kind of node) is added to the planner's words.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from stampede.errors import InputError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import present, read_regular, real, told
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dag import Dag, Node
from stampede.sources.dagman.tally import NodeSet
from stampede.sources.identity import Workflow
from stampede.sources.jobfiles import JobFiles
from stampede.sources.pegasus.metadata import read_metadata
from stampede.sources.pegasus.scalars import integer

MAX_METADATA = 64 << 20
#: Pegasus' numbers of job types (``+pegasus_job_class``)
JOB_TYPES = {
    0: "unassigned", 1: "compute", 2: "stage-in-tx", 3: "stage-out-tx", 4: "registration", 5: "inter-site-tx",
    6: "create-dir", 7: "unknown", 8: "cleanup", 9: "chmod", 10: "dax", 11: "dag",
}  # fmt: skip


def plan(wf: Workflow, clock: Clock) -> Event:
    """``wf.plan`` of a workflow, from braindump or from what its DAGMan log says of itself."""
    d = wf.braindump
    found = told(real(wf.directory))
    if d is not None:
        recorded = os.path.normpath(d.submit_dir) if d.submit_dir else None
        arguments = d.planner_arguments.strip() if d.planner_arguments else None
        return ev.WfPlan(
            ts=d.planned_at, xwf_id=wf.uuid, submit_hostname=d.submit_hostname, dax_label=d.dax_label,
            dax_index=d.dax_index, dax_version=d.dax_version, dax_file=d.dax, dag_file_name=d.dag or told(wf.dag.name),
            planner_version=d.planner_version, grid_dn=d.grid_dn, user=d.user, submit_dir=recorded or found,
            argv=arguments, parent_xwf_id=wf.parent_uuid, root_xwf_id=wf.root_uuid or wf.uuid,
            parent_job_id=wf.parent_job, found_dir=found, engine="pegasus",
        )  # fmt: skip
    ts = clock.epoch(wf.first_stamp) if wf.first_stamp else None
    name = told(wf.dag.name)
    return ev.WfPlan(
        ts=ts, xwf_id=wf.uuid, dax_label=name.removesuffix(".dag"), dax_file=name, dag_file_name=name,
        submit_dir=wf.recorded or found, parent_xwf_id=wf.parent_uuid,
        root_xwf_id=wf.root_uuid or wf.uuid, parent_job_id=wf.parent_job, found_dir=found, engine="dagman",
    )  # fmt: skip


def static_events(wf: Workflow, dag: Dag, files: JobFiles, ts: float | None) -> Iterator[Event]:
    """Tasks, jobs, edges and metadata, in the order in which each can be placed."""
    yield ev.StaticStart(ts=ts, xwf_id=wf.uuid)
    for problem in dag.problems:
        yield ev.Problem(
            ts=ts, xwf_id=wf.uuid, kind=problem.kind, severity="warning", offset=problem.offset,
            file=files.relative(problem.path), message=problem.message,
            remedy="Check the DAG file with condor_dag_checker; what could be understood of it was used.",
        )  # fmt: skip
    listed = planners_events(wf)
    named = NodeSet(dag.nodes)
    edges = 0
    if present(listed):
        for event in _planner_events(listed, wf, dag, ts):
            if isinstance(event, ev.JobInfo):
                named.add(event.job_id)
            elif isinstance(event, ev.JobEdge):
                edges += 1
            yield event
    else:
        yield from _metadata(wf, ts)
    yield from jobs_from_dag(wf, (dag.nodes[name] for name in dag.nodes if name not in named), files, ts)
    if not edges:
        for parent, child in dag.edges():
            yield ev.JobEdge(ts=ts, xwf_id=wf.uuid, parent_job_id=parent, child_job_id=child)
    yield from files.problems()
    yield ev.StaticEnd(ts=ts, xwf_id=wf.uuid)


def planners_events(wf: Workflow) -> Path:
    """Where Pegasus' planner leaves the events it knows before the run, ``static.bp``."""
    return wf.directory / (wf.dag.name.removesuffix(".dag") + ".static.bp")


def _planner_events(path: Path, wf: Workflow, dag: Dag, ts: float | None) -> Iterator[Event]:
    """The events of static.bp; their times are wrong (Pegasus writes 1970) and are replaced by the planning time."""
    from stampede.events.stream import open_stream  # a third of the time to start, for those who have no such file

    try:
        reader = open_stream(path, format="bp", name=told(path.name))
    except InputError as e:
        yield ev.Problem(
            ts=ts, xwf_id=wf.uuid, kind="unreadable", severity="warning", file=told(path.name), message=told(str(e)),
            remedy="Jobs were taken from the DAG, tasks from the submit files; put the planner's file back.",
        )  # fmt: skip
        return
    with reader:
        for events, _ in reader:
            for event in events:
                if isinstance(event, ev.Problem):
                    event.xwf_id = event.xwf_id or wf.uuid
                    yield event
                    continue
                if event.xwf_id != wf.uuid or isinstance(event, (ev.StaticStart, ev.StaticEnd)):
                    continue
                event.ts = ts
                event.extra = None
                if isinstance(event, ev.JobInfo):
                    node = dag.nodes.get(event.job_id)
                    if node is not None:
                        _add_node(event, node)
                yield event


def _metadata(wf: Workflow, ts: float | None) -> Iterator[Event]:
    """Keys and values of the workflow, which static.bp tells as well."""
    path = wf.directory / (wf.dag.name.removesuffix(".dag") + ".metadata")
    try:
        data, _ = read_regular(path, MAX_METADATA)
    except OSError:
        return
    pairs, problems = read_metadata(data)
    for key, value in pairs.items():
        yield ev.XwfMeta(ts=ts, xwf_id=wf.uuid, key=key, value=value)
    for problem in problems:
        yield ev.Problem(
            ts=ts, xwf_id=wf.uuid, kind=problem.kind, severity="info", file=told(path.name), offset=problem.offset,
            message=problem.message, remedy="Nothing else is missing.",
        )  # fmt: skip


def _add_node(event: ev.JobInfo, node: Node) -> None:
    """What only the DAG file says of a job."""
    if node.type != "job":
        event.node_type = node.type
    event.pre_script = node.pre_script
    event.post_script = node.post_script
    event.hold_script = node.hold_script
    event.category = node.category
    event.subdag_file = node.subdag_file
    event.abort_dag_on = node.abort_dag_on
    if node.priority:
        event.priority = node.priority
    if node.done:
        event.done = 1
    if node.noop:
        event.noop = 1
    event.max_retries = node.retries


def jobs_from_dag(wf: Workflow, nodes: Iterable[Node], files: JobFiles, ts: float | None) -> Iterator[Event]:
    """Jobs, and the tasks they carry out, as the DAG and the submit files describe them."""
    tasks: set[str] = set()
    for node in nodes:
        yield from _job_from_dag(wf, node, files, ts, tasks)


def _job_from_dag(wf: Workflow, node: Node, files: JobFiles, ts: float | None, tasks: set[str]) -> Iterator[Event]:
    job = files.job(node, node.name)
    submit = job.submit if job is not None else None
    attributes = submit.attributes if submit is not None else {}
    number = attributes.get("pegasus_job_class", "")
    known = integer(number)
    kind = 11 if node.type == "subdag" else 1 if known is None else known
    size = attributes.get("pegasus_cluster_size", "1")
    task = attributes.get("pegasus_wf_dax_job_id")
    transformation = attributes.get("pegasus_wf_xformation")
    if transformation is None and submit is not None and submit.executable and not wf.is_pegasus:
        transformation = os.path.basename(submit.executable)
    event = ev.JobInfo(
        ts=ts, xwf_id=wf.uuid, job_id=node.name, submit_file=node.subdag_file or node.submit_file, type=kind,
        type_desc=JOB_TYPES.get(kind, "unknown"), clustered=1 if (integer(size) or 0) > 1 else 0,
        executable=(submit.executable if submit else None) or (node.command or "").split(" ", 1)[0] or None,
        argv=submit.arguments if submit else None, transformation=transformation,
        task_count=1 if task and task != "null" else 0,
    )  # fmt: skip
    _add_node(event, node)
    if task and task != "null" and task not in tasks:
        tasks.add(task)
        yield ev.TaskInfo(
            ts=ts, xwf_id=wf.uuid, task_id=task, type=kind, type_desc=JOB_TYPES.get(kind, "unknown"),
            transformation=transformation or "",
        )  # fmt: skip
        yield event
        yield ev.WfMapTaskJob(ts=ts, xwf_id=wf.uuid, task_id=task, job_id=node.name)
        return
    yield event
