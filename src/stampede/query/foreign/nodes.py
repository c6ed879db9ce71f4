"""The state of each node, and the counts, by the rules of :mod:`stampede.model.states`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from stampede.model.states import NODE_STATES, after_attempt, node_state_of
from stampede.query.foreign.runs import Run
from stampede.query.foreign.shape import Theirs
from stampede.query.moment import Reset, restarted, settled
from stampede.store.reader import Reader, Row

#: columns of ``job`` that are derived
DERIVED: Final = (
    "node_state", "node_state_ts", "attempts", "attempts_in_run", "last_job_instance_id",
)  # fmt: skip
TABLE: Final = f"CREATE TEMP TABLE theirs_job(job_id INTEGER PRIMARY KEY, {', '.join(DERIVED)})"
#: what is counted of a workflow
COUNTED: Final = (
    "total", *(s for s in NODE_STATES), "submits", "executes", "holds", "evictions", "attempts", "attempts_failed",
)  # fmt: skip
COUNTS: Final = f"CREATE TEMP TABLE theirs_counts(wf_id INTEGER PRIMARY KEY, {', '.join(COUNTED)})"

_TRIES: Final = """
SELECT j.wf_id, j.job_id, j.exec_job_id, coalesce(j.max_retries, 0), y.job_instance_id, y.restart_count, y.state,
       y.state_ts, y.outcome
FROM main.job j LEFT JOIN temp.theirs_try y ON y.job_id = j.job_id ORDER BY j.wf_id, j.job_id, y.seq
"""
_SUMS: Final = """
SELECT j.wf_id, sum(y.submit_count), sum(y.execute_count), sum(y.hold_count), sum(y.evict_count), count(*),
       sum(y.outcome IS 'failed')
FROM temp.theirs_try y JOIN main.job j ON j.job_id = y.job_id GROUP BY j.wf_id
"""


def derive_nodes(reader: Reader, theirs: Theirs, runs: dict[int, Run]) -> None:
    """Fill ``temp.theirs_job`` and ``temp.theirs_counts`` from ``temp.theirs_try``."""
    reader.scratch("DELETE FROM temp.theirs_job")
    reader.scratch("DELETE FROM temp.theirs_counts")
    counts = {wf_id: dict.fromkeys(COUNTED, 0) for wf_id in runs}
    if theirs.table("job") is not None:
        reader.scratch("CREATE INDEX IF NOT EXISTS temp.theirs_try_job ON theirs_try(job_id, seq)")
        for wf_id, rows in groupby(reader.iterate(_TRIES), key=lambda row: row[0]):
            states = _of_workflow(reader, theirs, wf_id, list(rows), runs.get(wf_id, Run()))
            own = counts.setdefault(wf_id, dict.fromkeys(COUNTED, 0))
            own["total"] = len(states)
            for state in states:
                own[state] += 1
        for wf_id, *sums in reader.rows(_SUMS):
            counts[wf_id] |= dict(zip(COUNTED[-6:], sums, strict=True))
    marks = ", ".join("?" * (len(COUNTED) + 1))
    rows_ = [(wf_id, *(own[c] for c in COUNTED)) for wf_id, own in counts.items()]
    reader.scratch(f"INSERT INTO temp.theirs_counts VALUES ({marks})", rows_)


def _of_workflow(reader: Reader, theirs: Theirs, wf_id: int, rows: list[Row], run: Run) -> list[str]:
    """Write the nodes of a workflow; their states."""
    found = dict(_nodes(rows, run))
    edges = list(_edges(reader, theirs, wf_id))
    states = settled({name: str(node[1]) for name, node in found.items()}, edges)
    since = _since(found, states, edges)
    reader.scratch(
        f"INSERT INTO temp.theirs_job VALUES ({', '.join('?' * (len(DERIVED) + 1))})",
        [(node[0], states[name], since[name], *node[3:]) for name, node in found.items()],
    )
    return list(states.values())


def _since(found: dict[str, Row], states: dict[str, str], edges: list[tuple[str, str]]) -> dict[str, float | None]:
    """Since when each node is in its state: what waited is ready since the last of its parents ended."""
    since: dict[str, float | None] = {
        name: None if states[name] != node[1] else node[2] for name, node in found.items()
    }
    woken = {name for name, node in found.items() if node[1] == "unready" and states[name] == "ready"}
    for parent, child in edges:
        ended = found[parent][2] if parent in found else None
        if child in woken and ended is not None:
            since[child] = max(since[child] or ended, ended)
    return since


def _nodes(rows: list[Row], run: Run) -> Iterator[tuple[str, Row]]:
    """Name, then key, state (without that of its parents), since when, tries, tries in the last run, last try."""
    # Pegasus starts a workflow again from a rescue DAG: what was not done begins anew
    resets: dict[int, Reset] = dict.fromkeys(range(1, run.restart_count + 1), "incomplete")
    for (job_id, name), tries in groupby(rows, key=lambda row: row[1:3]):
        state, since, number, used, began, last = "unready", None, 0, 0, 0, None
        for _, _, _, retries, instance, of_run, now, now_ts, outcome in tries:
            if instance is None:
                continue
            state, used = restarted(state, used, resets, began, of_run)
            began, number, last, since = of_run, number + 1, instance, now_ts
            if outcome is not None:
                used += 1
                state = after_attempt(ok=outcome == "success", attempts_in_run=used, max_retries=retries)
            else:
                state = node_state_of(now or "")
        state, used = restarted(state, used, resets, began, run.restart_count)
        if state == "unready":
            since = run.start_ts if run.restart_count > began else None
        yield name, (job_id, state, since, number, used, last)


def _edges(reader: Reader, theirs: Theirs, wf_id: int) -> Iterator[tuple[str, str]]:
    if theirs.table("job_edge") is not None:
        yield from reader.iterate(
            "SELECT parent_exec_job_id, child_exec_job_id FROM main.job_edge WHERE wf_id = ?", (wf_id,)
        )
