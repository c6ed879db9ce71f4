"""Everything there is to judge about a workflow and all below it.

Only what did not go well is fetched, so the cost follows the trouble, not the size of the workflow. Judging it is the
business of ``analysis``.
"""

from __future__ import annotations

from stampede.query.blocked import blocked
from stampede.query.evidence_pool import interruptions, running_long, waiting_long
from stampede.query.evidence_tries import failed_tries
from stampede.query.spread import LARGE, Spread, spread
from stampede.query.trouble import Evidence, FailedNode, WorkflowFacts
from stampede.query.workflows import Workflow, forest
from stampede.query.workflows import paths as paths_of
from stampede.store.sqlite import Reader

#: failures that say something of where they happened
FEWEST = 3


def evidence(reader: Reader, roots: list[Workflow]) -> Evidence:
    """The facts about the workflows and everything below them."""
    workflows: list[Workflow] = []
    for root in roots:
        workflows += forest(reader, root)
    paths = paths_of(workflows)
    ids = ", ".join(str(w.wf_id) for w in workflows)
    by_id = {w.wf_id: w for w in workflows}
    above: dict[str | None, str] = {w.wf_uuid: paths[w.wf_id] for w in workflows}
    tries, failing, cut = failed_tries(reader, ids, by_id, paths)
    attempts = _attempts(reader, ids)
    large = attempts > LARGE
    return Evidence(
        workflows=[_facts(reader, w, paths[w.wf_id], above.get(w.parent_wf_uuid, "")) for w in workflows],
        tries=tries,
        interruptions=interruptions(reader, ids, by_id, paths),
        running=running_long(reader, ids, by_id, paths, large=large),
        idle=waiting_long(reader, ids, by_id, paths, large=large),
        last_ts=max((w.last_ts for w in workflows if w.last_ts is not None), default=None),
        failed_nodes=_failed_nodes(reader, ids, paths),
        cut=cut,
        failing=failing,
        spread=spread(reader, ids, attempts) if failing >= FEWEST else Spread(),
        blocked=blocked(reader, workflows, paths),
    )


def _attempts(reader: Reader, ids: str) -> int:
    row = reader.one(f"SELECT sum(attempts) FROM workflow_summary WHERE wf_id IN ({ids})")
    return int(row[0] or 0) if row else 0


def _facts(reader: Reader, w: Workflow, path: str, above: str) -> WorkflowFacts:
    events = reader.rows(
        "SELECT ts, state, value, reason, coalesce(restart_count, 0) FROM workflow_event WHERE wf_id = ? ORDER BY ts",
        (w.wf_id,),
    )
    runs = reader.rows(
        """SELECT restart_count, max(CASE state WHEN 'WORKFLOW_STARTED' THEN timestamp END),
                  max(CASE state WHEN 'WORKFLOW_TERMINATED' THEN timestamp END), max(status)
           FROM workflowstate WHERE wf_id = ? GROUP BY restart_count ORDER BY restart_count""",
        (w.wf_id,),
    )
    futile = reader.rows(
        "SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'futile' ORDER BY job_id LIMIT 20", (w.wf_id,)
    )
    count = reader.one("SELECT futile FROM workflow_summary WHERE wf_id = ?", (w.wf_id,))
    written = [e[2] for e in events if e[1] == "rescue_written"]
    rules: dict[str, str] = {}
    if any(e[1] == "abort_dag_on" for e in events):
        rules = dict(reader.rows(
            "SELECT exec_job_id, abort_dag_on FROM job WHERE wf_id = ? AND abort_dag_on IS NOT NULL AND exec_job_id IN "
            "(SELECT value FROM workflow_event WHERE wf_id = ? AND state = 'abort_dag_on')", (w.wf_id, w.wf_id),
        ))  # fmt: skip
    return WorkflowFacts(
        w, path, [tuple(e) for e in events], [tuple(r) for r in runs], (count or (0,))[0],
        [r[0] for r in futile], written[-1] if written else None, rules,
        above + (w.parent_job or "") if w.parent_wf_uuid is not None else "",
    )  # fmt: skip


def _failed_nodes(reader: Reader, ids: str, paths: dict[int, str]) -> list[FailedNode]:
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_state_reason, j.node_state_ts,
                   (SELECT w.wf_uuid FROM job_instance i JOIN workflow w ON w.wf_id = i.subwf_id
                    WHERE i.job_id = j.job_id LIMIT 1)
            FROM job j WHERE j.wf_id IN ({ids}) AND j.node_state = 'failed' AND j.node_type <> 'service'
              AND NOT EXISTS (SELECT 1 FROM job_instance i WHERE i.job_id = j.job_id
                              AND (i.outcome = 'failed' OR i.main_exitcode <> 0))
            ORDER BY j.node_state_ts LIMIT 1000"""
    )
    return [FailedNode(paths[wf_id] + job, reason, ts, subwf) for wf_id, job, reason, ts, subwf in rows]
