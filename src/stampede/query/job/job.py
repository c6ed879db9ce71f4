"""A job as the plan has it, with its neighbours, its tasks and its tries."""

from __future__ import annotations

import msgspec

from stampede.query.job.invocation import producers_among
from stampede.query.job.place import place
from stampede.query.job.tries import Try, tries_of
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader


class Task(msgspec.Struct, kw_only=True):
    """A task of the abstract workflow that the job carries out; files as the workflow description declares them."""

    task: str
    transformation: str
    arguments: str | None
    type: str
    inputs: list[str] = []
    outputs: list[str] = []
    metadata: dict[str, str] = {}


class Job(msgspec.Struct, kw_only=True):
    """A job (node of the executable workflow); ``path`` with the sub-workflows it lies in (``inner/work``)."""

    wf_uuid: str
    workflow: str | None
    path: str
    job: str
    type: str
    node_type: str
    state: str
    state_ts: float | None
    reason: str | None
    attempts: int
    max_retries: int
    transformation: str | None
    executable: str
    arguments: str | None
    submit_file: str | None
    pre_script: str | None
    post_script: str | None
    category: str | None
    priority: int | None
    abort_dag_on: str | None
    clustered: bool
    parents: list[str] = []
    children: list[str] = []
    tasks: list[Task] = []
    tries: list[Try] = []


_NEIGHBOURS = 200

_JOB = """
SELECT exec_job_id, type_desc, node_type, node_state, node_state_ts, node_state_reason, attempts, max_retries,
       coalesce(transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = job.job_id)), executable,
       argv, submit_file, pre_script, post_script, category, priority, abort_dag_on, clustered
FROM job WHERE job_id = ?
"""


def read_job(reader: Reader, job_id: int, wf: Workflow, prefix: str) -> Job:
    """The job with that key; ``prefix`` names the sub-workflows it lies in."""
    row = reader.one(_JOB, (job_id,))
    assert row is not None
    job = Job(
        wf_uuid=wf.wf_uuid, workflow=wf.label, path=prefix + row[0], job=row[0], type=row[1], node_type=row[2],
        state=row[3], state_ts=row[4], reason=row[5], attempts=row[6], max_retries=row[7], transformation=row[8],
        executable=row[9], arguments=row[10], submit_file=place(wf, row[11]), pre_script=row[12], post_script=row[13],
        category=row[14], priority=row[15], abort_dag_on=row[16], clustered=bool(row[17]),
    )  # fmt: skip
    job.parents = _neighbours(reader, wf, job.job, "parent", "child")
    job.children = _neighbours(reader, wf, job.job, "child", "parent")
    job.tasks = _tasks(reader, job_id)
    job.tries = tries_of(
        reader, job_id, wf, submit_file=job.submit_file, has_post=job.post_script is not None,
        producers=producers_among(reader, wf.wf_id, job.parents),
    )  # fmt: skip
    return job


def _neighbours(reader: Reader, wf: Workflow, job: str, which: str, other: str) -> list[str]:
    rows = reader.rows(
        f"SELECT {which}_exec_job_id FROM job_edge WHERE wf_id = ? AND {other}_exec_job_id = ? ORDER BY 1 "
        f"LIMIT {_NEIGHBOURS}",
        (wf.wf_id, job),
    )
    return [r[0] for r in rows]


def _tasks(reader: Reader, job_id: int) -> list[Task]:
    tasks = []
    for task_id, name, transformation, argv, kind in reader.rows(
        "SELECT task_id, abs_task_id, transformation, argv, type_desc FROM task WHERE job_id = ? ORDER BY task_id",
        (job_id,),
    ):
        task = Task(task=name, transformation=transformation, arguments=argv, type=kind)
        for lfn, direction in reader.rows(
            "SELECT l.lfn, f.file_type FROM workflow_files f JOIN rc_lfn l ON l.lfn_id = f.lfn_id "
            "WHERE f.wf_id = (SELECT wf_id FROM task WHERE task_id = ?) AND f.task_id = ? ORDER BY 1",
            (task_id, task_id),
        ):
            (task.outputs if direction == "output" else task.inputs).append(lfn)
        task.metadata = dict(reader.rows("SELECT key, value FROM task_meta WHERE task_id = ?", (task_id,)))
        tasks.append(task)
    return tasks
