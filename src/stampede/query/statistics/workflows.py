"""Counts and runs of each workflow."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stampede.query.overview import overview
from stampede.query.statistics.scope import Scope
from stampede.query.statistics.sums import grouped
from stampede.query.status import Nodes, WorkflowStatus
from stampede.store.reader import Reader


class Run(msgspec.Struct, kw_only=True):
    """One run of the engine; ``end_ts`` None: it has not ended, or nobody wrote when. Times are epoch seconds."""

    start_ts: float | None
    end_ts: float | None


class Tried(msgspec.Struct, kw_only=True):
    """Jobs that were tried and their tries; tasks that jobs carry out, and how the last invocation of each ended."""

    jobs_tried: int = 0
    tries: int = 0
    tasks: int = 0
    tasks_tried: int = 0
    tasks_succeeded: int = 0
    tasks_failed: int = 0
    task_tries: int = 0
    integrity_errors: int = 0
    integrity_failures: int = 0


class Counts(msgspec.Struct, kw_only=True):
    """A workflow: how it stands (as ``status`` tells), its nodes that are workflows, its runs, and what was tried of
    its jobs and of those that are workflows."""

    wf_id: int
    root: bool
    status: WorkflowStatus
    sub_nodes: Nodes
    runs: list[Run]
    jobs: Tried
    sub: Tried


_SUMS: Final = Tried.__struct_fields__
#: roots of one question: SQLite takes no more than 500 in a list of values
_AT_ONCE: Final = 400


def counts_of(scope: Scope) -> list[Counts]:
    """Every workflow, parents first."""
    reader = scope.reader
    roots = sorted(scope.roots)
    status = {
        g.wf_id: g.status
        for start in range(0, len(roots), _AT_ONCE)
        for g in overview(reader, roots[start : start + _AT_ONCE])
    }
    tried: dict[tuple[int, bool], Tried] = {}
    for wf_id, sub, *sums in grouped(reader, "added_workflow", ("wf_id", "sub"), _SUMS):
        tried[wf_id, bool(sub)] = Tried(**dict(zip(_SUMS, sums, strict=True)))
    nodes, runs = _sub_nodes(reader), _runs(reader)
    return [
        Counts(
            wf_id=w.wf_id, root=w.wf_id in scope.roots, status=status[w.wf_id], sub_nodes=nodes.get(w.wf_id, Nodes()),
            runs=runs.get(w.wf_id, []), jobs=tried.get((w.wf_id, False), Tried()),
            sub=tried.get((w.wf_id, True), Tried()),
        )
        for w in scope.workflows
        if w.wf_id in status
    ]  # fmt: skip


def tries_begun(scope: Scope) -> int:
    """How many tries of the workflows have begun."""
    row = scope.reader.one("SELECT sum(attempts) FROM workflow_summary WHERE wf_id IN (SELECT wf_id FROM temp.wanted)")
    return (row[0] or 0) if row else 0


def _sub_nodes(reader: Reader) -> dict[int, Nodes]:
    """Nodes that are workflows by state."""
    found: dict[int, Nodes] = {}
    for wf_id, state, n in reader.rows(
        "SELECT wf_id, node_state, count(*) FROM job WHERE type_desc IN ('dax', 'dag') AND node_type <> 'service' "
        "AND wf_id IN (SELECT wf_id FROM temp.wanted) GROUP BY wf_id, node_state"
    ):
        nodes = found.setdefault(wf_id, Nodes())
        setattr(nodes, state, n)
        nodes.total += n
    return found


def _runs(reader: Reader) -> dict[int, list[Run]]:
    """The runs of each workflow: a start without an end before the next start has none."""
    found: dict[int, list[Run]] = {}
    rows: list[tuple[Any, ...]] = reader.rows(
        "SELECT wf_id, state, timestamp FROM workflowstate WHERE wf_id IN (SELECT wf_id FROM temp.wanted) "
        "ORDER BY wf_id, timestamp, restart_count, state = 'WORKFLOW_STARTED'"
    )
    for wf_id, state, ts in rows:
        runs = found.setdefault(wf_id, [])
        if state == "WORKFLOW_STARTED":
            runs.append(Run(start_ts=ts, end_ts=None))
        elif runs and runs[-1].end_ts is None:
            runs[-1].end_ts = ts
        else:
            runs.append(Run(start_ts=None, end_ts=ts))
    return found
