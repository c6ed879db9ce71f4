"""Everything there is to judge about a workflow and all below it.

Only what did not go well is fetched, so the cost follows the trouble, not the size of the workflow. Judging it is the
business of ``analysis``.
"""

from __future__ import annotations

from stampede.query.blocked import blocked
from stampede.query.evidence_pool import interruptions, running_long, waiting_long
from stampede.query.evidence_tries import failed_tries, failed_tries_of
from stampede.query.failing import count_failing
from stampede.query.job.find import key_of
from stampede.query.spread import LARGE, Spread, spread
from stampede.query.trouble import Evidence, FailedNode, WorkflowFacts
from stampede.query.workflows import Workflow, forest
from stampede.query.workflows import paths as paths_of
from stampede.store.reader import Reader

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


def evidence_of_job(reader: Reader, root: Workflow, wf_uuid: str, job: str) -> Evidence:
    """The facts about one job of a workflow or of one below it: its own tries and what was said of its engine, at the
    cost of that job alone. What only others can tell (where most fail, which jobs hang) is not among them.

    A try that failed because something failed in its sub-workflow is left out: that is a consequence. Raises UsageError
    when there is no such job.
    """
    workflows = forest(reader, root)
    paths = paths_of(workflows)
    by_id = {w.wf_id: w for w in workflows}
    own = next(w for w in workflows if w.wf_uuid == wf_uuid)
    job_id = key_of(reader, wf_uuid, job)
    tries = failed_tries_of(reader, job_id, by_id, paths)
    below = {t.subwf_uuid for t in tries if t.subwf_uuid is not None}
    failing_below = {uuid for uuid in below if _fails_below(reader, workflows, uuid)}
    return Evidence(
        workflows=[_facts(reader, own, paths[own.wf_id], "")],
        tries=[t for t in tries if t.subwf_uuid not in failing_below or t.submit_error is not None],
        interruptions=[],
        running=[],
        idle=[],
        last_ts=own.last_ts,
        failed_nodes=[] if failing_below else _failed_nodes(reader, str(own.wf_id), paths, job_id),
        failing=len(tries),
    )


def _fails_below(reader: Reader, workflows: list[Workflow], wf_uuid: str) -> bool:
    """Whether a try failed in a workflow or below it."""
    inside = {wf_uuid}
    for w in workflows:  # parents come first
        if w.parent_wf_uuid in inside:
            inside.add(w.wf_uuid)
    ids = ", ".join(str(w.wf_id) for w in workflows if w.wf_uuid in inside)
    return bool(ids) and count_failing(reader, ids, 1) > 0


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


def _failed_nodes(reader: Reader, ids: str, paths: dict[int, str], job_id: int | None = None) -> list[FailedNode]:
    only = "" if job_id is None else f"AND j.job_id = {int(job_id)}"
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_state_reason, j.node_state_ts,
                   (SELECT w.wf_uuid FROM job_instance i JOIN workflow w ON w.wf_id = i.subwf_id
                    WHERE i.job_id = j.job_id LIMIT 1)
            FROM job j WHERE j.wf_id IN ({ids}) AND j.node_state = 'failed' AND j.node_type <> 'service' {only}
              AND NOT EXISTS (SELECT 1 FROM job_instance i WHERE i.job_id = j.job_id
                              AND (i.outcome = 'failed' OR i.main_exitcode <> 0))
            ORDER BY j.node_state_ts LIMIT 1000"""
    )
    return [FailedNode(paths[wf_id] + job, reason, ts, subwf) for wf_id, job, reason, ts, subwf in rows]
