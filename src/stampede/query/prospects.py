"""What is still ahead of a workflow, and what its tries told so far, in as few rows as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from stampede.model.machine import machine_of
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader

#: names of failed jobs that are fetched at most
MOST_NAMES = 1_000
#: tries that are looked at at most: the last ones
MOST_TRIES = 200_000


class WaitingJobs(msgspec.Struct, frozen=True):
    """``count`` jobs of a workflow that were not tried yet, each of which may be tried ``tries`` times."""

    wf_id: int
    kind: str
    tries: int
    count: int


class PendingJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is not done and was tried, or is being tried. Times are epoch seconds.

    ``kind`` is the transformation, or the type where there is none; ``failed`` counts the failed tries of this run of
    the engine, ``last_machine`` is where the last of them was. ``machine`` and ``execute_ts`` tell where the present
    try runs and since when, ``held_ts`` since when it is held. ``subwf_id`` is the workflow that it runs.
    """

    wf_id: int
    path: str
    kind: str
    tries: int
    failed: int
    last_machine: str | None
    machine: str | None
    submit_ts: float | None
    execute_ts: float | None
    held_ts: float | None
    subwf_id: int | None


class BriefTry(NamedTuple):
    """A try that ended: job (with the names of the workflows above), kind, where, when, and whether it failed."""

    job: str
    kind: str
    host: str | None
    site: str | None
    start_ts: float | None
    end_ts: float
    failed: bool
    submit_ts: float | None


class Prospects(msgspec.Struct, frozen=True, kw_only=True):
    """What is ahead of the workflows of a forest. ``lost`` are jobs that failed for good, by workflow (``MOST_NAMES``
    in all); ``finals`` are the workflows whose FINAL node has not run yet."""

    waiting: list[WaitingJobs]
    pending: list[PendingJob]
    lost: dict[int, list[str]]
    finals: set[int]


_KIND = "coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), j.type_desc)"
_NOT_DONE = "j.node_state IN ('unready', 'ready', 'pre', 'queued', 'post')"
_MACHINE = "coalesce(nullif(h.hostname, 'unknown'), u.hostname, nullif(i.slot, ''))"
_WHERE_FROM = """LEFT JOIN host h ON h.host_id = i.host_id
LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id"""


def prospects(reader: Reader, workflows: Sequence[Workflow]) -> Prospects:
    """What is ahead of these workflows (:func:`stampede.query.workflows.forest`)."""
    ids = ", ".join(str(w.wf_id) for w in workflows)
    prefix = paths(list(workflows))
    waiting = [WaitingJobs(*row) for row in reader.rows(
        f"""SELECT j.wf_id, {_KIND}, j.max_retries + 1, count(*) FROM job j WHERE j.wf_id IN ({ids})
            AND j.node_state IN ('unready', 'ready') AND j.attempts = 0 AND j.node_type <> 'service'
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    )]  # fmt: skip
    lost: dict[int, list[str]] = {}
    for wf_id, name in reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id FROM job j WHERE j.wf_id IN ({ids}) AND j.node_state = 'failed'
            AND j.node_type <> 'service' ORDER BY j.node_state_ts, j.job_id LIMIT {MOST_NAMES}"""
    ):
        lost.setdefault(wf_id, []).append(prefix[wf_id] + name)
    finals = reader.rows(
        f"SELECT DISTINCT wf_id FROM job j WHERE j.wf_id IN ({ids}) AND j.node_type = 'final' AND {_NOT_DONE}"
    )
    return Prospects(
        waiting=waiting, pending=_pending(reader, ids, prefix), lost=lost, finals={row[0] for row in finals}
    )  # fmt: skip


def _pending(reader: Reader, ids: str, prefix: dict[int, str]) -> list[PendingJob]:
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, {_KIND}, j.max_retries + 1,
                   (SELECT count(*) FROM job_instance f WHERE f.job_id = j.job_id AND f.outcome = 'failed'
                       AND coalesce(f.restart_count, 0) = coalesce(w.restart_count, 0)),
                   i.outcome IS NULL, {_MACHINE}, i.submit_ts, i.execute_ts, i.end_ts, i.state, i.state_ts, i.subwf_id
            FROM job j JOIN workflow w ON w.wf_id = j.wf_id
            LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
            {_WHERE_FROM}
            WHERE j.wf_id IN ({ids}) AND {_NOT_DONE} AND j.node_type <> 'service'
              AND (j.attempts > 0 OR j.node_state IN ('pre', 'queued', 'post')) ORDER BY j.job_id"""
    )
    failing = _last_failures(reader, ids)
    found = []
    for wf_id, job, kind, tries, failed, goes_on, host, submit, execute, end, state, state_ts, subwf in rows:
        runs = bool(goes_on) and execute is not None and end is None
        found.append(PendingJob(
            wf_id=wf_id, path=prefix[wf_id] + job, kind=kind, tries=tries, failed=failed,
            last_machine=failing.get((wf_id, job)), machine=machine_of(host) if runs else None,
            submit_ts=submit if goes_on else None, execute_ts=execute if runs else None,
            held_ts=state_ts if goes_on and state == "JOB_HELD" else None, subwf_id=subwf,
        ))  # fmt: skip
    return found


def _last_failures(reader: Reader, ids: str) -> dict[tuple[int, str], str | None]:
    """Where jobs that are not done failed last."""
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, {_MACHINE} FROM job j JOIN job_instance i ON i.job_id = j.job_id
            {_WHERE_FROM}
            WHERE j.wf_id IN ({ids}) AND {_NOT_DONE} AND j.attempts > 0 AND i.outcome = 'failed'
            ORDER BY i.job_submit_seq"""
    )
    return {(wf_id, job): machine_of(host) for wf_id, job, host in rows}


