"""Every try of a job: how it went, what it ran, moved and printed."""

from __future__ import annotations

from typing import Any

import msgspec

from stampede.model.exits import UNKNOWN, Exit, from_raw
from stampede.query.job.invocation import Invocation, invocations_of
from stampede.query.job.output import Output, pieces
from stampede.query.job.place import place
from stampede.query.job.resources import Resources, resources_of
from stampede.query.timeline import Phase, StateInterval, history, phases
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader


class Hold(msgspec.Struct, kw_only=True):
    """A time in hold. ``code`` is HTCondor's HoldReasonCode."""

    held_ts: float
    released_ts: float | None
    reason: str | None
    code: int | None
    subcode: int | None


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
_HOLD = "held_ts, released_ts, reason, code, subcode"
_TRANSFER = "lfn, src_url, dst_url, size_bytes, start_ts, duration_s, status, reason"


def tries_of(
    reader: Reader, job_id: int, wf: Workflow, *, submit_file: str | None, has_post: bool, producers: dict[str, str]
) -> list[Try]:
    """Every try of a job, the first one first; ``producers`` are the jobs that wrote the files it reads."""
    return [
        _try(reader, row, wf, submit_file=submit_file, has_post=has_post, producers=producers)
        for row in reader.rows(_TRY, (job_id,))
    ]


def _try(
    reader: Reader, row: tuple[Any, ...], wf: Workflow, *, submit_file: str | None, has_post: bool,
    producers: dict[str, str],
) -> Try:  # fmt: skip
    instance = row[0]
    main = UNKNOWN if row[8] else from_raw(row[7])
    one = Try(
        seq=row[1], run=row[2], htcondor_id=row[3], state=row[4], state_ts=row[5], outcome=row[6], exit=main,
        pre_exit=_exit(row[9]), post_exit=_exit(row[10]), site=row[11], slot=row[12],
        hostname=None if row[13] == "unknown" else row[13], ip=row[14], user=row[15], directory=row[16],
        submit_ts=row[17], execute_ts=row[18], end_ts=row[19], duration_s=row[20], executions=row[21],
        evictions=row[22], remove_reason=row[23], workflow_below=row[24],
    )  # fmt: skip
    named = {"submit": submit_file, "stdout": place(wf, row[25]), "stderr": place(wf, row[26]),
             "stdin": place(wf, row[27])}  # fmt: skip
    one.files = {k: v for k, v in named.items() if v}
    one.output = [*pieces(row[28], "stdout"), *pieces(row[29], "stderr")]
    states = reader.rows(
        "SELECT state, timestamp, jobstate_submit_seq, reason FROM jobstate WHERE job_instance_id = ?", (instance,)
    )
    one.history = history(states)
    one.phases = phases(one.history, has_post=has_post or one.post_exit is not None)
    one.holds = _structs(reader, Hold, "hold", _HOLD, instance)
    one.transfers = _structs(reader, Transfer, "transfer", _TRANSFER, instance)
    one.resources = resources_of(reader, instance)
    one.invocations = invocations_of(reader, instance, producers)
    return one


def _exit(raw: int | None) -> Exit | None:
    return None if raw is None else from_raw(raw)


def _structs(reader: Reader, kind: type[Any], table: str, columns: str, instance: int) -> list[Any]:
    rows = reader.rows(f"SELECT {columns} FROM {table} WHERE job_instance_id = ? ORDER BY seq", (instance,))
    return [kind(**dict(zip(kind.__struct_fields__, row, strict=True))) for row in rows]
