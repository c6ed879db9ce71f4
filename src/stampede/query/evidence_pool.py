"""What came between jobs and machines: interruptions, jobs that run long, jobs that wait long.

Finding a job that was slow or waited long at some time means looking at every try. Of a ``large`` workflow only those
are looked at that are in the queue now or of which nobody knows how they ended, and they are held against a sample.
"""

from __future__ import annotations

from stampede.model.states import INTERRUPTED
from stampede.query.overtaking import Executions
from stampede.query.spread import steps
from stampede.query.trouble import Idle, Interruption, Running
from stampede.query.workflows import Workflow
from stampede.store.partial import AGAIN, FAILED
from stampede.store.reader import Reader

#: what ends an interruption; states that only the job's own log has are not numbered within their second
_OVER = "('JOB_RECONNECTED', 'JOB_RECONNECT_FAILED', 'JOB_UNSUSPENDED')"
#: what happens to the job of a sub-workflow's DAGMan is told by that workflow's own log
_NO_ENGINE = "j.node_type <> 'subdag' AND j.type_desc NOT IN ('dax', 'dag')"
#: an earlier run of DAGMan that was cut off left tries whose end nobody wrote down: they neither run nor wait
_CURRENT = ("(i.end_ts IS NOT NULL OR coalesce(i.restart_count, 0) = "
            "(SELECT max(coalesce(x.restart_count, 0)) FROM job_instance x WHERE x.job_id = i.job_id))")  # fmt: skip


_INTERRUPTED = ", ".join(f"'{state}'" for state in sorted(INTERRUPTED))


def _again(reader: Reader) -> str:
    """The condition that finds by an index the tries something came between; all in a database that has none."""
    return AGAIN if "interrupted" in reader.columns("job_instance") else "true"


def interruptions(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Interruption]:
    """Evictions, suspensions, lost connections and errors of HTCondor's own parts, each with what came next."""
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_type, s.state, s.timestamp, s.reason, j.node_state, i.slot,
                   s.job_instance_id, s.jobstate_submit_seq,
                   (SELECT min(e.timestamp) FROM jobstate e WHERE e.job_instance_id = s.job_instance_id
                    AND e.state = 'EXECUTE' AND e.timestamp >= s.timestamp
                    AND e.jobstate_submit_seq > s.jobstate_submit_seq)
            FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
            CROSS JOIN jobstate s ON s.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND {_again(reader)} AND s.state IN ({_INTERRUPTED}) AND {_NO_ENGINE}
            ORDER BY s.timestamp LIMIT 5000"""
    )
    found = []
    for wf_id, job, node_type, state, ts, reason, node_state, slot, instance, seq, restart in rows:
        after = reader.one(
            f"""SELECT state, timestamp FROM jobstate WHERE job_instance_id = ? AND state NOT IN ('IMAGE_SIZE',
                   'REMOTE_ERROR') AND NOT state = ?
                   AND (timestamp > ? OR (timestamp = ? AND (jobstate_submit_seq > ? OR state IN {_OVER})))
                ORDER BY timestamp, state NOT IN {_OVER}, jobstate_submit_seq LIMIT 1""",
            (instance, state, ts, ts, seq),
        ) or (None, None)  # fmt: skip
        found.append(Interruption(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, node_type, state, ts, reason, after[0], after[1],
            node_state, slot, restart,
        ))  # fmt: skip
    return found + _silent_restarts(reader, ids, by_id, paths)


def _silent_restarts(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Interruption]:
    """Jobs that were started twice with nothing between: whoever watched the first start died."""
    rows = reader.rows(
        f"""SELECT wf_id, exec_job_id, node_type, ts, node_state, slot FROM (
                SELECT j.wf_id, j.exec_job_id, j.node_type, j.node_state, i.slot, s.state, s.timestamp AS ts,
                       lag(s.state) OVER (PARTITION BY s.job_instance_id ORDER BY s.timestamp, s.jobstate_submit_seq)
                           AS before
                FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
                CROSS JOIN jobstate s ON s.job_instance_id = i.job_instance_id
                WHERE j.wf_id IN ({ids}) AND {_again(reader)} AND i.execute_count > 1 AND {_NO_ENGINE}
                  AND s.state NOT IN ('IMAGE_SIZE', 'REMOTE_ERROR'))
            WHERE state = 'EXECUTE' AND before = 'EXECUTE' ORDER BY ts LIMIT 1000"""
    )
    return [
        Interruption(by_id[wf_id].wf_uuid, paths[wf_id] + job, job, node_type, "JOB_RESTARTED", ts, None, "EXECUTE", ts,
                     node_state, slot, ts)
        for wf_id, job, node_type, ts, node_state, slot in rows
    ]  # fmt: skip


_EACH = "job j JOIN job_instance i ON i.job_id = j.job_id"
#: tries that are in the queue now
_QUEUED = "SELECT last_job_instance_id AS id FROM job WHERE wf_id IN ({ids}) AND node_state = 'queued'"
#: tries of which nobody knows how they ended
_CUT_OFF = f"SELECT job_instance_id FROM job_instance WHERE {FAILED} AND exit_unknown = 1"
_THESE = "({}) n CROSS JOIN job_instance i ON i.job_instance_id = n.id CROSS JOIN job j ON j.job_id = i.job_id"

_KINDS = """
SELECT coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), '') AS kind,
       count(*), max(i.end_ts - i.execute_ts), avg(i.end_ts - i.execute_ts)
