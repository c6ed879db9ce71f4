"""One job with everything that is known of it: what it is, every try, what each ran, read, wrote and said."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote

import msgspec

from stampede.errors import UsageError
from stampede.model.exits import UNKNOWN, Exit, from_raw
from stampede.query.timeline import Phase, StateInterval, history, phases
from stampede.query.workflows import Workflow, forest, paths
from stampede.store.sqlite import Reader


class Task(msgspec.Struct, kw_only=True):
    """A task of the abstract workflow that the job carries out; files as the workflow description declares them."""

    task: str
    transformation: str
    arguments: str | None
    type: str
    inputs: list[str] = []
    outputs: list[str] = []
    metadata: dict[str, str] = {}


class File(msgspec.Struct, kw_only=True):
    """A file that an invocation read or wrote. ``producer`` is the parent job that wrote an input, where one did;
    ``error`` the errno with which it could not be looked at (2: it does not exist)."""

    name: str
    place: str | None
    output: bool
    size_bytes: int | None
    checksum: str | None
    error: int | None
    producer: str | None = None


class Invocation(msgspec.Struct, kw_only=True):
    """What one try ran: ``seq`` 1..n the program (or each task of a clustered job), -1 the PRE, -2 the POST script."""

    seq: int
    task: str | None
    transformation: str
    executable: str
    arguments: str | None
    exit: Exit
    start_ts: float
    duration_s: float
    cpu_s: float | None
    max_rss_kb: int | None
    hostname: str | None
    site: str | None
    files: list[File] = []


class Hold(msgspec.Struct, kw_only=True):
    """A time in hold. ``code`` is HTCondor's HoldReasonCode."""

    held_ts: float
    released_ts: float | None
    reason: str | None
    code: int | None
    subcode: int | None


class Amounts(msgspec.Struct, kw_only=True):
    """An amount of each resource; None where nothing was said."""

    cpus: float | None
    memory_mb: float | None
    disk_kb: float | None
    gpus: float | None


class Resources(msgspec.Struct, kw_only=True):
    """What was asked for, given and used."""

    requested: Amounts
    allocated: Amounts
    used: Amounts
    cpu_user_s: float | None
    cpu_system_s: float | None
    bytes_sent: int | None
    bytes_received: int | None


class Transfer(msgspec.Struct, kw_only=True):
    """A file that the job moved. ``status`` 0 is success."""

    name: str | None
    source: str | None
    target: str | None
    size_bytes: int | None
    start_ts: float | None
    duration_s: float | None
    status: int | None
    reason: str | None


class Output(msgspec.Struct, kw_only=True):
    """A piece of what was printed: by which invocation (0: not known) and on which stream."""

    seq: int
    stream: str
    text: str


class Try(msgspec.Struct, kw_only=True):
    """One try (job instance). Times are epoch seconds; ``run`` counts the starts of DAGMan from 1.

    ``files`` are places of its submit file, standard output and error as they lie now.
    """

    seq: int
    run: int
    htcondor_id: str | None
    state: str | None
    state_ts: float | None
    outcome: str | None
    exit: Exit
    pre_exit: Exit | None
    post_exit: Exit | None
    site: str | None
    slot: str | None
    hostname: str | None
    ip: str | None
    user: str | None
    directory: str | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    duration_s: float | None
    executions: int
    evictions: int
    remove_reason: str | None
    workflow_below: str | None
    phases: list[Phase] = []
    history: list[StateInterval] = []
    holds: list[Hold] = []
    resources: Resources | None = None
    invocations: list[Invocation] = []
    transfers: list[Transfer] = []
    output: list[Output] = []
    files: dict[str, str] = {}


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


_ID = re.compile(r"\d+(\.\d+)?\Z")
_NEIGHBOURS = 200


def find_job(reader: Reader, roots: list[Workflow], name: str) -> Job:
    """The job that a name means: a node name, ``INNER/NODE`` for one of a sub-workflow, or an HTCondor id (``83.0``).

    INNER may be the label of the sub-workflow or the node that ran it. Raises UsageError when there is no such job, or
    when several workflows have one.
    """
    workflows = [w for root in roots for w in forest(reader, root)]
    prefixes = paths(workflows)
    found = _by_name(reader, workflows, prefixes, name) or _by_id(reader, workflows, name)
    if not found:
        raise UsageError(f"There is no job {name!r}.{_similar(reader, workflows, prefixes, name)}")
    if len(found) > 1:
        names = ", ".join(prefixes[wf.wf_id] + job for _, job, wf in found[:5])
        raise UsageError(f"Several workflows have a job {name!r}; name one of them: {names}.")
    job_id, _, wf = found[0]
    return _job(reader, job_id, wf, prefixes[wf.wf_id])


