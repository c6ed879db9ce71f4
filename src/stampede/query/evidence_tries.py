"""The tries that failed, are held or were removed, with what is known of their ends.

Up to ``FEW`` of them are fetched one by one. Of more, one of each tally of alike ones (``failing``), which stands for
the others.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from stampede.model.machine import machine
from stampede.query.failing import count_failing, tallies
from stampede.query.trouble import FailedInvocation, TouchedFile, Try
from stampede.query.workflows import Workflow
from stampede.store.partial import FAILED
from stampede.store.reader import Reader

#: tries that are fetched one by one
FEW = 2_000
#: kinds of failed tries of which one is fetched; more than that are said to be too many
MOST_KINDS = 2_000
#: tries fetched from a database without keys of what they said
_MOST_KEYLESS = 20_000
_TAIL = 6000
_ENOENT = 2
#: what kickstart calls its own files is no file of the workflow
_OF_WORKFLOW = "lfn NOT IN ('stdin', 'stdout', 'stderr', 'metadata', 'kickstart', 'logfile')"

_TRY = """
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, j.node_type, j.type_desc,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)),
       j.node_state, j.attempts, j.max_retries, j.pre_script, j.post_script, j.submit_file, j.clustered,
       i.job_submit_seq, i.sched_id,
       coalesce(i.restart_count, 0), i.job_instance_id = j.last_job_instance_id, i.outcome, i.state, i.state_ts,
       i.main_exitcode, coalesce(i.exit_unknown, 0), i.pre_exitcode, i.post_exitcode, i.submit_ts, i.execute_ts,
       i.end_ts, i.execute_count, i.hold_reason, i.hold_code, i.hold_subcode, i.remove_reason,
       EXISTS (SELECT 1 FROM jobstate s WHERE s.job_instance_id = i.job_instance_id AND s.state = 'JOB_ABORTED'),
       (SELECT coalesce(s.reason, '') FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
            AND s.state = 'SUBMIT_FAILED' LIMIT 1),
       i.site, i.slot, (SELECT w.wf_uuid FROM workflow w WHERE w.wf_id = i.subwf_id), i.stdout_file, i.stderr_file,
       substr(i.stdout_text, 1, 20000), substr(i.stderr_text, -20000), j.attempts_in_run, h.hostname
FROM job_instance i JOIN job j ON j.job_id = i.job_id LEFT JOIN host h ON h.host_id = i.host_id
WHERE {which}
"""
_ALL = f"""
j.wf_id IN ({{ids}})
  AND (j.node_type <> 'service' OR (i.main_exitcode <> 0 AND coalesce(i.exit_unknown, 0) = 0))
  AND {FAILED} ORDER BY i.job_instance_id LIMIT {{most}}