FROM {source}
WHERE j.wf_id IN ({ids}) AND i.outcome = 'success' AND i.execute_ts IS NOT NULL AND i.end_ts IS NOT NULL
  AND j.node_type = 'job' AND j.type_desc NOT IN ('dax', 'dag')
GROUP BY 1
"""


def _peers(reader: Reader, *, large: bool) -> str:
    return f"{steps(reader)} JOIN job j ON j.job_id = i.job_id" if large else _EACH


def running_long(
    reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str], *, large: bool = False
) -> list[Running]:
    """Jobs that executed for a minute or more and have not ended by themselves, or took longest of their kind."""
    source = _THESE.format(f"{_QUEUED.format(ids=ids)} UNION {_CUT_OFF}") if large else _EACH
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.type_desc, j.node_type,
                   coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)),
                   i.execute_ts, coalesce(i.end_ts, w.last_ts), i.outcome,
                   EXISTS (SELECT 1 FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
                           AND s.state = 'JOB_ABORTED'), i.slot
            FROM {source} JOIN workflow w ON w.wf_id = j.wf_id
            WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL AND j.node_type = 'job'
              AND j.type_desc NOT IN ('dax', 'dag') AND coalesce(i.state, '') <> 'JOB_HELD'
              AND coalesce(i.end_ts, w.last_ts) - i.execute_ts >= 60
              AND (i.end_ts IS NULL OR i.outcome = 'success' OR coalesce(i.exit_unknown, 0) = 1)
              AND {_CURRENT} LIMIT 5000"""
    )
    if not rows:
        return []
    kinds = {r[0]: (r[1], r[2], r[3]) for r in reader.rows(_KINDS.format(ids=ids, source=_peers(reader, large=large)))}
    longest = max((k[1] for k in kinds.values() if k[1] is not None), default=None)
    found = []
    for wf_id, job, type_desc, node_type, kind, start, until, outcome, removed, slot in rows:
        n, most, mean = kinds.get(kind or "", (0, None, None))
        found.append(Running(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, type_desc, node_type, kind, start, until, outcome,
            bool(removed), n, most, longest, mean, slot,
        ))  # fmt: skip
    return found


_PATIENCE_S = 60
#: each of them is held against all other tries
_MOST_IDLE = 50
_FEW_IDLE = 3


#: when a try began to run, else when it ended or was heard of last
_UNTIL = """coalesce((SELECT min(s.timestamp) FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
    AND s.state = 'EXECUTE'), i.end_ts, w.last_ts)"""


def waiting_long(
    reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str], *, large: bool = False
) -> list[Idle]:
    """The jobs that waited a minute or more between submission and first execution (or until now)."""
    source = _THESE.format(_QUEUED.format(ids=ids)) if large else _EACH
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, i.submit_ts, {_UNTIL},
                   i.execute_ts IS NOT NULL, u.req_memory_mb, u.req_cpus, u.req_disk_kb, u.req_gpus,
                   u.unmet_requirements
            FROM {source} JOIN workflow w ON w.wf_id = j.wf_id
            LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND i.submit_ts IS NOT NULL AND j.node_type <> 'service'
              AND (i.execute_ts IS NOT NULL OR i.hold_count = 0) AND {_CURRENT}
              AND {_UNTIL} - i.submit_ts >= {_PATIENCE_S}
            ORDER BY {_UNTIL} - i.submit_ts DESC LIMIT {_FEW_IDLE if large else _MOST_IDLE}"""
    )
    if not rows:
        return []
    most = reader.one(
        f"""SELECT max(u.req_memory_mb), max(u.req_cpus), max(u.req_disk_kb), max(u.req_gpus)
            FROM {_peers(reader, large=large)} JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL"""
    )
    found = []
    executions = Executions(reader, ids)
    for wf_id, job, submit, until, executed, memory, cpus, disk, gpus, unmet in rows:
        overtaken, running = executions.meanwhile(job, submit, until, submit + _PATIENCE_S / 2)
        found.append(Idle(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, submit, until, bool(executed), overtaken,
            running, memory, cpus, disk, gpus, unmet,
            *(most or ()),
        ))  # fmt: skip
    return found