def brief_tries(reader: Reader, workflows: Sequence[Workflow], *, all_runs: bool = False) -> list[BriefTry]:
    """The ended tries of these workflows in the order of their ends, the last ``MOST_TRIES`` of them.

    Of the last run of each engine only, unless ``all_runs``. Tries of jobs that run a workflow are left out: those of
    that workflow tell more.
    """
    prefix = paths(list(workflows))
    ids = ", ".join(str(w.wf_id) for w in workflows)
    this_run = "" if all_runs else "AND coalesce(i.restart_count, 0) = coalesce(w.restart_count, 0)"
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, {_KIND}, {_MACHINE}, i.site, i.execute_ts,
                   max(coalesce(i.post_end_ts, 0), coalesce(i.end_ts, 0), coalesce(i.pre_end_ts, 0),
                       CASE WHEN i.end_ts IS NULL THEN coalesce(i.state_ts, 0) ELSE 0 END) AS ended,
                   i.outcome = 'failed', i.submit_ts
            FROM job j JOIN workflow w ON w.wf_id = j.wf_id JOIN job_instance i ON i.job_id = j.job_id {_WHERE_FROM}
            WHERE j.wf_id IN ({ids}) AND i.outcome IS NOT NULL AND i.subwf_id IS NULL AND j.node_type <> 'service'
              {this_run} ORDER BY ended DESC, j.exec_job_id, i.job_submit_seq LIMIT {MOST_TRIES}"""
    )
    return [
        BriefTry(prefix[wf_id] + job, kind, machine_of(host), site, start, end, bool(failed), submit)
        for wf_id, job, kind, host, site, start, end, failed, submit in reversed(rows)
    ]


def planned_jobs(reader: Reader, workflows: Sequence[Workflow]) -> list[tuple[str, str, int]]:
    """All jobs of these workflows but those that run one: path, kind, and how often each may be tried."""
    prefix = paths(list(workflows))
    ids = ", ".join(str(w.wf_id) for w in workflows)
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, {_KIND}, j.max_retries + 1 FROM job j WHERE j.wf_id IN ({ids})
            AND j.node_type <> 'service' AND NOT EXISTS
                (SELECT 1 FROM job_instance i WHERE i.job_id = j.job_id AND i.subwf_id IS NOT NULL)
            ORDER BY j.job_id"""
    )
    return [(prefix[wf_id] + job, kind, tries) for wf_id, job, kind, tries in rows]
