"""What a database holds in figures, for who operates it: workflows and jobs by state, what was read, what is behind.

All of it comes from summaries: the cost follows the number of workflows, not that of their jobs.
"""

from __future__ import annotations

import os
from typing import Final

import msgspec

from stampede.store.reader import Reader, Row

#: columns of ``workflow_summary`` that are states of jobs (nodes)
JOB_STATES: Final = ("unready", "ready", "pre", "queued", "post", "done", "failed", "futile")
#: and those that are sums of what happened
SUMS: Final = ("attempts", "attempts_failed", "holds", "evictions", "problems")


class Unended(msgspec.Struct, kw_only=True):
    """A root workflow that runs, and how much of its log was read: ``log`` is the file of DAGMan, ``read_bytes`` the
    place in it, None when none was read. ``last_ts`` is its last record; ``done`` and ``failed`` are jobs, also those
    of sub-workflows."""

    wf_uuid: str
    label: str | None
    user: str | None
    submit_hostname: str | None
    last_ts: float | None
    log: str | None
    read_bytes: int | None
    done: int
    failed: int


class Operation(msgspec.Struct, kw_only=True):
    """Figures of a database. Times are epoch seconds. ``workflows`` are roots by state."""

    workflows: dict[str, int]
    jobs: dict[str, int]
    tries: int
    tries_failed: int
    holds: int
    evictions: int
    problems: int
    last_ts: float | None
    unended: list[Unended]


def operation(reader: Reader, *, most: int = 1000) -> Operation:
    """The figures; at most so many running workflows one by one, those with the latest record first.

    Raises DatabaseError.
    """
    states = "SELECT coalesce(state, 'unstarted'), count(*) FROM workflow WHERE parent_wf_id IS NULL GROUP BY 1"
    summed = ", ".join(f"coalesce(sum({c}), 0)" for c in (*JOB_STATES, *SUMS))
    sums = reader.one(f"SELECT {summed} FROM workflow_summary") or (0,) * (len(JOB_STATES) + len(SUMS))
    tries, tries_failed, holds, evictions, problems = sums[len(JOB_STATES) :]
    last = reader.one("SELECT max(last_ts) FROM workflow")
    return Operation(
        workflows=dict(reader.rows(states)), jobs=dict(zip(JOB_STATES, sums, strict=False)), tries=tries,
        tries_failed=tries_failed, holds=holds, evictions=evictions, problems=problems,
        last_ts=last[0] if last else None, unended=_unended(reader, most),
    )  # fmt: skip


def _unended(reader: Reader, most: int) -> list[Unended]:
    rows = reader.rows(
        """SELECT w.wf_uuid, w.dax_label, w.user, w.submit_hostname, w.last_ts, coalesce(w.found_dir, w.submit_dir),
                  w.dag_file_name, coalesce(sum(s.done), 0), coalesce(sum(s.failed), 0)
           FROM workflow w JOIN workflow below ON below.root_wf_id = w.wf_id
           LEFT JOIN workflow_summary s ON s.wf_id = below.wf_id
           WHERE w.state = 'running' AND w.parent_wf_id IS NULL
           GROUP BY w.wf_id ORDER BY w.last_ts DESC LIMIT ?""",
        [most],
    )
    return [_made(reader, row) for row in rows]


def _made(reader: Reader, row: Row) -> Unended:
    uuid, label, user, host, last_ts, folder, dag, done, failed = row
    log = os.path.join(folder, f"{dag}.dagman.out") if folder and dag else None
    return Unended(
        wf_uuid=uuid, label=label, user=user, submit_hostname=host, last_ts=last_ts, log=log,
        read_bytes=None if log is None else _read(reader, log), done=done, failed=failed,
    )  # fmt: skip


def _read(reader: Reader, log: str) -> int | None:
    if not reader.columns("source_position"):  # a database of Pegasus' own
        return None
    found = reader.one('SELECT "offset" FROM source_position WHERE source = ?', [log])
    return int(found[0]) if found else None
