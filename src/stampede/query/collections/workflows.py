"""The collection of workflows."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.collections.column import Collection, Column

STATES: Final = ("unstarted", "running", "success", "failed", "removed", "halted", "lost")


class WorkflowItem(msgspec.Struct, kw_only=True):
    """A workflow, how it stands, and its counts."""

    wf_uuid: str
    label: str | None
    dag: str | None
    engine: str | None
    user: str | None
    submit_hostname: str | None
    submit_dir: str | None
    parent_wf_uuid: str | None
    parent_job: str | None
    root_wf_uuid: str | None
    state: str
    state_ts: float | None
    state_reason: str | None
    exit_status: int | None
    restart_count: int
    planned_ts: float | None
    started_ts: float | None
    last_ts: float | None
    duration_s: float | None
    dagman_id: str | None
    dagman_version: str | None
    planner_version: str | None
    failing: bool
    total: int
    done: int
    failed: int
    futile: int
    queued: int
    tries: int
    tries_failed: int
    problems: int
    below: int
    forest_total: int
    forest_done: int
    forest_failed: int
    forest_futile: int
    forest_queued: int


#: whether a workflow runs on although something of it, or of what is below a root, failed for good
FAILING: Final = (
    "CASE WHEN w.state = 'running' THEN EXISTS (SELECT 1 FROM workflow g JOIN workflow_summary k "
    "ON k.wf_id = g.wf_id WHERE (g.root_wf_id = w.wf_id OR g.wf_id = w.wf_id) AND k.failed > 0) ELSE 0 END"
)
#: keys of a workflow and all below it
_FOREST: Final = (
    "WITH RECURSIVE forest(id) AS (SELECT w.wf_id UNION ALL "
    "SELECT c.wf_id FROM forest JOIN workflow c ON c.parent_wf_id = forest.id)"
)


def _forest(name: str, note: str) -> Column:
    sql = f"({_FOREST} SELECT coalesce(sum(k.{name}), 0) FROM forest JOIN workflow_summary k ON k.wf_id = forest.id)"
    return Column(name=f"forest_{name}", sql=sql, kind="integer", nullable=False, sortable=False, filterable=False,
                  note=f"{note}, of it and all below it")  # fmt: skip


def _count(name: str, column: str, note: str) -> Column:
    return Column(name=name, sql=f"coalesce(s.{column}, 0)", kind="integer", nullable=False, note=note)


WORKFLOWS: Final = Collection(
    name="workflows",
    item=WorkflowItem,
    note="Workflows, root and sub: who and where they are, how they stand, how many nodes they have.",
    columns=(
        Column(name="wf_uuid", sql="w.wf_uuid", kind="text", nullable=False, note="uuid"),
        Column(name="label", sql="w.dax_label", kind="text", searched=True, note="name that its author gave it"),
        Column(name="dag", sql="w.dag_file_name", kind="text", searched=True, note="its DAG file"),
        Column(name="engine", sql="w.engine", kind="text", note="what runs it: pegasus, dagman or another engine"),
        Column(name="user", sql="w.user", kind="text", note="who started it"),
        Column(name="submit_hostname", sql="w.submit_hostname", kind="text", note="where it was started"),
        Column(name="submit_dir", sql="coalesce(w.found_dir, w.submit_dir)", kind="text", searched=True,
               note="its submit directory, where it was found last"),
        Column(name="parent_wf_uuid", sql="p.wf_uuid", kind="text", note="the workflow it is part of; null for a root"),
        Column(name="parent_job", sql="w.parent_exec_job_id", kind="text", note="the job of it that runs this one"),
        Column(name="root_wf_uuid", sql="r.wf_uuid", kind="text", note="the workflow at the top"),
        Column(name="state", sql="coalesce(w.state, 'unstarted')", kind="text", words=STATES, nullable=False,
               note="how it stands"),
        Column(name="state_ts", sql="w.state_ts", kind="time", note="since when"),
        Column(name="state_reason", sql="w.state_reason", kind="text", searched=True, note="why, as its engine says"),
        Column(name="exit_status", sql="w.exit_status", kind="integer", note="exit status of its engine"),
        Column(name="restart_count", sql="coalesce(w.restart_count, 0)", kind="integer", nullable=False,
               note="how often it was started again"),
        Column(name="planned_ts", sql="w.timestamp", kind="time", note="when it was planned"),
        Column(name="started_ts", sql="w.first_ts", kind="time", note="its first record"),
        Column(name="last_ts", sql="w.last_ts", kind="time", note="its last record"),
        Column(name="duration_s", sql="w.last_ts - w.first_ts", kind="number", note="from first to last record"),
        Column(name="dagman_id", sql="w.dagman_id", kind="text", note="HTCondor id of its DAGMan"),
        Column(name="dagman_version", sql="w.dagman_version", kind="text", note="version of its DAGMan"),
        Column(name="planner_version", sql="w.planner_version", kind="text", note="version of the planner"),
        Column(name="failing", sql=FAILING, kind="boolean", nullable=False, sortable=False,
               note="it runs, but something of it has failed for good (of a root: or of what is below it)"),
        _count("total", "total", "nodes"),
        _count("done", "done", "nodes that are done"),
        _count("failed", "failed", "nodes that failed for good"),
        _count("futile", "futile", "nodes that can never run"),
        _count("queued", "queued", "nodes in HTCondor's queue"),
        _count("tries", "attempts", "tries of its jobs"),
        _count("tries_failed", "attempts_failed", "tries that failed"),
        _count("problems", "problems", "problems met while it was read"),
        Column(name="below", sql=f"({_FOREST} SELECT count(*) - 1 FROM forest)", kind="integer", nullable=False,
               sortable=False, filterable=False, note="workflows below it"),
        _forest("total", "nodes"),
        _forest("done", "nodes that are done"),
        _forest("failed", "nodes that failed for good"),
        _forest("futile", "nodes that can never run"),
        _forest("queued", "nodes in HTCondor's queue"),
    ),
    source="workflow w LEFT JOIN workflow p ON p.wf_id = w.parent_wf_id "
           "LEFT JOIN workflow r ON r.wf_id = w.root_wf_id LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id",
    scope="w.wf_id",
    key=("w.wf_id",),
    sort="-started_ts",
)  # fmt: skip