def _by_name(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str
) -> list[tuple[int, str, Workflow]]:
    inner, _, last = name.rpartition("/")
    found = []
    for wf in workflows:
        for job in {name, last} if inner else {name}:
            row = reader.one("SELECT job_id FROM job WHERE wf_id = ? AND exec_job_id = ?", (wf.wf_id, job))
            if row is not None and (job == name or _is_inner(wf, prefixes[wf.wf_id], inner)):
                found.append((row[0], job, wf))
    top = [f for f in found if f[2] is workflows[0]]
    return top if len(found) > 1 and len(top) == 1 and not inner else found


def _is_inner(wf: Workflow, prefix: str, inner: str) -> bool:
    return prefix == inner + "/" or prefix.endswith(f"/{inner}/") or inner in (wf.parent_job, wf.label)


def _by_id(reader: Reader, workflows: list[Workflow], name: str) -> list[tuple[int, str, Workflow]]:
    if not _ID.match(name):
        return []
    wanted = [name] if "." in name else [name, name + ".0"]
    by_id = {w.wf_id: w for w in workflows}
    rows = reader.rows(
        f"""SELECT DISTINCT j.job_id, j.exec_job_id, j.wf_id FROM job_instance i JOIN job j ON j.job_id = i.job_id
            WHERE i.sched_id IN ({", ".join("?" * len(wanted))}) AND j.wf_id IN ({", ".join(map(str, by_id))})""",
        wanted,
    )
    return [(job_id, job, by_id[wf_id]) for job_id, job, wf_id in rows]


def _similar(reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str) -> str:
    words = [w for w in re.split(r"[^A-Za-z0-9]+", name.rpartition("/")[2]) if w] or [name]
    ids = ", ".join(str(w.wf_id) for w in workflows)
    for word in sorted(words, key=len, reverse=True)[:2]:
        rows = reader.rows(
            f"SELECT wf_id, exec_job_id FROM job WHERE wf_id IN ({ids}) AND instr(lower(exec_job_id), ?) LIMIT 4",
            (word.lower(),),
        )
        if rows:
            return f" Near to it: {', '.join(prefixes[wf] + job for wf, job in rows)}."
    return " List them with: stampede jobs --all"


_JOB = """
SELECT exec_job_id, type_desc, node_type, node_state, node_state_ts, node_state_reason, attempts, max_retries,
       coalesce(transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = job.job_id)), executable,
       argv, submit_file, pre_script, post_script, category, priority, abort_dag_on, clustered
FROM job WHERE job_id = ?
"""


def _job(reader: Reader, job_id: int, wf: Workflow, prefix: str) -> Job:
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
    producers = _producers(reader, wf, job.parents)
    job.tries = _tries(reader, job_id, wf, job, producers)
    return job


def place(wf: Workflow, file: str | None) -> str | None:
    """Where a file of a workflow lies now: absolute, in the folder where the submit directory was found."""
    if not file:
        return None
    folder = wf.found_dir or wf.submit_dir or ""
    if os.path.isabs(file):
        old = (wf.submit_dir or "").rstrip("/")
        if old and folder and file.startswith(old + "/"):
            return os.path.join(folder, file[len(old) + 1 :])
        return file
    return os.path.normpath(os.path.join(folder, file))


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


def _producers(reader: Reader, wf: Workflow, parents: list[str]) -> dict[str, str]:
    """File name -> the parent that wrote it."""
    found: dict[str, str] = {}
    for parent in parents:
        for (lfn,) in reader.rows(
            """SELECT f.lfn FROM job j JOIN invocation_file f ON f.job_instance_id = j.last_job_instance_id
               WHERE j.wf_id = ? AND j.exec_job_id = ? AND f.is_output""",
            (wf.wf_id, parent),
        ):
            found.setdefault(lfn, parent)
    return found


_TRY = """
SELECT i.job_instance_id, i.job_submit_seq, coalesce(i.restart_count, 0) + 1, i.sched_id, i.state, i.state_ts,
       i.outcome, i.main_exitcode, i.exit_unknown, i.pre_exitcode, i.post_exitcode, i.site, i.slot, h.hostname, h.ip,
       coalesce(i.user, w.user), i.work_dir, i.submit_ts, i.execute_ts, i.end_ts,
       coalesce(i.local_duration, i.end_ts - i.execute_ts), i.execute_count, i.evict_count, i.remove_reason,
       (SELECT s.wf_uuid FROM workflow s WHERE s.wf_id = i.subwf_id), i.stdout_file, i.stderr_file, i.stdin_file,
       i.stdout_text, i.stderr_text
FROM job_instance i JOIN job j ON j.job_id = i.job_id JOIN workflow w ON w.wf_id = j.wf_id
LEFT JOIN host h ON h.host_id = i.host_id
WHERE i.job_id = ? ORDER BY i.job_submit_seq
"""