"""


def failed_tries(
    reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]
) -> tuple[list[Try], int, bool]:
    """The tries, oldest first; how many they stand for; whether there are more of which nothing is told."""
    keyed = "alike" in reader.columns("job_instance")
    if keyed and count_failing(reader, ids, FEW + 1) > FEW:
        found = tallies(reader, ids, by_id, paths)
        kept = {t.sample: t for t in found[:MOST_KINDS]}
        tries = _fetched(reader, f"i.job_instance_id IN ({', '.join(map(str, kept))})", by_id, paths)
        for one in tries:
            one.alike = kept[one.job_instance_id]
        return tries, sum(t.count for t in found), len(found) > MOST_KINDS
    most = FEW if keyed else _MOST_KEYLESS
    tries = _fetched(reader, _ALL.format(ids=ids, most=most + 1), by_id, paths)
    return tries[:most], len(tries), len(tries) > most


def failed_tries_of(reader: Reader, job_id: int, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Try]:
    """Those of one job, oldest first."""
    return _fetched(reader, f"j.job_id = {int(job_id)} AND {FAILED} ORDER BY i.job_instance_id", by_id, paths)


def _fetched(reader: Reader, which: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Try]:
    found: dict[int, Try] = {}
    for row in reader.rows(_TRY.format(which=which)):
        wf = by_id[row[1]]
        values: list[Any] = list(row)
        values[1:3] = [wf.wf_uuid, paths[row[1]] + row[2], row[2]]
        one = Try(**dict(zip(_TRY_FIELDS, values, strict=True)))
        one.stdout = unquote(one.stdout or "", errors="replace")[:_TAIL]
        one.stderr = unquote(one.stderr or "", errors="replace")[-_TAIL:]
        one.host = machine(one.slot, one.host)
        for name in ("clustered", "is_last", "exit_unknown", "aborted"):
            setattr(one, name, bool(getattr(one, name)))
        found[one.job_instance_id] = one
    if found:
        _details(reader, found)
    return [found[i] for i in sorted(found)]


_TRY_FIELDS = Try.__struct_fields__[: Try.__struct_fields__.index("host") + 1]


def _details(reader: Reader, found: dict[int, Try]) -> None:
    """Adds to the tries, by their ids, what other tables know of them."""
    for block in _blocks(sorted(found)):
        ids = ", ".join(map(str, block))
        _add_invocations(reader, ids, found)
        _add_failed_transfers(reader, ids, found)
        _add_integrity_errors(reader, ids, found)
        _add_tasks(reader, ids, found)
        _add_files(reader, ids, found)


def _add_invocations(reader: Reader, ids: str, found: dict[int, Try]) -> None:
    """Adds the invocations that failed, by their numbers."""
    for instance, seq, task, transformation, executable, argv, raw, note in reader.rows(
        f"""SELECT job_instance_id, task_submit_seq, abs_task_id, transformation, executable, argv, exitcode,
                   note
            FROM invocation WHERE job_instance_id IN ({ids}) AND task_submit_seq > 0 AND exitcode <> 0
            ORDER BY job_instance_id, task_submit_seq"""
    ):
        one = found[instance]
        name = _task_name(reader, one, task) if one.clustered else None
        one.invocations.append(FailedInvocation(seq, task, name, transformation, executable, argv, raw, note))


def _add_failed_transfers(reader: Reader, ids: str, found: dict[int, Try]) -> None:
    """Adds the transfers that failed, each as ``source -> target``."""
    for instance, source, target in reader.rows(
        f"SELECT job_instance_id, src_url, dst_url FROM transfer WHERE job_instance_id IN ({ids}) AND status <> 0"
    ):
        found[instance].failed_transfers.append(f"{source} -> {target}")


def _add_integrity_errors(reader: Reader, ids: str, found: dict[int, Try]) -> None:
    """Adds the number of integrity checks that failed."""
    for instance, count in reader.rows(
        f"SELECT job_instance_id, count FROM tag WHERE job_instance_id IN ({ids}) AND name = 'int.error'"
    ):
        found[instance].integrity_errors += count


def _add_tasks(reader: Reader, ids: str, found: dict[int, Try]) -> None:
    """Adds the abstract tasks that the job stands for."""
    for instance, task in reader.rows(
        f"""SELECT i.job_instance_id, t.abs_task_id FROM job_instance i JOIN task t ON t.job_id = i.job_id
            WHERE i.job_instance_id IN ({ids}) ORDER BY t.task_id"""
    ):
        found[instance].tasks.append(task)


def _add_files(reader: Reader, ids: str, found: dict[int, Try]) -> None:
    """Adds the files of the workflow that its programs had to do with."""
    for instance, lfn, output, error in reader.rows(
        f"""SELECT job_instance_id, lfn, max(is_output), max(error) FROM invocation_file
            WHERE job_instance_id IN ({ids}) AND {_OF_WORKFLOW} GROUP BY job_instance_id, lfn"""
    ):
        found[instance].files.append(TouchedFile(lfn, bool(output), error == _ENOENT))


def _blocks(ids: list[int], size: int = 500) -> list[list[int]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]


def _task_name(reader: Reader, one: Try, task: str | None) -> str | None:
    """What tells a task of a clustered job from the others: the first word of its arguments that they do not have.

    Task ids of Pegasus (``ID0000009``) say nothing to a reader; the arguments usually name the task.
    """
    if task is None:
        return None
    row = reader.one(
        "SELECT t.argv, t.transformation, t.wf_id FROM task t JOIN workflow w ON w.wf_id = t.wf_id "
        "WHERE w.wf_uuid = ? AND t.abs_task_id = ?",
        (one.wf_uuid, task),
    )
    if row is None or not row[0]:
        return None
    others = reader.rows(
        "SELECT argv FROM task WHERE wf_id = ? AND transformation = ? AND abs_task_id <> ? LIMIT 50",
        (row[2], row[1], task),
    )
    common = {word for (argv,) in others for word in (argv or "").split()}
    for word in str(row[0]).split():
        if word not in common and not word.startswith("-"):
            return word
    return None
