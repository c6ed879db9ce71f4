"""How each workflow stands: its runs, by what was told of its engine."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.foreign.master import Listed
from stampede.query.foreign.shape import Theirs
from stampede.store.reader import Reader

#: columns of ``workflow`` that are derived
DERIVED: Final = (
    "state", "state_ts", "state_reason", "exit_status", "restart_count", "first_ts", "last_ts", "parent_exec_job_id",
)  # fmt: skip
TABLE: Final = f"CREATE TEMP TABLE theirs_run(wf_id INTEGER PRIMARY KEY, {', '.join(DERIVED)})"

#: states as Pegasus 3 named them
_STARTED: Final = frozenset({"WORKFLOW_STARTED", "start"})
#: exit statuses of DAGMan that are no failure: 2 it was removed, 3 it was told to start again
_ENDS: Final = {0: "success", 2: "removed", 3: "running"}


class Run(msgspec.Struct, kw_only=True):
    """A workflow by its last word; ``restart_count`` as often as its engine was started again."""

    state: str = "unstarted"
    state_ts: float | None = None
    reason: str | None = None
    status: int | None = None
    restart_count: int = 0
    #: when its engine was last started
    start_ts: float | None = None
    first_ts: float | None = None
    last_ts: float | None = None
    parent_job: str | None = None


def derive_runs(reader: Reader, theirs: Theirs, listed: Listed | None) -> dict[int, Run]:
    """How each workflow stands, by key; ``listed`` are tables with those that a master database lists."""
    workflows = listed.workflows if listed is not None else "main.workflow"
    runs = {wf_id: Run() for (wf_id,) in reader.rows(f"SELECT t.wf_id FROM {workflows} t")}
    states = theirs.table("workflowstate")
    if states is not None:
        status, reason = (theirs.column("workflowstate", name) or "NULL" for name in ("status", "reason"))
        source = listed.states if listed is not None else f'main."{states}"'
        for wf_id, state, ts, count, code, why in reader.rows(
            f"SELECT t.wf_id, t.state, t.timestamp, t.restart_count, {status}, {reason} FROM {source} t "
            "ORDER BY t.timestamp, t.restart_count, t.state"
        ):
            if wf_id in runs:
                _add(runs[wf_id], state, ts, count or 0, code, why)
    if theirs.table("job_instance") is not None:
        _add_parents(reader, theirs, runs)
    return runs


def _add(run: Run, state: str, ts: float, count: int, code: int | None, why: str | None) -> None:
    run.restart_count = max(run.restart_count, count)
    if state in _STARTED:
        run.start_ts = ts
    run.state = "running" if state in _STARTED else _ENDS.get(code, "failed") if code is not None else "ended"
    run.state_ts, run.reason, run.status = ts, why, code
    run.first_ts = ts if run.first_ts is None else min(run.first_ts, ts)
    run.last_ts = ts if run.last_ts is None else max(run.last_ts, ts)


def _add_parents(reader: Reader, theirs: Theirs, runs: dict[int, Run]) -> None:
    """The job above each sub-workflow."""
    below = theirs.column("job_instance", "subwf_id", "i")
    if below is None:
        return
    for wf_id, name in reader.rows(
        f"SELECT {below}, j.exec_job_id FROM main.job_instance i JOIN main.job j ON j.job_id = i.job_id "
        f"WHERE {below} IS NOT NULL ORDER BY i.job_submit_seq"
    ):
        if wf_id in runs:
            runs[wf_id].parent_job = name


def write_runs(reader: Reader, runs: dict[int, Run]) -> None:
    """Fill ``temp.theirs_run``: with the last record of their tries; one whose end has no status by its nodes."""
    last: dict[int, float] = {}
    if reader.one("SELECT 1 FROM temp.theirs_try LIMIT 1"):
        last = dict(reader.rows(
            "SELECT j.wf_id, "
            "nullif(max(max(coalesce(y.state_ts, 0), coalesce(y.post_end_ts, 0), coalesce(y.end_ts, 0))), 0) "
            "FROM temp.theirs_try y JOIN main.job j ON j.job_id = y.job_id GROUP BY j.wf_id"
        ))  # fmt: skip
    done = {wf_id for wf_id, total, done in reader.rows("SELECT wf_id, total, done FROM temp.theirs_counts")
            if total == done}  # fmt: skip
    reader.scratch("DELETE FROM temp.theirs_run")
    for wf_id, run in runs.items():
        if run.state == "unstarted" and wf_id in last:
            run.state = "running"  # its first states were written before those of its engine
        run.last_ts = max((ts for ts in (run.last_ts, last.get(wf_id)) if ts is not None), default=None)
        if run.state == "ended":
            run.state = "success" if wf_id in done else "failed"
    reader.scratch(
        f"INSERT INTO temp.theirs_run VALUES ({', '.join('?' * (len(DERIVED) + 1))})",
        [(wf_id, r.state, r.state_ts, r.reason, r.status, r.restart_count, r.first_ts, r.last_ts, r.parent_job)
         for wf_id, r in runs.items()],
    )  # fmt: skip