def _tries(reader: Reader, job_id: int, wf: Workflow, job: Job, producers: dict[str, str]) -> list[Try]:
    tries = []
    for row in reader.rows(_TRY, (job_id,)):
        instance = row[0]
        main = UNKNOWN if row[8] else from_raw(row[7])
        one = Try(
            seq=row[1], run=row[2], htcondor_id=row[3], state=row[4], state_ts=row[5], outcome=row[6], exit=main,
            pre_exit=_exit(row[9]), post_exit=_exit(row[10]), site=row[11], slot=row[12],
            hostname=None if row[13] == "unknown" else row[13], ip=row[14], user=row[15], directory=row[16],
            submit_ts=row[17], execute_ts=row[18], end_ts=row[19], duration_s=row[20], executions=row[21],
            evictions=row[22], remove_reason=row[23], workflow_below=row[24],
        )  # fmt: skip
        named = {"submit": job.submit_file, "stdout": place(wf, row[25]), "stderr": place(wf, row[26]),
                 "stdin": place(wf, row[27])}  # fmt: skip
        one.files = {k: v for k, v in named.items() if v}
        one.output = [*pieces(row[28], "stdout"), *pieces(row[29], "stderr")]
        states = reader.rows(
            "SELECT state, timestamp, jobstate_submit_seq, reason FROM jobstate WHERE job_instance_id = ?", (instance,)
        )
        one.history = history(states)
        one.phases = phases(one.history, has_post=job.post_script is not None or one.post_exit is not None)
        _attach(reader, instance, one, producers)
        tries.append(one)
    return tries


def _exit(raw: int | None) -> Exit | None:
    return None if raw is None else from_raw(raw)


_MARK = re.compile(r"^#@ (\d+) (stdout|stderr)\n", re.M)


def pieces(stored: str | None, stream: str) -> list[Output]:
    """Stored output as text: percent-decoded and parted at the marks (``#@ 1 stderr``) that tell who printed it.

    Both are the Stampede form of ``job_instance.stdout_text``; what stands before the first mark is of ``stream``.
    """
    if not stored:
        return []
    text = unquote(stored, errors="replace")
    marks = list(_MARK.finditer(text))
    found = [Output(seq=0, stream=stream, text=text[: marks[0].start()] if marks else text)]
    ends = [m.start() for m in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        body = text[mark.end() : end]
        found.append(Output(seq=int(mark[1]), stream=mark[2], text=body.removeprefix(" ")))
    return [o for o in found if o.text.strip()]


def _attach(reader: Reader, instance: int, one: Try, producers: dict[str, str]) -> None:
    """Holds, resources, invocations with their files, transfers."""
    one.holds = _structs(reader, Hold, "hold", "held_ts, released_ts, reason, code, subcode", instance, "seq")
    one.transfers = _structs(
        reader, Transfer, "transfer", "lfn, src_url, dst_url, size_bytes, start_ts, duration_s, status, reason",
        instance, "seq",
    )  # fmt: skip
    one.resources = _resources(reader, instance)
    for row in reader.rows(
        """SELECT task_submit_seq, abs_task_id, transformation, executable, argv, exitcode, start_time, remote_duration,
                  remote_cpu_time, maxrss, hostname, site
           FROM invocation WHERE job_instance_id = ?
           ORDER BY task_submit_seq = -2, task_submit_seq""",
        (instance,),
    ):
        values: list[Any] = list(row)
        values[5] = from_raw(row[5])
        one.invocations.append(Invocation(**dict(zip(Invocation.__struct_fields__[:-1], values, strict=True))))
    by_seq = {i.seq: i for i in one.invocations}
    for seq, lfn, pfn, output, size, checksum, error in reader.rows(
        "SELECT task_submit_seq, lfn, pfn, is_output, size_bytes, checksum, error FROM invocation_file "
        "WHERE job_instance_id = ? ORDER BY is_output, lfn",
        (instance,),
    ):
        if seq in by_seq:
            by_seq[seq].files.append(File(
                name=lfn, place=pfn, output=bool(output), size_bytes=size, checksum=checksum, error=error,
                producer=None if output else producers.get(lfn),
            ))  # fmt: skip


def _structs(reader: Reader, kind: type[Any], table: str, columns: str, instance: int, order: str) -> list[Any]:
    rows = reader.rows(f"SELECT {columns} FROM {table} WHERE job_instance_id = ? ORDER BY {order}", (instance,))
    return [kind(**dict(zip(kind.__struct_fields__, row, strict=True))) for row in rows]


def _resources(reader: Reader, instance: int) -> Resources | None:
    wanted = ", ".join(f"{k}_{w}" for k in ("req", "alloc", "used") for w in Amounts.__struct_fields__)
    row = reader.one(
        f"SELECT {wanted}, cpu_user_s, cpu_system_s, bytes_sent, bytes_received FROM resource_usage "
        "WHERE job_instance_id = ?",
        (instance,),
    )
    if row is None:
        return None
    amounts = [Amounts(cpus=r[0], memory_mb=r[1], disk_kb=r[2], gpus=r[3]) for r in (row[0:4], row[4:8], row[8:12])]
    return Resources(
        requested=amounts[0], allocated=amounts[1], used=amounts[2], cpu_user_s=row[12], cpu_system_s=row[13],
        bytes_sent=row[14], bytes_received=row[15],
    )  # fmt: skip
